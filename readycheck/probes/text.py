"""Judgements on the text of files that are no source code: documents, configuration, infrastructure."""

from __future__ import annotations

from typing import Any, ClassVar

from readycheck.facts.question import Question
from readycheck.facts.repository import TextFound, TextMatch, TextSearch
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Outcome, Strength, Target
from readycheck.probes.files import require_patterns
from readycheck.probes.patterns import compiled
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

#: The most matches that a judgement shows.
_SHOWN = 5


class FileText(Probe, frozen=True):
    """One of the patterns stands in a file of these paths; with `each` all of them do, with `together` in one file.

    Comments do not count unless `comments`; `absent` is the outcome where no file has these paths. Patterns are regular
    expressions on one line.
    """

    name: ClassVar[str] = "file.text"
    target: ClassVar[Target] = Target.REPOSITORY

    paths: tuple[str, ...]
    patterns: tuple[str, ...]
    each: bool = False
    together: bool = False
    comments: bool = False
    absent: Outcome = Outcome.FAIL
    strength: Strength = Strength.WIRED

    def __post_init__(self) -> None:
        """Refuse patterns that could not match and outcomes that absence cannot have."""
        require_patterns(self.paths)
        require_text(self.patterns, self.absent)

    def questions(self) -> tuple[Question[Any], ...]:
        """One search for each pattern that must be found by itself, or one for all of them."""
        if self.each or self.together:
            return tuple(TextSearch(self.paths, (pattern,), self.comments) for pattern in self.patterns)
        return (TextSearch(self.paths, self.patterns, self.comments),)

    def judge(self, facts: Facts) -> Judgement:
        """Pass when what is asked for stands there."""
        found: list[TextFound] = [facts[question] for question in self.questions()]
        examined = f"{len(found[0].files)} files of {', '.join(self.paths)} searched"
        if not found[0].searched:
            return unknown("the repository has no files")
        if not found[0].files:
            return Judgement(self.absent, f"no file is {' or '.join(self.paths)}", _missing(self.absent, self.paths))
        missing = [pattern for pattern, one in zip(self.patterns, found, strict=False) if not one.matches]
        if missing:
            wanted = " or ".join(self.patterns) if len(found) == 1 else " and ".join(missing)
            return failed(
                examined, [Finding(f"nothing says {wanted}", Location(path)) for path in found[0].files[:_SHOWN]]
            )
        if self.together:
            return self._together(found, examined)
        return passed(examined, self.strength, _shown([match for one in found for match in one.matches]))

    def _together(self, found: list[TextFound], examined: str) -> Judgement:
        files = set.intersection(*({match.path for match in one.matches} for one in found))
        if not files:
            return failed(examined, [Finding(f"no single file says {' and '.join(self.patterns)}")])
        shown = [match for one in found for match in one.matches if match.path in files]
        return passed(examined, self.strength, _shown(shown))


class FileNoText(Probe, frozen=True):
    """None of the patterns stands in a file of these paths; comments do not count unless `comments`."""

    name: ClassVar[str] = "file.no_text"
    target: ClassVar[Target] = Target.REPOSITORY

    paths: tuple[str, ...]
    patterns: tuple[str, ...]
    comments: bool = False
    absent: Outcome = Outcome.NOT_APPLICABLE

    def __post_init__(self) -> None:
        """Refuse patterns that could not match and outcomes that absence cannot have."""
        require_patterns(self.paths)
        require_text(self.patterns, self.absent)

    def questions(self) -> tuple[Question[Any], ...]:
        """One search for all patterns."""
        return (TextSearch(self.paths, self.patterns, self.comments),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each line that matches."""
        found = facts[TextSearch(self.paths, self.patterns, self.comments)]
        if not found.searched:
            return unknown("the repository has no files")
        if not found.files:
            return Judgement(self.absent, f"no file is {' or '.join(self.paths)}", _missing(self.absent, self.paths))
        examined = f"{len(found.files)} files of {', '.join(self.paths)} searched"
        if found.matches:
            return failed(examined, _shown(list(found.matches), most=len(found.matches)))
        return passed(examined, Strength.WIRED)


def require_text(patterns: tuple[str, ...], absent: Outcome) -> None:
    """Refuse an empty list, a pattern that is none or may take for ever, and an absence that would pass.

    Raises:
        ValueError: one of them.
    """
    if not patterns:
        raise ValueError("patterns must name at least one")
    for pattern in patterns:
        compiled(pattern)
    require_absence(absent)


def require_absence(absent: Outcome) -> None:
    """Refuse an outcome that absence must not have: not seen is not fine.

    Raises:
        ValueError: it is neither fail, unknown nor not_applicable.
    """
    if absent not in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.NOT_APPLICABLE):
        raise ValueError(f"absent must be fail, unknown or not_applicable, not {absent}")


def _shown(matches: list[TextMatch], most: int = _SHOWN) -> list[Finding]:
    return [Finding("found", Location(match.path, match.line), match.text) for match in matches[:most]]


def _missing(outcome: Outcome, paths: tuple[str, ...]) -> tuple[Finding, ...]:
    return (Finding(f"no file is {' or '.join(paths)}"),) if outcome is Outcome.FAIL else ()
