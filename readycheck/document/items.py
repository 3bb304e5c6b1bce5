"""Tells which lines of a section are items, and how each stands: what claims nothing is left as prose."""

from __future__ import annotations

import re
from itertools import pairwise
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from readycheck.document.blocks import Code, Heading, Line, Table
from readycheck.document.marks import EMOJI, Legend, Mark, choices, leading, legend_of, within
from readycheck.document.model import Item
from readycheck.document.plain import plain, undecorated
from readycheck.document.parts import claims_nothing, is_legend, is_verdict
from readycheck.document.words import either, fold, state_of
from readycheck.model import Claim

#: Labels that speak of the document or of a thing as a whole, not of a claim.
_LABELS = either(
    "status", "state", "statut", "estado", "stato", "zustand", "状态", "状態", "overall", "verdict", "score", "grade", "result",
    "date", "version", "author", "owner", "priority", "impact", "severity", "note", "notes", "warning", "important", "risk",
    "confidence", "progress", "last updated", "next review", "reviewer", "approved by", "current status", "issue", "problem",
    "原因", "修复", "问题", "建议", "优先级", "观察", "说明", "严重程度", "fix", "solution", "recommendation", "recommandation", "conclusion", "final", "expected", "good", "bad", "level", "riesgo", "risque",
)
_NEVER = either(
    "never", "don'?t", "do not", "avoid\\b", "must not", "should(?: not|n'?t)", "no (?:usar|use)\\b", "jamais", "ne (?:pas|jamais)",
    "nunca", "não ", "niemals", "mai\\b", "不要", "禁止", "切勿", "bad:", "wrong:", "incorrect:",
)
_AGAINST = (Claim.FAILED, Claim.NOT_APPLICABLE)
_ANSWER = re.compile(r"(?P<text>.{2,200}?)\s*(?:[:：]\s+|\s[-–—]\s+)(?P<word>[^:：]{1,40})\Z")
_SAID = re.compile(r"(?P<text>.{2,400}?)\s+[-–—]\s+(?P<word>[^:：]{1,40})\Z")
_SWITCH = re.compile(r"(?i:true|false|on|off|yes|no|required|active|enabled|disabled)")
_ENDS_A_SENTENCE = re.compile(r"[.!?。！？][*_]{0,3}\s*\Z")
#: An entry with more words before a closing tick is a sentence.
_LONGEST_ENTRY = 14
#: The shortest line (in characters) that an editor would have wrapped.
_WRAPPED = 60
_BOLD_LEAD = re.compile(r"\*\*[^*]{1,80}\*\*\s*[:：]|\*\*[^*]{1,80}[:：]\*\*\s*\S")
#: Labels are short (in words).
_LONGEST_LABEL = 3
#: A value that was measured claims nothing about what is done.
_MEASURE = re.compile(r"[:：]\s*[~<>≈≤≥]?\s*\d")
_PLANNED = re.compile("[📝📌🗓📅]\ufe0f?\\s")
_BARE_LINK = re.compile(r"\[[^\]]+\]\([^)]*\)[.,;]?|<?https?://\S+>?")


class Setting(NamedTuple):
    """What stands around the lines of a section.

    `silent` says that only boxes claim anything here, `told` is the state that the heading gives to plain entries.
    """

    legend: Legend
    silent: bool = False
    told: Claim | None = None


class Found(NamedTuple):
    """The items of some lines."""

    items: tuple[Item, ...]


def items_of(blocks: Sequence[object], setting: Setting) -> tuple[Item, ...]:
    """The items among the lines of a section (its tables and its heading are read elsewhere)."""
    lines = [block for block in blocks if isinstance(block, Line)]
    guided = _guidance(lines, setting.legend)
    explained = {line.list for line, _ in legend_lines(lines)}
    runs = _runs(lines, setting.legend)
    planned = _planned(lines)
    answered = _answered(lines)
    items: dict[int, list[Item]] = {}
    for index, line in enumerate(lines):
        found = list(_of_line(line, setting, guided, explained, runs, answered | planned))
        if found:
            last = _last(lines, index)
            text = _joined(found[0], lines[index + 1 : index + 1 + last - line.line])
            items[line.line] = [found[0]._replace(last=last, text=text), *(item._replace(last=last) for item in found[1:])]
    return tuple(_nested(lines, items))


