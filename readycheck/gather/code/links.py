"""What ties one file to others: its imports, what it passes on from elsewhere, and what it loads by a computed name."""

from __future__ import annotations

from typing import NamedTuple

from ast_grep_py import SgNode
from msgspec import Struct

#: What an import may stand for instead of a named export: the module itself, or everything in it.
WHOLE, EVERYTHING = "=", "*"


class Import(NamedTuple):
    """A name bound from a module: `imported` is the export (`WHOLE` for the module), `local` the name it has here.

    `local` is empty when nothing is bound; `node` is then the expression that stands for the module, if there is one.
    `reach` are the members to go through before the export is reached (`import a.b` binds `a`, and means `a.b`).
    """

    module: str
    imported: str
    local: str
    node: SgNode | None = None
    reach: tuple[str, ...] = ()


class Passed(NamedTuple):
    """An export that comes from another module: `export {a as b} from "./c"` is `Passed(("b",), "./c", "a")`."""

    exported: tuple[str, ...]
    module: str
    imported: str


class Links(Struct):
    """The ties of one file. `computed` are the constant starts of names that it loads by a computed name."""

    imports: list[Import] = []
    passed: list[Passed] = []
    computed: list[str] = []
    #: Modules that are named as a text and loaded by somebody else: `new Worker("./job.js")`, Django's dotted names.
    named: list[str] = []


def text_of(node: SgNode | None) -> str:
    """The text of a node, quotes of a string taken off; empty for None."""
    if node is None:
        return ""
    text = node.text()
    if len(text) > 1 and text[0] in "\"'`" and text[-1] == text[0]:
        return text[1:-1]
    return text
