"""Reads what only the text of SQLite's DDL tells: an index's expressions and predicate, a column's collation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

# sqlite.org/lang_keywords.html: four ways to quote; comments count as space.
_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
      | (?P<text>'(?:[^']|'')*')
      | (?P<word>[^\W\d][\w$]*)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_TABLE_RULES = {"constraint", "primary", "unique", "check", "foreign"}


class Token(NamedTuple):
    """A word, name, text or sign. `bare` is a keyword or unquoted name in lower case, else empty."""

    text: str
    bare: str

    @property
    def name(self) -> str:
        """The name that it stands for, in lower case (SQLite ignores the case of names)."""
        quote = self.text[0]
        if quote in "\"`'":
            return self.text[1:-1].replace(quote * 2, quote).lower()
        return self.text[1:-1].lower() if quote == "[" else self.text.lower()


class IndexText(NamedTuple):
    """The keys of a CREATE INDEX as token lists, and its predicate's tokens."""

    keys: tuple[tuple[Token, ...], ...]
    predicate: tuple[Token, ...]

    def not_null(self) -> tuple[str, ...]:
        """The columns, in lower case, when all that the predicate says is that they are NOT NULL, however spelled."""
        columns = []
        for part in _conjuncts(self.predicate):
            words = [token.bare for token in part[1:]]
            if words not in (["is", "not", "null"], ["not", "null"], ["notnull"]):
                return ()
            columns.append(part[0].name)
        return tuple(columns)


def read_index(sql: str) -> IndexText:
    """The keys and predicate of a `CREATE INDEX … ON table (keys) WHERE predicate` that SQLite accepted."""
    tokens = _tokens(sql)
    start = next((at for at, token in enumerate(tokens) if token.text == "("), len(tokens))
    end = _closing(tokens, start)
    rest = tokens[end + 1 :]
    predicate = rest[1:] if rest and rest[0].bare == "where" else []
    return IndexText(tuple(map(tuple, _parts(tokens[start + 1 : end]))), tuple(predicate))


def written(tokens: Sequence[Token]) -> str:
    """The tokens in a form that is equal for texts that mean the same: names folded, spaces and outer brackets gone."""
    shown = [token.text if token.text.startswith("'") else token.name for token in _unwrapped(tokens)]
    return " ".join(shown)


def expression(tokens: Sequence[Token]) -> str:
    """The expression of a key, without its COLLATE, ASC and DESC."""
    kept = list(tokens)
    if kept and kept[-1].bare in ("asc", "desc"):
        kept.pop()
    if len(kept) > 2 and kept[-2].bare == "collate":  # noqa: PLR2004 - the word and the collation's name
        del kept[-2:]
    return written(kept)


def collations(sql: str) -> dict[str, str]:
    """The COLLATE of each column of a CREATE TABLE, empty where it gives none; both in lower case."""
    tokens = _tokens(sql)
    start = next((at for at, token in enumerate(tokens) if token.text == "("), len(tokens))
    found = {}
    for part in _parts(tokens[start + 1 : _closing(tokens, start)]):
        if part and part[0].bare not in _TABLE_RULES:
            found[part[0].name] = next(_collated(part), "")
    return found


def _collated(tokens: Sequence[Token]) -> Iterator[str]:
    depth = 0
    for at, token in enumerate(tokens[:-1]):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and at and token.bare == "collate":
            yield tokens[at + 1].name


def _tokens(sql: str) -> list[Token]:
    found = (match for match in _TOKEN.finditer(sql) if match.lastgroup != "space")
    return [Token(match[0], match[0].lower() if match.lastgroup == "word" else "") for match in found]


def _closing(tokens: Sequence[Token], start: int) -> int:
    """Where the bracket that opens at `start` closes, or the end."""
    depth = 0
    for at in range(start, len(tokens)):
        depth += (tokens[at].text == "(") - (tokens[at].text == ")")
        if depth == 0:
            return at
    return len(tokens)


def _conjuncts(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """What `AND` joins, at any depth of brackets. An AND of BETWEEN leaves halves that look like no predicate."""
    parts = list(_parts(_unwrapped(tokens), "and"))
    for part in parts:
        yield from _conjuncts(part) if len(parts) > 1 else [_unwrapped(part)]


def _parts(tokens: Sequence[Token], between: str = ",") -> Iterator[list[Token]]:
    """The tokens between commas, or between these words, that stand in no inner bracket."""
    part: list[Token] = []
    depth = 0
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if (token.bare or token.text) == between and depth == 0:
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _unwrapped(tokens: Sequence[Token]) -> Sequence[Token]:
    while len(tokens) > 2 and tokens[0].text == "(" and _closing(tokens, 0) == len(tokens) - 1:  # noqa: PLR2004 - "(x)"
        tokens = tokens[1:-1]
    return tokens