def _of_line(
    line: Line,
    setting: Setting,
    guided: set[int],
    explained: set[int],
    runs: set[int],
    answered: Mapping[int, tuple[str, Claim]],
) -> Iterator[Item]:
    lead, several = choices(line.text)
    if several:
        for place, choice in enumerate(several):
            text = " ".join(filter(None, (f"{lead}:" if lead and choice.text else lead, choice.text)))
            if text:
                yield Item(line.line, line.line, text, choice.claim, "box", 0, place > 0)
        return
    mark = leading(line.text, setting.legend)
    if line.list in explained:
        return
    if mark and mark.boxed:
        if line.listed or _may_stand_alone(line, mark):
            yield from _item(line, mark)
        return
    if setting.silent or line.list in guided or legend_of(line.text):
        return
    if mark and (line.listed or line.line in runs) and _claims(mark, line):
        yield from _item(line, mark)
    elif not mark and (line.listed or line.line in runs) and (mark := within(line.text, setting.legend)) and _claims_at_its_end(mark):
        yield from _item(line, mark)
    elif not mark and line.line in answered:
        text, claim = answered[line.line]
        yield Item(line.line, line.line, text, claim, "word")
    elif not mark and setting.told is not None and line.listed and line.depth == 1 and _is_entry(line.text):
        yield Item(line.line, line.line, text_of(line.text), setting.told, "heading")


def _may_stand_alone(line: Line, mark: Mark) -> bool:
    """A box without a bullet is an item where a line begins with it."""
    return bool(mark.text) and not line.text.startswith("|")


def _item(line: Line, mark: Mark) -> Iterator[Item]:
    text = text_of(mark.text)
    if text and re.search(r"\w", text):
        yield Item(line.line, line.line, text, mark.claim, mark.sign)


def text_of(markdown: str) -> str:
    """An item's words: without markup, without the pictures around them, and without a state that they end with."""
    text = undecorated(plain(markdown))
    found = _SAID.match(text)
    if found and state_of(found["word"]) is not None and not _SWITCH.fullmatch(found["word"]):
        text = found["text"]
    return text.strip().rstrip(":：").strip()


def _claims(mark: Mark, line: Line) -> bool:
    """Is this a claim, and no verdict on the whole, no lead of a list and no label?"""
    text = plain(mark.text)
    if not text or is_verdict(undecorated(text)) or _NEVER.match(fold(text)):
        return False
    if not line.listed and (text.endswith((":", "：")) or is_label(text)):
        return False
    return not is_label(text) or fold(text).startswith("warning")


def _claims_at_its_end(mark: Mark) -> bool:
    text = plain(mark.text)
    if not re.search(r"\w", text) or is_label(text) or is_verdict(text) or _ENDS_A_SENTENCE.search(text):
        return False
    return ":" in text or "：" in text or " - " in text or len(text.split()) <= _LONGEST_ENTRY


def is_label(text: str) -> bool:
    """Does the text begin with a label of the document (`Status: …`, `Overall risk: …`)?"""
    head, colon, _ = fold(text).replace("：", ":").partition(":")
    words = head.strip(" *_").split()
    if not colon or not words or len(words) > _LONGEST_LABEL:
        return False
    return bool(_LABELS.fullmatch(" ".join(words)) or _LABELS.fullmatch(words[-1]) or _LABELS.fullmatch(words[0]))


