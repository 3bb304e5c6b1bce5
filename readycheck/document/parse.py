"""Reads a document from its bytes: text, blocks, sections, items."""

from __future__ import annotations

from collections.abc import Sequence

from readycheck.document.blocks import Block, Heading, Line, Table, read_blocks
from readycheck.document.entries import is_advice, is_label, text_of
from readycheck.document.items import Setting, heading_mark, items_of, status_of
from readycheck.document.lists import legend_lines
from readycheck.document.marks import Legend, legend_of, pictured
from readycheck.document.model import Document, Item, Section
from readycheck.document.parts import (
    Part,
    claims_nothing,
    is_checklist,
    is_example,
    is_verdict,
    part_of,
    title_of,
    told_state,
)
from readycheck.document.plain import plain
from readycheck.document.secrets import without_secrets
from readycheck.document.tables import items_of_table
from readycheck.document.text import read_text
from readycheck.document.words import state_of
from readycheck.model import Claim

#: Signs that a heading may carry as its state; coloured dots say how urgent its lines are.
_HEADING_SIGNS = "✅❌⚠✔✓✗✘🔄🚧"
#: A heading that names a group of things is no longer (in words).
_LONGEST_GROUP = 6
#: The line that says how the thing of a heading stands is among so many after it.
_STATUS_LINES = 3
#: So many headings make a habit.
_HABIT = 3


def parse(data: bytes, source: str) -> Document:
    """The document of a file.

    Raises:
        UsageError: it is too large, or no text.
    """
    text = read_text(data, source)
    lines, leaks = without_secrets(text.lines)
    read = read_blocks([pictured(line) for line in lines])
    legend: dict[str, Claim] = {}
    for block in read.blocks:
        for text_line in _texts(block):
            legend |= legend_of(text_line)
    for line, mark in legend_lines(block for block in read.blocks if isinstance(block, Line)):
        sign, claim = line.text.lstrip(" *")[:1], state_of(plain(mark.text).lstrip(" =:-–—"))
        if claim is not None:
            legend[sign] = claim
    sections = _sections(read.blocks, len(lines))
    title = next((section for section in sections if section.level == 1), None)
    found = _Reading(sections, legend).read()
    return Document(
        lines=lines,
        title=title.title if title else "",
        title_line=title.line if title else 0,
        front_matter=read.front_matter,
        sections=found,
        notes=(*text.notes, *leaks, *read.notes),
    )


def _texts(block: Block) -> Sequence[str]:
    return [block.text] if isinstance(block, Line) else []


def _sections(blocks: Sequence[Block], length: int) -> list[Section]:
    """Every heading with its blocks, and what stands before the first one."""
    heads: list[tuple[Heading | None, list[Block]]] = [(None, [])]
    for block in blocks:
        if isinstance(block, Heading):
            heads.append((block, []))
        else:
            heads[-1][1].append(block)
    made: list[Section] = []
    for index, (heading, inside) in enumerate(heads):
        following = heads[index + 1][0] if index + 1 < len(heads) else None
        last = following.line - 1 if following else length
        if heading is None:
            made.append(Section(0, last, 0, "", -1, Part.NONE, tuple(inside)))
            continue
        parent = next((at for at in range(len(made) - 1, 0, -1) if made[at].level < heading.level), -1)
        title = title_of(heading.text)
        part = part_of(title) if heading.level > 1 else Part.NONE
        made.append(Section(heading.line, last, heading.level, title, parent, part, (heading, *inside)))
    return made


