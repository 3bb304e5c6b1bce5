"""Tells which lines of a section are items, and how each stands: what claims nothing is left as prose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from readycheck.document.blocks import Code, Heading, Line, Table
from readycheck.document.marks import EMOJI, Legend, Mark, choices, leading, legend_of, within
from readycheck.document.model import Item
from readycheck.document.plain import plain, undecorated
from readycheck.document.parts import is_verdict
from readycheck.document.words import either, fold, state_of
from readycheck.model import Claim

#: Labels that speak of the document or of a thing as a whole, not of a claim.
_LABELS = either(
    "status", "state$", "statut", "estado", "stato", "zustand", "状态", "状態", "overall", "verdict", "score", "grade", "result",
    "date", "version", "author", "owner", "priority", "impact", "severity", "note", "notes", "warning", "important", "risk",
    "confidence", "progress", "last updated", "next review", "reviewer", "approved by", "current status", "issue", "problem",
    "原因", "修复", "问题", "fix$", "solution", "recommendation", "recommandation", "conclusion", "final", "expected", "good$", "bad$",
)
_NEVER = either(
    "never", "don'?t", "do not", "avoid\\b", "must not", "should(?: not|n'?t)", "no (?:usar|use)\\b", "jamais", "ne (?:pas|jamais)",
    "nunca", "não ", "niemals", "mai\\b", "不要", "禁止", "切勿", "bad:", "wrong:", "incorrect:",
)
_ANSWER = re.compile(r"(?P<text>.{2,200}?)\s*(?:[:：]\s+|\s[-–—]\s+)(?P<word>[^:：]{1,40})\Z")
_SAID = re.compile(r"(?P<text>.{2,400}?)\s+[-–—]\s+(?P<word>[^:：]{1,40})\Z")
_SWITCH = re.compile(r"(?i:true|false|on|off|yes|no|required|active|enabled|disabled)")
_ENDS_A_SENTENCE = re.compile(r"[.!?。！？][*_]{0,3}\s*\Z")
#: An entry with more words before a closing tick is a sentence.
_LONGEST_ENTRY = 14
#: The shortest line (in characters) that an editor would have wrapped.
_WRAPPED = 60
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
    runs = _runs(lines, setting.legend)
    planned = _planned(lines)
    answered = _answered(lines)
    items: dict[int, list[Item]] = {}
    for index, line in enumerate(lines):
        found = list(_of_line(line, setting, guided, runs, answered | planned))
        if found:
            last = _last(lines, index)
            text = _joined(found[0], lines[index + 1 : index + 1 + last - line.line])
            items[line.line] = [found[0]._replace(last=last, text=text), *found[1:]]
    return tuple(_nested(lines, items))


def _of_line(
    line: Line, setting: Setting, guided: set[int], runs: set[int], answered: Mapping[int, tuple[str, Claim]]
) -> Iterator[Item]:
    lead, several = choices(line.text)
    if several:
        for place, choice in enumerate(several):
            text = " ".join(filter(None, (f"{lead}:" if lead and choice.text else lead, choice.text)))
            if text:
                yield Item(line.line, line.line, text, choice.claim, "box", 0, place > 0)
        return
    mark = leading(line.text, setting.legend)
    if mark and mark.boxed:
        if line.listed or _may_stand_alone(line, mark):
            yield from _item(line, mark)
        return
    if setting.silent or line.list in guided or legend_of(line.text):
        return
    if mark and (line.listed or line.line in runs) and _claims(mark, line):
        yield from _item(line, mark)
    elif not mark and line.listed and (mark := within(line.text, setting.legend)) and _claims_at_its_end(mark):
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
    if not line.listed and (text.endswith((":", "：")) or _label(text)):
        return False
    return not _label(text)


def _claims_at_its_end(mark: Mark) -> bool:
    text = plain(mark.text)
    if not re.search(r"\w", text) or _label(text) or is_verdict(text) or _ENDS_A_SENTENCE.search(text):
        return False
    return ":" in text or "：" in text or " - " in text or len(text.split()) <= _LONGEST_ENTRY


def _label(text: str) -> bool:
    head = re.split(r"[:：]", fold(text), maxsplit=1)
    return len(head) > 1 and bool(_LABELS.fullmatch(head[0].strip(" *_")) or _LABELS.match(head[0].strip(" *_")) and len(head[0].split()) <= 2)  # noqa: PLR2004


def _is_entry(text: str) -> bool:
    words = plain(text)
    return bool(re.search(r"\w", words)) and not _BARE_LINK.fullmatch(text.strip()) and not _label(words) and not words.endswith((":", "："))


def _guidance(lines: Iterable[Line], legend: Legend) -> set[int]:
    """Lists of advice: one of their crosses means "never do this", so their ticks mean "do"."""
    found = set()
    for line in lines:
        mark = leading(line.text, legend)
        if mark and mark.sign in EMOJI and EMOJI[mark.sign] in (Claim.FAILED, Claim.NOT_APPLICABLE) and _NEVER.match(fold(plain(mark.text))):
            found.add(line.list)
    return found


def _runs(lines: Sequence[Line], legend: Legend) -> set[int]:
    """Lines outside of lists that begin with a sign and have a neighbour that does: a list without bullets."""
    marked = {line.line for line in lines if not line.listed and (mark := leading(line.text, legend)) and not mark.boxed}
    blank = {line.line for line in lines}
    found = set()
    for number in marked:
        near = [other for other in (number - 2, number - 1, number + 1, number + 2) if other in marked]
        if any(abs(other - number) == 1 or (other + number) // 2 not in blank for other in near):
            found.add(number)
    return found


def _answered(lines: Sequence[Line]) -> dict[int, tuple[str, Claim]]:
    """Entries of lists in which half or more end with a word that is a state (`Rate limiting: done`)."""
    groups: dict[int, list[Line]] = {}
    for line in lines:
        if line.listed:
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
    if not match or _label(words):
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
