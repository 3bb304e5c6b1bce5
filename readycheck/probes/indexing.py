"""The rules on indexes: which of them serves a foreign key, and which is served by another one already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from readycheck.facts.database import ForeignKey, Index, IndexState, Key, Table

#: Access methods that find rows by equality. PostgreSQL hashes one column only; MySQL's MEMORY tables need all keys.
_EQUALITY = ("btree", "hash")


class Cover(NamedTuple):
    """The index that serves a foreign key best, and how many of its columns that index finds rows by."""

    by: str
    columns: int


def cover(key: ForeignKey, table: Table, parent: Table | None, dialect: str) -> Cover:
    """How well an index of the table serves this foreign key to `parent`; the name is empty when none does at all.

    An index serves it whole when its first keys are the key's columns in any order, since deleting a parent row looks
    for `a = ? AND b = ?`, or when it is unique over some of them and so finds one row at most. InnoDB needs an index of
    its own with the columns in the order of the foreign key (MySQL manual, 15.1.20.5).
    """
    own = {column.name: column.collation for column in table.columns}
    wanted = _compared_by_sqlite(key, table, parent) if dialect == "sqlite" else own
    never_null = frozenset(column.name for column in table.columns if not column.nullable)
    rule = _Rule(key.columns, own, wanted, dialect, never_null)
    covers = [Cover(index.name, rule.served(index)) for index in table.indexes]
    return max(covers, key=lambda found: found.columns, default=Cover("", 0))


def _compared_by_sqlite(key: ForeignKey, table: Table, parent: Table | None) -> Mapping[str, str]:
    """The collation in which SQLite compares each column of the key, which is the parent's (foreignkeys.html §3).

    Where the parent's type makes that a comparison of numbers and the child's column holds none, no index helps
    (datatype3.html §4.2), so that the column is left out.
    """
    children = {column.name.lower(): column for column in table.columns}
    parents = {column.name.lower(): column for column in parent.columns} if parent else {}
    wanted = {}
    for name, referred in zip(key.columns, key.referred_columns, strict=False):
        theirs, child = parents.get(referred.lower()), children.get(name.lower())
        if theirs and child and (_numeric(child.type) or not _numeric(theirs.type)):
            wanted[name] = theirs.collation
    return wanted


def _numeric(declared: str) -> bool:
    """Has a column that is declared so numeric affinity (sqlite.org/datatype3.html §3.1)?"""
    word = declared.upper()
    if "INT" in word:
        return True
    return bool(word) and not any(part in word for part in ("CHAR", "CLOB", "TEXT", "BLOB"))


class _Rule(NamedTuple):
    """What an index must start with to serve a foreign key."""

    columns: tuple[str, ...]
    own: Mapping[str, str]
    wanted: Mapping[str, str]
    dialect: str
    never_null: frozenset[str]

    def served(self, index: Index) -> int:
        """How many columns of the foreign key the index serves; 0 if the planner cannot use it for that."""
        if not index.usable or index.method not in _EQUALITY or (index.partial and not self._implied(index)):
            return 0
        count = self._leading(index)
        alone = count == len(index.keys)
        if index.method == "hash":
            return count if alone else 0
        one_row = index.unique and alone and not self._ordered
        return len(self.columns) if one_row else count

    @property
    def _ordered(self) -> bool:
        return self.dialect in ("mysql", "mariadb")

    def _implied(self, index: Index) -> bool:
        """Does looking for values imply the predicate? A key with a NULL refers to nothing and is never looked for.

        SQLite drops the condition from a column that is never NULL and then no longer sees the implication (3.40).
        """
        columns = set(index.not_null)
        lost = self.dialect == "sqlite" and bool(columns & self.never_null)
        return bool(columns) and columns <= set(self.columns) and not lost

    def _leading(self, index: Index) -> int:
        left = list(self.columns)
        for place, key in enumerate(index.keys):
            if key.column not in left or not self._compares(key):
                break
            if self._ordered and key.column != self.columns[place]:
                break
            left.remove(key.column)
        return len(self.columns) - len(left)

    def _compares(self, key: Key) -> bool:
        """Is the key the whole column, sorted as it is compared?"""
        if key.length or key.column not in self.wanted:
            return False
        return _named(key.collation or self.own.get(key.column, "")) == _named(self.wanted[key.column])


def _named(collation: str) -> str:
    """The collation, SQLite's default one (datatype3.html §7) as an empty text."""
    return "" if collation == "binary" else collation


class Redundant(NamedTuple):
    """An index that can probably be dropped, the one that serves in its place, and whether both are the same."""

    dropped: Index
    kept: Index
    same: bool


def redundant(table: Table) -> Iterator[Redundant]:
    """The indexes of the table that another one makes superfluous, each with the best one that does.

    Only equal keys in the same order, with the same method and predicate, make two indexes the same. A longer index
    stands in for a shorter one only when that is not unique, and only when nothing that it includes would be lost.
    """
    for index in table.indexes:
        others = [other for other in table.indexes if other is not index and _stands_in(other, index)]
        if others:
            best = min(others, key=lambda other: (not _same(other, index), -len(other.keys), _worth(other)))
            yield Redundant(index, best, _same(best, index))


def _worth(index: Index) -> tuple[bool, bool, bool, int, str]:
    """What to keep of two that are the same: the lower, a constraint before all."""
    return (not index.primary, not index.constraint, not index.unique, len(index.name), index.name)


def _same(one: Index, other: Index) -> bool:
    return one.keys == other.keys and set(one.includes) == set(other.includes)


def _stands_in(kept: Index, dropped: Index) -> bool:
    """Would everything that `dropped` does still be done by `kept`, and is `kept` the one to keep?"""
    if not kept.usable or dropped.state not in (IndexState.VALID, IndexState.IGNORED):
        return False
    if not (_readable(kept) and _readable(dropped) and _alike(kept, dropped)):
        return False
    if not set(dropped.includes) <= {*kept.includes, *kept.columns}:
        return False
    if _same(kept, dropped) and dropped.usable and _worth(dropped) < _worth(kept):
        return False
    if dropped.unique or dropped.constraint:
        return kept.keys == dropped.keys and _as_strict(kept, dropped)
    return _starts_with(kept, dropped)


def _readable(index: Index) -> bool:
    """Is all of it known? What could not be read equals nothing."""
    return all(key.column or key.expression for key in index.keys) and bool(index.predicate or not index.partial)


def _alike(one: Index, other: Index) -> bool:
    return (one.method, one.partial, one.predicate) == (other.method, other.partial, other.predicate)


def _as_strict(kept: Index, dropped: Index) -> bool:
    """Does `kept` refuse what `dropped` refuses, and does a constraint stay?"""
    rules = kept.unique >= dropped.unique and kept.constraint >= dropped.constraint
    return rules and kept.nulls_distinct == dropped.nulls_distinct


def _starts_with(kept: Index, dropped: Index) -> bool:
    """Does it start with the other's keys? MySQL's `s(10)` is served by `s`. Only sorted ones serve from the left."""
    count = len(dropped.keys)
    if count > len(kept.keys) or (kept.method != "btree" and count != len(kept.keys)):
        return False
    last, other = dropped.keys[-1], kept.keys[count - 1]
    served = other == last or (last.length > 0 and other == replace(last, length=0))
    return served and kept.keys[: count - 1] == dropped.keys[:-1]
