"""A Markdown checklist as read: sections, items, and the parts around them, each with its lines."""

from __future__ import annotations

from typing import NamedTuple

from readycheck.document.blocks import Block, Code, Table
from readycheck.document.parts import Part
from readycheck.document.text import Note
from readycheck.model import Claim


class Item(NamedTuple):
    """A line that claims something.

    `line` and `last` are the lines that it stands on (from 1), `under` is the line of the item that it is part of (0
    for none), `shared` says that the line holds an item before this one, `sign` is what said the state.
    """

    line: int
    last: int
    text: str
    claim: Claim
    sign: str
    under: int = 0
    shared: bool = False


class Section(NamedTuple):
    """A heading with what stands below it, up to the next heading of any level.

    `level` and `line` are 0 for what stands before the first heading. `parent` is the index of the section above.
    """

    line: int
    last: int
    level: int
    title: str
    parent: int
    part: Part
    blocks: tuple[Block, ...]
    items: tuple[Item, ...] = ()


class Document(NamedTuple):
    """The whole document. `lines` are its lines as mended; `title` is that of its first heading of the first level."""

    lines: tuple[str, ...]
    title: str
    title_line: int
    front_matter: str
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item, in the order of the document."""
        return tuple(item for section in self.sections for item in section.items)

    @property
    def code(self) -> tuple[Code, ...]:
        """Every code block."""
        return tuple(block for section in self.sections for block in section.blocks if isinstance(block, Code))

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table."""
        return tuple(block for section in self.sections for block in section.blocks if isinstance(block, Table))
