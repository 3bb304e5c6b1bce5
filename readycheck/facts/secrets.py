"""Questions to a repository about credentials: which ones its texts hold, in the history or as they lie on disk."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from msgspec import Struct

from readycheck.facts.history import TrackedPath
from readycheck.facts.question import Question
from readycheck.model import Severity, Target

#: The most leaks that one answer carries.
MOST_LEAKS = 1000


class Scope(StrEnum):
    """Which texts of a repository are looked at."""

    REFS = "refs"
    OBJECTS = "objects"
    RANGE = "range"
    STAGED = "staged"
    FILES = "files"


class Leak(Struct, frozen=True, omit_defaults=True):
    """A credential, folded over every text that holds it; of the credential itself no more than `preview` is kept.

    `path` and `line` are where it stands at HEAD, else where it stood last. `commit` and `date` (the author's, ISO 8601) are
    those that brought it first, as `first_path` in line `first_line`; `last_commit` and `last_date` those that last changed a
    text with it. `kind` is `blob`, `commit` or `tag` (a message), or `file` (on disk). `texts` counts the versions that hold
    it. `aside` says why it does not count, such as standing in a test. `repository` is the path of the submodule, empty for the
    repository itself.
    """

    rule: str
    title: str
    severity: Severity
    preview: str
    fingerprint: str
    path: str = ""
    line: int = 0
    commit: str = ""
    date: str = ""
    first_path: str = ""
    first_line: int = 0
    last_commit: str = ""
    last_date: str = ""
    at_head: bool = False
    reached: bool = True
    kind: str = "blob"
    texts: int = 1
    other_paths: tuple[str, ...] = ()
    repository: str = ""
    aside: str = ""
    revoke: str = ""
    rotate: str = ""


class SecretsFound(Struct, frozen=True):
    """The leaks (at most `MOST_LEAKS`), the gravest first, and what was looked at.

    `objects` and `bytes` were scanned now, `remembered` objects were scanned before by the same rules and held nothing.
    `incomplete` are the reasons why this is not the whole answer: then finding nothing proves nothing. `notes`
    say what was left out on purpose, `aside` are leaks that do not count, and `tracked` the paths of the patterns that were
    asked for.
    """

    leaks: tuple[Leak, ...]
    total: int
    objects: int
    bytes: int
    commits: int
    remembered: int = 0
    rules: int = 0
    incomplete: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    aside: tuple[Leak, ...] = ()
    tracked: tuple[TrackedPath, ...] = ()


class SecretsIn(Question[SecretsFound], frozen=True):
    """Which credentials do the texts of this scope hold? `revisions` (such as `main..HEAD`) belong to the scope `range`.

    With `paths` also: which paths of these patterns, and not of `exclude`, were ever tracked?
    """

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = SecretsFound

    scope: Scope = Scope.REFS
    revisions: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
