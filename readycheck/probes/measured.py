"""Judgements on what tools measured."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from readycheck.facts.measured import Coverage, Measurement
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown


class MeasuredValue(Probe, frozen=True):
    """A report shows at least this much (percent for coverage); with `fresh`, no code changed after it was measured.

    Of several reports (packages of a monorepo) the lowest decides.
    """

    name: ClassVar[str] = "measured.value"
    target: ClassVar[Target] = Target.REPOSITORY

    what: Literal["coverage"]
    at_least: float
    fresh: bool = True
    paths: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a share outside its range."""
        if not 0 < self.at_least <= 100:  # noqa: PLR2004 - percent
            raise ValueError("at_least must be above 0 and at most 100")

    def questions(self) -> tuple[Question[Any], ...]:
        """What the reports show."""
        return (Coverage(self.paths),)

    def judge(self, facts: Facts) -> Judgement:
        """Pass by fresh reports only; a value below the least fails whatever its age, and without a report nothing is known."""
        measured = facts[Coverage(self.paths)]
        if not measured.found:
            problems = [Finding(reason, Location(path)) for path, reason in measured.unreadable]
            return unknown(f"no {self.what} report was found: run the tests with one before the audit", problems)
        low = [found for found in measured.found if found.value < self.at_least]
        fresh = [found for found in measured.found if not self.fresh or _is_fresh(found)]
        if not fresh and not low:
            stale = [Finding(_age(found), Location(found.path)) for found in measured.found]
            return unknown(f"the {self.what} report may be older than the code", stale)
        lowest = min(fresh or low, key=lambda found: found.value)
        examined = (
            f"{lowest.path} ({lowest.format}) shows {lowest.value:g}{lowest.unit}, {self.at_least:g} is asked for"
        )
        if lowest.value < self.at_least:
            return failed(examined, [Finding(_shown(found, self.at_least), Location(found.path)) for found in low])
        return passed(examined, Strength.OBSERVED, [Finding(examined, Location(lowest.path))])


def _is_fresh(found: Measurement) -> bool:
    return bool(found.measured_at) and not found.newer_sources


def _age(found: Measurement) -> str:
    if not found.measured_at:
        return "it is not known when this was measured"
    return f"measured {found.measured_at}, and {found.newer_sources} files of code changed after it"


def _shown(found: Measurement, at_least: float) -> str:
    return f"{found.path} shows {found.value:g}{found.unit}, and {at_least:g} is asked for"
