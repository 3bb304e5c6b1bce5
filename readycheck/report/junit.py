"""JUnit XML: a suite for the gate and one for every section, a test case for every rule and line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from readycheck.model import Outcome, Overlay, Verdict
from readycheck.report.filter import EVERYTHING, Filter
from readycheck.report.rows import Anchors, ItemView, item_views
from readycheck.report.text import visible
from readycheck.scorecard import RuleRow, Scorecard, SectionRow

#: What XML 1.0 §2.2 lets no document hold; `visible` has written most of it as code points already.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HOLDS = frozenset({Verdict.VERIFIED, Verdict.UNDERSTATED, Verdict.ATTESTED})
_FAILS = frozenset({Verdict.CONTRADICTED, Verdict.OPEN})


def render(card: Scorecard, show: Filter = EVERYTHING) -> str:
    """The suites as Ant's schema has them; a line on which nothing decided is skipped, and the gate says what follows."""
    root = ET.Element("testsuites")
    anchors = Anchors()
    _suite(root, card, "gate", "gate", [_rule(card, rule) for rule in card.decision.rules])
    for section in card.sections:
        shown = [view for view in item_views(card, section, anchors) if show.shows(section, view.row)]
        if shown:
            _suite(root, card, section.title, section.id, _lines(card, section, shown))
    ET.indent(root)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{ET.tostring(root, encoding='unicode')}\n"


def _suite(root: ET.Element, card: Scorecard, name: str, package: str, cases: Sequence[ET.Element]) -> None:
    count = {kind: sum(case.find(kind) is not None for case in cases) for kind in ("failure", "error", "skipped")}
    suite = ET.SubElement(
        root,
        "testsuite",
        name=_token(name),
        package=_token(f"{card.service}.{package}"),
        id=str(len(root)),
        timestamp=_moment(card.judged_at),
        hostname="localhost",
        tests=str(len(cases)),
        failures=str(count["failure"]),
        errors=str(count["error"]),
        skipped=str(count["skipped"]),
        time=f"{sum(float(case.get('time', '0')) for case in cases):.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    told = {"readycheck": card.readycheck, "verdict": card.decision.readiness.value, "checklist": card.checklist}
    for key, value in told.items():
        ET.SubElement(properties, "property", name=key, value=_legal(value))
    suite.extend(cases)
    ET.SubElement(suite, "system-out")
    ET.SubElement(suite, "system-err")


def _case(card: Scorecard, group: str, name: str, seconds: float = 0.0) -> ET.Element:
    return ET.Element("testcase", name=_token(name), classname=_token(f"{card.service}.{group}"), time=f"{seconds:.3f}")


def _rule(card: Scorecard, rule: RuleRow) -> ET.Element:
    case = _case(card, "gate", rule.rule)
    if not rule.met:
        _add(case, "failure", f"required {rule.required}, found {rule.actual}", "gate", card.decision.why)
    return case


def _lines(card: Scorecard, section: SectionRow, shown: Iterable[ItemView]) -> list[ET.Element]:
    cases = []
    for view in shown:
        case = _case(card, section.id, view.row.text, sum(check.row.seconds for check in view.checks))
        _judge(case, view)
        cases.append(case)
    return cases


def _judge(case: ET.Element, view: ItemView) -> None:
    row = view.row
    message = f"{view.badge.word}: {view.said}" if view.said else view.badge.word
    if row.overlay is Overlay.WAIVED or row.verdict is Verdict.NOT_APPLICABLE:
        _add(case, "skipped", message)
    elif row.verdict in _FAILS:
        _add(case, "failure", message, row.verdict.value, _told(view))
    elif row.outcome is Outcome.ERROR:
        _add(case, "error", message, row.outcome.value, _told(view))
    elif row.verdict not in _HOLDS:
        _add(case, "skipped", message)


def _told(view: ItemView) -> str:
    """What was claimed, what was found, and how to mend it."""
    lines = [f"{view.box} {view.row.text} ({view.row.severity}, {view.line or view.source})"]
    for check in view.checks:
        if check.row.outcome is Outcome.PASS:
            continue
        lines += ["", f"{check.row.title}: {check.badge.word} [{check.row.id}]"]
        lines += [f"  {found.row.message}{f' ({found.place})' if found.place else ''}" for found in check.findings]
        lines += [f"  {check.more}"] if check.more else []
        lines += [] if check.findings else [f"  {check.row.examined}"]
        lines += [f"To mend: {check.row.fix}"] if check.row.fix else []
    if view.row.owner:
        lines += ["", f"Owner: {view.row.owner}"]
    return "\n".join(lines)


def _add(case: ET.Element, kind: str, message: str, name: str = "", text: str = "") -> None:
    told = ET.SubElement(case, kind, message=_legal(" ".join(message.split())))
    if name:
        told.set("type", name)
    if text:
        told.text = _legal(text)


def _moment(stamp: str) -> str:
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return "1970-01-01T00:00:00"
    return f"{found.astimezone(UTC) if found.tzinfo else found:%Y-%m-%dT%H:%M:%S}"


def _token(text: str) -> str:
    return " ".join(_legal(text).split()) or "-"


def _legal(text: str) -> str:
    return _FORBIDDEN.sub("?", visible(text))
