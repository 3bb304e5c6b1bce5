"""Holds the indexes that a document declares against those that the database has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeVar

from msgspec import Struct

from readycheck.facts.database import Index, Inventory, Key, Table

T = TypeVar("T")


class DeclaredIndex(Struct, frozen=True):
    """An index that a document names: its table (with a schema where that matters), columns in order, its name."""

    table: str
    columns: tuple[str, ...]
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse an index on nothing."""
        if not self.table.strip() or not self.columns or not all(column.strip() for column in self.columns):
            raise ValueError("an index needs a table and at least one column, none of them empty")

    def __str__(self) -> str:
        named = f"{self.name} on " if self.name else ""
        return f"{named}{self.table}({', '.join(self.columns)})"


class State(StrEnum):
    """How a declared index stands in the database."""

    PRESENT = "present"
    OTHER_NAME = "present under another name"
    OTHER_COLUMNS = "its name is taken by an index on other columns"
    INVALID = "only there as an index that the server does not use"
    MISSING = "missing"
    IMPOSSIBLE = "cannot exist"

    @property
    def there(self) -> bool:
        """Does it serve its table?"""
        return self in (State.PRESENT, State.OTHER_NAME)


class Standing(NamedTuple):
    """How a declared index stands, the object that shows it, a word more, and what it would be made on if missing."""

    state: State
    object: str
    note: str = ""
    table: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


def standings(declared: DeclaredIndex, inventory: Inventory) -> Iterator[Standing]:
    """How the index stands in each table that its name means: one, unless several schemas have such a table."""
    tables = _tables(declared.table, inventory)
    if not tables:
        seen = " that this login sees" if inventory.dialect in ("mysql", "mariadb") else ""
        yield Standing(State.IMPOSSIBLE, declared.table, f"there is no table {declared.table}{seen}")
    for table in tables:
        yield _standing(declared, table, inventory)


def _standing(declared: DeclaredIndex, table: Table, inventory: Inventory) -> Standing:
    columns = []
    for name in declared.columns:
        column = _meant(name, table.columns, lambda column: column.name, inventory.dialect)
        if column is None:
            return Standing(State.IMPOSSIBLE, table.full_name, f"{table.full_name} has no column {name}")
        columns.append(column.name)
    serving = [index for index in table.indexes if _serves(index, columns)]
    usable = [index for index in serving if index.usable]
    if usable:
        return _present(declared, table, usable, inventory.dialect)
    if serving:
        note = f"{serving[0].name} is {serving[0].state.value}"
        return Standing(State.INVALID, f"{table.full_name}.{serving[0].name}", note)
    return _absent(declared, table, columns, inventory)


def _present(declared: DeclaredIndex, table: Table, serving: Sequence[Index], dialect: str) -> Standing:
    named = _meant(declared.name, serving, lambda index: index.name, dialect) if declared.name else serving[0]
    if named is not None:
        return Standing(State.PRESENT, f"{table.full_name}.{named.name}")
    return Standing(State.OTHER_NAME, f"{table.full_name}.{serving[0].name}", serving[0].name)


def _absent(declared: DeclaredIndex, table: Table, columns: Sequence[str], inventory: Inventory) -> Standing:
    # MySQL names indexes within a table, the others within a schema.
    near = [table] if inventory.dialect in ("mysql", "mariadb") else _of_schema(table.schema, inventory)
    indexes = [(other, index) for other in near for index in other.indexes]
    taken = _meant(declared.name, indexes, lambda pair: pair[1].name, inventory.dialect) if declared.name else None
    if taken is not None:
        other, index = taken
        return Standing(State.OTHER_COLUMNS, f"{other.full_name}.{index.name}", _described(other, index))
    notes = (_near_miss(index, columns) for index in table.indexes)
    path = (table.schema, table.name) if table.schema else (table.name,)
    return Standing(State.MISSING, table.full_name, next(filter(None, notes), ""), path, tuple(columns))


def _of_schema(schema: str, inventory: Inventory) -> list[Table]:
    return [table for table in inventory.tables if table.schema == schema]


def _described(table: Table, index: Index) -> str:
    columns = ", ".join(column or "an expression" for column in index.columns)
    return f"it is on {table.full_name}({columns}){' for some rows only' if index.partial else ''}"


def _serves(index: Index, columns: Sequence[str]) -> bool:
    """Do its first keys stand for these whole columns, in this order, for every row and every comparison?"""
    first = index.keys[: len(columns)]
    plain = all(_plain(key) for key in first)
    return index.method == "btree" and not index.partial and plain and [key.column for key in first] == list(columns)


def _plain(key: Key) -> bool:
    """Is it a column as it sorts by itself? A part of it still finds rows: MySQL indexes no text column otherwise."""
    return bool(key.column) and not key.collation and not key.operators


def _near_miss(index: Index, columns: Sequence[str]) -> str:
    """Why an index that looks like the declared one is not it, or an empty text."""
    first = index.columns[: len(columns)]
    if list(first) != list(columns):
        return f"{index.name} has these columns in another order" if sorted(first) == sorted(columns) else ""
    if index.partial:
        return f"{index.name} covers some rows only"
    if index.method != "btree":
        return f"{index.name} is a {index.method} index"
    return f"{index.name} sorts otherwise than the columns do"


def _tables(name: str, inventory: Inventory) -> list[Table]:
    """The tables that this name means: with its schema, else in `public` (PostgreSQL's default), else in any schema."""
    whole = _meant(name, inventory.tables, lambda table: table.full_name, inventory.dialect)
    if whole is not None:
        return [whole]
    schemas = dict.fromkeys(table.schema for table in inventory.tables)
    found = [
        table
        for schema in schemas
        if (table := _meant(name, _of_schema(schema, inventory), lambda table: table.name, inventory.dialect))
    ]
    return [table for table in found if table.schema == "public"] or found


def _meant(name: str, things: Iterable[T], named: Callable[[T], str], dialect: str) -> T | None:
    """The thing that a name in SQL text means.

    That is the very name; else, as PostgreSQL folds it, the name in lower case; else the only one that differs in case,
    since tools that quote every name keep capitals which people leave out.
    """
    known = list(things)
    spellings = [name, name.lower()] if dialect == "postgresql" else [name]
    for spelling in spellings:
        for thing in known:
            if named(thing) == spelling:
                return thing
    alike = [thing for thing in known if named(thing).lower() == name.lower()]
    return alike[0] if len(alike) == 1 else None
