"""Judgements on the text of files, line by line."""

from __future__ import annotations

from typing import Any, ClassVar

from readycheck.facts.question import Question
from readycheck.facts.repository import Files, FilesFound, TextFound, TextSearch
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.files import named, require_patterns
from readycheck.probes.pattern import Absent, nothing_there, require_regexes
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

#: The longest pattern that a finding shows, in characters: longer ones tell a reader nothing.
LONGEST_SHOWN = 60


class FileText(Probe, frozen=True):
    """A line of one of the files matches a pattern; with `all`, every pattern finds a line of its own.

    Comments do not count unless `comments` is true. `absent` is the outcome where no file has these paths, and
    `otherwise` where files are there and the text is not. With `decisive`, only the presence of such a file makes
    missing text a failure: who describes the servers in the repository would have written it there. `shows` says in
    words what each pattern shows (or, without `all`, what any of them does), for the findings.
    """

    name: ClassVar[str] = "file.text"
    target: ClassVar[Target] = Target.REPOSITORY

    paths: tuple[str, ...]
    patterns: tuple[str, ...]
    all: bool = False
    comments: bool = False
    absent: Absent = "fail"
    otherwise: Absent = "fail"
    decisive: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    strength: Strength = Strength.WIRED

    def __post_init__(self) -> None:
        """Refuse paths and patterns that could never match or never end."""
        require_patterns(self.paths)
        if not self.patterns:
            raise ValueError("patterns must name at least one")
        require_regexes(self.patterns, "patterns")
        if self.shows and len(self.shows) != len(self._groups):
            raise ValueError("shows must have one text for each pattern with `all`, and one text without")

    @property
    def _groups(self) -> list[tuple[str, ...]]:
        return [(pattern,) for pattern in self.patterns] if self.all else [self.patterns]

    def _searches(self) -> tuple[TextSearch, ...]:
        return tuple(TextSearch(self.paths, group, self.comments) for group in self._groups)

    def questions(self) -> tuple[Question[Any], ...]:
        """The lines that match: of all patterns together, or of each."""
        decisive = (Files(self.decisive),) if self.decisive else ()
        return (Files(self.paths), *self._searches(), *decisive)

    def judge(self, facts: Facts) -> Judgement:
        """Pass when the text is there."""
        there = facts[Files(self.paths)]
        found = [facts[search] for search in self._searches()]
        if not there.total:
            return self._no_file(there)
        examined = _examined(found[0])
        named_patterns = self.shows or tuple(" or ".join(group) for group in self._groups)
        missing = [words for words, text in zip(named_patterns, found, strict=True) if not text.matches]
        if not missing:
            return passed(examined, self.strength, [finding for text in found for finding in _shown(text, 3)])
        if len(found[0].files) < there.total:
            return unknown(f"{there.total - len(found[0].files)} of the files could not be read as text")
        elsewhere = bool(self.decisive) and not facts[Files(self.decisive)].total
        settled = self.absent if elsewhere else self.otherwise
        if settled != "fail":
            return nothing_there(settled, f"{examined}: nothing shows {missing[0]}, which may be elsewhere")
        return failed(examined, [Finding(f"nothing in {_few(there.paths)} shows {words}") for words in missing])

    def _no_file(self, there: FilesFound) -> Judgement:
        if not there.searched:
            return unknown("the repository has no files")
        return nothing_there(self.absent, f"no file matches {named(self.paths)}")


class FileNoText(Probe, frozen=True):
    """No line of the files matches a pattern; `absent` is the outcome where no file has these paths."""

    name: ClassVar[str] = "file.no_text"
    target: ClassVar[Target] = Target.REPOSITORY

    paths: tuple[str, ...]
    patterns: tuple[str, ...]
    comments: bool = False
    absent: Absent = "not_applicable"
    message: str = "this should not stand here"

    def __post_init__(self) -> None:
        """Refuse paths and patterns that could never match or never end."""
        require_patterns(self.paths)
        if not self.patterns:
            raise ValueError("patterns must name at least one")
        require_regexes(self.patterns, "patterns")

    def questions(self) -> tuple[Question[Any], ...]:
        """The lines that match."""
        return (Files(self.paths), TextSearch(self.paths, self.patterns, self.comments))

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each line; where a file could not be read, nothing is proved."""
        there = facts[Files(self.paths)]
        found = facts[TextSearch(self.paths, self.patterns, self.comments)]
        if not there.searched:
            return unknown("the repository has no files")
        if not there.total:
            return nothing_there(self.absent, f"no file matches {named(self.paths)}")
        if found.matches:
            places = [Finding(self.message, Location(hit.path, hit.line), hit.text) for hit in found.matches]
            return failed(_examined(found), places)
        if len(found.files) < there.total:
            return unknown(f"{there.total - len(found.files)} of the files could not be read as text")
        return passed(_examined(found), Strength.WIRED)


def _examined(found: TextFound) -> str:
    return f"read {_few(found.files)}"


def _few(paths: tuple[str, ...]) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""  # noqa: PLR2004 - three fit a line
    return ", ".join(paths[:3]) + more


def _shown(found: TextFound, most: int) -> list[Finding]:
    return [Finding(f"{hit.path} has it", Location(hit.path, hit.line), hit.text) for hit in found.matches[:most]]


def _wanted(patterns: tuple[str, ...]) -> str:
    """What was looked for, where a reader can read it."""
    text = " or ".join(patterns)
    return f"matches {text}" if len(text) <= LONGEST_SHOWN else "shows it"
