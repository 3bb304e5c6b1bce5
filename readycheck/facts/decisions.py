"""Questions that tell whether what people decided still stands: the files that they looked at, and the commit."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.model import Target

#: The most paths that one answer carries.
MOST = 20


class BoundDigest(Struct, frozen=True):
    """The SHA-256 over the names and contents of the files (line ends read as LF), and how many there are.

    It is the same in every clone, shallow or rebased, as long as the files are.
    """

    sha256: str
    files: int


class BoundFiles(Question[BoundDigest], frozen=True):
    """What is the digest of the project's files that these patterns select?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = BoundDigest

    patterns: tuple[str, ...]


class ChangedFound(Struct, frozen=True):
    """The paths that differ (at most `MOST`), and how many there are in all."""

    paths: tuple[str, ...]
    total: int


class ChangedSince(Question[ChangedFound], frozen=True):
    """Which paths differ between this commit and the audited one, those of `aside` left out?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = ChangedFound

    commit: str
    aside: tuple[str, ...] = ()
