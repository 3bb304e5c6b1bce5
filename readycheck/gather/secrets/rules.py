"""The rules that say what a credential looks like, read from `checks/secrets/credentials`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from readycheck import __version__
from readycheck.content import content
from readycheck.errors import ContentError, Mistake
from readycheck.gather.secrets import relax
from readycheck.gather.secrets.relax import relaxed
from readycheck.model import Severity
from readycheck.reading import Located, Reader, compose

#: What may stand between a provider's name and its credential: words of the name, an assignment, quotation marks.
_GAP = r"[\w \t.,:=>|'\"`()\[\]{}?/\\-]{0,50}?"
#: The file beside the rules' folder that holds them read and worked out; `make docs` writes it.
INDEX = "known.json"
#: How a credential is replaced where its rule says nothing more.
ROTATE = "Make a new one, hand it to the service through its environment or secrets manager, and deploy."


class RuleExamples(Struct, frozen=True, forbid_unknown_fields=True):
    """Texts in which the rule must find a secret, and texts in which it must not.

    `%{hex 40}` stands for 40 such characters, made anew for each run: see `readycheck.gather.secrets.example`.
    """

    secret: tuple[str, ...]
    harmless: tuple[str, ...]


class RuleText(Located, frozen=True):
    """A kind of credential as its file says it.

    Either `pattern`, an expression of the whole (its group `secret` is the credential, without one all of it), or `near`
    and `value`: a credential that has no mark of its own, told by a name shortly before it on its line. `keywords` are words
    of which each match has one, in any case. `entropy` is the least in bits a character. `revoke` says where the
    credential is made void, `rotate` how it is replaced. `loose` marks a shape that also means other things: it is judged
    with more suspicion, and not in tests, examples and minified or generated files. `lines` lets a match run over lines.
    """

    id: str
    title: str
    revoke: str
    examples: RuleExamples
    pattern: str = ""
    near: tuple[str, ...] = ()
    value: str = ""
    keywords: tuple[str, ...] = ()
    entropy: float = 0.0
    severity: Severity = Severity.CRITICAL
    rotate: str = ROTATE
    loose: bool = False
    lines: bool = False
    references: tuple[str, ...] = ()


class RuleFile(Located, frozen=True):
    """A file of rules about one kind of service."""

    rules: tuple[RuleText, ...]


class Rule(Struct, frozen=True, dict=True):
    """A kind of credential, ready to be looked for; `known` and `words` are what to scan for, if that was worked out."""

    text: RuleText
    source: str
    known: str = ""
    words: tuple[str, ...] | None = None

    @property
    def id(self) -> str:
        """Its name, unique in the set."""
        return self.text.id

    @cached_property
    def expression(self) -> str:
        """The exact expression, with the credential in its group `secret`."""
        if self.text.pattern:
            return self.text.pattern if "(?P<secret>" in self.text.pattern else f"(?P<secret>{self.text.pattern})"
        return rf"{self._names}(?P<gap>{_GAP})(?<![A-Za-z0-9])(?P<secret>{self.text.value})(?![A-Za-z0-9])"

    @property
    def _names(self) -> str:
        names = "|".join(self.text.near)
        return f"(?i:{names})" if names else ""

    @cached_property
    def exact(self) -> re.Pattern[bytes]:
        """The exact expression over bytes."""
        return re.compile(self.expression.encode())

    @cached_property
    def marks(self) -> tuple[bytes, ...]:
        """Words of which each match has one; empty where no word must be there."""
        return relax.marks(self.expression) if self.words is None else tuple(map(str.encode, self.words))

    @cached_property
    def widest(self) -> int:
        """The most bytes that a match takes; what has no end counts as very many."""
        return relax.widest(self.expression)

    @cached_property
    def scanned(self) -> str:
        """What the scan looks for: matches wherever `exact` does, and more."""
        return self.known or relaxed(self.expression)


class RuleSet:
    """Rules in the order of their ids."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: Sequence[Rule] = sorted(rules, key=lambda rule: rule.id)
        self.by_id = {rule.id: rule for rule in self.rules}


class Indexed(Struct, frozen=True, omit_defaults=True):
    """A rule in the index, without its examples."""

    text: RuleText
    source: str
    scanned: str
    words: tuple[str, ...] = ()


class Index(Struct, frozen=True):
    """The shipped rules, read and worked out, as their YAML takes a hundred times as long; `of` is a hash of their source."""

    of: str
    rules: tuple[Indexed, ...]


