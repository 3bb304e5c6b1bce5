"""Holds one scorecard beside another: lines by their id, findings by fingerprints that survive moved lines."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import NamedTuple

from readycheck.changes import (
    FAILING,
    SCHEMA,
    Change,
    Comparison,
    FindingChange,
    LineChange,
    MetricChange,
    Side,
)
from readycheck.model import Outcome, Overlay, Severity
from readycheck.scorecard import EARNING, POSSIBLE, CheckRow, FindingRow, ItemRow, MetricRow, MetricState, Scorecard

_DIGITS = re.compile(r"\d+")
_ORDER = list(Change)


class _Found(NamedTuple):
    """A finding with the check that made it and the lines it bears on."""

    check: CheckRow
    row: FindingRow
    items: tuple[ItemRow, ...]

    @property
    def place(self) -> str:
        """Where it is, without the line."""
        location = self.row.location
        return location.url or location.object or location.path


def compare(before: Scorecard, after: Scorecard, names: tuple[str, str] = ("before", "after")) -> Comparison:
    """What changed from one scorecard to the other; pure, and in a stable order."""
    lines = list(_lines(before, after))
    findings, same = _findings(before, after)
    return Comparison(
        schema=SCHEMA,
        before=_side(before, names[0]),
        after=_side(after, names[1]),
        lines=tuple(sorted((line for line in lines if line.change is not Change.UNCHANGED), key=_urgency)),
        unchanged_lines=sum(line.change is Change.UNCHANGED for line in lines),
        findings=tuple(sorted(findings, key=_urgency)),
        unchanged_findings=same,
        metrics=tuple(_metrics(before.metrics, after.metrics)),
    )


def _urgency(row: LineChange | FindingChange) -> tuple[int, float]:
    return _ORDER.index(row.change), -row.severity.weight


def _side(card: Scorecard, name: str) -> Side:
    return Side(
        name=name,
        service=card.service,
        commit=card.repository.commit if card.repository else "",
        judged_at=card.judged_at,
        readiness=card.decision.readiness.value,
        score=card.tally.score,
        ceiling=card.tally.ceiling,
        coverage=card.tally.coverage,
        blockers=len(card.decision.blockers),
        verdicts=card.tally.verdicts,
    )


def _lines(before: Scorecard, after: Scorecard) -> Iterator[LineChange]:
    known: dict[str, list[tuple[str, ItemRow]]] = defaultdict(list)
    for section in before.sections:
        for item in section.items:
            known[item.id].append((section.title, item))
    for section in after.sections:
        for item in section.items:
            old = known[item.id].pop(0)[1] if known[item.id] else None
            yield _line(section.title, old, item)
    for rest in known.values():
        for title, item in rest:
            yield _line(title, item, None)


def _line(section: str, old: ItemRow | None, new: ItemRow | None) -> LineChange:
    row = new or old
    assert row is not None  # noqa: S101 - a line is in one of them
    return LineChange(
        id=row.id,
        section=section,
        text=row.text,
        severity=row.severity,
        change=_change(old, new),
        before=_shown(old),
        after=_shown(new),
        before_claim=old.claim if old else None,
        after_claim=new.claim if new else None,
        reason=new.reason if new else "the checklist has no such line any more",
    )


def _change(old: ItemRow | None, new: ItemRow | None) -> Change:
    if old is None or new is None:
        return Change.NEW if new else Change.GONE
    waived = new.overlay is Overlay.WAIVED
    counted_before = old.counted or old.overlay is Overlay.WAIVED
    if not new.counted and not waived:
        return Change.GONE if counted_before else Change.UNCHANGED
    if not counted_before:
        return Change.NEW
    if waived:
        return Change.UNCHANGED if old.overlay is Overlay.WAIVED else Change.WAIVED
    if _shown(old) == _shown(new):
        return Change.UNCHANGED if old.claim is new.claim else Change.RESTATED
    was, now = _level(old), _level(new)
    if new.verdict in POSSIBLE and old.decided:
        return Change.UNDECIDED
    if now < was:
        return Change.WORSE
    if now == was:
        return Change.RESTATED
    return Change.FIXED if new.verdict in EARNING else Change.BETTER


def _level(item: ItemRow) -> int:
    """Contradicted, open, undecided or waived, holding."""
    if item.overlay is Overlay.WAIVED or item.verdict in POSSIBLE:
        return 2
    if item.verdict in EARNING:
        return 3
    return 0 if item.verdict.value == "contradicted" else 1


def _shown(item: ItemRow | None) -> str:
    if item is None:
        return ""
    return item.overlay.value if item.overlay is Overlay.WAIVED else item.verdict.value


def _findings(before: Scorecard, after: Scorecard) -> tuple[list[FindingChange], int]:
    """The findings of one side only, and how many are on both.

    Three passes: the same fingerprint; the same content in another file (it was moved); and, where there is no line of
    text to compare, the same place and words with other numbers in them.
    """
    old, new = list(_found(before)), list(_found(after))
    total = len(new)
    for key in (_by_fingerprint, _by_content, _by_wording):
        old, new = _unmatched(old, new, key)
    rows = [_finding(found, Change.NEW) for found in new] + [_finding(found, Change.FIXED) for found in old]
    return rows, total - len(new)


def _found(card: Scorecard) -> Iterator[_Found]:
    users: dict[str, list[ItemRow]] = defaultdict(list)
    for item in card.items:
        for key in item.checks:
            users[key].append(item)
    for key, check in card.checks.items():
        if check.outcome is Outcome.FAIL:
            for row in check.findings:
                yield _Found(check, row, tuple(users[key]))


def _by_fingerprint(found: _Found) -> Hashable:
    return found.check.id, found.row.fingerprint


def _by_content(found: _Found) -> Hashable | None:
    excerpt = " ".join(found.row.excerpt.split())
    return (found.check.id, excerpt) if excerpt else None


def _by_wording(found: _Found) -> Hashable | None:
    if found.row.excerpt or found.row.location.line:
        return None
    return found.check.id, found.place, _DIGITS.sub("#", found.row.message)


def _unmatched(
    old: Iterable[_Found], new: Iterable[_Found], key: Callable[[_Found], Hashable | None]
) -> tuple[list[_Found], list[_Found]]:
    waiting: dict[Hashable, list[_Found]] = defaultdict(list)
    rest: list[_Found] = []
    for found in old:
        name = key(found)
        (rest if name is None else waiting[name]).append(found)
    left = []
    for found in new:
        name = key(found)
        if name is not None and waiting.get(name):
            waiting[name].pop(0)
        else:
            left.append(found)
    return rest + [found for some in waiting.values() for found in some], left


def _finding(found: _Found, change: Change) -> FindingChange:
    severities: list[Severity] = [item.severity for item in found.items] or [found.check.severity]
    return FindingChange(
        check=found.check.id,
        title=found.check.title,
        severity=max(severities, key=lambda severity: severity.weight),
        change=change,
        message=found.row.message,
        location=found.row.location,
        fingerprint=found.row.fingerprint,
        waived=found.row.waived or (bool(found.items) and all(i.overlay is Overlay.WAIVED for i in found.items)),
        lines=tuple(item.id for item in found.items),
    )


def _metrics(before: Iterable[MetricRow], after: Iterable[MetricRow]) -> Iterator[MetricChange]:
    known = {row.id: row for row in before}
    for row in after:
        old = known.get(row.id)
        if old is not None and old.state is not row.state:
            yield MetricChange(
                id=row.id,
                name=row.name,
                change=_metric(old.state, row.state),
                before=old.state.value,
                after=row.state.value,
                measured=row.measured,
            )


def _metric(old: MetricState, new: MetricState) -> Change:
    if new is MetricState.MET:
        return Change.FIXED
    if new is MetricState.MISSED:
        return Change.WORSE
    return Change.UNDECIDED if old in (MetricState.MET, MetricState.MISSED) else Change.RESTATED


def regressed(comparison: Comparison, fail_on: Severity) -> tuple[tuple[LineChange, ...], tuple[FindingChange, ...]]:
    """The lines at or above this severity that say no and did not before, and the new findings on such lines."""
    grave = [line for line in comparison.lines if line.severity.at_least(fail_on)]
    lines = tuple(line for line in grave if line.change in (Change.WORSE, Change.NEW) and line.after in FAILING)
    new = (found for found in comparison.findings if found.change is Change.NEW and not found.waived)
    return lines, tuple(found for found in new if found.lines and found.severity.at_least(fail_on))


def undecided(comparison: Comparison, fail_on: Severity) -> tuple[LineChange, ...]:
    """The lines at or above this severity that were decided before and are not now."""
    return tuple(
        line for line in comparison.lines if line.change is Change.UNDECIDED and line.severity.at_least(fail_on)
    )
