"""Judgements on the history of a repository."""

from __future__ import annotations

from typing import Any, ClassVar

from readycheck.facts.history import PathsEverTracked, TrackedPath
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.files import require_patterns
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown


class NeverTracked(Probe, frozen=True):
    """No commit that a ref reaches contains a path of these patterns (gitignore's language), `exclude` aside."""

    name: ClassVar[str] = "git.never_tracked"
    target: ClassVar[Target] = Target.REPOSITORY

    paths: tuple[str, ...]
    exclude: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a pattern list that could never match."""
        require_patterns(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """The paths that were ever tracked."""
        return (PathsEverTracked(self.paths, self.exclude),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each path; a shallow history, or none, cannot show that there never was one."""
        found = facts[PathsEverTracked(self.paths, self.exclude)]
        examined = (
            f"{found.commits} commits walked for {', '.join(self.paths[:8])}{' …' if len(self.paths) > 8 else ''}"  # noqa: PLR2004 - a line's worth
        )
        if found.paths:
            return failed(examined, [_finding(path) for path in found.paths], Strength.OBSERVED)
        if not found.commits:
            return unknown("the repository has no commits")
        if found.shallow:
            return unknown(f"{examined}, but the history is shallow: fetch all of it")
        return passed(examined, Strength.OBSERVED)


def _finding(path: TrackedPath) -> Finding:
    where = "is tracked" if path.at_head else "is still in the history"
    day = path.date[:10]
    return Finding(
        f"{path.path} {where} (last commit to touch it: {day})", Location(path.path, commit=path.commit), path.path
    )
