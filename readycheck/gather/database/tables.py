"""Looks whether tables of certain names have a row, without counting or reading them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection

from readycheck.facts.database import MOST_TABLES, Inventory, Table, TableSeen, TablesFilled, TablesSeen
from readycheck.facts.question import Unavailable


def look_into(
    connection: Connection, inventory: Inventory, question: TablesFilled, tried: Callable[[Any], Any]
) -> TablesSeen:
    """The tables whose names match, each asked for one row; `tried` runs a statement or tells why it could not."""
    names = [_pattern(pattern) for pattern in question.patterns]
    tables = [table for table in inventory.tables if not table.partition and not table.materialized]
    matching = [table for table in tables if any(name.fullmatch(table.name) for name in names)]
    seen = (_seen(connection, table, tried) for table in matching[:MOST_TABLES])
    return TablesSeen(tuple(seen), len(tables))


def _pattern(pattern: str) -> re.Pattern[str]:
    """`*` as anything; a run of them as one, so that matching stays quick on any name."""
    parts: Iterable[str] = (re.escape(part) for part in re.split(r"\*+", pattern))
    return re.compile(".*".join(parts), re.IGNORECASE | re.DOTALL)


def _seen(connection: Connection, table: Table, tried: Callable[[Any], Any]) -> TableSeen:
    quoted = connection.dialect.identifier_preparer.quote_identifier
    name = ".".join(quoted(part) for part in (table.schema, table.name) if part)
    sql = f"SELECT 1 FROM {name} LIMIT 1"  # noqa: S608 - the catalogue's own name, quoted as the dialect quotes
    found = tried(lambda _: connection.exec_driver_sql(sql, execution_options={"no_parameters": True}).first())
    if isinstance(found, Unavailable):
        return TableSeen(table.full_name, None, found.reason)
    return TableSeen(table.full_name, found is not None)
