"""A comparison as reports show it: every change beside its badge and its verdicts, counted and put in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from readycheck.changes import Change, Comparison, FindingChange, LineChange, MetricChange, Side
from readycheck.report import words
from readycheck.report.words import Badge
from readycheck.scorecard import Readiness


class SideView(Struct, frozen=True, kw_only=True):
    """One of the two, in words."""

    row: Side
    answer: Badge
    commit: str
    judged: str
    score: str
    ceiling: str
    coverage: str
    blockers: str
    counts: tuple[tuple[Badge, str], ...]


class LineView(Struct, frozen=True, kw_only=True):
    """A changed line; `before` and `after` are None where it was not there."""

    row: LineChange
    badge: Badge
    before: Badge | None
    after: Badge | None
    boxes: str


class FindingView(Struct, frozen=True, kw_only=True):
    """A finding of one side."""

    row: FindingChange
    badge: Badge
    place: str


class MetricView(Struct, frozen=True, kw_only=True):
    """A metric that stands differently."""

    row: MetricChange
    badge: Badge
    before: Badge
    after: Badge


class ChangesView(Struct, frozen=True, kw_only=True):
    """All of a comparison; `headline` says it in one sentence, `delta` how the score moved (`+4.5`, empty for not at all)."""

    headline: str
    delta: str
    same: bool
    before: SideView
    after: SideView
    lines: tuple[LineView, ...]
    findings: tuple[FindingView, ...]
    metrics: tuple[MetricView, ...]
    unchanged: str
    meanings: tuple[Badge, ...]


def view(found: Comparison) -> ChangesView:
    """The comparison with everything that a report writes."""
    lines = tuple(_line(row) for row in found.lines)
    used = {line.change for line in found.lines} | {one.change for one in found.findings}
    used |= {metric.change for metric in found.metrics}
    return ChangesView(
        headline=_headline(found),
        delta=_delta(found),
        same=not found.lines and not found.findings and not found.metrics,
        before=_side(found.before),
        after=_side(found.after),
        lines=lines,
        findings=tuple(
            FindingView(row=row, badge=words.change(row.change), place=str(row.location)) for row in found.findings
        ),
        metrics=tuple(_metric(row) for row in found.metrics),
        unchanged=f"{words.count(found.unchanged_lines, 'line')} and "
        f"{words.count(found.unchanged_findings, 'finding')} are unchanged",
        meanings=tuple(words.CHANGES[change.value] for change in Change if change in used),
    )


def _headline(found: Comparison) -> str:
    lines = Counter(row.change for row in found.lines)
    findings = Counter(row.change for row in found.findings)
    said = [f"{words.count(number, 'line')} {words.CHANGES[change].word}" for change, number in _ordered(lines)]
    said += [f"{words.count(number, 'finding')} {words.CHANGES[change].word}" for change, number in _ordered(findings)]
    said += [f"{words.count(len(found.metrics), 'metric')} changed"] if found.metrics else []
    return ", ".join(said) if said else "Nothing changed"


def _ordered(counts: Counter[Change]) -> Iterable[tuple[Change, int]]:
    return ((change, counts[change]) for change in Change if counts[change])


def _delta(found: Comparison) -> str:
    if found.before.score is None or found.after.score is None:
        return ""
    moved = round(found.after.score - found.before.score, 1)
    return f"{moved:+.1f}" if moved else ""


def _side(row: Side) -> SideView:
    return SideView(
        row=row,
        answer=words.readiness(Readiness(row.readiness)),
        commit=row.commit[:12],
        judged=words.moment(row.judged_at),
        score=words.percent(row.score),
        ceiling=words.percent(row.ceiling),
        coverage=words.share(row.coverage),
        blockers=f"{row.blockers:,}",
        counts=tuple(
            (badge, f"{row.verdicts[name]:,}") for name, badge in words.VERDICTS.items() if row.verdicts.get(name)
        ),
    )


def _line(row: LineChange) -> LineView:
    before = words.box(row.before_claim)[0] if row.before_claim else ""
    after = words.box(row.after_claim)[0] if row.after_claim else ""
    return LineView(
        row=row,
        badge=words.change(row.change),
        before=words.VERDICTS.get(row.before),
        after=words.VERDICTS.get(row.after),
        boxes=after if before == after or not before else before if not after else f"{before} → {after}",
    )


def _metric(row: MetricChange) -> MetricView:
    return MetricView(
        row=row,
        badge=words.change(row.change),
        before=words.METRICS[row.before],
        after=words.METRICS[row.after],
    )
