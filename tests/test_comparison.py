from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import cards
from support.judging import NOW, item, judged, told

from readycheck.changes import Change, Comparison
from readycheck.checklist import GateEntry
from readycheck.comparison import compare, regressed
from readycheck.decisions import DecisionsFile, Waiver
from readycheck.gate import against
from readycheck.model import Claim, Exit, Outcome, Severity, Target
from readycheck.scorecard import Scorecard


def one(claim: Claim, outcome: Outcome, severity: Severity = Severity.HIGH, **others: Any) -> Scorecard:
    return judged([(item("line", claim, severity), [told("check", outcome)])], **others)


def waived() -> Scorecard:
    waiver = Waiver(item="line", reason="accepted for now", owner="us", expires=NOW.date())
    return one(Claim.DONE, Outcome.FAIL, decisions=DecisionsFile(version=1, waivers=(waiver,)))


VERIFIED = one(Claim.DONE, Outcome.PASS)
CONTRADICTED = one(Claim.DONE, Outcome.FAIL)
UNVERIFIED = one(Claim.DONE, Outcome.UNKNOWN)
OPEN = one(Claim.TODO, Outcome.FAIL)
UNDERSTATED = one(Claim.TODO, Outcome.PASS)
NOTHING = judged([])


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (VERIFIED, VERIFIED, None),
        (CONTRADICTED, CONTRADICTED, None),
        (VERIFIED, CONTRADICTED, Change.WORSE),
        (VERIFIED, OPEN, Change.WORSE),
        (OPEN, CONTRADICTED, Change.WORSE),
        (UNVERIFIED, CONTRADICTED, Change.WORSE),
        (waived(), CONTRADICTED, Change.WORSE),
        (VERIFIED, UNVERIFIED, Change.UNDECIDED),
        # Evidence of a fault that is gone is no evidence that the fault is gone.
        (CONTRADICTED, UNVERIFIED, Change.UNDECIDED),
        (CONTRADICTED, VERIFIED, Change.FIXED),
        (OPEN, VERIFIED, Change.FIXED),
        (UNVERIFIED, VERIFIED, Change.FIXED),
        (CONTRADICTED, OPEN, Change.BETTER),
        (VERIFIED, UNDERSTATED, Change.RESTATED),
        (CONTRADICTED, waived(), Change.WAIVED),
        (NOTHING, CONTRADICTED, Change.NEW),
        (VERIFIED, NOTHING, Change.GONE),
        (VERIFIED, one(Claim.NOT_APPLICABLE, Outcome.PASS), Change.GONE),
        (one(Claim.NOT_APPLICABLE, Outcome.PASS), CONTRADICTED, Change.NEW),
        (CONTRADICTED, one(Claim.DONE, Outcome.FAIL, scope=(Target.DATABASE,)), Change.GONE),
    ],
)
def test_a_line_stands_beside_what_it_was(before: Scorecard, after: Scorecard, change: Change | None) -> None:
    found = compare(before, after)
    assert [line.change for line in found.lines] == ([change] if change else [])
    assert found.unchanged_lines == (0 if change else 1)


def finding(message: str = "wrong", at: str = "", excerpt: str = "", url: str = "") -> dict[str, str]:
    return {"message": message, "at": at, "excerpt": excerpt, "url": url}


def with_findings(*found: dict[str, str]) -> Scorecard:
    outcome = "fail" if found else "pass"
    told_of = {"id": "check", "title": "Check", "outcome": outcome, "strength": "wired", "findings": list(found)}
    line = {"id": "line", "text": "Line", "claim": "done", "severity": "high", "say": [told_of]}
    return cards.card(cards.checklist(line))


def findings(before: Scorecard, after: Scorecard) -> tuple[list[tuple[Change, str]], int]:
    found = compare(before, after)
    return [(row.change, str(row.location)) for row in found.findings], found.unchanged_findings


def test_a_finding_is_the_same_on_another_line() -> None:
    old = with_findings(finding(at="a.js:3", excerpt="eval(x)"), finding(at="a.js:9", excerpt="eval(y)"))
    new = with_findings(finding(at="a.js:30", excerpt="eval(x)"), finding(at="a.js:1", excerpt="  eval(y) "))
    assert findings(old, new) == ([], 2)


def test_a_finding_is_the_same_in_a_file_that_was_renamed() -> None:
    old = with_findings(finding(at="a.js:3", excerpt="eval(x)"))
    new = with_findings(finding(at="lib/b.js:3", excerpt="eval(x)"))
    assert findings(old, new) == ([], 1)


def test_a_copy_of_a_finding_is_new() -> None:
    old = with_findings(finding(at="a.js:3", excerpt="eval(x)"))
    new = with_findings(finding(at="a.js:3", excerpt="eval(x)"), finding(at="a.js:7", excerpt="eval(x)"))
    assert findings(old, new) == ([(Change.NEW, "a.js:7")], 1)


def test_other_text_in_the_same_place_is_another_finding() -> None:
    old = with_findings(finding(at=".env:1", excerpt="KEY=aaaa"))
    new = with_findings(finding(at=".env:1", excerpt="KEY=bbbb"))
    assert findings(old, new) == ([(Change.NEW, ".env:1"), (Change.FIXED, ".env:1")], 0)


def test_another_number_about_the_same_place_is_the_same_finding() -> None:
    old = with_findings(finding("max-age is 100", url="https://a.example/"))
    new = with_findings(finding("max-age is 300", url="https://a.example/"))
    assert findings(old, new) == ([], 1)
    other = with_findings(finding("max-age is 300", url="https://b.example/"))
    assert findings(old, other)[1] == 0


