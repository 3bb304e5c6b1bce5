"""Judgements on what a tool measured and left beside the code."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from readycheck.facts.measured import Coverage, Measurement
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown


class MeasuredValue(Probe, frozen=True):
    """What was measured is at least `at_least` (percent for coverage), with `fresh` since the code last changed."""

    name: ClassVar[str] = "measured.value"
    target: ClassVar[Target] = Target.REPOSITORY

    at_least: float
    what: Literal["coverage"] = "coverage"
    paths: tuple[str, ...] = ()
    fresh: bool = False

    def __post_init__(self) -> None:
        """Refuse a share that cannot be."""
        if not 0 < self.at_least <= 100:  # noqa: PLR2004 - percent
            raise ValueError("at_least must be above 0 and at most 100")

    def questions(self) -> tuple[Question[Any], ...]:
        """The reports."""
        return (Coverage(self.paths),)

    def judge(self, facts: Facts) -> Judgement:
        """Hold the newest report to the least value; no report, or a stale one that would pass, tells nothing."""
        found = facts[Coverage(self.paths)]
        if not found.found:
            return unknown(_none(found.unreadable))
        newest = max(found.found, key=lambda report: report.measured_at)
        examined = (
            f"{newest.format} in {newest.path}{f', measured {newest.measured_at[:10]}' if newest.measured_at else ''}"
        )
        shown = Finding(
            f"{self.what} is {newest.value:.1f} {newest.unit}, at least {self.at_least:g} is wanted",
            Location(newest.path),
        )
        if newest.value < self.at_least:
            return failed(examined, [shown], Strength.OBSERVED)
        if self.fresh and newest.newer_sources:
            return unknown(f"{examined}, but {_count(newest)} changed since", [shown])
        return passed(
            examined,
            Strength.OBSERVED,
            [Finding(f"{self.what} is {newest.value:.1f} {newest.unit}", Location(newest.path))],
        )


def _count(report: Measurement) -> str:
    return f"{report.newer_sources} source file{'' if report.newer_sources == 1 else 's'}"


def _none(unreadable: tuple[tuple[str, str], ...]) -> str:
    if not unreadable:
        return "no coverage report was found: run the tests with coverage before the audit"
    return "; ".join(f"{path}: {reason}" for path, reason in unreadable[:3])
