from __future__ import annotations

import pytest
from support.judging import item, judged, one, told

from readycheck.model import Claim, Outcome, Severity, Strength, Target, Verdict
from readycheck.verdict import PRECEDENCE, Attested, rule

TABLE = {
    Outcome.PASS: (Verdict.VERIFIED, Verdict.UNDERSTATED),
    Outcome.FAIL: (Verdict.CONTRADICTED, Verdict.OPEN),
    Outcome.ERROR: (Verdict.UNVERIFIED, Verdict.OPEN),
    Outcome.UNKNOWN: (Verdict.UNVERIFIED, Verdict.OPEN),
    Outcome.NOT_CHECKED: (Verdict.UNVERIFIED, Verdict.OPEN),
    Outcome.MANUAL: (Verdict.UNATTESTED, Verdict.OPEN),
    Outcome.NOT_APPLICABLE: (Verdict.NOT_APPLICABLE, Verdict.NOT_APPLICABLE),
}


def test_the_table_has_every_outcome() -> None:
    assert set(TABLE) == set(Outcome)


@pytest.mark.parametrize("outcome", Outcome)
def test_a_ticked_line_is_judged_by_the_table(outcome: Outcome) -> None:
    assert rule(Claim.DONE, outcome).verdict is TABLE[outcome][0]
    assert one(Claim.DONE, outcome).items[0].verdict is TABLE[outcome][0]


@pytest.mark.parametrize("claim", [Claim.TODO, Claim.PARTIAL, Claim.FAILED])
@pytest.mark.parametrize("outcome", Outcome)
def test_an_unticked_line_is_judged_by_the_table(claim: Claim, outcome: Outcome) -> None:
    assert rule(claim, outcome).verdict is TABLE[outcome][1]
    assert one(claim, outcome).items[0].claim is claim


@pytest.mark.parametrize("outcome", Outcome)
def test_a_line_said_not_to_apply_does_not_count(outcome: Outcome) -> None:
    row = one(Claim.NOT_APPLICABLE, outcome).items[0]
    assert row.verdict is Verdict.NOT_APPLICABLE
    assert not row.counted
    assert row.reason == "it cannot apply"


def test_a_persons_word_counts_only_where_only_a_person_can_say() -> None:
    for outcome in Outcome:
        attested = rule(Claim.DONE, outcome, Attested.YES).verdict is Verdict.ATTESTED
        assert attested == (outcome is Outcome.MANUAL)


def test_an_attestation_that_denies_the_line_contradicts_its_tick() -> None:
    assert rule(Claim.DONE, Outcome.MANUAL, Attested.DENIED).verdict is Verdict.CONTRADICTED
    assert rule(Claim.TODO, Outcome.MANUAL, Attested.DENIED).verdict is Verdict.OPEN


def test_an_attestation_that_has_ended_is_said_to_have_ended() -> None:
    assert rule(Claim.DONE, Outcome.MANUAL, Attested.EXPIRED).verdict is Verdict.ATTESTATION_EXPIRED


@pytest.mark.parametrize("worse", range(len(PRECEDENCE)))
@pytest.mark.parametrize("better", range(len(PRECEDENCE)))
def test_of_several_outcomes_the_worst_decides(worse: int, better: int) -> None:
    if worse > better:
        worse, better = better, worse
    checks = [told("a", PRECEDENCE[better]), told("b", PRECEDENCE[worse])]
    assert judged([(item("x"), checks)]).items[0].outcome is PRECEDENCE[worse]


def test_checks_that_do_not_apply_leave_the_others_to_decide() -> None:
    mixed = judged([(item("x"), [told("a", Outcome.NOT_APPLICABLE), told("b", Outcome.PASS)])])
    none = judged([(item("x"), [told("a", Outcome.NOT_APPLICABLE), told("b", Outcome.NOT_APPLICABLE)])])
    assert mixed.items[0].outcome is Outcome.PASS
    assert none.items[0].outcome is Outcome.NOT_APPLICABLE


def test_a_line_without_checks_is_a_persons_to_judge() -> None:
    assert one(Claim.DONE, None).items[0].outcome is Outcome.MANUAL


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("strength", Strength)
def test_weak_evidence_cannot_pass_a_high_or_critical_line(severity: Severity, strength: Strength) -> None:
    card = judged([(item("x", severity=severity), [told("a", Outcome.PASS, strength)])])
    weak = strength in (Strength.DECLARED, Strength.CONSTRUCTED)
    heavy = severity in (Severity.CRITICAL, Severity.HIGH)
    assert card.items[0].outcome is (Outcome.UNKNOWN if weak and heavy else Outcome.PASS)


@pytest.mark.parametrize(
    ("outcome", "expected"), [(Outcome.UNKNOWN, Outcome.MANUAL), (Outcome.NOT_CHECKED, Outcome.MANUAL)]
)
def test_an_attestable_line_that_nothing_decided_waits_for_a_person(outcome: Outcome, expected: Outcome) -> None:
    assert one(Claim.DONE, outcome, attest="Who says so?").items[0].outcome is expected


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.ERROR, Outcome.PASS])
def test_a_person_cannot_overrule_what_was_seen_or_could_not_be_finished(outcome: Outcome) -> None:
    assert one(Claim.DONE, outcome, attest="Who says so?").items[0].outcome is outcome


def test_two_targets_that_disagree_are_reported_as_drift() -> None:
    card = judged([(item("x"), [told("a", Outcome.PASS), told("b", Outcome.FAIL, database=True)])])
    assert card.items[0].drift == "the repository says yes, the database says no"


def test_a_scope_leaves_out_what_needs_other_targets() -> None:
    items = [
        (item("both"), [told("a", Outcome.PASS), told("b", Outcome.NOT_CHECKED, database=True)]),
        (item("other"), [told("c", Outcome.FAIL, database=True)]),
    ]
    both, other = judged(items, scope=(Target.REPOSITORY,)).items[0], judged(items, scope=(Target.REPOSITORY,)).items[1]
    assert both.verdict is Verdict.VERIFIED
    assert both.counted
    assert not other.counted
    assert other.outcome is Outcome.NOT_CHECKED


def test_what_a_scope_says_nothing_of_is_not_called_not_applicable() -> None:
    items = [(item("x"), [told("a", Outcome.NOT_APPLICABLE), told("b", Outcome.FAIL, database=True)])]
    (row,) = judged(items, scope=(Target.REPOSITORY,)).items
    assert (row.outcome, row.reason) == (Outcome.NOT_CHECKED, "it needs a target outside the scope")
    assert not row.counted
