"""Questions to a live database: its structure, the rows of a read-only statement, and whether tables are filled."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.facts.statement import require_reading
from readycheck.model import Target


class Column(Struct, frozen=True, omit_defaults=True, gc=False):
    """A column; `collation` is empty where the default of its type applies."""

    name: str
    type: str
    nullable: bool
    collation: str = ""


class Key(Struct, frozen=True, omit_defaults=True, gc=False):
    """One key of an index: a column, or an expression in a canonical form (empty where it could not be read).

    `collation` and `operators` (PostgreSQL's operator family) are empty where the column's own apply; `length` is the
    number of characters kept of the column, 0 for all of it. Equal keys sort equally.
    """

    column: str = ""
    expression: str = ""
    collation: str = ""
    operators: str = ""
    descending: bool = False
    nulls_first: bool = False
    length: int = 0


class IndexState(StrEnum):
    """Does the server use an index? `UNSURE` is one that is invalid or still being built: this login cannot tell."""

    VALID = "valid"
    INVALID = "invalid"
    BUILDING = "building"
    UNSURE = "unsure"
    IGNORED = "ignored"


class Index(Struct, frozen=True, omit_defaults=True, gc=False):
    """An index with its keys in order, its included columns aside.

    `constraint` says that a constraint, a foreign key of another table or a replica identity rests on it. `predicate`
    is a canonical form, equal for equal predicates and not meant for reading; `not_null` are the columns when all that
    it says is that they are NOT NULL. `bytes` is an estimate, 0 where there is none; `scans` counts how often this server
    read it since its counters began, and is None where it does not count or does not tell this login.
    """

    name: str
    keys: tuple[Key, ...]
    unique: bool = False
    primary: bool = False
    constraint: bool = False
    method: str = "btree"
    state: IndexState = IndexState.VALID
    partial: bool = False
    predicate: str = ""
    not_null: tuple[str, ...] = ()
    nulls_distinct: bool = True
    includes: tuple[str, ...] = ()
    bytes: int = 0
    scans: int | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The key columns in order, an expression standing as an empty text."""
        return tuple(key.column for key in self.keys)

    @property
    def usable(self) -> bool:
        """May the planner choose it?"""
        return self.state is IndexState.VALID


class ForeignKey(Struct, frozen=True, omit_defaults=True, gc=False):
    """A foreign key from `columns` to `referred_columns` of another table, in matching order; SQLite names none.

    `validated`: every row was held against it; `enabled`: new rows are (only SQL Server can switch one off).
    """

    name: str
    columns: tuple[str, ...]
    referred_table: str
    referred_columns: tuple[str, ...]
    validated: bool = True
    enabled: bool = True


class Table(Struct, frozen=True, omit_defaults=True, gc=False):
    """A table with its columns, keys and indexes; `schema` is empty where the dialect has none.

    `partition` is one part of a partitioned table; `materialized` a stored view, which has indexes and no keys. `rows`
    is the server's estimate, None where it has none; `bytes` the estimated size of the rows without indexes.
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    partition: bool = False
    materialized: bool = False
    rows: int | None = None
    bytes: int = 0

    @property
    def full_name(self) -> str:
        """The name as findings show it."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


class Counting(Struct, frozen=True, omit_defaults=True):
    """For how many days this server has counted the use of indexes; None where that is not known, and `problem` why.

    `others`: other servers answer queries on the same data, and each counts for itself.
    """

    days: float | None = None
    problem: str = ""
    others: bool = False


class Inventory(Struct, frozen=True, omit_defaults=True):
    """The structure of the database that this login can see, without what the server and its extensions brought.

    `dialect` is `sqlite`, `postgresql`, `mysql`, `mariadb` or `mssql`. `encrypted` tells of this connection, and is None
    where there is none to encrypt; `local` says that it does not leave the machine.
    """

    dialect: str
    version: str
    tables: tuple[Table, ...]
    encrypted: bool | None = None
    local: bool = False
    counting: Counting = Counting()


class DatabaseInventory(Question[Inventory], frozen=True):
    """Which tables, columns, keys and indexes does the database have, and is this connection encrypted?"""

    target: ClassVar[Target] = Target.DATABASE
    answer: ClassVar[type] = Inventory


class Identifier(Struct, frozen=True, omit_defaults=True):
    """A column that the database numbers: its type in the dialect's words, and the highest number given so far.

    `last` is None where none was given yet, and also where `hidden` says that this login is not told.
    """

    table: str
    column: str
    type: str
    last: int | None = None
    hidden: bool = False


class Identifiers(Struct, frozen=True):
    """The numbered columns, each with how far it has come."""

    dialect: str
    columns: tuple[Identifier, ...]


class DatabaseIdentifiers(Question[Identifiers], frozen=True):
    """How far have the columns come that the database numbers by itself?"""

    target: ClassVar[Target] = Target.DATABASE
    answer: ClassVar[type] = Identifiers


class Rows(Struct, frozen=True):
    """At most `MOST_ROWS` rows as redacted text of at most `LONGEST_CELL` characters; `truncated`: there were more."""

    dialect: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    truncated: bool


class SqlRows(Question[Rows], frozen=True):
    """What does this read-only statement give? Pairs of dialect and SQL; a dialect without one is not applicable.

    The dialect `any` is asked where no other fits; MariaDB takes what is meant for `mysql` unless it has its own.
    """

    target: ClassVar[Target] = Target.DATABASE
    answer: ClassVar[type] = Rows

    statements: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        """Refuse a statement that might do more than read, wherever the question comes from."""
        for _, sql in self.statements:
            require_reading(sql)

    def statement(self, dialect: str) -> str | None:
        """The statement for this dialect, or None when it is not meant for it."""
        known = dict(self.statements)
        fitting = [dialect, *(["mysql"] if dialect == "mariadb" else []), "any"]
        return next((known[name] for name in fitting if name in known), None)


class TableSeen(Struct, frozen=True, omit_defaults=True):
    """A table, and whether it has a row; None with the reason as `problem` where that could not be learned."""

    name: str
    filled: bool | None
    problem: str = ""


class TablesSeen(Struct, frozen=True):
    """The matching tables (at most `MOST_TABLES`), and how many tables were looked through."""

    tables: tuple[TableSeen, ...]
    searched: int


class TablesFilled(Question[TablesSeen], frozen=True):
    """Which tables have names like these (`*` stands for anything, case aside), and does each have at least one row?"""

    target: ClassVar[Target] = Target.DATABASE
    answer: ClassVar[type] = TablesSeen

    patterns: tuple[str, ...]


#: The most rows that an answer carries, the most characters of a cell, and the most tables that are looked into.
MOST_ROWS, LONGEST_CELL, MOST_TABLES = 50, 200, 20
