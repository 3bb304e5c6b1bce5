"""Whether a piece of code does anything: the body of a `down`, or the part of an SQL file that takes a change back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ast_grep_py import SgNode, SgRoot

#: Kinds of syntax nodes that hold a function's statements, in the grammars of the languages read here.
_BODIES = ("statement_block", "compound_statement", "body_statement")
#: Kinds of nodes that give a name to a function.
_DEFINING = frozenset(
    """
    method_definition function_declaration pair assignment_expression variable_declarator public_field_definition
    field_definition method_declaration method singleton_method
    """.split()  # noqa: SIM905 - a list of words, not of literals
)
_NOTHING = re.compile(
    r"(?:return\b\s*)?(?:await\s+)?(?:Promise\.resolve\(\s*\)|null|undefined|true|false|nil|\(\s*\)|\{\s*\}|\[\s*\])?\s*;?\s*"
)
_SQL_COMMENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)|^\s*#[^\n]*", re.DOTALL | re.MULTILINE)
_SQL_NOTHING = re.compile(r"(?:\s|;|\b(?:select\s+1|begin|commit|end)\b)*", re.IGNORECASE)


def sql_does_something(text: str) -> bool:
    """Is there a statement, comments and `SELECT 1` aside?"""
    return not _SQL_NOTHING.fullmatch(_SQL_COMMENT.sub(" ", text))


@cache
def _grammar(path: str) -> str:
    endings = {".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".php": "php", ".rb": "ruby"}
    return next((name for ending, name in endings.items() if path.endswith(ending)), "javascript")


class Source:
    """A file of JavaScript, TypeScript, PHP or Ruby as a syntax tree."""

    def __init__(self, text: str, path: str) -> None:
        self.root = SgRoot(text, _grammar(path)).root()

    def body_of(self, name: str) -> SgNode | None:
        """The statements of the function, method or arrow that this name stands for, however it is exported."""
        for node in self._named(name):
            body = next((part for part in _below(node) if part.kind() in _BODIES), None)
            if body is not None:
                return body
            arrow = next((part for part in _below(node) if part.kind() == "arrow_function"), None)
            if arrow is not None:
                return arrow.field("body") or arrow
        return None

    def _named(self, name: str) -> Iterator[SgNode]:
        """The nodes that define the name: a method, a function, a pair, or an assignment to it."""
        for node in _below(self.root):
            if node.kind() in _DEFINING and _defines(node, name):
                yield node


def _defines(node: SgNode, name: str) -> bool:
    named = node.field("name") or node.field("key") or node.field("left") or node.field("property")
    return named is not None and re.fullmatch(rf"(?:.*\.)?[\"']?{name}[\"']?", named.text()) is not None


def _below(node: SgNode) -> Iterator[SgNode]:
    """The node and all below it, in the order of the text."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(reversed(here.children()))


def does_something(body: SgNode) -> bool:
    """Does it do more than return nothing or raise? Comments do nothing."""
    if body.kind() not in _BODIES:
        return not _NOTHING.fullmatch(body.text())
    statements = [part for part in body.children() if part.is_named() and "comment" not in str(part.kind())]
    return any(not _idle(part.text()) for part in statements)


def _idle(text: str) -> bool:
    return bool(_NOTHING.fullmatch(text)) or bool(re.match(r"(?:throw|raise)\b", text))
