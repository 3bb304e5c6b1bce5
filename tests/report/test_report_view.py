from __future__ import annotations

from hashlib import sha256

import pytest
from support import cards

from readycheck.model import Outcome, Target
from readycheck.report.format import Format
from readycheck.report.references import known, occurring
from readycheck.report.render import render
from readycheck.report.rows import MOST_FINDINGS, ItemView, Run, check_view, runs
from readycheck.report.view import MANY, Page, page


@pytest.fixture(scope="module")
def loan() -> Page:
    return page(cards.loan())


def line(shown: Page, name: str) -> ItemView:
    return next(item for section in shown.sections for item in section.items if item.row.id == name)


def test_sections_and_lines_stay_in_the_order_of_the_document(loan: Page) -> None:
    assert [section.row.title for section in loan.sections][:3] == ["Security", "Performance", "Monitoring & Logging"]
    numbers = [item.row.document_line for section in loan.sections for item in section.items]
    assert len(numbers) == 78
    assert line(loan, "rate-limiting").line == "PRODUCTION_READINESS.md:4"


def test_contradictions_come_by_weight_then_by_document(loan: Page) -> None:
    weights = [item.row.weight for item in loan.contradictions.items]
    assert weights == sorted(weights, reverse=True)
    assert [item.row.id for item in loan.contradictions.items][:3] == ["sql-injection", "payments", "rate-limiting"]


def test_a_blocker_is_shown_once(loan: Page) -> None:
    contradicted = {item.row.id for item in loan.contradictions.items}
    assert not contradicted & {item.row.id for item in loan.blockers.items}
    blocking = [item for item in loan.contradictions.items if item.row.blocker]
    assert len(blocking) + len(loan.blockers.items) + len(loan.required) == len(loan.card.decision.blockers)


def test_a_failed_required_check_is_a_blocker(loan: Page) -> None:
    assert [check.key for check in loan.required] == ["secrets-in-history"]
    assert loan.numbers.blocking == "18 lines and 1 required check"


def test_the_first_unmet_rule_decides(loan: Page) -> None:
    decisive = [rule for rule in loan.rules if rule.decides]
    assert [rule.row.rule for rule in decisive] == ["No high or worse line is contradicted or open"]
    assert not any(rule.decides for rule in page(cards.ready()).rules)


def test_evidence_is_that_of_the_check_that_decided(loan: Page) -> None:
    failed = line(loan, "rate-limiting")
    assert failed.place == "https://staging.minibusinessloan.com/api/v1/ping"
    assert failed.place_short == "/api/v1/ping"
    assert failed.found == "12 of 12 quick requests were answered with 200, and no RateLimit header was sent"
    held = line(loan, "security-headers")
    assert (held.place_short, held.strength) == ("staging.minibusinessloan.com/", "observed")


def test_evidence_that_is_too_weak_is_shown_with_its_strength() -> None:
    told = {
        "id": "weak",
        "title": "It is named",
        "outcome": "pass",
        "strength": "declared",
        "findings": [{"message": "helmet", "at": "package.json:3"}],
    }
    shown = page(cards.card(cards.checklist(cards.simple("pass", say=[told]))))
    item = shown.sections[0].items[0]
    assert (item.badge.name, item.place, item.strength) == ("unverified", "package.json:3", "declared")


def test_a_reason_does_not_repeat_its_place(loan: Page) -> None:
    assert line(loan, "sql-injection").said == "a request's value is joined into a statement"


def test_a_persons_word_is_quoted_with_their_name(loan: Page) -> None:
    assert line(loan, "encryption-at-rest").said == (
        "Asha Rao: All volumes of the loans cluster use the customer-managed key. (132 days left)"
    )
    assert line(loan, "gdpr").said.endswith("(3 later commits touched src/privacy/**)")


def test_a_line_outside_the_scope_says_that_it_does_not_count() -> None:
    shown = page(cards.loan(scope=(Target.REPOSITORY,)))
    assert line(shown, "https-enforced").notes == ("outside the scope, not counted",)
    assert shown.scope == "repository"


def test_decisions_that_no_longer_count_come_first(loan: Page) -> None:
    assert [decision.badge.name for decision in loan.decisions] == [
        "expired",
        "expired",
        "void",
        "soon",
        "unused",
        "valid",
    ]


def test_anchors_are_unique_even_when_ids_look_alike() -> None:
    rows = [cards.simple("pass", id=name) for name in ("a b", "a-b", "a b-2", "")]
    for number, row in enumerate(rows):
        row["say"] = [{**row["say"][0], "id": f"check-{number}"}]
    shown = page(cards.card(cards.checklist(*rows)))
    anchors = [item.anchor for item in shown.sections[0].items]
    assert len(set(anchors)) == len(anchors)


def test_the_first_findings_are_shown_and_the_others_counted() -> None:
    found = [{"message": f"finding {number}"} for number in range(MOST_FINDINGS + 2)]
    told = {"id": "many", "title": "Many", "outcome": "fail", "findings": found}
    row = cards.card(cards.checklist(cards.simple("fail", say=[told]))).checks["many"]
    shown = check_view("many", row)
    assert len(shown.findings) == MOST_FINDINGS
    assert shown.more == "2 more findings in the JSON scorecard"


def test_the_fix_for_the_stack_stands_apart_from_the_fix_for_all(loan: Page) -> None:
    check = next(check for check in loan.checks if check.key == "cookie-flags")
    assert check.fix[0] == Run("Set ", code=False)
    assert check.advice.startswith("session({ cookie:")


@pytest.mark.parametrize(
    ("prose", "pieces"),
    [
        ("", []),
        ("plain", [Run("plain", code=False)]),
        ("a `b` c", [Run("a ", code=False), Run("b", code=True), Run(" c", code=False)]),
        ("a ` b", [Run("a ` b", code=False)]),
        ("`a` b `c", [Run("a", code=True), Run(" b `c", code=False)]),
    ],
)
def test_backticks_mark_code_when_they_come_in_pairs(prose: str, pieces: list[Run]) -> None:
    assert list(runs(prose)) == pieces


def test_the_digest_is_that_of_the_json_report() -> None:
    card = cards.loan()
    assert page(card).digest == sha256(render(card, Format.JSON).encode()).hexdigest()


def test_references_are_sorted_by_the_standards_that_people_know() -> None:
    given = [
        "ASVS 5.0 1.2.4",
        "CWE-89",
        "The C4 model",
        "SOC 2 CC6.1",
        "ISO 27001 A.8.28",
        "CIS Controls 4.4",
        "CWE-89",
    ]
    found = known(given)
    assert [reference.standard for reference in found] == ["OWASP ASVS", "CWE", "SOC 2", "ISO 27001", "CIS"]
    assert occurring(found) == ("OWASP ASVS", "CIS", "SOC 2", "ISO 27001", "CWE")


def test_only_a_long_checklist_is_laid_out_piece_by_piece(loan: Page) -> None:
    assert not loan.large
    assert page(cards.huge(MANY + 1)).large


def test_a_line_that_no_check_bears_on_has_no_checks_and_no_place(loan: Page) -> None:
    item = line(loan, "firewall")
    assert (item.checks, item.place, item.strength) == ((), "", "")
    assert item.row.outcome is Outcome.MANUAL
