"""Tells which lines of a section are items, and how each stands: what claims nothing is left as prose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from readycheck.document.blocks import Heading, Line
from readycheck.document.entries import ENDS_A_SENTENCE, claims, claims_at_its_end, is_entry, text_of
from readycheck.document.lists import answered_of, guidance, legend_lines, planned, runs_of
from readycheck.document.marks import Choice, Legend, Mark, choices, leading, legend_of, within
from readycheck.document.model import Item
from readycheck.document.plain import plain
from readycheck.document.words import leading_state
from readycheck.model import Claim

_STATUS = re.compile(
    r"\W*(?:status|state|estado|statut|durum|stand|статус|состояние|状态|状態)\s*[:：]\s*(?P<rest>\S.*)", re.IGNORECASE
)
#: The shortest line (in characters) that an editor would have wrapped.
_WRAPPED = 60


class Setting(NamedTuple):
    """What stands around the lines of a section.

    `silent` says that only boxes claim anything here, `told` is the state that the heading gives to plain entries.
    """

    legend: Legend
    silent: bool = False
    told: Claim | None = None


class _Lists(NamedTuple):
    """What whole lists say of their lines: advice, legends, runs without bullets, states in words."""

    guided: set[int]
    explained: set[int]
    runs: set[int]
    answered: Mapping[int, tuple[str, Claim]]


def items_of(blocks: Sequence[object], setting: Setting) -> tuple[Item, ...]:
    """The items among the lines of a section (its tables and its heading are read elsewhere)."""
    lines = [block for block in blocks if isinstance(block, Line)]
    lists = _Lists(
        guided=guidance(lines, setting.legend),
        explained={line.list for line, _ in legend_lines(lines)},
        runs=runs_of(lines, setting.legend),
        answered=answered_of(lines) | planned(lines),
    )
    items: dict[int, list[Item]] = {}
    for index, line in enumerate(lines):
        found = list(_of_line(line, setting, lists))
        if found:
            last = _last(lines, index)
            text = _joined(found[0], lines[index + 1 : index + 1 + last - line.line])
            items[line.line] = [
                found[0]._replace(last=last, text=text),
                *(item._replace(last=last) for item in found[1:]),
            ]
    return tuple(_nested(lines, items))


def _of_line(line: Line, setting: Setting, lists: _Lists) -> Iterator[Item]:
    lead, several = choices(line.text)
    if several:
        yield from _several(line, lead, several)
        return
    mark = leading(line.text, setting.legend)
    if line.list in lists.explained:
        return
    if mark and mark.boxed:
        if line.listed or _may_stand_alone(line, mark):
            yield from _item(line, mark)
    elif not setting.silent and line.list not in lists.guided and not legend_of(line.text):
        yield from _claimed(line, mark, setting, lists)


def _several(line: Line, lead: str, several: Sequence[Choice]) -> Iterator[Item]:
    for place, choice in enumerate(several):
        text = " ".join(filter(None, (f"{lead}:" if lead and choice.text else lead, choice.text)))
        if text:
            yield Item(line.line, line.line, text, choice.claim, "box", 0, place > 0)


def _claimed(line: Line, mark: Mark | None, setting: Setting, lists: _Lists) -> Iterator[Item]:
    """A claim without a box: by a sign before or after its words, by its words, or by the heading above it."""
    in_list = line.listed or line.line in lists.runs
    after = within(line.text, setting.legend) if mark is None and in_list else None
    if mark is not None:
        if in_list and claims(mark, line):
            yield from _item(line, mark)
    elif after is not None and claims_at_its_end(after):
        yield from _item(line, after)
    elif line.line in lists.answered:
        text, claim = lists.answered[line.line]
        yield Item(line.line, line.line, text, claim, "word")
    elif setting.told is not None and line.listed and line.depth == 1 and is_entry(line.text):
        yield Item(line.line, line.line, text_of(line.text), setting.told, "heading")


def _may_stand_alone(line: Line, mark: Mark) -> bool:
    """A box without a bullet is an item where a line begins with it."""
    return bool(mark.text) and not line.text.startswith("|")


def _item(line: Line, mark: Mark) -> Iterator[Item]:
    text = text_of(mark.text)
    if text and re.search(r"\w", text):
        yield Item(line.line, line.line, text, mark.claim, mark.sign)


def _last(lines: Sequence[Line], index: int) -> int:
    """The last line of the text that begins here: an editor wraps long lines, and does so in the middle of a sentence."""
    line = lines[index]
    last, length = line.line, len(line.text)
    for following in lines[index + 1 :]:
        wrapped = following.line == last + 1 and not following.listed and not following.first
        if not wrapped or length < _WRAPPED or following.parent != line.line or leading(following.text, {}):
            break
        if not following.text[:1].islower() and ENDS_A_SENTENCE.search(lines[index + last - line.line].text):
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


def status_of(blocks: Sequence[object], legend: Legend) -> Claim | None:
    """The state that a line of its own says (`**Status**: ✅ Complete`), None when none does."""
    for block in blocks:
        if not isinstance(block, Line) or block.listed:
            return None
        found = _STATUS.match(plain(block.text))
        if found:
            mark = leading(found["rest"], legend)
            return mark.claim if mark else leading_state(found["rest"])
    return None
