"""The shipped checklist mirrors the document: nothing dropped, nothing added, nothing changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.document import Parsed, mended, parse

from readycheck.catalogue import Catalogue, load_catalogue
from readycheck.checklist import Checklist, load_checklist
from readycheck.content import content
from readycheck.model import Claim, Outcome
from readycheck.probes.registry import PROBES

DOCUMENT = Path(__file__).parent / "data" / "PRODUCTION_READINESS.md"


@pytest.fixture(scope="module")
def document() -> Parsed:
    return parse(mended(DOCUMENT.read_bytes()))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def checklist(catalogue: Catalogue) -> Checklist:
    return load_checklist(content("readiness.yaml").read_text("utf-8"), "readiness.yaml", catalogue)


def test_the_parse_of_the_document_leaves_no_line_over(document: Parsed) -> None:
    assert document.rest == []
    assert sum(len(items) for _, items in document.sections) == 78
    assert [len(document.sections), len(document.actions), len(document.metrics)] == [9, 5, 6]
    assert [len(document.phases), len(document.contacts), len(document.rollback), len(document.footer)] == [3, 3, 5, 3]


def test_every_item_and_claim_is_mirrored(document: Parsed, checklist: Checklist) -> None:
    mirrored = [
        (section.title, [(item.claim is Claim.DONE, item.text) for item in section.items])
        for section in checklist.file.sections
    ]
    assert mirrored == document.sections
    assert {item.claim for item in checklist.items} == {Claim.DONE, Claim.TODO}


def test_every_critical_action_is_mirrored(document: Parsed, checklist: Checklist) -> None:
    mirrored = [(action.title, action.code[0].language, action.code[0].text) for action in checklist.file.actions]
    assert mirrored == document.actions
    assert all(len(action.code) == 1 for action in checklist.file.actions)


def test_every_metric_is_mirrored(document: Parsed, checklist: Checklist) -> None:
    assert [(metric.name, metric.target, metric.current) for metric in checklist.file.metrics] == document.metrics


def test_every_deployment_step_is_mirrored(document: Parsed, checklist: Checklist) -> None:
    mirrored = [(phase.title, [step.text for step in phase.steps]) for phase in checklist.file.deployment_steps]
    assert mirrored == document.phases


def test_every_contact_rollback_step_and_footer_line_is_mirrored(document: Parsed, checklist: Checklist) -> None:
    file = checklist.file
    assert [(contact.role, contact.address) for contact in file.contacts] == document.contacts
    assert [step.text for step in file.rollback] == document.rollback
    assert document.footer == {
        "Last Updated": file.document.last_updated,
        "Reviewed By": file.document.reviewed_by,
        "Next Review": file.document.next_review,
    }
    assert file.document.title == document.title


def test_a_changed_document_is_noticed(document: Parsed) -> None:
    text = mended(DOCUMENT.read_bytes())
    assert parse(text.replace("- [ ] Firewall", "- [x] Firewall")).sections != document.sections
    assert parse(text.replace("- [x] XSS protection\n", "")).sections != document.sections


def test_there_are_at_least_45_checks_and_every_section_has_evidence(
    catalogue: Catalogue, checklist: Checklist
) -> None:
    assert len(catalogue.checks) >= 45
    for section in checklist.file.sections:
        assert any(checklist.checks(item) for item in section.items), section.title


def test_every_kind_of_target_can_prove_something(checklist: Checklist) -> None:
    assert {check.target.value for check in checklist.all_checks()} == {
        "repository",
        "database",
        "deployment",
        "environment",
    }


def test_every_check_has_a_passing_and_a_failing_example(catalogue: Catalogue) -> None:
    for check in catalogue.checks.values():
        outcomes = {example.outcome for example in check.examples}
        assert {Outcome.PASS, Outcome.FAIL} <= outcomes, check.id


def test_every_probe_is_used_and_has_a_name_of_its_own(catalogue: Catalogue) -> None:
    used = {type(check.probe) for check in catalogue.checks.values()}
    assert {probe.name for probe in PROBES} - {probe.name for probe in used} == set()
    assert len({probe.name for probe in PROBES}) == len(PROBES)


def test_every_fix_and_reason_is_a_sentence(catalogue: Catalogue) -> None:
    for check in catalogue.checks.values():
        assert check.why.strip().endswith((".", "?", "!")), check.id
        assert len(check.fix.text) > 15, check.id
        assert not check.title.endswith("."), check.id
