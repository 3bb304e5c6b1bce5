"""Judges what the document states by itself: metrics, contacts, dates and reviewers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from readycheck.checklist import ContactEntry, DocumentEntry, MetricEntry
from readycheck.facts.measured import Measurements
from readycheck.facts.service import Levels
from readycheck.model import Outcome
from readycheck.probes.levels import needed_for_quantile, needed_for_rate, upper_bound
from readycheck.scorecard import MetricRow, MetricState, StatementRow

#: Sources of metrics that the deployment, or what monitors it, is asked for.
SAMPLED = ("latency", "errors", "uptime")

#: A document that nobody updated for longer than this is stale, in days.
STALE = 180

#: Domains that RFC 2606 and RFC 6761 keep for examples, and those that templates are full of.
PLACEHOLDER_DOMAINS = (
    "example.com",
    "example.org",
    "example.net",
    "yourcompany.com",
    "your-domain.com",
    "yourdomain.com",
    "company.com",
    "domain.com",
)
_RESERVED = (".example", ".test", ".invalid", ".localhost", ".local")

_MAIL = re.compile(r"[^@\s<>()\[\],;:\"]{1,64}@(?P<domain>[a-z0-9](?:[a-z0-9-]{0,62}\.)+[a-z]{2,63})\Z", re.IGNORECASE)
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{5,24}\Z")
_URL = re.compile(r"https?://(?P<domain>[^\s/:?#]+)\S*\Z", re.IGNORECASE)
_BOUND = re.compile(r"(?P<sign><=|>=|<|>|≤|≥|)\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>%|ms|s|)")


class Bound(NamedTuple):
    """A metric's target: a comparison, a number and its unit (`%`, `ms`, `s` or none)."""

    sign: str
    number: float
    unit: str

    def met_by(self, value: float) -> bool:
        """Does the value keep the bound? A bare number is a least value."""
        return {"<": value < self.number, "<=": value <= self.number, ">": value > self.number}.get(
            self.sign, value >= self.number
        )


def parse_bound(text: str) -> Bound | None:
    """The bound that a target such as `>60%` or `<200ms p95` states, or None when it states none."""
    match = _BOUND.match(text.strip())
    if not match:
        return None
    sign = {"≤": "<=", "≥": ">="}.get(match["sign"], match["sign"])
    return Bound(sign, float(match["number"]), match["unit"])


def metric_rows(
    metrics: Iterable[MetricEntry],
    coverage: Measurements | None,
    scores: Mapping[str, float | None],
    levels: Mapping[str, Levels | str] = MappingProxyType({}),
) -> tuple[MetricRow, ...]:
    """Every metric with what was measured for it. A value that somebody typed and nothing measured is unsourced.

    `levels` are how the deployment answers, by path, or why nobody knows.
    """
    return tuple(_metric_row(metric, *_measured(metric, coverage, scores, levels)) for metric in metrics)


def _measured(
    metric: MetricEntry,
    coverage: Measurements | None,
    scores: Mapping[str, float | None],
    levels: Mapping[str, Levels | str],
) -> tuple[float | None, str]:
    if metric.source in SAMPLED:
        answered = levels.get(metric.path, "no deployment was given")
        return (None, answered) if isinstance(answered, str) else _level(metric, answered)
    if metric.source == "coverage":
        found = coverage.found[0] if coverage and coverage.found else None
        return (found.value, f"{found.format} in {found.path}") if found else (None, "no coverage report was found")
    if metric.source == "score":
        section = metric.id.removesuffix("-score")
        score = scores.get(section)
        return (
            (score, "the low end of this scorecard's section")
            if score is not None
            else (None, f"the section {section!r} has no score")
        )
    if metric.source:
        return None, f"nothing here measures {metric.source}"
    return None, "no source is named"


def _level(metric: MetricEntry, levels: Levels) -> tuple[float | None, str]:
    """The value in the unit of the target, and its source; none where too few samples could show it."""
    bound = parse_bound(metric.target)
    counted = f"{levels.answered:g} samples of {levels.source}"
    stopped = f" (stopped: {levels.stopped})" if levels.stopped else ""
    if metric.source == "uptime":
        up = levels.uptime
        reason = "a few requests say nothing of uptime; a Prometheus server does (--prometheus)"
        return (None, reason) if up is None else (up * 100, f"`up` in {levels.source}")
    if metric.source == "latency":
        share = _share(metric.target)
        seconds, needed = levels.quantile(f"{share:g}"), needed_for_quantile(share)
        good = levels.answered - levels.failed
        if seconds is None or good < needed:
            return None, f"{counted}{stopped}, and p{share * 100:g} needs {needed}"
        return seconds * (1000 if bound is None or bound.unit == "ms" else 1), f"p{share * 100:g} of {counted}"
    rate = levels.failed / levels.answered if levels.answered else 1.0
    limit = (bound.number if bound else 0.1) / 100
    at_most = upper_bound(levels.failed, levels.answered)
    if at_most > limit and (not levels.failed or rate < limit):
        return (
            None,
            f"{counted}{stopped}, {levels.failed:g} errors: at most {at_most:.2%}, and {needed_for_rate(limit)} are needed",
        )
    return rate * 100, counted


