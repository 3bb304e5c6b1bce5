"""The blocks of a Markdown document in one flat row, each with the lines that it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from readycheck.document.text import LONGEST_LINE, Note

#: A checklist is not nested deeper than this; what is, is read as text (and no recursion is deep).
_DEEPEST = 60
_MOST_MENDED = 20

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BACKSLASH_FENCE = re.compile(r"(\s*)\\{3}(\w*)\s*\Z")
_FENCE = re.compile(r"\s*(?P<mark>`{3,}|~{3,})(?P<info>[^`]*)\Z")
_BOX_LINE = re.compile(r"\s*[☐☑☒]\s*\S")
_LISTED = re.compile(r"^\s*(?:[-*+]|\d{1,4}[.)])\s+\[[ xX]\]\s|^\s*[☐☑☒✅❌]\s|^#{2,6}\s+\S", re.MULTILINE)
_FRONT = re.compile(r"---[ \t]*\n(?P<body>(?:[^\n]*\n){0,200}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
#: A bullet or a number, where the parser took the line for the end of a paragraph.
LISTED = re.compile(r"(?P<mark>[-*+•◦▪‣·–]|\d{1,4}[.)])\s+(?=\S)")


class Heading(NamedTuple):
    """A heading: its level from 1, its text as written, and the lines that it stands on (`last` for underlined ones)."""

    line: int
    level: int
    text: str
    last: int


class Line(NamedTuple):
    """A line of text. `listed` says that it opens an entry of a list; `depth` and `list` are 0 outside of one.

    `parent` is the line of the entry that it stands in (0 for none), `first` says that the text opens its paragraph.
    """

    line: int
    text: str
    listed: bool = False
    numbered: bool = False
    depth: int = 0
    list: int = 0
    parent: int = 0
    first: bool = True


class Row(NamedTuple):
    """A row of a table: its line and cells."""

    line: int
    cells: tuple[str, ...]


class Table(NamedTuple):
    """A table: the line and cells of its head, and its rows."""

    line: int
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    last: int


class Code(NamedTuple):
    """A fenced block: its lines (the fence included), its language and its text; `parent` is the entry that holds it."""

    line: int
    last: int
    language: str
    text: str
    parent: int = 0


Block = Heading | Line | Table | Code


class Blocks(NamedTuple):
    """Every block in order, the front matter's text, and what had to be mended."""

    blocks: tuple[Block, ...]
    front_matter: str
    notes: tuple[Note, ...]


def read_blocks(lines: Sequence[str]) -> Blocks:
    """The blocks of a document. Code stays text: nothing in it is a block."""
    source = [line if len(line) <= LONGEST_LINE else "" for line in lines]
    front = _FRONT.match("\n".join(source) + "\n")
    body = front["body"].rstrip("\n") if front and re.search(r"^\s*[\w-]+\s*:", front["body"], re.MULTILINE) else ""
    if front and body:
        source[: front[0].count("\n")] = [""] * front[0].count("\n")
    source, notes = _fences_of_backslashes(source)
    source = _without_comments(source)
    tokens: list[Token] = []
    for _ in range(_MOST_MENDED):
        tokens = _parser().parse("\n".join(source))
        opened = next((token for token in tokens if token.type == "fence" and _holds_a_list(token, source)), None)
        if opened is None or opened.map is None:
            break
        notes.append(Note(opened.map[0] + 1, "a code block that opens here never closes; the list after it was read"))
        source[opened.map[0]] = ""
    return Blocks(tuple(_Walk(source).blocks(tokens)), body, tuple(notes))


def _parser() -> MarkdownIt:
    """CommonMark's blocks and GitHub's tables. HTML and indented text are read as text, as documents mean them."""
    parser = (
        MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable("table").disable(["code", "html_block", "reference"])
    )
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _fences_of_backslashes(lines: list[str]) -> tuple[list[str], list[Note]]:
    """A shell that ate the backticks of a fence leaves three backslashes; they are fences when they come in pairs."""
    found = [index for index, line in enumerate(lines) if _BACKSLASH_FENCE.match(line)]
    if len(found) < 2 or len(found) % 2:  # noqa: PLR2004 - a pair
        return list(lines), []
    mended = list(lines)
    for turn, index in enumerate(found):
        match = _BACKSLASH_FENCE.match(lines[index])
        if match:
            mended[index] = f"{match[1]}```{match[2] if turn % 2 == 0 else ''}"
    return mended, [Note(found[0] + 1, "three backslashes stand for the fences of code blocks, and were read as such")]


def _without_comments(lines: list[str]) -> list[str]:
    text = "\n".join(lines)
    if "<!--" not in text:
        return lines
    return _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text).split("\n")


