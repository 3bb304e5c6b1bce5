"""The gate: rows, thresholds and tallies in, one answer, its reason and its exit code out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from readycheck.checklist import GateEntry
from readycheck.model import Exit, Outcome, Target, Verdict
from readycheck.scorecard import CheckRow, Decision, ItemRow, Readiness, RuleRow, SectionRow, Tally

_UNDECIDED = frozenset({Outcome.ERROR, Outcome.UNKNOWN, Outcome.NOT_CHECKED, Outcome.MANUAL})


def is_blocker(row: ItemRow, gate: GateEntry) -> bool:
    """Is this an item at or above `fail_on` that counts, and that is contradicted or open?"""
    return row.counted and row.severity.at_least(gate.fail_on) and row.verdict in (Verdict.CONTRADICTED, Verdict.OPEN)


def decide(
    sections: Sequence[SectionRow],
    total: Tally,
    checks: Mapping[str, CheckRow],
    gate: GateEntry,
    scope: Sequence[Target] = (),
) -> Decision:
    """The answer, in the order of the design: nothing decided, blockers, coverage and required checks, then scores."""
    items = [item for section in sections for item in section.items]
    blockers = [item for item in items if item.blocker]
    required = [row for key, row in checks.items() if row.id in gate.required and (not scope or row.target in scope)]
    failed = [row for row in required if row.outcome is Outcome.FAIL and not _waived(row)]
    undecided = [row for row in required if row.outcome in _UNDECIDED]
    floors = [(section, gate.section_min[section.id]) for section in sections if section.id in gate.section_min]
    stages = [
        (Exit.INCONCLUSIVE, [_something_decided(items)]),
        (Exit.NOT_READY, [_no_blockers(blockers, gate), *_required_hold(gate, failed)]),
        (Exit.INCONCLUSIVE, [_enough_coverage(total, gate), *_required_ran(gate, undecided)]),
        (Exit.NOT_READY, [_enough_score(total, gate), *(_section_floor(section, floor) for section, floor in floors)]),
    ]
    exit_code = next((code for code, rules in stages if not all(rule.met for rule in rules)), Exit.READY)
    rules = tuple(rule for _, stage in stages for rule in stage)
    readiness = {Exit.READY: Readiness.READY, Exit.NOT_READY: Readiness.NOT_READY}.get(
        exit_code, Readiness.INCONCLUSIVE
    )
    names = tuple([item.id for item in blockers] + [row.id for row in failed])
    return Decision(
        readiness=readiness,
        exit_code=exit_code,
        why=_why(exit_code, stages, blockers),
        rules=rules,
        blockers=names,
        min_score=gate.min_score,
        min_coverage=gate.min_coverage,
    )


def _waived(row: CheckRow) -> bool:
    return bool(row.findings) and all(finding.waived for finding in row.findings)


def _something_decided(items: Sequence[ItemRow]) -> RuleRow:
    decided = sum(item.counted and item.decided for item in items)
    return RuleRow(
        rule="Something was decided", required="1 item or more", actual=_count(decided, "item"), met=decided > 0
    )


def _no_blockers(blockers: Sequence[ItemRow], gate: GateEntry) -> RuleRow:
    rule = (
        f"No {gate.fail_on} or worse line is contradicted or open"
        if gate.fail_on.value != "critical"
        else "No critical line is contradicted or open"
    )
    return RuleRow(rule=rule, required="none", actual=_count(len(blockers), "blocker"), met=not blockers)


def _required_hold(gate: GateEntry, failed: Sequence[CheckRow]) -> list[RuleRow]:
    if not gate.required:
        return []
    actual = f"failed: {', '.join(row.id for row in failed)}" if failed else "none failed"
    return [RuleRow(rule="Required checks hold", required=", ".join(gate.required), actual=actual, met=not failed)]


def _required_ran(gate: GateEntry, undecided: Sequence[CheckRow]) -> list[RuleRow]:
    if not gate.required:
        return []
    actual = f"undecided: {', '.join(row.id for row in undecided)}" if undecided else "all decided"
    return [
        RuleRow(rule="Required checks are decided", required=", ".join(gate.required), actual=actual, met=not undecided)
    ]


def _enough_coverage(total: Tally, gate: GateEntry) -> RuleRow:
    actual = total.coverage if total.coverage is not None else 0.0
    return RuleRow(
        rule="Enough was decided by evidence or attestation",
        required=f"{gate.min_coverage:.0%}",
        actual=f"{actual:.0%}",
        met=total.coverage is not None and actual >= gate.min_coverage,
    )


def _enough_score(total: Tally, gate: GateEntry) -> RuleRow:
    score = total.score
    return RuleRow(
        rule="The score is high enough",
        required=f"{gate.min_score:g}",
        actual="–" if score is None else f"{score:.1f}",
        met=score is not None and score >= gate.min_score,
    )


def _section_floor(section: SectionRow, floor: float) -> RuleRow:
    score = section.tally.score
    return RuleRow(
        rule=f"The section {section.title} scores enough",
        required=f"{floor:g}",
        actual="–" if score is None else f"{score:.1f}",
        met=score is not None and score >= floor,
    )


def _why(exit_code: Exit, stages: Sequence[tuple[Exit, list[RuleRow]]], blockers: Sequence[ItemRow]) -> str:
    if exit_code is Exit.READY:
        return "Every rule of the gate is met."
    unmet = next(rule for code, rules in stages if code is exit_code for rule in rules if not rule.met)
    if not blockers or exit_code is not Exit.NOT_READY:
        return f"{unmet.rule}: required {unmet.required}, found {unmet.actual}."
    false = sum(item.verdict is Verdict.CONTRADICTED for item in blockers)
    parts = [f"{_count(false, 'ticked line')} {'is' if false == 1 else 'are'} false"] if false else []
    parts += (
        [f"{_count(len(blockers) - false, 'line')} {'is' if len(blockers) - false == 1 else 'are'} still open"]
        if len(blockers) > false
        else []
    )
    worst = ", ".join(item.text for item in sorted(blockers, key=lambda item: -item.weight)[:3])
    more = f" and {len(blockers) - 3} more" if len(blockers) > 3 else ""  # noqa: PLR2004 - three names fit a line
    return f"{' and '.join(parts)} at the severity that blocks: {worst}{more}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
