"""Judgements on whether the project can be built and started."""

from __future__ import annotations

from typing import Any, ClassVar

from readycheck.facts.faults import CodeAspect, CodeFaults, FaultsFound, ProjectAspect, ProjectFaults
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.probe import Judgement, Probe, failed, not_applicable, passed, unknown

#: The most faults that one judgement shows.
SHOWN = 10


class CodeWhole(Probe, frozen=True):
    """Nothing in the code that an entry point reaches is broken: `about` says whether imports or names are meant.

    Where no entry point is known, or the languages do not let one see it, nothing is said.
    """

    name: ClassVar[str] = "code.whole"
    target: ClassVar[Target] = Target.REPOSITORY

    about: CodeAspect

    def questions(self) -> tuple[Question[Any], ...]:
        """The faults."""
        return (CodeFaults(self.about),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each fault."""
        found = facts[CodeFaults(self.about)]
        if not found.examined:
            return unknown("no code of JavaScript or Python that a known entry point reaches")
        return _judged(found, found.examined[0])


class ProjectWhole(Probe, frozen=True):
    """Lock files, named files or the configuration of tests agree with what is there; `about` says which."""

    name: ClassVar[str] = "project.whole"
    target: ClassVar[Target] = Target.REPOSITORY

    about: ProjectAspect

    def questions(self) -> tuple[Question[Any], ...]:
        """The faults."""
        return (ProjectFaults(self.about),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each fault."""
        found = facts[ProjectFaults(self.about)]
        if not found.examined:
            return not_applicable(f"the repository has no {_NAMES[self.about]}")
        more = f" and {len(found.examined) - 3} more" if len(found.examined) > 3 else ""  # noqa: PLR2004 - fits a line
        return _judged(found, f"read {', '.join(found.examined[:3])}{more}")


_NAMES = {
    ProjectAspect.LOCKS: "lock file",
    ProjectAspect.FILES: "manifest, image or pipeline that names files",
    ProjectAspect.TESTS: "test configuration that is known",
}


def _judged(found: FaultsFound, examined: str) -> Judgement:
    if found.faults:
        places = [Finding(one.message, Location(one.path, one.line), one.text) for one in found.faults[:SHOWN]]
        more = f"; {found.total - SHOWN} more" if found.total > SHOWN else ""
        return failed(f"{examined}{more}", places, Strength.WIRED)
    return passed(examined, Strength.WIRED)
