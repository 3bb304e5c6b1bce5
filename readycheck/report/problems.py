"""Everything wrong in a scorecard as one flat list, for formats that know results and no lines of a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct

from readycheck.model import Location, Outcome, Overlay, Severity, Verdict
from readycheck.report.filter import EVERYTHING, Filter
from readycheck.scorecard import CheckRow, FindingRow, ItemRow, Scorecard

#: The rule of a line that does not hold although no check of its own fails.
LINE_RULE = "checklist-line"


class Problem(Struct, frozen=True, kw_only=True):
    """One thing wrong: by which rule, how grave, and where.

    `path` is that of a file of the repository; where the finding is none of it as it stands (a URL, a table, an old
    commit), it is that of the line which claims the opposite. `stands` says that there is such a file, `line` is 0 where
    no line of it can be named. `elsewhere` is the place in words when it is not a file as it stands. `severity` is that
    of the gravest line it bears on; `justification` is a waiver's own.
    """

    rule: str
    title: str
    message: str
    severity: Severity
    path: str
    line: int
    stands: bool
    elsewhere: str
    fingerprint: str
    blocks: bool
    waived: bool
    justification: str
    lines: tuple[str, ...]
    fix: str


def problems(card: Scorecard, show: Filter = EVERYTHING) -> tuple[Problem, ...]:
    """Every finding of a failing check and every contradicted or open line without one; the gravest first.

    A filter leaves those that bear on a line that it shows.
    """
    shown = [item for section in card.sections for item in section.items if show.shows(section, item)]
    found = [*_of_checks(card, shown, narrowed=show.narrows), *_of_lines(card, shown)]
    return tuple(sorted(found, key=lambda one: (one.waived, not one.blocks, -one.severity.weight)))


class _Place(NamedTuple):
    path: str
    line: int = 0
    stands: bool = True


def _claim(card: Scorecard, item: ItemRow | None) -> _Place:
    """The file and line that make a claim: of the document where it was found, else of the checklist."""
    if card.document.found and (item is None or item.document_line):
        return _Place(card.document.path, item.document_line if item else 0)
    if card.checklist.endswith((".yaml", ".yml")) and not card.checklist.startswith(("/", "..", "the shipped ")):
        return _Place(card.checklist, item.checklist_line if item else 0)
    return _Place(card.document.path or "readiness.yaml", stands=card.document.found)


def _of_checks(card: Scorecard, shown: Sequence[ItemRow], *, narrowed: bool) -> Iterator[Problem]:
    users: dict[str, list[ItemRow]] = {}
    for item in shown:
        for key in item.checks:
            users.setdefault(key, []).append(item)
    for key, check in card.checks.items():
        if check.outcome is Outcome.FAIL and (key in users or not narrowed):
            items = users.get(key, [])
            for finding in check.findings or (_whole(check),):
                yield _of_finding(card, check, finding, items)


def _of_finding(card: Scorecard, check: CheckRow, finding: FindingRow, items: list[ItemRow]) -> Problem:
    gravest = max(items, key=lambda item: item.weight, default=None)
    place = finding.location
    in_file = bool(place.path) and not place.url and not place.object and not place.commit
    at = _Place(place.path, place.line) if in_file else _claim(card, gravest)
    waived = finding.waived or (bool(items) and all(item.overlay is Overlay.WAIVED for item in items))
    return Problem(
        rule=check.id,
        title=check.title,
        message=finding.message if in_file or not items else f"{items[0].text}: {finding.message}",
        severity=gravest.severity if gravest else check.severity,
        path=at.path,
        line=at.line,
        stands=at.stands,
        elsewhere="" if in_file else str(place),
        fingerprint=finding.fingerprint,
        blocks=not waived and (any(item.blocker for item in items) or check.id in card.decision.blockers),
        waived=waived,
        justification=_justification(card, {finding.fingerprint, *(item.id for item in items)}) if waived else "",
        lines=tuple(item.text for item in items),
        fix=check.fix,
    )


def _whole(check: CheckRow) -> FindingRow:
    name = blake2b(f"{check.id}\x00\x00{check.title}".encode(), digest_size=8).hexdigest()
    return FindingRow(message=check.examined or check.title, location=Location(), excerpt="", fingerprint=name)


def _of_lines(card: Scorecard, shown: Sequence[ItemRow]) -> Iterable[Problem]:
    for item in shown:
        wrong = item.verdict in (Verdict.CONTRADICTED, Verdict.OPEN)
        if not wrong or any(row.outcome is Outcome.FAIL for row in card.of(item)):
            continue
        at = _claim(card, item)
        waived = item.overlay is Overlay.WAIVED
        yield Problem(
            rule=LINE_RULE,
            title="Every line of the checklist holds",
            message=f"{item.text}: {item.verdict.value}, {item.reason}" if item.reason else f"{item.text}: open",
            severity=item.severity,
            path=at.path,
            line=at.line,
            stands=at.stands,
            elsewhere="",
            fingerprint=blake2b(f"{LINE_RULE}\x00{item.id}".encode(), digest_size=8).hexdigest(),
            blocks=item.blocker,
            waived=waived,
            justification=_justification(card, {item.id}) if waived else "",
            lines=(item.text,),
            fix="",
        )


def _justification(card: Scorecard, subjects: set[str]) -> str:
    return next(
        (
            f"{row.text} ({row.by}, until {row.last_day})"
            for row in card.decisions
            if row.kind == "waiver" and row.subject in subjects
        ),
        "waived",
    )
