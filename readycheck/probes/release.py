"""Judges whether what is deployed is what was audited."""

from __future__ import annotations

from typing import Any, ClassVar

from readycheck.facts.question import Question
from readycheck.facts.repository import RepositorySummary
from readycheck.facts.service import DeployedVersion, VersionMark
from readycheck.facts.store import Facts
from readycheck.model import Finding, Strength, Target
from readycheck.probes.live import require_paths
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

#: The fewest letters of a commit that name it (git's own shortest).
_SHORTEST = 7
_HEX = frozenset("0123456789abcdef")


class Deployed(Probe, frozen=True):
    """The deployment says which commit it runs, and it is the audited one.

    A version endpoint, a header, a meta tag of the page and the labels of the image are looked at.
    """

    name: ClassVar[str] = "service.deployed_commit"
    target: ClassVar[Target] = Target.DEPLOYMENT

    paths: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse paths that are none."""
        require_paths(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """What is deployed, and what is audited."""
        return (DeployedVersion(self.paths), RepositorySummary())

    def judge(self, facts: Facts) -> Judgement:
        """Fail when it names another commit. A release number says nothing of a commit."""
        found = facts[DeployedVersion(self.paths)]
        summary = facts[RepositorySummary()]
        examined = f"looked at {', '.join(found.looked)}"
        commits = [mark for mark in found.marks if _is_commit(mark.value)]
        if not commits:
            told = f", only {found.marks[0].place}: {found.marks[0].value}" if found.marks else ""
            return unknown(f"the deployment names no commit{told}; {examined}")
        if not summary.commit:
            return unknown(f"the deployment runs {commits[0].value[:12]}, and the repository has no commit to compare")
        same = [mark for mark in commits if _same(mark.value, summary.commit)]
        if len(same) < len(commits):
            return failed(examined, [_other(mark, summary.commit) for mark in commits if mark not in same])
        if summary.dirty:
            return unknown(f"it runs {summary.commit[:12]}, and the audited work tree has changes beside that commit")
        return passed(examined, Strength.OBSERVED, [Finding(f"{mark.place}: {mark.value}") for mark in same])


def _is_commit(value: str) -> bool:
    return _SHORTEST <= len(value) <= 40 and set(value) <= _HEX and not value.isdecimal()  # noqa: PLR2004 - SHA-1


def _same(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _other(mark: VersionMark, commit: str) -> Finding:
    return Finding(f"{mark.place} says {mark.value[:12]}, and {commit[:12]} was audited", excerpt=mark.place)