class RuleFiles:
    """The files of the shipped rules and of those of these folders, read but not parsed."""

    def __init__(self, folders: Iterable[Traversable] = ()) -> None:
        self._shipped = _texts(content("checks").joinpath("secrets", "credentials"))
        self._own = [text for folder in folders for text in _texts(folder)]

    @cached_property
    def version(self) -> str:
        """A hash of all that decides what is found, the judging code included, in 16 hexadecimal digits."""
        code = [file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py"))]
        return _hashed([__version__.encode(), *code, *(text for _, text in (*self._shipped, *self._own))])

    @cached_property
    def rules(self) -> RuleSet:
        """The rules.

        Raises:
            ContentError: one is malformed, cannot be scanned for, or its id stands twice.
        """
        rules: dict[str, Rule] = {}
        mistakes: list[Mistake] = []
        indexed = self._indexed()
        rules.update((rule.id, rule) for rule in indexed)
        for source, text in self._own if indexed else (*self._shipped, *self._own):
            mistakes += _read(source, text, rules)
        if mistakes:
            raise ContentError(mistakes)
        return RuleSet(rules.values())

    def _indexed(self) -> Sequence[Rule]:
        """The shipped rules from their index, if it is of these files."""
        file = content("checks").joinpath("secrets", INDEX)
        try:
            index = msgspec.json.decode(file.read_bytes(), type=Index)
        except (OSError, msgspec.DecodeError):
            return ()
        if index.of != self._of:
            return ()
        return [Rule(each.text, each.source, each.scanned, each.words) for each in index.rules]

    @property
    def _of(self) -> str:
        return _hashed([Path(relax.__file__).read_bytes(), *(text for _, text in self._shipped)])

    def with_examples(self) -> RuleSet:
        """The rules as their files say them, with the examples that their index leaves out.

        Raises:
            ContentError: as for `rules`.
        """
        rules: dict[str, Rule] = {}
        texts = (*self._shipped, *self._own)
        mistakes = [mistake for source, text in texts for mistake in _read(source, text, rules)]
        if mistakes:
            raise ContentError(mistakes)
        return RuleSet(rules.values())

    def index(self) -> str:
        """The index of the shipped rules, as JSON with one rule a line.

        Raises:
            ContentError: as for `rules`.
        """
        rows = [
            Indexed(
                structs.replace(rule.text, examples=RuleExamples((), ()), line=0),
                Path(rule.source).name,
                rule.scanned,
                tuple(mark.decode() for mark in rule.marks),
            )
            for rule in self.with_examples().rules
        ]
        lines = ",\n".join(msgspec.json.encode(row).decode() for row in rows)
        return f'{{"of": "{self._of}", "rules": [\n{lines}\n]}}\n'


def _texts(folder: Traversable) -> list[tuple[str, bytes]]:
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return [(str(file), file.read_bytes()) for file in files if file.name.endswith((".yaml", ".yml"))]


def _hashed(texts: Iterable[bytes]) -> str:
    hashed = hashlib.sha256()
    for text in texts:
        hashed.update(hashlib.sha256(text).digest())
    return hashed.hexdigest()[:16]


def load_rules(folders: Iterable[Traversable] = ()) -> RuleSet:
    """The shipped rules and those of these folders.

    Raises:
        ContentError: one is malformed, cannot be scanned for, or its id stands twice.
    """
    return RuleFiles(folders).rules


def _read(source: str, text: bytes, rules: dict[str, Rule]) -> Iterable[Mistake]:
    try:
        node = compose(text.decode("utf-8"), source)
        reader = Reader(source)
        read = reader.struct(node, RuleFile, "") if node is not None else None
        reader.check()
    except ContentError as error:
        return error.mistakes
    except UnicodeDecodeError as error:
        return [Mistake(source, 1, f"cannot be read: {error}")]
    mistakes = []
    for given in read.rules if read else ():
        rule = Rule(given, source)
        reason = f"{rule.id!r} stands twice" if rule.id in rules else _fault(rule)
        if reason:
            mistakes.append(Mistake(source, given.line, reason))
        rules[rule.id] = rule
    return mistakes


def _fault(rule: Rule) -> str:
    text = rule.text
    if bool(text.pattern) == bool(text.near and text.value):
        return f"{text.id!r} needs either `pattern` or `near` and `value`"
    if not text.examples.secret or not text.examples.harmless:
        return f"{text.id!r} needs an example that is a secret and one that is harmless"
    try:
        matches_nothing = rule.exact.search(b"") is not None
    except (re.error, ValueError) as error:
        return f"{text.id!r}: {error}"
    return f"{text.id!r} matches an empty text" if matches_nothing else ""
