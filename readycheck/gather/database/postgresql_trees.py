"""Reads PostgreSQL's stored node trees (`pg_node_tree`), which need no lock on the table that they speak of."""

from __future__ import annotations

import re
from collections.abc import Iterator

# IS NOT NULL is nulltesttype 1 (src/include/nodes/primnodes.h), here on one plain column of the table.
_NOT_NULL = re.compile(
    r"\{NULLTEST :arg \{VAR :varno 1 :varattno (\d+) [^{}]*\} :nulltesttype 1 :argisrow false :location -?\d+\}\Z"
)
_AND = re.compile(r"\{BOOLEXPR :boolop and :args \((.*)\) :location -?\d+\}\Z", re.DOTALL)
_PLACE = re.compile(r" :(?:location|stmt_location|stmt_len) -?\d+")


def not_null(tree: str) -> tuple[int, ...]:
    """The numbers of the columns when all that the predicate says is that they are NOT NULL."""
    both = _AND.match(tree)
    parts = [_NOT_NULL.match(part) for part in (expressions(both[1]) if both else [tree])]
    return tuple(int(part[1]) for part in parts if part) if all(parts) else ()


def without_places(tree: str) -> str:
    """The tree without where its parts stood in the source text: equal for equal expressions."""
    return _PLACE.sub("", tree)


def expressions(trees: str) -> Iterator[str]:
    """The top-level nodes of a list of trees, in order; text in a node escapes its braces with a backslash."""
    depth = start = 0
    for match in re.finditer(r"\\.|[{}]", trees, re.DOTALL):
        if match[0] == "{":
            start = match.start() if depth == 0 else start
            depth += 1
        elif match[0] == "}":
            depth -= 1
            if depth == 0:
                yield trees[start : match.end()]
