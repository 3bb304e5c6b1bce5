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
_BOUND = re.compile(
    r"(?:[^\d<>≤≥=~]{0,40}?(?:\bp\d{2}(?:\.\d)?)?\s)??(?P<sign><=|>=|=<|=>|<|>|≤|≥|~|≈|="
    r"|under|below|less than|at most|up to|max(?:imum)?|over|above|more than|at least|min(?:imum)?|)"
    r"\s*(?P<number>\d{1,15}(?:[.,]\d{1,9})?)\s*(?P<unit>%|percent\b|ms\b|milliseconds?\b|s\b|secs?\b|seconds?\b|min(?:utes?)?\b|µs\b|us\b|)",
    re.IGNORECASE,
)
_SIGNS = {
    **dict.fromkeys(("<=", "=<", "≤", "at most", "up to", "max", "maximum"), "<="),
    **dict.fromkeys((">=", "=>", "≥", "at least", "min", "minimum"), ">="),
    **dict.fromkeys(("<", "under", "below", "less than"), "<"),
    **dict.fromkeys((">", "over", "above", "more than"), ">"),
}
#: Units as they are written, the one that we show, and how many of the base unit of its kind it is (milliseconds, percent).
_UNITS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), ("ms", 1.0)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), ("s", 1000.0)),
    **dict.fromkeys(("min", "minute", "minutes"), ("min", 60_000.0)),
    **dict.fromkeys(("µs", "us"), ("µs", 0.001)),
    **dict.fromkeys(("%", "percent"), ("%", 1.0)),
}


class Bound(NamedTuple):
    """A metric's target: a comparison, a number and its unit (`%`, `ms`, `s`, `min`, `µs` or none)."""

    sign: str
    number: float
    unit: str

    def met_by(self, value: float, unit: str = "") -> bool:
        """Does the value, in this unit or in the bound's own, keep the bound? A bare number is a least value."""
        number = _UNITS.get(self.unit, ("", 1.0))[1] * self.number
        given = _UNITS.get(unit or self.unit, ("", 1.0))[1] * value
        return {"<": given < number, "<=": given <= number, ">": given > number}.get(self.sign, given >= number)

    def speaks_of(self, unit: str) -> bool:
        """Is a value in this unit of the same kind? Times are, whatever their unit; a share is no time."""
        return not unit or not self.unit or (unit == "%") == (self.unit == "%")


def parse_bound(text: str) -> Bound | None:
    """The bound that a target such as `>60%`, `<200ms p95`, `≤ 0.1 %` or `under 3 seconds` states; None when it states none."""
    match = _BOUND.match(text.strip()[:200])
    if not match:
        return None
    unit = _UNITS.get(match["unit"].lower(), ("", 1.0))[0]
    return Bound(_SIGNS.get(match["sign"].lower(), ""), float(match["number"].replace(",", ".")), unit)


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
) -> tuple[float | None, str, str]:
    """What was measured for it, in which unit and by what; without a value, why there is none."""
    if metric.source in SAMPLED:
        answered = levels.get(metric.path, "no deployment was given")
        return (None, "", answered) if isinstance(answered, str) else _level(metric, answered)
    if metric.source == "coverage":
        found = coverage.found[0] if coverage and coverage.found else None
        return (
            (found.value, found.unit, f"{found.format} in {found.path}")
            if found
            else (None, "", "no coverage report was found")
        )
    if metric.source == "score":
        section = metric.id.removesuffix("-score")
        score = scores.get(section)
        if score is None:
            return None, "", f"the section {section!r} has no score"
        return score, "%", "the low end of this scorecard's section"
    if metric.source:
        return None, "", f"nothing here measures {metric.source}"
    return None, "", "no source is named"


def _level(metric: MetricEntry, levels: Levels) -> tuple[float | None, str, str]:
    """The value, its unit and its source; none where too few samples could show it."""
    bound = parse_bound(metric.target)
    counted = f"{levels.answered:g} samples of {levels.source}"
    stopped = f" (stopped: {levels.stopped})" if levels.stopped else ""
    if metric.source == "uptime":
        up = levels.uptime
        reason = "a few requests say nothing of uptime; a Prometheus server does (--prometheus)"
        return (None, "", reason) if up is None else (up * 100, "%", f"`up` in {levels.source}")
    if metric.source == "latency":
        share = _share(metric.target)
        seconds, needed = levels.quantile(f"{share:g}"), needed_for_quantile(share)
        good = levels.answered - levels.failed
        if seconds is None or good < needed:
            return None, "", f"{counted}{stopped}, and p{share * 100:g} needs {needed}"
        return seconds * 1000, "ms", f"p{share * 100:g} of {counted}"
    rate = levels.failed / levels.answered if levels.answered else 1.0
    limit = (bound.number if bound else 0.1) / 100
    at_most = upper_bound(levels.failed, levels.answered)
    if at_most > limit and (not levels.failed or rate < limit):
        return (
            None,
            "",
            f"{counted}{stopped}, {levels.failed:g} errors: at most {at_most:.2%}, and {needed_for_rate(limit)} are needed",
        )
    return rate * 100, "%", counted


def _share(target: str) -> float:
    """The quantile that a target such as `<200ms p99` names; p95 where it names none."""
    found = re.search(r"\bp(50|95|99)\b", target, re.IGNORECASE)
    return int(found[1]) / 100 if found else 0.95


def _metric_row(metric: MetricEntry, value: float | None, unit: str, source: str) -> MetricRow:
    bound = _directed(parse_bound(metric.target), metric.source)
    typed = metric.current.strip() not in ("", "-", "–", "—", "n/a", "N/A", "TBD", "?")
    if value is None or bound is None or not bound.speaks_of(unit):
        state = MetricState.UNSOURCED if typed else MetricState.UNMEASURED
        reason = f"{metric.target!r} is no target that can be compared" if not bound else source
        if value is not None and bound and not bound.speaks_of(unit):
            reason = f"{metric.target!r} is in another unit than the {unit} that were measured"
        return _row(metric, "", "", state, f"the document says {metric.current}, and {reason}" if typed else reason)
    shown = f"{value:.1f}{unit or bound.unit}"
    state = MetricState.MET if bound.met_by(value, unit) else MetricState.MISSED
    verb = "meets" if state is MetricState.MET else "misses"
    said = f"; the document says {metric.current}" if typed and state is MetricState.MISSED else ""
    return _row(metric, shown, source, state, f"{shown} {verb} {metric.target}{said}")


def _directed(bound: Bound | None, source: str) -> Bound | None:
    """A bare number is the least for a share of what is good, and the most for times and errors."""
    if bound and not bound.sign and (source in ("latency", "errors") or bound.unit not in ("", "%")):
        return bound._replace(sign="<=")
    return bound


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
