from __future__ import annotations

from typing import Any

import pytest
from support.judging import NO_FACTS, NOW, checklist, item, judged, told

from readycheck.checklist import GateEntry, MetricEntry
from readycheck.decisions import DecisionsFile, Waiver
from readycheck.judge import judge
from readycheck.model import EXIT_MEANING, Claim, Exit, Outcome, Severity, Target
from readycheck.scorecard import Readiness, Scorecard


def test_every_exit_code_has_a_meaning() -> None:
    assert set(EXIT_MEANING) == set(Exit)


def test_all_verified_is_ready() -> None:
    card = judged([(item("x", severity=Severity.CRITICAL), [told("a", Outcome.PASS)])])
    assert card.decision.readiness is Readiness.READY
    assert card.decision.exit_code == Exit.READY
    assert all(rule.met for rule in card.decision.rules)


@pytest.mark.parametrize("claim", [Claim.DONE, Claim.TODO])
def test_a_contradicted_or_open_line_blocks_whatever_the_score(claim: Claim) -> None:
    lines = [(item(str(n)), [told(f"c{n}", Outcome.PASS)]) for n in range(30)]
    card = judged([*lines, (item("bad", claim, Severity.HIGH), [told("a", Outcome.FAIL)])])
    assert card.decision.exit_code == Exit.NOT_READY
    assert card.decision.blockers == ("bad",)
    assert "The line bad" in card.decision.why


def test_an_open_line_that_nothing_could_look_at_still_blocks() -> None:
    lines = [
        (item("good"), [told("g", Outcome.PASS)]),
        (item("bad", Claim.TODO, Severity.HIGH), [told("a", Outcome.ERROR)]),
    ]
    assert judged(lines).decision.exit_code == Exit.NOT_READY


def test_what_lies_below_fail_on_does_not_block() -> None:
    lines = [(item("a"), [told("a", Outcome.PASS)]), (item("b", severity=Severity.MEDIUM), [told("b", Outcome.FAIL)])]
    assert judged(lines).decision.exit_code == Exit.READY
    assert judged(lines, gate=GateEntry(fail_on=Severity.MEDIUM)).decision.exit_code == Exit.NOT_READY


def test_a_waived_line_does_not_block() -> None:
    lines = [
        (item("good"), [told("g", Outcome.PASS)]),
        (item("bad", severity=Severity.HIGH), [told("a", Outcome.FAIL)]),
    ]
    waiver = Waiver(item="bad", reason="accepted for now", owner="us", expires=NOW.date())
    card = judged(lines, decisions=DecisionsFile(version=1, waivers=(waiver,)))
    assert card.decision.exit_code == Exit.READY


def test_too_little_coverage_is_inconclusive() -> None:
    lines = [(item("a"), [told("a", Outcome.PASS)]), (item("b"), [told("b", Outcome.UNKNOWN)])]
    assert judged(lines).decision.exit_code == Exit.INCONCLUSIVE
    assert judged(lines, gate=GateEntry(min_coverage=0.5)).decision.exit_code == Exit.READY


def test_blockers_come_before_coverage() -> None:
    lines = [
        (item("a", severity=Severity.HIGH), [told("a", Outcome.FAIL)]),
        (item("b", severity=Severity.CRITICAL), [told("b", Outcome.UNKNOWN)]),
    ]
    assert judged(lines).decision.exit_code == Exit.NOT_READY


@pytest.mark.parametrize("outcome", [Outcome.ERROR, Outcome.UNKNOWN, Outcome.NOT_CHECKED, Outcome.MANUAL])
def test_a_required_check_that_is_undecided_is_inconclusive(outcome: Outcome) -> None:
    lines = [(item("a"), [told("a", Outcome.PASS)]), (item("b", severity=Severity.INFO), [told("must", outcome)])]
    card = judged(lines, gate=GateEntry(required=("must",)))
    assert card.decision.exit_code == Exit.INCONCLUSIVE


def test_a_required_check_that_fails_holds_the_release_back() -> None:
    lines = [(item("a"), [told("a", Outcome.PASS)]), (item("b", severity=Severity.LOW), [told("must", Outcome.FAIL)])]
    card = judged(lines, gate=GateEntry(required=("must",)))
    assert card.decision.exit_code == Exit.NOT_READY
    assert "must" in card.decision.blockers


