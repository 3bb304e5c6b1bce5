"""Joins the row sets that every dialect lists (tables, columns, index keys, foreign keys) into one inventory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, CursorResult

from readycheck.facts.database import Column, Counting, ForeignKey, Index, Table
from readycheck.gather.database.failures import TooLargeError

#: The most columns, keys or constraints that are listed: some 50,000 tables, or partitions, of twenty columns.
MOST_LISTED = 1_000_000
_AT_ONCE = 500


class Listed(NamedTuple):
    """A table of the catalogue, and the key that its columns, indexes and foreign keys are listed under."""

    key: Any
    schema: str
    name: str
    partition: bool = False
    materialized: bool = False
    rows: int | None = None
    bytes: int = 0


@dataclass(slots=True)
class Catalogue:
    """What a dialect listed, each part under the key of its table."""

    tables: list[Listed] = field(default_factory=list)
    columns: defaultdict[Any, list[Column]] = field(default_factory=lambda: defaultdict(list))
    indexes: defaultdict[Any, list[Index]] = field(default_factory=lambda: defaultdict(list))
    primary_keys: dict[Any, tuple[str, ...]] = field(default_factory=dict)
    foreign_keys: defaultdict[Any, list[ForeignKey]] = field(default_factory=lambda: defaultdict(list))
    counting: Counting = field(default_factory=Counting)

    def joined(self) -> tuple[Table, ...]:
        """The tables with their parts, in the order of their names."""
        tables = [self._table(listed) for listed in self.tables]
        return tuple(sorted(tables, key=attrgetter("schema", "name")))

    def _table(self, listed: Listed) -> Table:
        indexes = sorted(self.indexes.get(listed.key, ()), key=_order)
        return Table(
            listed.schema,
            listed.name,
            tuple(self.columns.get(listed.key, ())),
            primary_key=self.primary_keys.get(listed.key) or _primary(indexes),
            indexes=tuple(indexes),
            foreign_keys=tuple(sorted(self.foreign_keys.get(listed.key, ()), key=attrgetter("name", "columns"))),
            partition=listed.partition,
            materialized=listed.materialized,
            rows=listed.rows,
            bytes=listed.bytes,
        )


def _order(index: Index) -> tuple[bool, str]:
    """The primary key comes first."""
    return not index.primary, index.name


def _primary(indexes: Sequence[Index]) -> tuple[str, ...]:
    return indexes[0].columns if indexes and indexes[0].primary else ()


def listed(connection: Connection, sql: str) -> list[Any]:
    """The rows of a catalogue statement; `%` in it means itself.

    Raises:
        TooLargeError: there are more than `MOST_LISTED`.
    """
    result = connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
    rows = fetched(result, MOST_LISTED + 1)
    require_listed(len(rows))
    return rows


def require_listed(count: int) -> None:
    """Refuse a list that is too long to be carried.

    Raises:
        TooLargeError: it is longer than `MOST_LISTED`.
    """
    if count > MOST_LISTED:
        raise TooLargeError(f"the database lists more than {MOST_LISTED:,} columns, keys or constraints")


def fetched(result: CursorResult[Any], most: int) -> list[Any]:
    """At most so many rows, a few at a time: drivers of ODBC make room for all that they are asked for at once."""
    rows: list[Any] = []
    while len(rows) < most and (more := result.fetchmany(min(_AT_ONCE, most - len(rows)))):
        rows.extend(more)
    return rows


def canonical(text: str) -> str:
    """A short text that is equal for equal predicates or expressions; literals in them do not travel."""
    return blake2b(" ".join(text.split()).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
