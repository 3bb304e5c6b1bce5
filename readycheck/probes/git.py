"""Judgements on a git history."""

from __future__ import annotations

from typing import Any, ClassVar

from readycheck.facts.history import PathsEverTracked, TrackedPath
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Part, Strength, Target
from readycheck.probes.files import require_patterns
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown


class GitNeverTracked(Probe, frozen=True):
    """No commit that a ref reaches contains a file of these patterns; `exclude` are those that may be."""

    name: ClassVar[str] = "git.never_tracked"
    target: ClassVar[Target] = Target.REPOSITORY

    patterns: tuple[str, ...]
    exclude: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a pattern list that could never match."""
        require_patterns(self.patterns)

    def questions(self) -> tuple[Question[Any], ...]:
        """The paths that were ever tracked."""
        return (PathsEverTracked(self.patterns, self.exclude),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each path, now or ever; a history that is cut off cannot prove that there was none."""
        found = facts[PathsEverTracked(self.patterns, self.exclude)]
        examined = f"{found.commits} commits of every branch and tag looked through"
        if found.paths:
            more = found.total - len(found.paths)
            rest = [Finding(f"and {more} more paths")] if more > 0 else []
            return failed(examined, [*map(_finding, found.paths), *rest])
        if found.shallow:
            return unknown("the clone is shallow: fetch the whole history (`git fetch --unshallow`) and ask again")
        return passed(examined, Strength.OBSERVED) if found.commits else unknown("the repository has no commits")


def _finding(path: TrackedPath) -> Finding:
    now = "is tracked now" if path.at_head else "is gone from HEAD and still in the history"
    when = f", last touched {path.date[:10]}" if path.date else ""
    parts = [Part("committed", (path.path,)), *([Part("tracked", (path.path,))] if path.at_head else [])]
    return Finding(f"{path.path} {now}{when}", Location(path.path, commit=path.commit), path.path, tuple(parts))