def test_a_required_check_outside_a_named_scope_is_not_missed() -> None:
    lines = [(item("a"), [told("a", Outcome.PASS)]), (item("b"), [told("must", Outcome.NOT_CHECKED, database=True)])]
    gate = GateEntry(required=("must",))
    assert judged(lines, gate=gate).decision.exit_code == Exit.INCONCLUSIVE
    assert judged(lines, gate=gate, scope=(Target.REPOSITORY,)).decision.exit_code == Exit.READY


def test_a_score_below_the_least_is_not_ready() -> None:
    lines = [(item("a"), [told("a", Outcome.PASS)]), (item("b"), [told("b", Outcome.FAIL)])]
    card = judged(lines, gate=GateEntry(min_score=50.1))
    assert card.decision.exit_code == Exit.NOT_READY
    assert "50.1" in card.decision.why


def test_a_section_below_its_floor_is_not_ready() -> None:
    lines = [(item("a"), [told("a", Outcome.PASS)]), (item("b"), [told("b", Outcome.FAIL)])]
    assert judged(lines, gate=GateEntry(section_min={"two": 10})).decision.exit_code == Exit.NOT_READY
    assert judged(lines, gate=GateEntry(section_min={"one": 10})).decision.exit_code == Exit.READY


def test_an_empty_checklist_is_inconclusive() -> None:
    card = judged([])
    assert card.decision.exit_code == Exit.INCONCLUSIVE
    assert card.tally.score is None


def test_the_least_coverage_and_score_refuse_what_is_out_of_range() -> None:
    with pytest.raises(ValueError, match="min_score"):
        GateEntry(min_score=101)
    with pytest.raises(ValueError, match="min_coverage"):
        GateEntry(min_coverage=1.5)


METRIC = MetricEntry(id="p95", name="Response Time", target="<200ms", current="180ms")


def with_metric(**gate: Any) -> Scorecard:
    lines = [(item("a"), [told("a", Outcome.PASS)])]
    entry = GateEntry(**gate)
    return judge(checklist(lines, entry, metrics=(METRIC,)), NO_FACTS, now=NOW)


def test_metrics_hold_a_release_back_only_where_they_are_required() -> None:
    assert with_metric().decision.exit_code == Exit.READY
    card = with_metric(metrics="required")
    assert card.decision.exit_code == Exit.INCONCLUSIVE
    assert "Response Time" in card.decision.why


def test_a_metric_that_misses_its_target_is_evidence() -> None:
    lines = [(item("a", severity=Severity.LOW), [told("a", Outcome.FAIL)])]
    entry = GateEntry(metrics="required", min_coverage=0.0)
    metric = MetricEntry(id="score", name="Readiness", target=">90", source="score")
    card = judge(checklist(lines, entry, metrics=(metric,)), NO_FACTS, now=NOW)
    missed = [row.state for row in card.metrics]
    assert missed != ["met"]
    assert card.decision.exit_code == (Exit.NOT_READY if missed == ["missed"] else Exit.INCONCLUSIVE)


def test_waivers_have_a_budget() -> None:
    lines = [
        (item("good", severity=Severity.HIGH), [told("g", Outcome.PASS)]),
        (item("bad", severity=Severity.HIGH), [told("a", Outcome.FAIL)]),
    ]
    waiver = Waiver(item="bad", reason="accepted for now", owner="us", expires=NOW.date())
    waived = DecisionsFile(version=1, waivers=(waiver,))
    assert judged(lines, decisions=waived).decision.exit_code == Exit.READY
    assert judged(lines, decisions=waived, gate=GateEntry(max_waived_weight=0.5)).decision.exit_code == Exit.READY
    card = judged(lines, decisions=waived, gate=GateEntry(max_waived_weight=0.4))
    assert card.decision.exit_code == Exit.NOT_READY
    assert card.decision.why == "Waivers stay within their budget: required at most 40% of the weight, found 50.0%."


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_budget_outside_its_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="max_waived_weight"):
        GateEntry(max_waived_weight=share)
