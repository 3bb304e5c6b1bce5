"""Judges metrics endpoints by what Prometheus' own client reads there."""

from __future__ import annotations

from typing import Any, ClassVar

from readycheck.facts.question import Question
from readycheck.facts.service import Exposed, Exposition
from readycheck.facts.store import Facts
from readycheck.model import Finding, Strength, Target
from readycheck.probes.live import at, is_html, require_paths, ungraded
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown


class Metrics(Probe, frozen=True):
    """Metrics can be scraped: text that the client of Prometheus parses, with a declared, sampled metric.

    With `requests` it must count requests and time them.
    """

    name: ClassVar[str] = "http.metrics"
    target: ClassVar[Target] = Target.DEPLOYMENT

    paths: tuple[str, ...]
    requests: bool = False

    def __post_init__(self) -> None:
        """Refuse paths that are none."""
        require_paths(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """What is exposed at each path."""
        return (Exposed(self.paths),)

    def judge(self, facts: Facts) -> Judgement:
        """Judge the first path that is there. None may be there for the public, which is as it should be."""
        found = facts[Exposed(self.paths)].found
        there = [one for one in found if not ungraded(one.response) and not is_html(one.response)]
        statuses = ", ".join(f"{one.response.url} ({one.response.status})" for one in found)
        if not there:
            return unknown(f"no metrics are open to the audit: {statuses}")
        parsed = [one for one in there if not one.problem]
        if not parsed:
            return failed(
                statuses, [at(one.response, f"it is no exposition of metrics: {one.problem}") for one in there]
            )
        best = parsed[0]
        if self.requests and (best.requests is None or not best.latency_name):
            return failed(statuses, [at(best.response, f"no metric {_lacking(best)}")])
        return passed(f"{best.families} metrics at {statuses}", Strength.OBSERVED, [*_shown(best)])


def _lacking(one: Exposition) -> str:
    missing = ["counts requests"] if one.requests is None else []
    missing += ["times them"] if not one.latency_name else []
    return " and none ".join(missing)


def _shown(one: Exposition) -> list[Finding]:
    found = [Finding(", ".join(one.names[:5]))]
    if one.requests:
        failures = (
            f", {one.errors:g} of them errors ({one.errors / one.requests:.2%})" if one.errors is not None else ""
        )
        found.append(at(one.response, f"{one.requests:g} requests since it started{failures}"))
    if one.quantiles:
        listed = ", ".join(f"p{float(name) * 100:g} {seconds * 1000:.0f} ms" for name, seconds in one.quantiles)
        found.append(at(one.response, f"{one.latency_name}: {listed}"))
    return found
