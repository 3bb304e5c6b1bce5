"""CSV for spreadsheets: a row for every line of the checklist (RFC 4180), with no cell that a program would compute."""

from __future__ import annotations

import csv
import io

from readycheck.report.filter import EVERYTHING, Filter
from readycheck.report.rows import Anchors, ItemView, item_views
from readycheck.report.text import visible
from readycheck.scorecard import Scorecard, SectionRow

#: What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")
COLUMNS = (
    *("section", "id", "line", "claim", "severity", "weight", "owner", "outcome", "verdict", "overlay", "counted"),
    *("decided", "blocks", "strength", "reason", "drift", "place", "document", "checks", "to_mend"),
)


def render(card: Scorecard, show: Filter = EVERYTHING) -> str:
    """The rows under their heads, each ended by CR LF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    anchors = Anchors()
    for section in card.sections:
        for view in item_views(card, section, anchors):
            if show.shows(section, view.row):
                writer.writerow(_cells(section, view))
    return text.getvalue()


def _cells(section: SectionRow, view: ItemView) -> list[str]:
    row = view.row
    cells = (
        *(section.title, row.id, row.text, row.claim.value, row.severity.value, f"{row.weight:g}", row.owner),
        *(row.outcome.value, row.verdict.value, row.overlay.value, _said(row.counted), _said(row.decided)),
        *(_said(row.blocker), view.strength, row.reason, row.drift, view.place, view.line or view.source),
        *(" ".join(row.checks), " / ".join(check.row.fix.replace("\n", " ") for check in view.failing)),
    )
    return [_cell(cell) for cell in cells]


def _said(value: bool) -> str:
    return "yes" if value else "no"


def _cell(text: str) -> str:
    shown = " ".join(visible(text).split())
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
