from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.checklist import ContactEntry, DocumentEntry, MetricEntry
from readycheck.facts.measured import Measurement, Measurements
from readycheck.model import Outcome
from readycheck.scorecard import MetricRow, MetricState
from readycheck.statements import Bound, contact_rows, metric_rows, parse_bound, review_rows

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (">60%", Bound(">", 60, "%")),
        ("<200ms p95", Bound("<", 200, "ms")),
        ("99.9%", Bound("", 99.9, "%")),
        ("≤ 0.1 %", Bound("<=", 0.1, "%")),
        ("p95 < 500 ms", Bound("<", 500, "ms")),
        ("under 3 seconds", Bound("<", 3, "s")),
        ("at least 80 percent", Bound(">=", 80, "%")),
        ("Response time: max 12,5 s", Bound("<=", 12.5, "s")),
        ("as fast as possible", None),
        ("", None),
    ],
)
def test_a_target_is_read_as_a_bound(text: str, expected: Bound | None) -> None:
    assert parse_bound(text) == expected


@pytest.mark.parametrize(
    ("target", "value", "unit", "kept"),
    [
        ("<200ms", 0.199, "s", True),
        ("<0.2s", 200, "ms", False),
        ("<= 2 min", 119, "s", True),
        ("> 60 %", 60.1, "%", True),
    ],
)
def test_units_are_compared_as_what_they_measure(target: str, value: float, unit: str, kept: bool) -> None:
    bound = parse_bound(target)
    assert bound is not None
    assert bound.met_by(value, unit) is kept


def test_a_share_is_never_held_against_a_time() -> None:
    assert row(metric("", "coverage", "<200ms"), 80.0).state is MetricState.UNMEASURED
    assert row(metric("95%", "coverage", "<200ms"), 80.0).state is MetricState.UNSOURCED


@given(st.text(max_size=40))
def test_no_target_makes_parsing_fail(text: str) -> None:
    assert parse_bound(text) is None or parse_bound(text) is not None


def metric(current: str = "-", source: str = "", target: str = ">60%", name: str = "coverage-share") -> MetricEntry:
    return MetricEntry(id=name, name="Coverage", target=target, current=current, source=source)  # type: ignore[arg-type]


def row(entry: MetricEntry, value: float | None = None, score: float | None = None) -> MetricRow:
    found = None if value is None else Measurements((Measurement(value, "%", "lcov", "lcov.info"),))
    return metric_rows([entry], found, {"security": score})[0]


@pytest.mark.parametrize(("value", "state"), [(60.0, MetricState.MISSED), (60.1, MetricState.MET)])
def test_a_measured_metric_is_held_to_its_target(value: float, state: MetricState) -> None:
    assert row(metric("60%+", "coverage"), value).state is state
    assert row(metric("60%+", "coverage"), value).source == "lcov in lcov.info"


def test_a_typed_value_that_nothing_measured_is_unsourced() -> None:
    assert row(metric("60%+", "coverage")).state is MetricState.UNSOURCED
    assert row(metric("60%+")).state is MetricState.UNSOURCED


def test_a_metric_that_nobody_knows_is_unmeasured() -> None:
    assert row(metric("-", "uptime")).state is MetricState.UNMEASURED


def test_a_target_that_cannot_be_compared_is_never_met() -> None:
    assert row(metric("-", "coverage", "high"), 100.0).state is MetricState.UNMEASURED


def test_a_score_metric_reads_the_section_that_it_names() -> None:
    entry = metric("95%", "score", ">90%", "security-score")
    assert row(entry, score=95.0).state is MetricState.MET
    assert row(entry, score=41.2).state is MetricState.MISSED
    assert row(entry).state is MetricState.UNSOURCED


@pytest.mark.parametrize(
    ("address", "outcome"),
    [
        ("devops@minibusinessloan.com", Outcome.PASS),
        ("+49 30 1234567", Outcome.PASS),
        ("https://chat.minibusinessloan.com/on-call", Outcome.PASS),
        ("ops@example.com", Outcome.FAIL),
        ("ops@service.test", Outcome.FAIL),
        ("ask around", Outcome.FAIL),
        ("a@b@c.com", Outcome.FAIL),
        ("<script>@x.com", Outcome.FAIL),
        ("", Outcome.FAIL),
    ],
)
def test_a_contact_must_be_able_to_reach_somebody(address: str, outcome: Outcome) -> None:
    assert contact_rows([ContactEntry(role="On call", address=address)])[0].outcome is outcome


@pytest.mark.parametrize(
    ("updated", "outcome"),
    [
        ("2026-02-01", Outcome.PASS),
        ("2025-09-02", Outcome.PASS),
        ("2025-09-01", Outcome.FAIL),
        ("2026-03-02", Outcome.FAIL),
        ("last week", Outcome.FAIL),
        ("20260201", Outcome.FAIL),
    ],
)
def test_an_old_or_undated_document_is_stale(updated: str, outcome: Outcome) -> None:
    assert review_rows(DocumentEntry(last_updated=updated), TODAY)[0].outcome is outcome


def test_before_production_deployment_is_no_date() -> None:
    rows = review_rows(DocumentEntry(next_review="Before production deployment", reviewed_by="DevOps Team"), TODAY)
    assert {row.label: row.outcome for row in rows} == {"Next Review": Outcome.FAIL, "Reviewed By": Outcome.MANUAL}


def test_a_review_that_is_due_is_late_from_the_next_day() -> None:
    assert review_rows(DocumentEntry(next_review="2026-03-01"), TODAY)[0].outcome is Outcome.PASS
    assert review_rows(DocumentEntry(next_review="2026-02-28"), TODAY)[0].outcome is Outcome.FAIL
