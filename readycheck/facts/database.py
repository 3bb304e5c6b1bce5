"""Questions to a live database: its structure, and the rows of a read-only statement."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.model import Target


class Column(Struct, frozen=True, omit_defaults=True):
    """A column; `collation` is empty where the default of its type applies."""

    name: str
    type: str
    nullable: bool
    collation: str = ""


class Index(Struct, frozen=True, omit_defaults=True):
    """An index. `columns` are its key columns in order, an expression standing as an empty text.

    `usable` is false when it is invalid, disabled or ignored by the planner; `partial` when it has a predicate
    (`predicate` is its text where the server tells, with `not_null_only` when it is just "this one column IS NOT NULL").
    `collations` go with `columns`, empty where the column's own applies; `prefix` where only the start of a column is kept.
    """

    name: str
    columns: tuple[str, ...]
    unique: bool = False
    primary: bool = False
    method: str = "btree"
    usable: bool = True
    partial: bool = False
    predicate: str = ""
    not_null_only: bool = False
    includes: tuple[str, ...] = ()
    descending: tuple[bool, ...] = ()
    collations: tuple[str, ...] = ()
    prefix: bool = False


class ForeignKey(Struct, frozen=True, omit_defaults=True):
    """A foreign key from `columns` to `referred_columns` of another table, in matching order."""

    name: str
    columns: tuple[str, ...]
    referred_table: str
    referred_columns: tuple[str, ...]
    validated: bool = True


class Table(Struct, frozen=True, omit_defaults=True):
    """A table with its columns, keys and indexes; `schema` is empty where the dialect has none."""

    schema: str
    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    partition: bool = False

    @property
    def full_name(self) -> str:
        """The name as findings show it."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


class Inventory(Struct, frozen=True, omit_defaults=True):
    """The structure of the database that this login can see. `encrypted` is None where the server does not tell."""

    dialect: str
    version: str
    tables: tuple[Table, ...]
    encrypted: bool | None = None
    local: bool = False


class DatabaseInventory(Question[Inventory], frozen=True):
    """Which tables, columns, keys and indexes does the database have, and is this connection encrypted?"""

    target: ClassVar[Target] = Target.DATABASE
    answer: ClassVar[type] = Inventory


class Rows(Struct, frozen=True):
    """At most `MOST_ROWS` rows as redacted text; `total` counts those that were fetched before the limit."""

    dialect: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    truncated: bool


class SqlRows(Question[Rows], frozen=True):
    """What does this read-only statement give? Pairs of dialect and SQL; a dialect without one is not applicable."""

    target: ClassVar[Target] = Target.DATABASE
    answer: ClassVar[type] = Rows

    statements: tuple[tuple[str, str], ...]


#: The most rows that an answer carries.
MOST_ROWS = 50
