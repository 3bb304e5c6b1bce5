"""The gate: rows, thresholds and tallies in, one answer, its reason and its exit code out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from readycheck.changes import FindingChange, LineChange
from readycheck.checklist import GateEntry
from readycheck.comparison import compare, regressed, undecided
from readycheck.model import Exit, Outcome, Overlay, Severity, Target, Verdict
from readycheck.scorecard import (
    CheckRow,
    Decision,
    ItemRow,
    MetricRow,
    MetricState,
    Readiness,
    RuleRow,
    Scorecard,
    SectionRow,
    Tally,
)

#: Rules that are judged together, in the order of judgement, with the exit code of the first stage that is not met.
Stages: TypeAlias = Sequence[tuple[Exit, Sequence[RuleRow]]]

#: How many names fit a sentence.
_NAMED = 3
_UNDECIDED = frozenset({Outcome.ERROR, Outcome.UNKNOWN, Outcome.NOT_CHECKED, Outcome.MANUAL})


def is_blocker(row: ItemRow, gate: GateEntry) -> bool:
    """Is this an item at or above `fail_on` that counts, and that is contradicted or open?"""
    return row.counted and row.severity.at_least(gate.fail_on) and row.verdict in (Verdict.CONTRADICTED, Verdict.OPEN)


def decide(  # noqa: PLR0913 - everything that the gate has rules for
    sections: Sequence[SectionRow],
    total: Tally,
    checks: Mapping[str, CheckRow],
    gate: GateEntry,
    *,
    scope: Sequence[Target] = (),
    metrics: Sequence[MetricRow] = (),
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
        (Exit.NOT_READY, [_no_blockers(blockers, gate), *_required_hold(gate, failed), *_metrics_met(metrics, gate)]),
        (
            Exit.INCONCLUSIVE,
            [_enough_coverage(total, gate), *_required_ran(gate, undecided), *_metrics_measured(metrics, gate)],
        ),
        (
            Exit.NOT_READY,
            [
                _enough_score(total, gate),
                *(_section_floor(section, floor) for section, floor in floors),
                *_waivers_bounded(items, gate),
            ],
        ),
    ]
    exit_code = _first_unmet(stages)
    names = tuple([item.id for item in blockers] + [row.id for row in failed])
    return _decision(stages, _why(exit_code, stages, blockers), names, gate)


def _first_unmet(stages: Stages) -> Exit:
    return next((code for code, rules in stages if not all(rule.met for rule in rules)), Exit.READY)


def _decision(stages: Stages, why: str, blockers: tuple[str, ...], gate: GateEntry, *, drawn: bool = True) -> Decision:
    exit_code = _first_unmet(stages)
    answers = {Exit.READY: Readiness.READY, Exit.NOT_READY: Readiness.NOT_READY}
    return Decision(
        readiness=answers.get(exit_code, Readiness.INCONCLUSIVE),
        exit_code=exit_code,
        why=why,
        rules=tuple(rule for _, stage in stages for rule in stage),
        blockers=blockers,
        min_score=gate.min_score if drawn else 0.0,
        min_coverage=gate.min_coverage if drawn else 0.0,
    )


def against(card: Scorecard, baseline: Scorecard, name: str, gate: GateEntry) -> Scorecard:
    """The same scorecard behind a gate that asks only whether anything is worse than in the baseline.

    A blocker is then a line at or above `fail_on` that says no and did not before, or that has a new finding. What the
    baseline had decided and this audit did not is inconclusive: nobody saw that it is still so. The budget for waivers
    holds as before, so that nothing can be waived instead of mended without end.
    """
    comparison = compare(baseline, card, (name, "this audit"))
    lines, findings = regressed(comparison, gate.fail_on)
    lost = undecided(comparison, gate.fail_on)
    worse = {line.id for line in lines} | {line for found in findings for line in found.lines}
    sections = tuple(
        replace(
            section,
            items=tuple(
                replace(item, blocker=item.counted and item.id in worse and item.severity.at_least(gate.fail_on))
                for item in section.items
            ),
        )
        for section in card.sections
    )
    blockers = [item for section in sections for item in section.items if item.blocker]
    failed, missing = _required_worse(card, baseline, gate)
    stages: Stages = [
        (Exit.INCONCLUSIVE, [_something_decided(card.items)]),
        (
            Exit.NOT_READY,
            [_no_line_worse(lines, name, gate), _no_new_finding(findings, name, gate), *_required_hold(gate, failed)],
        ),
        (Exit.INCONCLUSIVE, [_still_decided(lost, name, gate), *_required_ran(gate, missing)]),
        (Exit.NOT_READY, _waivers_bounded(card.items, gate)),
    ]
    names = tuple([item.id for item in blockers] + [row.id for row in failed])
    decision = _decision(stages, _why_worse(stages, blockers, name), names, gate, drawn=False)
    return replace(card, sections=sections, decision=decision, comparison=comparison)


def _required_worse(card: Scorecard, baseline: Scorecard, gate: GateEntry) -> tuple[list[CheckRow], list[CheckRow]]:
    """The required checks that fail, and those that nothing decided, where the baseline says otherwise."""
    required = [row for row in card.checks.values() if row.id in gate.required]
    required = [row for row in required if not card.scope or row.target in card.scope]
    failed_before = {row.id for row in baseline.checks.values() if row.outcome is Outcome.FAIL}
    open_before = {row.id for row in baseline.checks.values() if row.outcome in _UNDECIDED}
    failed = [r for r in required if r.outcome is Outcome.FAIL and not _waived(r) and r.id not in failed_before]
    return failed, [r for r in required if r.outcome in _UNDECIDED and r.id not in open_before]


def _no_line_worse(lines: Sequence[LineChange], name: str, gate: GateEntry) -> RuleRow:
    rule = f"No {_grave(gate)} line says no that did not in {name}"
    return RuleRow(rule=rule, required="none", actual=_count(len(lines), "line"), met=not lines)


def _no_new_finding(findings: Sequence[FindingChange], name: str, gate: GateEntry) -> RuleRow:
    rule = f"No {_grave(gate)} finding is new since {name}"
    return RuleRow(rule=rule, required="none", actual=_count(len(findings), "finding"), met=not findings)


def _still_decided(lines: Sequence[LineChange], name: str, gate: GateEntry) -> RuleRow:
    rule = f"What {name} decided of {_grave(gate)} lines is still decided"
    return RuleRow(rule=rule, required="all", actual=f"{_count(len(lines), 'line')} left open", met=not lines)


def _grave(gate: GateEntry) -> str:
    return "critical" if gate.fail_on is Severity.CRITICAL else f"{gate.fail_on} or worse"


def _why_worse(stages: Stages, blockers: Sequence[ItemRow], name: str) -> str:
    exit_code = _first_unmet(stages)
    if exit_code is Exit.READY:
        return f"Nothing that blocks is worse than in {name}."
    if exit_code is Exit.NOT_READY and blockers:
        verb = "is" if len(blockers) == 1 else "are"
        return f"{_count(len(blockers), 'line')} {verb} worse than in {name}: {_names(blockers)}."
    return _why(exit_code, stages, ())


def _waived(row: CheckRow) -> bool:
    return bool(row.findings) and all(finding.waived for finding in row.findings)


def _something_decided(items: Sequence[ItemRow]) -> RuleRow:
    decided = sum(item.counted and item.decided for item in items)
    return RuleRow(
        rule="Something was decided", required="1 item or more", actual=_count(decided, "item"), met=decided > 0
    )


def _no_blockers(blockers: Sequence[ItemRow], gate: GateEntry) -> RuleRow:
    rule = f"No {_grave(gate)} line is contradicted or open"
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


def _metrics_met(metrics: Sequence[MetricRow], gate: GateEntry) -> list[RuleRow]:
    if gate.metrics != "required":
        return []
    missed = [row.name for row in metrics if row.state is MetricState.MISSED]
    actual = f"missed: {', '.join(missed)}" if missed else "none missed"
    return [RuleRow(rule="No metric misses its target", required="none", actual=actual, met=not missed)]


def _metrics_measured(metrics: Sequence[MetricRow], gate: GateEntry) -> list[RuleRow]:
    if gate.metrics != "required":
        return []
    unknown = [row.name for row in metrics if row.state not in (MetricState.MET, MetricState.MISSED)]
    actual = f"not measured: {', '.join(unknown)}" if unknown else "all measured"
    return [RuleRow(rule="Every metric is measured", required="all", actual=actual, met=not unknown)]


def _waivers_bounded(items: Sequence[ItemRow], gate: GateEntry) -> list[RuleRow]:
    if gate.max_waived_weight >= 1:
        return []
    waived = sum((item.weight for item in items if item.overlay is Overlay.WAIVED), 0.0)
    whole = waived + sum((item.weight for item in items if item.counted), 0.0)
    share = waived / whole if whole else 0.0
    return [
        RuleRow(
            rule="Waivers stay within their budget",
            required=f"at most {gate.max_waived_weight:.0%} of the weight",
            actual=f"{share:.1%}",
            met=waived <= gate.max_waived_weight * whole,
        )
    ]


def _why(exit_code: Exit, stages: Stages, blockers: Sequence[ItemRow]) -> str:
    if exit_code is Exit.READY:
        return "Every rule of the gate is met."
    if not stages[0][1][0].met:
        return "Nothing was decided: no evidence was found for or against any line."
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
    return f"{' and '.join(parts)} at the severity that blocks: {_names(blockers)}."


def _names(blockers: Sequence[ItemRow]) -> str:
    worst = ", ".join(item.text for item in sorted(blockers, key=lambda item: -item.weight)[:_NAMED])
    return worst + (f" and {len(blockers) - _NAMED} more" if len(blockers) > _NAMED else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
