"""Questions to a repository at one commit: its files, their text, their configuration, what its code uses."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.model import Shorthand, Strength, Target


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


class Shape(StrEnum):
    """What an expression is made of, whatever the language writes it like."""

    #: A text or number written out.
    LITERAL = "literal"
    #: A value from elsewhere with a written-out text to fall back on (`process.env.KEY || 'secret'`).
    FALLBACK = "fallback"
    #: A text built from values: template, concatenation, f-string, `%`, `format`, `Sprintf`. Constants do not count.
    INTERPOLATED = "interpolated"
    #: A value read from the environment or a configuration that stands for it.
    ENVIRONMENT = "environment"
    #: A value made anew at each start (random bytes, a generated key).
    GENERATED = "generated"


class Where(Struct, frozen=True, forbid_unknown_fields=True):
    """A condition on what a metavariable of a pattern matched.

    A plain name is followed to what the same file assigns to it. `shape` names shapes of which the expression must have
    one. `matches` and `unless` are regular expressions: its text, or that of what it is followed to,
    must match the one and must not match the other.
    """

    name: str
    shape: tuple[Shape, ...] = ()
    matches: str = ""
    unless: str = ""


class Pattern(Shorthand, frozen=True, forbid_unknown_fields=True):
    """A place in a syntax tree. Written as a bare text it is `code`: an ast-grep pattern such as `$APP.use($$$ARGS)`.

    Instead of code, `kind` may name a node of the tree-sitter grammar and `words` the words of which a file must have
    one before it is looked at. `matches` and `unless` are regular expressions that the text of the match must and must
    not match, `where` are conditions on metavariables, `inside` and `outside` are node kinds (or `loop`) that must or
    must not enclose it, and `without` are patterns that spoil the match when they are found inside it. With
    `kind: file` it is the whole file that is matched, by `words` and `without`.
    """

    shorthand: ClassVar[str] = "code"

    code: str = ""
    kind: str = ""
    words: tuple[str, ...] = ()
    matches: str = ""
    unless: str = ""
    where: tuple[Where, ...] = ()
    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a pattern that says nothing, or two things.

        Raises:
            ValueError: neither or both of `code` and `kind` are given.
        """
        if bool(self.code) == bool(self.kind):
            raise ValueError("a pattern has either `code` or `kind`")


class Signal(Struct, frozen=True, forbid_unknown_fields=True):
    """How one ecosystem shows that a thing is there, on syntax trees and never in comments or the text of strings.

    `packages` are names in a manifest (`declared`) and the modules that code imports from; `module:name` means only
    that export and says nothing of manifests. A value called or built from an import is `constructed`, through local
    names, returned values and imports between the project's own files. It is `wired` when it is passed into one of
    `calls` (the name of a function, method, decorator, key, keyword or list that takes it: `use`, `UseGuards`,
    `useClass`, `MIDDLEWARE`), when one of `methods` is called on it (`listen`, `init_app`, `verify`), or when it is a
    decorator. `constructed` and `wired` are patterns that count by themselves; `strings` are whole texts that count as
    `wired` as an element of a list named in `calls` (Django's `MIDDLEWARE`). `without` are patterns that spoil a match
    when they are found inside it.
    """

    ecosystem: str
    packages: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    constructed: tuple[Pattern, ...] = ()
    wired: tuple[Pattern, ...] = ()
    without: tuple[str, ...] = ()


class Use(Struct, frozen=True):
    """One place where the code shows the thing, how strongly, and whether an entry point reaches that file.

    What is wired in a file that nothing reaches is dead, and its strength is only `constructed`.
    """

    path: str
    line: int
    text: str
    ecosystem: str
    strength: Strength
    reached: bool


class UsesFound(Struct, frozen=True, omit_defaults=True):
    """The uses (strongest first, at most `MOST`), and the ecosystems with code in which they were looked for.

    `files` counts the files of those ecosystems that were read. `rootless` are ecosystems for which no entry point was
    found, so that each of their files counts as reached. `unread` are files that were not looked at, with the reason.
    `unasked` are ecosystems in which the project has much of its code and that no signal is for.
    """

    uses: tuple[Use, ...]
    ecosystems: tuple[str, ...]
    files: int
    rootless: tuple[str, ...] = ()
    unread: tuple[Skipped, ...] = ()
    unasked: tuple[str, ...] = ()


class CodeUse(Question[UsesFound], frozen=True):
    """Where does the project's own code (tests aside unless `tests`) show one of these signals?

    JavaScript that runs in browsers is left aside unless `browser`.
    """

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = UsesFound

    signals: tuple[Signal, ...]
    tests: bool = False
    browser: bool = False


class Route(Struct, frozen=True):
    """A route that the code declares: method in upper case (`*` for any), and path with `:name` for its parameters.

    The path has the prefixes of the routers that it is mounted on. It is `reached` when an entry point reaches the file
    and something mounts its router.
    """

    method: str
    path: str
    file: str
    line: int
    reached: bool


class RoutesFound(Struct, frozen=True, omit_defaults=True):
    """The routes (by path, at most `MOST_ROUTES` of `total`), and the ecosystems whose code was looked through."""

    routes: tuple[Route, ...]
    ecosystems: tuple[str, ...]
    files: int
    total: int = 0
    rootless: tuple[str, ...] = ()
    unread: tuple[Skipped, ...] = ()


class Routes(Question[RoutesFound], frozen=True):
    """Which routes does the project's own code (tests aside) declare?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = RoutesFound


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
#: The ecosystems whose code is read for signals and routes.
CODE_ECOSYSTEMS = ("javascript", "python", "go", "java", "kotlin", "ruby", "php", "csharp")
#: The most routes that one answer carries.
MOST_ROUTES = 2000
