"""Judgements on the text of files, line by line."""

from __future__ import annotations

from typing import Any, ClassVar

from readycheck.facts.question import Question
from readycheck.facts.repository import Files, TextFound, TextSearch
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.files import named, require_patterns
from readycheck.probes.pattern import Absent, nothing_there, require_regexes
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown


class FileText(Probe, frozen=True):
    """A line of one of the files matches a pattern; with `all`, every pattern finds a line of its own.

    Comments do not count unless `comments` is true. `absent` is the outcome where no file has these paths, and
    `otherwise` where files are there and the text is not: `unknown` for what usually lives elsewhere.
    """

    name: ClassVar[str] = "file.text"
    target: ClassVar[Target] = Target.REPOSITORY

    paths: tuple[str, ...]
    patterns: tuple[str, ...]
    all: bool = False
    comments: bool = False
    absent: Absent = "fail"
    otherwise: Absent = "fail"
    strength: Strength = Strength.WIRED

    def __post_init__(self) -> None:
        """Refuse paths and patterns that could never match or never end."""
        require_patterns(self.paths)
        if not self.patterns:
            raise ValueError("patterns must name at least one")
        require_regexes(self.patterns, "patterns")

    def _searches(self) -> tuple[TextSearch, ...]:
        groups = [(pattern,) for pattern in self.patterns] if self.all else [self.patterns]
        return tuple(TextSearch(self.paths, group, self.comments) for group in groups)

    def questions(self) -> tuple[Question[Any], ...]:
        """The lines that match: of all patterns together, or of each."""
        return (Files(self.paths), *self._searches())

    def judge(self, facts: Facts) -> Judgement:
        """Pass when the text is there."""
        there = facts[Files(self.paths)]
        found = [facts[search] for search in self._searches()]
        if not there.searched:
            return unknown("the repository has no files")
        if not there.total:
            return nothing_there(self.absent, f"no file matches {named(self.paths)}")
        examined = _examined(found[0])
        missing = [search.patterns for search, text in zip(self._searches(), found, strict=True) if not text.matches]
        if not missing:
            return passed(examined, self.strength, [finding for text in found for finding in _shown(text, 3)])
        if len(found[0].files) < there.total:
            return unknown(f"{there.total - len(found[0].files)} of the files could not be read as text")
        if self.otherwise != "fail":
            return nothing_there(self.otherwise, f"{examined}: nothing of the kind")
        where = ", ".join(there.paths[:3])
        return failed(examined, [Finding(f"nothing in {where} matches {' or '.join(group)}") for group in missing])


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
    shown = ", ".join(found.files[:3])
    more = f" and {len(found.files) - 3} more" if len(found.files) > 3 else ""  # noqa: PLR2004 - three fit a line
    return f"read {shown}{more}"


def _shown(found: TextFound, most: int) -> list[Finding]:
    return [Finding(f"{hit.path} has it", Location(hit.path, hit.line), hit.text) for hit in found.matches[:most]]
