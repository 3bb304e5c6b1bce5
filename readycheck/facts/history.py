"""Questions to a git history: what was ever tracked, and what changed since a day."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.model import Target

#: The most paths that one answer carries.
MOST = 50


class TrackedPath(Struct, frozen=True):
    """A path that some commit contains. `commit` is the newest that touched it, `date` its author date (ISO 8601)."""

    path: str
    at_head: bool
    commit: str
    date: str


class PathsFound(Struct, frozen=True):
    """The matching paths (at most `MOST`), those at HEAD first, and how many there are in all.

    `commits` were walked; a shallow history cannot prove absence.
    """

    paths: tuple[TrackedPath, ...]
    commits: int
    shallow: bool
    total: int = 0


class PathsEverTracked(Question[PathsFound], frozen=True):
    """Which paths of these patterns does any commit that a ref reaches contain, now or ever?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = PathsFound

    patterns: tuple[str, ...]
    exclude: tuple[str, ...] = ()


class Commit(Struct, frozen=True):
    """A commit: its id, author date (ISO 8601) and subject (redacted, cut)."""

    id: str
    date: str
    subject: str


class CommitsFound(Struct, frozen=True):
    """The newest commits (at most 20) and how many there are in all."""

    commits: tuple[Commit, ...]
    total: int


class CommitsSince(Question[CommitsFound], frozen=True):
    """Which commits after the end of this day (UTC) touched these paths?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = CommitsFound

    day: date
    paths: tuple[str, ...]
