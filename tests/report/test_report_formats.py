"""Formats for machines, each held against the schema of those who read it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from support import cards

from readycheck.model import Outcome, Overlay, Severity, Verdict
from readycheck.report.badge import COLORS
from readycheck.report.filter import Filter
from readycheck.report.format import Format
from readycheck.report.render import render
from readycheck.report.sarif import MOST_RESULTS
from readycheck.report.spreadsheet import COLUMNS
from readycheck.scorecard import Readiness, Scorecard

SCHEMAS = Path(__file__).parent.parent / "data" / "schemas"
VARIETY = ["loan", "phase", "ready", "not_ready", "inconclusive", "empty", "hostile", "huge"]
SARIF = jsonschema.Draft7Validator(json.loads((SCHEMAS / "sarif-2.1.0.json").read_text("utf-8")))
GITLAB = jsonschema.Draft202012Validator(json.loads((SCHEMAS / "gitlab-code-quality.schema.json").read_text("utf-8")))
JUNIT = etree.XMLSchema(etree.parse(SCHEMAS / "JUnit.xsd"))


def card(name: str) -> Scorecard:
    found: Scorecard = getattr(cards, name)()
    return found


def sarif(shown: Scorecard) -> dict[str, Any]:
    whole = json.loads(render(shown, Format.SARIF))
    SARIF.validate(whole)
    run: dict[str, Any] = whole["runs"][0]
    return run


def junit(shown: Scorecard) -> ET.Element:
    text = render(shown, Format.JUNIT)
    JUNIT.assertValid(etree.fromstring(text.encode()))
    return ET.fromstring(text)


@pytest.fixture(params=VARIETY)
def any_card(request: pytest.FixtureRequest) -> Scorecard:
    return card(request.param)


def test_sarif_fits_its_schema_and_what_code_scanning_asks_beyond_it(any_card: Scorecard) -> None:
    run = sarif(any_card)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert len(run["results"]) <= MOST_RESULTS
    for result in run["results"]:
        # Each of these makes code scanning refuse the whole file, or show an alert where nothing is wrong.
        assert result["kind"] == "fail"
        assert rules[result["ruleIndex"]] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert re.fullmatch(r"[\w./~%-]+", place["artifactLocation"]["uri"], re.ASCII)
        assert place.get("region", {"startLine": 1})["startLine"] >= 1
        assert result["partialFingerprints"]["readycheck/v1"]
        assert 0 < len(result["message"]["text"]) <= 1000
    assert all(len(rule.get("properties", {}).get("tags", ())) <= 20 for rule in run["tool"]["driver"]["rules"])


def test_sarif_lists_every_rule_and_reports_each_failing_finding_once() -> None:
    loan = card("loan")
    run = sarif(loan)
    assert {check.id for check in loan.checks.values()} <= {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    expected = [
        found.fingerprint for row in loan.checks.values() if row.outcome is Outcome.FAIL for found in row.findings
    ]
    shown = [one["partialFingerprints"]["readycheck/v1"] for one in run["results"]]
    assert not Counter(expected) - Counter(shown)
    blocking = {line for one in run["results"] if one["properties"]["blocks"] for line in one["properties"]["lines"]}
    assert {item.text for item in loan.items if item.blocker} <= blocking


def test_sarif_places_what_is_in_no_file_as_it_stands_on_the_document() -> None:
    elsewhere = [
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in sarif(card("loan"))["results"]
        for place in result["locations"]
        if re.search("@|://", place.get("logicalLocations", [{}])[0].get("fullyQualifiedName", ""))
    ]
    assert set(elsewhere) == {"PRODUCTION_READINESS.md"}


def test_sarif_marks_what_is_waived_and_says_why() -> None:
    suppressed = [one for one in sarif(card("loan"))["results"] if "suppressions" in one]
    assert suppressed
    for one in suppressed:
        assert one["suppressions"][0]["kind"] == "external"
        assert one["suppressions"][0]["status"] == "accepted"
        assert "The proxy upgrade that compresses is planned for February." in one["suppressions"][0]["justification"]


def test_sarif_tells_what_was_not_decided_as_a_notification_and_makes_no_alert_of_it() -> None:
    run = sarif(card("inconclusive"))
    assert run["results"] == []
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert any(note.get("associatedRule") == {"id": "readable"} for note in notes)


def test_junit_fits_its_schema(any_card: Scorecard) -> None:
    root = junit(any_card)
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests", "-1")) == len(cases)
        for kind, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.get(count, "-1")) == sum(case.find(kind) is not None for case in cases)


def test_junit_has_a_case_for_every_line_and_the_remediation_in_its_failure() -> None:
    loan = card("loan")
    cases = [case for suite in list(junit(loan))[1:] for case in suite.findall("testcase")]
    for case, item in zip(cases, loan.items, strict=True):
        failure, skipped = case.find("failure"), case.find("skipped")
        if item.overlay is Overlay.WAIVED or item.verdict is Verdict.NOT_APPLICABLE:
            assert skipped is not None
        elif item.verdict in (Verdict.CONTRADICTED, Verdict.OPEN):
            assert failure is not None
            for check in loan.of(item):
                assert check.outcome is not Outcome.FAIL or check.fix in (failure.text or "")
        elif item.verdict in (Verdict.VERIFIED, Verdict.UNDERSTATED, Verdict.ATTESTED):
            assert failure is None
            assert skipped is None
        else:
            assert skipped is not None or case.find("error") is not None


@pytest.mark.parametrize("name", ["inconclusive", "empty", "not_ready"])
def test_junit_never_looks_green_when_the_gate_is_not(name: str) -> None:
    assert junit(card(name))[0].findall("testcase/failure")


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """What GitHub's runner reads: a name, its properties and its message."""
    found = []
    for line in text.splitlines():
        match = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
        assert match, line
        pairs = dict(part.split("=", 1) for part in match[2].split(","))
        found.append((match[1], {key: unescaped(value) for key, value in pairs.items()}, unescaped(match[3])))
    return found