def _holds_a_list(token: Token, lines: Sequence[str]) -> bool:
    """Did the block go on by mistake, over items or headings that nobody meant as code?"""
    if token.map is None or "markdown" in token.info or token.info.strip() == "md":
        return False
    first, end = token.map
    end = min(end, len(lines))
    closing = _FENCE.match(lines[end - 1]) if end - 1 > first else None
    closed = closing is not None and not closing["info"].strip() and closing["mark"].startswith(token.markup)
    reopened = any((inner := _FENCE.match(line)) and inner["info"].strip() for line in lines[first + 1 : end - 1])
    return (not closed or reopened) and bool(_LISTED.search(token.content))


class _Walk:
    """One pass over the parser's tokens, with the lists that are open."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._lists: list[tuple[int, bool]] = []
        self._entries: list[int] = []
        self._fresh = False
        self._made = 0

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Block]:
        """Every block, in the order of the document."""
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.type == "table_open":
                end = _closing(tokens, index, "table_close")
                yield _table(tokens[index:end])
                index = end
            elif token.type == "heading_open":
                first, end = _range(token)
                yield Heading(first, int(token.tag[1]), tokens[index + 1].content.strip(), end)
            elif token.type == "inline" and tokens[index - 1].type == "paragraph_open":
                yield from self._paragraph(token)
            elif token.type == "fence":
                yield from self._fence(token)
            else:
                self._nest(token)
            index += 1

    def _fence(self, token: Token) -> Iterator[Block]:
        """A block of code; one without a language that is made of boxes (`☐ …`) is a list, not code."""
        first, end = _range(token)
        self._fresh = False
        lines = token.content.split("\n")
        boxes = sum(bool(_BOX_LINE.match(line)) for line in lines)
        if token.info.strip() or boxes * 3 < 2 * sum(bool(line.strip()) for line in lines) or not boxes:
            yield Code(first, end, _language(token.info), token.content, self._parent)
            return
        for offset, line in enumerate(lines, 1):
            if line.strip():
                yield Line(first + offset, line.strip(), bool(_BOX_LINE.match(line)), depth=1, list=-first)

    @property
    def _parent(self) -> int:
        return next((line for line in reversed(self._entries) if line), 0)

    def _nest(self, token: Token) -> None:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            self._made += 1
            self._lists.append((self._made, token.type == "ordered_list_open"))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif token.type == "list_item_open":
            self._entries.append(0)
            self._fresh = True
        elif token.type == "list_item_close":
            self._entries.pop()
            self._fresh = False

    def _paragraph(self, token: Token) -> Iterator[Line]:
        first = _range(token)[0]
        for offset, text in enumerate(token.content.split("\n")):
            number = first + offset
            if self._fresh and offset == 0 and self._entries:
                made, numbered = self._lists[-1]
                parent, self._entries[-1] = self._parent, number
                self._fresh = False
                yield Line(
                    number,
                    text.strip(),
                    listed=True,
                    numbered=numbered,
                    depth=len(self._lists),
                    list=made,
                    parent=parent,
                )
            elif found := LISTED.match(text.strip()):
                made = self._lists[-1][0] if self._lists else -first
                rest = text.strip()[found.end() :]
                number_first = found["mark"][0].isdigit()
                depth = len(self._lists) + 1
                yield Line(
                    number, rest, listed=True, numbered=number_first, depth=depth, list=made, parent=self._parent
                )
            else:
                made = self._lists[-1][0] if self._lists else 0
                depth = len(self._lists)
                yield Line(number, text.strip(), depth=depth, list=made, parent=self._parent, first=offset == 0)


def _range(token: Token) -> tuple[int, int]:
    first, end = token.map or (0, 1)
    return first + 1, max(end, first + 1)


def _closing(tokens: Sequence[Token], index: int, kind: str) -> int:
    return next((at for at in range(index, len(tokens)) if tokens[at].type == kind), len(tokens) - 1)


def _language(info: str) -> str:
    words = re.split(r"[\s,{:]+", info.strip())
    return words[0].lower()[:30] if words else ""


def _table(tokens: Sequence[Token]) -> Table:
    rows: list[Row] = []
    cells: list[str] = []
    for token in tokens:
        if token.type == "tr_open":
            cells = []
            rows.append(Row(_range(token)[0], ()))
        elif token.type == "inline":
            cells.append(token.content.strip())
        elif token.type == "tr_close":
            rows[-1] = Row(rows[-1].line, tuple(cells))
    first, last = _range(tokens[0])
    head = rows[0].cells if rows else ()
    return Table(first, head, tuple(rows[1:]), last)