class _Reading:
    """One reading of the sections: what their headings say goes down to the sections below them."""

    def __init__(self, sections: Sequence[Section], legend: Legend) -> None:
        self._sections = sections
        self._legend = legend
        self._silent = [self._any(index, claims_nothing) for index in range(len(sections))]
        self._example = [self._any(index, is_example) for index in range(len(sections))]
        self._checklist = any(section.level == 1 and is_checklist(section.title) for section in sections)

    def _any(self, index: int, says: object) -> bool:
        while index > 0:
            section = self._sections[index]
            if section.level > 1 and callable(says) and says(section.title):
                return True
            index = section.parent
        return False

    def read(self) -> tuple[Section, ...]:
        """The sections with their items; entries without a mark count only where nothing else is marked."""
        marked = [self._marked(index) for index in range(len(self._sections))]
        bare = not any(marked)
        with_told = [found or self._told(index, bare=bare) for index, found in enumerate(marked)]
        carried = [
            first or second for first, second in zip(self._carried(with_told), self._stated(with_told), strict=True)
        ]
        return tuple(
            section._replace(items=tuple(sorted(with_told[index] + carried[index], key=lambda item: item.line)))
            for index, section in enumerate(self._sections)
        )

    def _marked(self, index: int) -> tuple[Item, ...]:
        if self._example[index]:
            return ()
        section = self._sections[index]
        found = list(items_of(section.blocks, Setting(self._legend, self._silent[index])))
        for block in section.blocks:
            if isinstance(block, Table):
                found += items_of_table(block, self._legend)
            if isinstance(block, Heading) and (mark := heading_mark(block, self._legend)) and mark.boxed:
                found.append(Item(block.line, block.line, text_of(mark.text), mark.claim, "box"))
        return tuple(sorted(found, key=lambda item: item.line))

    def _told(self, index: int, *, bare: bool) -> tuple[Item, ...]:
        """Plain entries below a heading that says how they stand by a sign and words, or by words where no line has a sign."""
        section = self._sections[index]
        if section.level < 2 or self._silent[index] or self._example[index] or section.part is not Part.NONE:  # noqa: PLR2004
            return ()
        heading = section.blocks[0]
        told = self._inherited(index) if bare else told_state(section.title)
        mark = heading_mark(heading, self._legend) if isinstance(heading, Heading) else None
        signed = mark is not None and mark.sign in _HEADING_SIGNS
        if told is None or not (signed or bare) or is_verdict(section.title) or (signed and self._is_one(section)):
            return ()
        return items_of(section.blocks, Setting(self._legend, told=told))

    @staticmethod
    def _is_one(section: Section) -> bool:
        """Does the heading name one thing, which the lines below describe (`**Impact:** …`)?"""
        lines = [block for block in section.blocks if isinstance(block, Line)]
        return any(is_label(line.text) for line in lines) or len(section.title.split()) > _LONGEST_GROUP

    def _inherited(self, index: int) -> Claim | None:
        """The state that this heading or one above it tells; in a document that calls itself a checklist, nothing is done."""
        while index > 0 and self._sections[index].level > 1:
            told = told_state(self._sections[index].title)
            if told is not None:
                return told
            index = self._sections[index].parent
        return Claim.TODO if self._checklist else None

    def _carried(self, items: Sequence[tuple[Item, ...]]) -> list[tuple[Item, ...]]:
        """Headings that carry the state of one thing: they have no items below them, and are a habit of this document."""
        found: list[tuple[Item, ...]] = [() for _ in self._sections]
        before: list[tuple[int, Item]] = []
        after: list[tuple[int, Item]] = []
        decorated = False
        for index, section in enumerate(self._sections):
            heading = section.blocks[0] if section.blocks else None
            if not isinstance(heading, Heading) or section.level < 2:  # noqa: PLR2004
                continue
            mark = heading_mark(heading, self._legend)
            if mark is None or mark.sign not in _HEADING_SIGNS:
                continue
            leads = heading.text.lstrip("*_# ").startswith(mark.sign)
            below = self._below(index)
            claims = [item.claim for at in below for item in items[at]]
            if is_verdict(section.title):
                continue
            decorated = decorated or (
                leads and mark.claim is Claim.DONE and any(claim is not Claim.DONE for claim in claims)
            )
            if len(below) == 1 and not claims and self._can_carry(index, mark.text):
                item = Item(heading.line, heading.last, text_of(title_of(mark.text)), mark.claim, mark.sign)
                (before if leads else after).append((index, item))
        for group in ([] if decorated else before, after):
            worded = sum(self._worded(index) for index, _ in group)
            if len(group) >= _HABIT or (worded == len(group) and worded > 1):
                for index, item in group:
                    found[index] = (item,)
        return found

    def _stated(self, items: Sequence[tuple[Item, ...]]) -> list[tuple[Item, ...]]:
        """Headings of one thing each whose first lines say how it stands (`**Status**: ✅ Complete`), where that is a habit."""
        found: list[tuple[Item, ...]] = [() for _ in self._sections]
        for index, section in enumerate(self._sections):
            heading = section.blocks[0] if section.blocks else None
            if not isinstance(heading, Heading) or section.level < 2 or len(self._below(index)) > 1 or items[index]:  # noqa: PLR2004
                continue
            claim = status_of(section.blocks[1 : 1 + _STATUS_LINES], self._legend)
            if claim is not None and self._can_carry(index, heading.text):
                found[index] = (Item(heading.line, heading.last, text_of(section.title), claim, "status"),)
        return found if sum(map(bool, found)) > 1 else [() for _ in self._sections]

    def _worded(self, index: int) -> bool:
        """Does the heading end with its state in words (`✅ FIXED`)?"""
        heading = self._sections[index].blocks[0]
        words = plain(heading.text) if isinstance(heading, Heading) else ""
        return state_of(words.rsplit(" ", 1)[-1]) is not None and any(sign in words for sign in _HEADING_SIGNS)

    def _can_carry(self, index: int, text: str) -> bool:
        words = title_of(text)
        title = plain(words)
        return not (
            self._silent[index]
            or self._example[index]
            or is_verdict(title)
            or is_advice(plain(text))
            or "?" in title
            or title.endswith((":", "："))
            or self._has_a_part(index)
        )

    def _has_a_part(self, index: int) -> bool:
        section = self._sections[index]
        entries = any(isinstance(block, Line) and block.listed for block in section.blocks)
        return section.part not in (Part.NONE, Part.METRICS) or (section.part is Part.METRICS and entries)

    def _below(self, index: int) -> list[int]:
        """The section and all below it."""
        level = self._sections[index].level
        end = next(
            (at for at in range(index + 1, len(self._sections)) if self._sections[at].level <= level),
            len(self._sections),
        )
        return list(range(index, end))
