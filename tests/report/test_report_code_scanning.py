"""SARIF held to what GitHub documents of code scanning: "SARIF support for code scanning", as read in November 2026."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter
from typing import Any

import msgspec
import pytest
from support import cards

from readycheck.model import Location, Outcome
from readycheck.report.format import Format
from readycheck.report.render import render
from readycheck.scorecard import FindingRow, Scorecard

#: The documented limits, each beyond which the whole file is refused.
MOST_RUNS, MOST_RESULTS, MOST_RULES, MOST_LOCATIONS, MOST_TAGS = 20, 25_000, 25_000, 1000, 20
#: Results, locations and tags beyond these are not shown.
SHOWN_RESULTS, SHOWN_LOCATIONS = 5000, 100
#: Bytes of the file packed by gzip; letters of a name and of a description.
LARGEST, LONGEST_NAME, LONGEST_DESCRIPTION = 10 * 1000 * 1000, 255, 1024

VARIETY = ["loan", "compared", "phase", "ready", "not_ready", "inconclusive", "empty", "hostile", "huge"]


def shown(card: Scorecard) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(render(card, Format.SARIF))
    return whole


@pytest.fixture(params=VARIETY)
def card(request: pytest.FixtureRequest) -> Scorecard:
    found: Scorecard = getattr(cards, request.param)()
    return found


def crowded(card: Scorecard, count: int, message: str = "wrong", path: str = "a.js") -> Scorecard:
    """The card with this many findings on its first failing check."""
    key, row = next((key, row) for key, row in card.checks.items() if row.outcome is Outcome.FAIL)
    rng = random.Random(7)
    letters = [chr(code) for code in range(0x4E00, 0x9000)]
    findings = tuple(
        FindingRow(
            message="".join(rng.choices(letters, k=1500)) if message == "noise" else f"{message} {number}",
            location=Location(f"{path}{number}", 3),
            excerpt="",
            fingerprint=f"{number:016x}",
        )
        for number in range(count)
    )
    return msgspec.structs.replace(card, checks={**card.checks, key: msgspec.structs.replace(row, findings=findings)})


def test_no_required_property_is_missing_or_empty(card: Scorecard) -> None:
    whole = shown(card)
    assert whole["$schema"]
    assert whole["version"] == "2.1.0"
    (run,) = whole["runs"]
    assert run["tool"]["driver"]["name"]
    for rule in run["tool"]["driver"]["rules"]:
        for text in (
            rule["id"],
            rule["shortDescription"]["text"],
            rule["fullDescription"]["text"],
            rule["help"]["text"],
        ):
            assert text.strip()
    for result in run["results"]:
        assert result["message"]["text"].strip()
        assert result["partialFingerprints"]["primaryLocationLineHash"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_every_number_of_entries_and_letters_is_within_its_limit(card: Scorecard) -> None:
    whole = shown(card)
    assert len(whole["runs"]) <= MOST_RUNS
    run = whole["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len(rules) <= MOST_RULES
    assert len(run["results"]) <= SHOWN_RESULTS <= MOST_RESULTS
    for rule in rules:
        assert len(rule.get("properties", {}).get("tags", ())) <= MOST_TAGS
        assert len(rule["name"]) <= LONGEST_NAME
        assert len(rule["shortDescription"]["text"]) <= LONGEST_DESCRIPTION
        assert len(rule["fullDescription"]["text"]) <= LONGEST_DESCRIPTION
        assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
    assert all(len(result["locations"]) == 1 <= SHOWN_LOCATIONS <= MOST_LOCATIONS for result in run["results"])


def test_a_security_severity_is_a_number_in_its_range_and_on_security_rules_alone(card: Scorecard) -> None:
    for rule in shown(card)["runs"][0]["tool"]["driver"]["rules"]:
        properties = rule.get("properties", {})
        severity = properties.get("security-severity")
        assert ("security" in properties.get("tags", ())) is (severity is not None)
        assert severity is None or (isinstance(severity, str) and 0 < float(severity) <= 10)
        assert properties.get("problem.severity", "error") in ("error", "warning", "recommendation")


def test_every_place_is_relative_to_the_root_and_has_a_line_where_there_is_a_file(card: Scorecard) -> None:
    run = shown(card)["runs"][0]
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
        uri = place["artifactLocation"]["uri"]
        assert not re.match(r"(?:[a-zA-Z][\w+.-]*:|/|\.\.?/)", uri), uri
        assert re.fullmatch(r"[\w.~!$&'()*+,;=:@%/-]+", uri), uri
        assert place.get("region", {"startLine": 1})["startLine"] >= 1


def test_no_region_is_given_where_there_is_no_file() -> None:
    lost = cards.card(cards.checklist(cards.simple("fail")))
    lost = msgspec.structs.replace(lost, checklist="the shipped readiness.yaml")
    (result,) = shown(lost)["runs"][0]["results"]
    assert "region" not in result["locations"][0]["physicalLocation"]
    (result,) = shown(cards.not_ready())["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1


def test_what_stood_in_an_old_commit_is_placed_on_the_line_that_denies_it() -> None:
    told = {
        "id": "history",
        "title": "Nothing leaked",
        "outcome": "fail",
        "findings": [{"message": "a key", "at": ".env:4", "commit": "c0ffee" * 6}],
    }
    leaked = cards.card(cards.checklist(cards.simple("fail", say=[told])))
    (result,) = shown(leaked)["runs"][0]["results"]
    place = result["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "readiness.yaml"
    assert place["physicalLocation"]["region"]["startLine"] > 1
    assert place["logicalLocations"][0]["fullyQualifiedName"] == ".env:4 @ c0ffeec0ff"
    assert ".env:4" in result["message"]["text"]


def test_no_two_alerts_have_the_fingerprint_that_code_scanning_tells_them_apart_by(card: Scorecard) -> None:
    prints = Counter(
        (result["ruleId"], result["partialFingerprints"]["primaryLocationLineHash"])
        for result in shown(card)["runs"][0]["results"]
    )
    assert [name for name, count in prints.items() if count > 1] == []


def test_the_fingerprint_survives_moved_lines() -> None:
    before = cards.loan()
    moved = {
        key: msgspec.structs.replace(
            row,
            findings=tuple(
                msgspec.structs.replace(
                    found, location=msgspec.structs.replace(found.location, line=found.location.line + 9)
                )
                for found in row.findings
            ),
        )
        for key, row in before.checks.items()
    }
    after = msgspec.structs.replace(before, checks=moved)
    first, second = (
        [result["partialFingerprints"] for result in shown(one)["runs"][0]["results"]] for one in (before, after)
    )
    assert first == second


def test_the_least_grave_results_are_left_out_before_all_are_refused() -> None:
    run = shown(crowded(cards.loan(), 6000))["runs"][0]
    assert len(run["results"]) == SHOWN_RESULTS
    notes = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert any("of the less grave results are left out" in note for note in notes)


def test_a_file_that_packs_badly_still_fits() -> None:
    text = render(crowded(cards.loan(), 5000, "noise"), Format.SARIF)
    assert len(gzip.compress(text.encode())) <= LARGEST
    results = json.loads(text)["runs"][0]["results"]
    assert 0 < len(results) < SHOWN_RESULTS


def test_a_check_that_serves_a_thousand_lines_does_not_repeat_them_in_every_result() -> None:
    crowd = cards.huge()
    key = next(key for key, row in crowd.checks.items() if row.outcome is Outcome.FAIL)
    sections = tuple(
        msgspec.structs.replace(
            section, items=tuple(msgspec.structs.replace(item, checks=(key,)) for item in section.items)
        )
        for section in crowd.sections
    )
    text = render(crowded(msgspec.structs.replace(crowd, sections=sections), 500), Format.SARIF)
    assert len(text) < LARGEST


def test_the_category_is_the_services_own_and_keeps_its_slash(card: Scorecard) -> None:
    name = shown(card)["runs"][0]["automationDetails"]["id"]
    assert re.fullmatch(r"readycheck/[^/]*/", name)
