"""GitLab's code quality report: the Code Climate issues that its merge requests show."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from readycheck.model import Severity
from readycheck.report.filter import EVERYTHING, Filter
from readycheck.report.problems import Problem, problems
from readycheck.report.text import shortened, visible
from readycheck.scorecard import Scorecard

SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


def render(card: Scorecard, show: Filter = EVERYTHING) -> str:
    """The issues that are not waived; GitLab takes a path without `./`, one line and a fingerprint of its own for each."""
    seen: Counter[str] = Counter()
    issues = []
    for one in problems(card, show):
        if not one.waived:
            seen[one.fingerprint] += 1
            issues.append(_issue(one, seen[one.fingerprint]))
    return msgspec.json.format(msgspec.json.encode(issues), indent=2).decode() + "\n"


def _issue(one: Problem, number: int) -> dict[str, Any]:
    place = f" ({one.elsewhere})" if one.elsewhere and one.elsewhere not in one.message else ""
    name = visible(one.fingerprint)
    return {
        "type": "issue",
        "categories": ["Bug Risk"],
        "check_name": visible(one.rule),
        "description": " ".join(shortened(visible(f"{one.message}{place}"), 500).split()) or visible(one.rule),
        "content": {"body": visible(one.fix)},
        "fingerprint": name if number == 1 else f"{name}-{number}",
        "severity": SEVERITIES[one.severity],
        "location": {"path": visible(one.path).removeprefix("./"), "lines": {"begin": max(1, one.line)}},
    }
