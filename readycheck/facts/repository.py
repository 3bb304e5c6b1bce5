"""Questions to a repository at one commit: its files, their text, their configuration and how its code uses packages."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.model import Strength, Target


class Skipped(Struct, frozen=True):
    """Files that were not read, why, how many, and a few of them."""

    reason: str
    count: int
    examples: tuple[str, ...] = ()


class RepositoryFacts(Struct, frozen=True):
    """What the repository is.

    `stacks` are frameworks that a manifest names (`express`, `django`, …); `ecosystems` are the languages of the code
    (`javascript`, `python`, …); `files` counts the files that belong to the project, vendored and generated ones aside.
    """

    commit: str
    branch: str
    dirty: bool
    bare: bool
    shallow: bool
    files: int
    ecosystems: tuple[str, ...]
    stacks: tuple[str, ...]
    entry_points: tuple[str, ...]
    skipped: tuple[Skipped, ...]


class RepositorySummary(Question[RepositoryFacts], frozen=True):
    """What is this repository?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = RepositoryFacts


class FilesFound(Struct, frozen=True):
    """Paths that match (sorted, at most `MOST`), how many match in all, and how many files were looked through."""

    paths: tuple[str, ...]
    total: int
    searched: int


class Files(Question[FilesFound], frozen=True):
    """Which files of the project match these patterns (gitignore's language, relative to the root)?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = FilesFound

    patterns: tuple[str, ...]


class TextMatch(Struct, frozen=True):
    """A line (from 1) of a file on which a pattern was found; the text is redacted and cut."""

    path: str
    line: int
    text: str


class TextFound(Struct, frozen=True):
    """The matches (at most `MOST`), and the files that were read for them."""

    matches: tuple[TextMatch, ...]
    files: tuple[str, ...]
    searched: int


class TextSearch(Question[TextFound], frozen=True):
    """Where do these regular expressions match in files of these patterns?

    Comments are left out unless `comments` is true: a promise in a comment is not evidence. Not for source code, whose
    strings would match too: that is what `CodeUse` is for. Each pattern is searched for in one line at a time.
    """

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = TextFound

    paths: tuple[str, ...]
    patterns: tuple[str, ...]
    comments: bool = False


class ConfigValue(Struct, frozen=True):
    """One value of a parsed configuration file. `key` is the full path to it; the value is text and redacted."""

    path: str
    line: int
    key: str
    value: str


class ConfigFound(Struct, frozen=True):
    """The values (at most `MOST_VALUES`), the files that parsed, those that did not with the parser's reason.

    `total` counts every value, shown or not.
    """

    values: tuple[ConfigValue, ...]
    files: tuple[str, ...]
    unreadable: tuple[tuple[str, str], ...]
    searched: int
    total: int = 0


class ConfigLookup(Question[ConfigFound], frozen=True):
    """What stands at this key in the YAML, JSON, TOML, INI, properties, dotenv and Dockerfiles of these patterns?

    `key` is a dotted path; `*` matches one step (a key or a list index) or a part of one, `**` any number of them. A
    mapping reads as its keys and a list as its items, joined by `, `, so `on` is `push, pull_request` however written.
    A Dockerfile has the keys `from.N` (images of other projects, `ARG` defaults filled in), `final.from`, `final.user`,
    `final.healthcheck`, `final.cmd`, `final.entrypoint` and `final.expose` (of the last stage and those it builds on).
    """

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = ConfigFound

    paths: tuple[str, ...]
    key: str


class Signal(Struct, frozen=True, forbid_unknown_fields=True):
    """How one ecosystem shows that a thing is there.

    `packages` are names in a manifest (`declared`) and the modules that code imports from; `calls` are methods into
    which a value built from such a package must be passed to be `wired` (`use`, `register`, …); `constructed` and
    `wired` are ast-grep patterns that count by themselves, on syntax trees and never on comments or strings.
    `without` are ast-grep patterns that spoil a match when they are found inside it.
    """

    ecosystem: str
    packages: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    constructed: tuple[str, ...] = ()
    wired: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class Use(Struct, frozen=True):
    """One place where the code shows the thing, how strongly, and whether an entry point reaches that file."""

    path: str
    line: int
    text: str
    ecosystem: str
    strength: Strength
    reached: bool


class UsesFound(Struct, frozen=True):
    """The uses (strongest first, at most `MOST`), and the ecosystems with code in which they were looked for."""

    uses: tuple[Use, ...]
    ecosystems: tuple[str, ...]
    files: int


class CodeUse(Question[UsesFound], frozen=True):
    """Where does the project's own code (tests aside unless `tests`) show one of these signals?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = UsesFound

    signals: tuple[Signal, ...]
    tests: bool = False


class FileDigest(Struct, frozen=True):
    """The SHA-256 of a file's bytes as they stand in the audited tree; empty when there is no such file."""

    sha256: str


class Digest(Question[FileDigest], frozen=True):
    """What is the digest of this file?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = FileDigest

    path: str


class DocumentLine(Struct, frozen=True):
    """A line (from 1) of the audited document, as written, redacted and cut."""

    line: int
    text: str


class DocumentText(Struct, frozen=True):
    """The lines of the document that are not blank; none when the repository has no such file."""

    lines: tuple[DocumentLine, ...]


class Document(Question[DocumentText], frozen=True):
    """What does the checklist document say, line by line?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = DocumentText

    path: str


#: The most paths, matches, values or uses that one answer carries; totals are always whole.
MOST = 50
#: The most values of configuration that one answer carries: a rule for every value must see every value.
MOST_VALUES = 1000
#: The longest excerpt of audited text that a fact carries, in characters.
LONGEST_EXCERPT = 200
