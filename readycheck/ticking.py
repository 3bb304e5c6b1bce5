"""Offers the ticks that evidence supports, and takes back those that it contradicts, as a unified diff of the document."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import NamedTuple

from readycheck.document.model import Document, Item
from readycheck.model import Overlay, Verdict
from readycheck.scorecard import ItemRow, Scorecard


class Tick(NamedTuple):
    """A line of the document whose mark evidence speaks against: its number, its words, why, and the line as it should be."""

    line: int
    text: str
    verdict: Verdict
    reason: str
    new: str


_TICKED = re.compile(
    r"\\?\[[xXхХ✓✔✅]\\?\]|[☑☒✅✔✓🟢]\ufe0f?|:(?:white_check_mark|heavy_check_mark):|(?P<html><input\b[^<>]{0,200}?)\s+checked(?:=(?:\"[^\"]*\"|'[^']*'|\w+))?"
)
_UNTICKED = re.compile(
    r"\\?\[[ _~/!?>-]?\\?\]|[☐⬜🔲◻□❌✗✘⏳🔄🚧🔴🟡⚠]\ufe0f?|:(?:x|warning|construction|hourglass(?:_flowing_sand)?):|"
    r"(?P<html><input\b(?![^<>]*\bchecked\b)[^<>]{0,200}?)(?=/?>)"
)
#: So far below its heading a line of state stands (in lines, empty ones too).
_BELOW = 4
_INTO = {"☑": "☐", "☒": "☐", "✅": "❌", "✔": "✗", "✓": "✗", "🟢": "🔴"}


def ticks(document: Document, lines: Sequence[str], card: Scorecard) -> tuple[Tick, ...]:
    """The lines to change, in their order; `lines` are the document's own, as they lie on disk."""
    rows = {(row.text, section.title): row for section in card.sections for row in section.items}
    by_text = {row.text: row for section in card.sections for row in section.items}
    found = []
    for section in document.sections:
        for item in section.items:
            row = rows.get((item.text, section.title)) or by_text.get(item.text)
            tick = _tick(item, row, lines) if row is not None else None
            if tick is not None:
                found.append(tick)
    return tuple(found)


def _tick(item: Item, row: ItemRow, lines: Sequence[str]) -> Tick | None:
    if row.overlay is Overlay.WAIVED or item.shared or row.verdict not in (Verdict.CONTRADICTED, Verdict.UNDERSTATED):
        return None
    change = _without if row.verdict is Verdict.CONTRADICTED else _with
    # A heading may leave its state to a line of its own below it (`**Status**: ✅ Complete`).
    for number in range(item.line, min(item.last + _BELOW, len(lines)) + 1 if item.sign == "status" else item.line + 1):
        old = lines[number - 1]
        if (new := change(old)) != old:
            return Tick(number, item.text, row.verdict, row.reason, new)
    return None


def _without(line: str) -> str:
    def taken(match: re.Match[str]) -> str:
        if match["html"]:
            return match["html"]
        return "[ ]" if "[" in match[0] else ":x:" if match[0][0] == ":" else _INTO.get(match[0][0], match[0])

    return _TICKED.sub(taken, line, count=1)


def _with(line: str) -> str:
    def given(match: re.Match[str]) -> str:
        if match["html"]:
            return f"{match['html'].rstrip()} checked"
        if match[0][0] == ":":
            return ":white_check_mark:"
        return "[x]" if "[" in match[0] else "☑" if match[0][0] in "☐⬜🔲◻□" else "✅"

    return _UNTICKED.sub(given, line, count=1)


def patch(lines: Sequence[str], offered: Sequence[Tick], path: str) -> str:
    """A unified diff that `git apply` and `patch -p1` take; empty when there is nothing to change."""
    new = list(lines)
    for tick in offered:
        new[tick.line - 1] = tick.new
    old_text = [f"{line}\n" for line in lines]
    new_text = [f"{line}\n" for line in new]
    return "".join(difflib.unified_diff(old_text, new_text, f"a/{path}", f"b/{path}"))
