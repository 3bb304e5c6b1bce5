"""SARIF 2.1.0 for code scanning: what is wrong as results, what could not be decided as notifications."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from gzip import compress
from typing import Any
from urllib.parse import quote

import msgspec

from readycheck.model import Outcome, Severity
from readycheck.report.filter import EVERYTHING, Filter
from readycheck.report.problems import LINE_RULE, Problem, problems
from readycheck.report.text import inline_markdown, markdown_block, shortened, visible
from readycheck.scorecard import CheckRow, Scorecard

SCHEMA = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/main/sarif-2.1/schema/sarif-schema-2.1.0.json"
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
#: The scale of code scanning: over 9.0 is critical, 7.0 high, 4.0 medium (docs.github.com, "SARIF support").
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.5",
}
#: Code scanning shows 5,000 results of a run and refuses more than 25,000; it refuses more than 20 tags on a rule, and
#: descriptions of more than 1,024 letters, names of more than 255 and files of more than 10 MB packed (the same page).
MOST_RESULTS, MOST_TAGS, LONGEST_TEXT, LONGEST_NAME, LARGEST = 5000, 20, 1000, 255, 10_000_000
#: How many lines of the checklist a result names; a check may serve a thousand.
_MOST_LINES, _LONGEST_LINE = 10, 200
#: The severities of alerts that are not of security.
_PROBLEMS = {severity: level.replace("note", "recommendation") for severity, level in LEVELS.items()}
#: Families whose alerts belong to the security tab.
_SECURITY = frozenset({"security", "secrets"})
#: Outcomes on which nothing was decided.
_UNDECIDED = frozenset({Outcome.ERROR, Outcome.UNKNOWN, Outcome.MANUAL, Outcome.NOT_CHECKED})


def render(card: Scorecard, show: Filter = EVERYTHING) -> str:
    """One run. Only failures are results: code scanning makes an alert of each result, whatever its `kind` says.

    Results are ordered by gravity; the last are left out, and that is said, where code scanning would refuse them all.
    """
    found = problems(card, show)
    most = min(len(found), MOST_RESULTS)
    text = _written(card, found, most)
    while most and _too_large(text):
        most //= 2
        text = _written(card, found, most)
    return text


def _too_large(text: str) -> bool:
    # What is small as it is, is small when packed; packing tells of the few others.
    size = len(text.encode())
    return size > LARGEST and len(compress(text.encode(), mtime=0)) > LARGEST


def _written(card: Scorecard, found: Sequence[Problem], most: int) -> str:
    rules = {rule["id"]: rule for rule in _rules(card)}
    order = {name: index for index, name in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "readycheck",
                "semanticVersion": card.readycheck,
                "rules": list(rules.values()),
            }
        },
        "automationDetails": {"id": f"readycheck/{quote(_text(card.service), safe='')}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the audited repository."}}},
        "invocations": [_invocation(card, len(found) - most)],
        "results": list(_results(found[:most], order)),
    }
    return (
        msgspec.json.format(
            msgspec.json.encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}), indent=2
        ).decode()
        + "\n"
    )


def _rules(card: Scorecard) -> Iterator[dict[str, Any]]:
    for check in {row.id: row for row in card.checks.values()}.values():
        yield _rule(check)
    yield {
        "id": LINE_RULE,
        "name": "ChecklistLine",
        "shortDescription": {"text": "Every line of the checklist holds"},
        "fullDescription": {"text": "A line is open, or a person attested that it does not hold."},
        "help": {"text": "Do what the line says and tick it, or waive it for a while in decisions.yaml."},
        "defaultConfiguration": {"level": "warning"},
    }


def _rule(check: CheckRow) -> dict[str, Any]:
    secure = check.family in _SECURITY
    tags = ("security",) * secure + tuple(dict.fromkeys((check.family, *check.references)))
    properties: dict[str, Any] = {
        "tags": list(dict.fromkeys(_text(tag) for tag in tags))[:MOST_TAGS],
        "problem.severity": _PROBLEMS[check.severity],
    }
    if secure:
        properties["security-severity"] = _SCORES[check.severity]
    return {
        "id": _text(check.id),
        "name": shortened("".join(part.capitalize() for part in _text(check.id).split("-")), LONGEST_NAME),
        "shortDescription": {"text": _text(check.title)},
        "fullDescription": {"text": _text(check.why or check.title)},
        "help": {"text": _text(f"{check.why}\n\nTo mend: {check.fix}"), "markdown": _markdown(check)},
        "defaultConfiguration": {"level": LEVELS[check.severity]},
        "properties": properties,
    }


def _markdown(check: CheckRow) -> str:
    text, _, advice = check.fix.partition("\n")
    block = f"\n\n{markdown_block(advice.strip())}" if advice.strip() else ""
    return f"{inline_markdown(check.why)}\n\n**To mend:** {inline_markdown(text)}{block}"


def _results(found: Sequence[Problem], order: dict[str, int]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for one in found:
        seen[one.fingerprint] += 1
        yield _result(one, order, seen[one.fingerprint])


def _result(one: Problem, order: dict[str, int], number: int) -> dict[str, Any]:
    rule = _text(one.rule)
    place = f" ({one.elsewhere})" if one.elsewhere and one.elsewhere not in one.message else ""
    result: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": order[rule],
        "kind": "fail",
        "level": LEVELS[one.severity],
        "message": {"text": _text(f"{one.message}{place}") or rule},
        "locations": [_location(one)],
        # Code scanning tells alerts apart by the first alone, whose form is `hash:count`.
        "partialFingerprints": {
            "primaryLocationLineHash": f"{_text(one.fingerprint)}:{number}",
            "readycheck/v1": _text(one.fingerprint),
        },
        "properties": {
            "blocks": one.blocks,
            "lines": [shortened(_text(line), _LONGEST_LINE) for line in one.lines[:_MOST_LINES]],
        },
    }
    if one.waived:
        suppression = {"kind": "external", "status": "accepted", "justification": _text(one.justification)}
        result["suppressions"] = [suppression]
    return result


def _location(one: Problem) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(one.path), "uriBaseId": "SRCROOT"}}
    if one.stands:
        physical["region"] = {"startLine": max(1, one.line)}
    location: dict[str, Any] = {"physicalLocation": physical}
    if one.elsewhere:
        location["logicalLocations"] = [{"fullyQualifiedName": _text(one.elsewhere)}]
    return location


def _uri(path: str) -> str:
    return quote(visible(path).replace("\n", " ").removeprefix("./"), safe="/")


def _invocation(card: Scorecard, left_out: int) -> dict[str, Any]:
    notes = [_note(f"{row.what} was not looked at: {row.reason}", "warning") for row in card.unseen]
    notes += [
        {**_note(f"{row.title}: {row.outcome.value}, {row.examined}", "note"), "associatedRule": {"id": _text(row.id)}}
        for row in card.checks.values()
        if row.outcome in _UNDECIDED
    ]
    if left_out > 0:
        notes.append(_note(f"{left_out} of the less grave results are left out; the JSON has them all", "warning"))
    return {
        "executionSuccessful": True,
        "exitCode": card.decision.exit_code,
        "exitCodeDescription": _text(f"{card.decision.readiness}: {card.decision.why}"),
        "toolExecutionNotifications": notes,
    }


def _note(text: str, level: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": _text(text)}}


def _text(text: str) -> str:
    return shortened(visible(text).strip(), LONGEST_TEXT)
