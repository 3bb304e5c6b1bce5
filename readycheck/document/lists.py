"""Looks at whole lists: which are advice or a legend, which tell their state in words, which lines form one without bullets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from readycheck.document.blocks import Line
from readycheck.document.entries import ANSWER, NEVER, is_label, tells_what_comes, text_of
from readycheck.document.marks import EMOJI, Legend, Mark, leading, within
from readycheck.document.parts import claims_nothing, is_legend
from readycheck.document.plain import plain, undecorated
from readycheck.document.words import fold, state_of
from readycheck.model import Claim

_AGAINST = (Claim.FAILED, Claim.NOT_APPLICABLE)
_IN_BRACKETS = re.compile(r"(?P<text>[^()]{2,200}?)\s*\((?P<word>[^()]{1,30})\)")
_PLANNED = re.compile("[📝📌🗓📅]\ufe0f?\\s")
_BOLD_LEAD = re.compile(r"\*\*[^*]{1,80}\*\*\s*[:：]|\*\*[^*]{1,80}[:：]\*\*\s*\S")


def guidance(lines: Sequence[Line], legend: Legend) -> set[int]:
    """Lists of advice or criteria: a cross in them means "never do this", or the line before says what is expected."""
    found = set()
    lead = ""
    for line in lines:
        mark = leading(line.text, legend)
        if mark and mark.sign in EMOJI and EMOJI[mark.sign] in _AGAINST and NEVER.match(fold(plain(mark.text))):
            found.add(line.list)
        if not line.listed:
            lead = plain(line.text)
        elif lead.endswith((":", "：")) and _promises(lead.rstrip(":： ")):
            found.add(line.list)
    return found


def legend_lines(lines: Iterable[Line]) -> Iterator[tuple[Line, Mark]]:
    """The entries of a list that a lead announces as the legend (`**Legend**:`), each a sign and its meaning."""
    lead = ""
    for line in lines:
        if not line.listed:
            lead = plain(line.text)
        elif is_legend(lead) and (mark := leading(line.text, {})) is not None:
            yield line, mark


def runs_of(lines: Sequence[Line], legend: Legend) -> set[int]:
    """Lines outside of lists that are items: two or more that begin with a sign, or one that is all of its section.

    Two that stand apart count when each has a list of its own below it, or a bold lead.
    """
    loose = [line for line in lines if not line.listed]
    marked = [line.line for line in loose if _opens(line, legend)]
    if len(lines) == 1 and marked and not lines[0].text.rstrip().endswith("**"):
        return set(marked)
    blank = {line.line for line in lines}
    found = set()
    announced = _announced(lines, set(marked))
    marked = [number for number in marked if number not in announced]
    for number in marked:
        near = [other for other in marked if 0 < abs(other - number) <= 2]  # noqa: PLR2004 - one blank line between
        if any(abs(other - number) == 1 or (other + number) // 2 not in blank for other in near):
            found.add(number)
    leads = [line.line for line, after in pairwise(lines) if line.line in marked and after.listed and not after.parent]
    bold = [line.line for line in loose if _BOLD_LEAD.match(line.text) and within(line.text, legend)]
    return found | (set(leads) if len(leads) > 1 else set()) | (set(bold) if len(bold) > 1 else set())


def _announced(lines: Sequence[Line], marked: set[int]) -> set[int]:
    """The marked lines that follow a lead which says what comes (`Once complete, you will have:`)."""
    found = set()
    lead = ""
    for line in lines:
        if line.line not in marked:
            lead = plain(line.text)
        elif lead.endswith((":", "：")) and _promises(lead.rstrip(":： ")):
            found.add(line.line)
    return found


def _promises(lead: str) -> bool:
    return claims_nothing(lead) or tells_what_comes(lead)


def _opens(line: Line, legend: Legend) -> bool:
    mark = leading(line.text, legend)
    return mark is not None and not mark.boxed


def planned(lines: Sequence[Line]) -> dict[int, tuple[str, Claim]]:
    """Lists whose every entry begins with the same picture of a plan (`📝`): a picture that only decorates would change."""
    groups: dict[int, list[Line]] = {}
    for line in lines:
        if line.listed and line.depth == 1:
            groups.setdefault(line.list, []).append(line)
    return {
        line.line: (text_of(line.text), Claim.TODO)
        for group in groups.values()
        if len(group) > 1 and all(_PLANNED.match(line.text) for line in group)
        for line in group
        if text_of(line.text)
    }


def answered_of(lines: Sequence[Line]) -> dict[int, tuple[str, Claim]]:
    """Entries of lists in which half or more end with a word that is a state (`Rate limiting: done`)."""
    groups: dict[int, list[Line]] = {}
    for line in lines:
        if line.listed and not line.parent:
            groups.setdefault(line.list, []).append(line)
    found: dict[int, tuple[str, Claim]] = {}
    for group in groups.values():
        answers = {line.line: answer for line in group if (answer := _answer(line.text))}
        if len(answers) > 1 and len(answers) * 2 >= len(group):
            found |= answers
    return found


def _answer(text: str) -> tuple[str, Claim] | None:
    words = plain(text)
    match = ANSWER.match(words) or _IN_BRACKETS.fullmatch(words)
    if not match or is_label(words):
        return None
    # "> 95 %" is what is wanted, not how it stands.
    claim = None if match["word"].lstrip().startswith((">", "<", "≥", "≤", "~")) else state_of(match["word"])
    return (undecorated(match["text"]), claim) if claim is not None else None