PLACES = st.sampled_from(["a.js:1", "a.js:2", "b.js:1"])
FOUND = st.lists(st.builds(finding, at=PLACES, excerpt=st.sampled_from(["x", "y", "z"])), max_size=6)


@given(FOUND, FOUND)
def test_every_finding_is_counted_once(old: list[dict[str, str]], new: list[dict[str, str]]) -> None:
    found = compare(with_findings(*old), with_findings(*new))
    changes = [row.change for row in found.findings]
    assert changes.count(Change.NEW) + found.unchanged_findings == len(new)
    assert changes.count(Change.FIXED) + found.unchanged_findings == len(old)


@given(FOUND)
def test_nothing_differs_from_itself(rows: list[dict[str, str]]) -> None:
    found = compare(with_findings(*rows), with_findings(*rows))
    assert (found.lines, found.findings, found.worse) == ((), (), False)


def test_what_is_worse_comes_first_and_the_gravest_before_others() -> None:
    names = [("a", Severity.LOW), ("b", Severity.CRITICAL), ("c", Severity.HIGH)]
    was = [(item(name, severity=severity), [told(name, Outcome.PASS)]) for name, severity in names]
    now = [
        (item(name, severity=severity), [told(name, Outcome.UNKNOWN if name == "c" else Outcome.FAIL)])
        for name, severity in names
    ]
    assert [line.id for line in compare(judged(was), judged(now)).lines] == ["b", "a", "c"]


def gated(before: Scorecard, after: Scorecard, **gate: Any) -> Scorecard:
    return against(after, before, "main", GateEntry(**gate))


def test_an_old_fault_does_not_hold_a_release_back_and_a_new_one_does() -> None:
    assert CONTRADICTED.decision.exit_code == Exit.NOT_READY
    assert gated(CONTRADICTED, CONTRADICTED).decision.exit_code == Exit.READY
    worse = gated(VERIFIED, CONTRADICTED)
    assert worse.decision.exit_code == Exit.NOT_READY
    assert worse.decision.blockers == ("line",)
    assert worse.decision.why == "1 line is worse than in main: The line line."


def test_only_what_is_worse_is_marked_as_blocking() -> None:
    lines = [(item(name, severity=Severity.HIGH), [told(name, Outcome.FAIL)]) for name in ("old", "fresh")]
    was = [(lines[0][0], lines[0][1]), (lines[1][0], [told("fresh", Outcome.PASS)])]
    card = gated(judged(was), judged(lines))
    assert {row.id for row in card.items if row.blocker} == {"fresh"}


def test_a_new_finding_on_a_line_that_failed_before_is_a_regression() -> None:
    old = with_findings(finding(at="a.js:3", excerpt="eval(x)"))
    new = with_findings(finding(at="a.js:3", excerpt="eval(x)"), finding(at="b.js:1", excerpt="eval(z)"))
    card = gated(old, new)
    assert card.decision.exit_code == Exit.NOT_READY
    assert card.decision.blockers == ("line",)


def test_what_is_below_fail_on_is_no_regression() -> None:
    was, now = (one(Claim.DONE, outcome, Severity.LOW) for outcome in (Outcome.PASS, Outcome.FAIL))
    assert gated(was, now).decision.exit_code == Exit.READY
    assert gated(was, now, fail_on=Severity.LOW).decision.exit_code == Exit.NOT_READY


def test_evidence_that_was_lost_is_inconclusive() -> None:
    lines = [(item("other"), [told("other", Outcome.PASS)]), (item("line", severity=Severity.HIGH), [])]
    was = judged([lines[0], (lines[1][0], [told("check", Outcome.PASS)])])
    now = judged([lines[0], (lines[1][0], [told("check", Outcome.ERROR)])])
    assert gated(was, now).decision.exit_code == Exit.INCONCLUSIVE


def test_an_audit_that_decided_nothing_is_never_ready() -> None:
    assert gated(UNVERIFIED, UNVERIFIED).decision.exit_code == Exit.INCONCLUSIVE
    assert gated(NOTHING, NOTHING).decision.exit_code == Exit.INCONCLUSIVE


def test_waiving_a_regression_counts_against_the_budget_for_waivers() -> None:
    assert gated(VERIFIED, waived(), max_waived_weight=0.0).decision.exit_code != Exit.READY


def test_a_required_check_that_failed_before_is_no_regression() -> None:
    gate = {"required": ("check",), "fail_on": Severity.CRITICAL}
    assert gated(CONTRADICTED, CONTRADICTED, **gate).decision.exit_code == Exit.READY
    assert gated(VERIFIED, CONTRADICTED, **gate).decision.exit_code == Exit.NOT_READY
    lost = [(item("line", severity=Severity.LOW), [told("check", Outcome.UNKNOWN)])]
    other = (item("other"), [told("other", Outcome.PASS)])
    assert gated(VERIFIED, judged([*lost, other]), **gate).decision.exit_code == Exit.INCONCLUSIVE


@pytest.mark.parametrize("name", ["loan", "huge", "empty", "hostile"])
def test_a_scorecard_beside_itself_has_no_regression(name: str) -> None:
    card = getattr(cards, name)()
    found: Comparison = compare(card, card)
    assert regressed(found, Severity.INFO) == ((), ())
    assert found.unchanged_lines == len(card.items)