def _share(target: str) -> float:
    """The quantile that a target such as `<200ms p99` names; p95 where it names none."""
    found = re.search(r"\bp(50|95|99)\b", target, re.IGNORECASE)
    return int(found[1]) / 100 if found else 0.95


def _metric_row(metric: MetricEntry, value: float | None, source: str) -> MetricRow:
    bound = parse_bound(metric.target)
    typed = metric.current.strip() not in ("", "-", "–", "n/a", "TBD")
    if value is None or bound is None:
        state = MetricState.UNSOURCED if typed else MetricState.UNMEASURED
        reason = source if bound else f"{metric.target!r} is no target that can be compared"
        return _row(metric, "", "", state, f"the document says {metric.current}, and {reason}" if typed else reason)
    shown = f"{value:.1f}{bound.unit}"
    state = MetricState.MET if bound.met_by(value) else MetricState.MISSED
    verb = "meets" if state is MetricState.MET else "misses"
    return _row(metric, shown, source, state, f"{shown} {verb} {metric.target}")


def _row(metric: MetricEntry, measured: str, source: str, state: MetricState, reason: str) -> MetricRow:
    return MetricRow(
        id=metric.id,
        name=metric.name,
        target=metric.target,
        documented=metric.current,
        measured=measured,
        source=source,
        state=state,
        reason=reason,
    )


def contact_rows(contacts: Iterable[ContactEntry]) -> tuple[StatementRow, ...]:
    """Every contact: could it reach anybody? Whether it does is not asked: that would leave the audit's targets."""
    return tuple(
        StatementRow(label=c.role, value=c.address, outcome=outcome, reason=reason)
        for c in contacts
        for outcome, reason in [_contact(c.address)]
    )


def _contact(address: str) -> tuple[Outcome, str]:
    match = _MAIL.match(address) or _URL.match(address)
    if match:
        domain = match["domain"].lower()
        if domain in PLACEHOLDER_DOMAINS or domain.endswith(_RESERVED):
            return Outcome.FAIL, f"{domain} is a placeholder that reaches nobody"
        return Outcome.PASS, "well formed; whether anybody answers was not asked"
    if _PHONE.match(address):
        return Outcome.PASS, "well formed; whether anybody answers was not asked"
    return Outcome.FAIL, "neither an e-mail address, a phone number nor a URL"


def review_rows(document: DocumentEntry, today: date) -> tuple[StatementRow, ...]:
    """The footer of the document: is it fresh, reviewed by somebody, and is the next review on a day?"""
    rows = [("Last Updated", document.last_updated, _updated), ("Next Review", document.next_review, _due)]
    found = [
        StatementRow(label=label, value=value, outcome=outcome, reason=reason)
        for label, value, judge in rows
        if value
        for outcome, reason in [judge(value, today)]
    ]
    if document.reviewed_by:
        named = StatementRow(
            label="Reviewed By", value=document.reviewed_by, outcome=Outcome.MANUAL, reason="a name is no signature"
        )
        found.insert(min(1, len(found)), named)
    return tuple(found)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2025-01-15") else None
    except ValueError:
        return None


def _updated(text: str, today: date) -> tuple[Outcome, str]:
    day = _date(text)
    if day is None:
        return Outcome.FAIL, "not a date (YYYY-MM-DD)"
    age = (today - day).days
    if age < 0:
        return Outcome.FAIL, "a day that is still to come"
    return (Outcome.FAIL, f"{age} days ago; stale after {STALE}") if age > STALE else (Outcome.PASS, f"{age} days ago")


def _due(text: str, today: date) -> tuple[Outcome, str]:
    day = _date(text)
    if day is None:
        return Outcome.FAIL, "not a date (YYYY-MM-DD)"
    late = (today - day).days
    return (Outcome.FAIL, f"{late} days overdue") if late > 0 else (Outcome.PASS, f"in {-late} days")