def unescaped(text: str) -> str:
    for code, letter in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, letter)
    return text


def test_github_annotations_are_commands_and_nothing_else(any_card: Scorecard) -> None:
    kinds = Counter(kind for kind, _, _ in commands(render(any_card, Format.GITHUB)))
    assert set(kinds) <= {"error", "warning", "notice"}
    assert max(kinds.values()) <= 10


def test_github_annotations_name_the_file_and_the_line() -> None:
    shown = commands(render(card("loan"), Format.GITHUB))
    assert shown[0][0] == "error"
    assert shown[0][1]["title"] == "readycheck: NOT READY"
    assert any(place.get("file") == "src/payments/webhook.js" and place.get("line") == "23" for _, place, _ in shown)


def test_a_ready_audit_with_faults_is_a_warning_and_a_clean_one_is_not() -> None:
    told = {"id": "other", "title": "Other", "outcome": "fail", "findings": [{"message": "wrong", "at": "a.js:1"}]}
    low = {"id": "low", "text": "Low", "claim": "done", "severity": "low", "say": [told]}
    shown = commands(render(cards.card(cards.checklist(cards.simple("pass"), low)), Format.GITHUB))
    assert shown[0][0] == "warning"
    assert shown[0][1]["title"] == "readycheck: READY"
    assert "1 fault does not block" in shown[0][2]
    assert [kind for kind, _, _ in commands(render(card("ready"), Format.GITHUB))] == ["notice"]


def test_gitlab_issues_fit_and_have_fingerprints_of_their_own(any_card: Scorecard) -> None:
    issues = json.loads(render(any_card, Format.GITLAB))
    GITLAB.validate(issues)
    prints = [issue["fingerprint"] for issue in issues]
    assert len(prints) == len(set(prints))


def test_a_filter_leaves_the_problems_of_the_lines_that_it_shows() -> None:
    loan = card("loan")
    section = loan.sections[0]
    whole, part = (
        json.loads(render(loan, Format.GITLAB, show=show)) for show in (Filter(), Filter(sections=(section.id,)))
    )
    assert 0 < len(part) < len(whole)
    checks = {check.id for item in section.items for check in loan.of(item)} | {"checklist-line"}
    assert {issue["check_name"] for issue in part} <= checks


def test_csv_has_a_row_for_every_line_and_no_formula(any_card: Scorecard) -> None:
    text = render(any_card, Format.CSV)
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(any_card.items) + 1
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert text.count("\r\n") == text.count("\n")


def test_the_badge_is_svg_and_says_in_words_what_it_says_in_colour(any_card: Scorecard) -> None:
    root = ET.fromstring(render(any_card, Format.BADGE))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    said = "".join(root.itertext())
    assert any_card.decision.readiness.replace("_", " ") in said
    assert root.get("role") == "img"
    assert COLORS[any_card.decision.readiness] in render(any_card, Format.BADGE)


@pytest.mark.parametrize("readiness", list(Readiness))
def test_white_text_on_the_badge_can_be_read(readiness: Readiness) -> None:
    channels = [int(COLORS[readiness][at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 4.5


def test_every_severity_has_a_level_in_every_format() -> None:
    from readycheck.report import gitlab, sarif

    assert set(sarif.LEVELS) == set(gitlab.SEVERITIES) == set(Severity)


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=80))
def test_no_text_breaks_a_format(text: str) -> None:
    loan = cards.hostile(text)
    sarif(loan)
    junit(loan)
    GITLAB.validate(json.loads(render(loan, Format.GITLAB)))
    commands(render(loan, Format.GITHUB))
    list(csv.reader(io.StringIO(render(loan, Format.CSV), newline=""), strict=True))
    ET.fromstring(render(loan, Format.BADGE))


def test_the_same_scorecard_gives_the_same_bytes(any_card: Scorecard) -> None:
    again = msgspec.convert(msgspec.to_builtins(any_card), type=Scorecard)
    for kind in Format:
        assert render(any_card, kind) == render(again, kind)