def _is_entry(text: str) -> bool:
    words = plain(text)
    if not re.search(r"\w", words) or _BARE_LINK.fullmatch(text.strip()) or words.endswith((":", "：")):
        return False
    return not is_label(words) and not _MEASURE.search(words)


def _guidance(lines: Sequence[Line], legend: Legend) -> set[int]:
    """Lists of advice or criteria: a cross in them means "never do this", or the line before says what is expected."""
    found = set()
    lead = ""
    for line in lines:
        mark = leading(line.text, legend)
        if mark and mark.sign in EMOJI and EMOJI[mark.sign] in _AGAINST and _NEVER.match(fold(plain(mark.text))):
            found.add(line.list)
        if not line.listed:
            lead = plain(line.text)
        elif lead.endswith((":", "：")) and claims_nothing(lead.rstrip(":： ")):
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


def _runs(lines: Sequence[Line], legend: Legend) -> set[int]:
    """Lines outside of lists that are items: two or more that begin with a sign, or one that is all of its section.

    Two that stand apart count when each has a list of its own below it, or a bold lead.
    """
    loose = [line for line in lines if not line.listed]
    marked = [line.line for line in loose if _opens(line, legend)]
    if len(lines) == 1 and marked and not lines[0].text.rstrip().endswith("**"):
        return set(marked)
    blank = {line.line for line in lines}
    found = set()
    for number in marked:
        near = [other for other in marked if 0 < abs(other - number) <= 2]  # noqa: PLR2004 - one blank line between
        if any(abs(other - number) == 1 or (other + number) // 2 not in blank for other in near):
            found.add(number)
    leads = [line.line for line, after in pairwise(lines) if line.line in marked and after.listed and not after.parent]
    bold = [line.line for line in loose if _BOLD_LEAD.match(line.text) and within(line.text, legend)]
    return found | (set(leads) if len(leads) > 1 else set()) | (set(bold) if len(bold) > 1 else set())


def _opens(line: Line, legend: Legend) -> bool:
    mark = leading(line.text, legend)
    return mark is not None and not mark.boxed


def _answered(lines: Sequence[Line]) -> dict[int, tuple[str, Claim]]:
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


def _planned(lines: Sequence[Line]) -> dict[int, tuple[str, Claim]]:
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


def _answer(text: str) -> tuple[str, Claim] | None:
    words = plain(text)
    match = _ANSWER.match(words)
    if not match or is_label(words):
        return None
    claim = state_of(match["word"])
    return (undecorated(match["text"]), claim) if claim is not None else None


def _last(lines: Sequence[Line], index: int) -> int:
    """The last line of the text that begins here: an editor wraps long lines, and does so in the middle of a sentence."""
    line = lines[index]
    last, length = line.line, len(line.text)
    for following in lines[index + 1 :]:
        wrapped = following.line == last + 1 and not following.listed and not following.first
        if not wrapped or length < _WRAPPED or following.parent != line.line or leading(following.text, {}):
            break
        if not following.text[:1].islower() and _ENDS_A_SENTENCE.search(lines[index + last - line.line].text):
            break
        last, length = following.line, len(following.text)
    return last


def _joined(item: Item, more: Sequence[Line]) -> str:
    rest = [text_of(line.text) for line in more]
    return " ".join(filter(None, (item.text, *rest)))


def _nested(lines: Sequence[Line], items: Mapping[int, list[Item]]) -> Iterator[Item]:
    """The items in order, each under the nearest entry above it that is an item."""
    parents = {line.line: line.parent for line in lines if line.listed}
    for number in sorted(items):
        above = parents.get(number, 0)
        while above and above not in items:
            above = parents.get(above, 0)
        for item in items[number]:
            yield item._replace(under=above)


def heading_mark(heading: Heading, legend: Legend) -> Mark | None:
    """The mark of a heading: a box, a sign before its words or after them."""
    return leading(heading.text, legend) or within(heading.text, legend, trailing=3)


Content = Line | Table | Code
