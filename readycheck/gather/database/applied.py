"""Reads the tables in which migration tools keep what they have applied; the tools themselves would create them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection

from readycheck.facts.database import Inventory, Table
from readycheck.facts.migrations import MOST_APPLIED, Applied, MigrationState, MigrationStates
from readycheck.facts.question import Unavailable
from readycheck.gather.database.catalogue import fetched

Row = Mapping[str, Any]
Tried = Callable[[Callable[[Any], Any]], Any]


class Tool(NamedTuple):
    """A tool by its table: the table's name and columns, what a row says, and where its lock is."""

    system: str
    name: str
    columns: frozenset[str]
    read: Callable[[list[Row]], tuple[Applied, ...]]
    lock_table: str = ""
    locked: Callable[[Row], str] = lambda _: ""
    up_to: bool = False


def _named(column: str) -> Callable[[list[Row]], tuple[Applied, ...]]:
    return lambda rows: tuple(Applied(str(row[column])) for row in rows)


def _prisma(rows: list[Row]) -> tuple[Applied, ...]:
    """A migration that was rolled back may have been applied again; the row without an end is the failed one."""
    last: dict[str, Applied] = {}
    for row in sorted(rows, key=lambda row: str(row["started_at"])):
        if row["rolled_back_at"] is None:
            name = str(row["migration_name"])
            last[name] = Applied(name, str(row["checksum"] or ""), failed=row["finished_at"] is None)
    return tuple(last.values())


def _flyway(rows: list[Row]) -> tuple[Applied, ...]:
    """The latest row of each version decides: an undo makes it pending again. A baseline was there before."""
    last: dict[str, Applied] = {}
    for row in sorted(rows, key=lambda row: int(row["installed_rank"])):
        if str(row["type"]).upper() in ("BASELINE", "UNDO_BASELINE", "DELETE", "SCHEMA"):
            continue
        name = str(row["version"] if row["version"] is not None else row["description"])
        if str(row["type"]).upper().startswith("UNDO"):
            last.pop(name, None)
            continue
        checksum = "" if row["checksum"] is None else str(row["checksum"])
        last[name] = Applied(name, checksum, failed=not row["success"])
    return tuple(last.values())


def _goose(rows: list[Row]) -> tuple[Applied, ...]:
    """The latest row of each version decides; version 0 is goose's own."""
    last = {int(row["version_id"]): bool(row["is_applied"]) for row in sorted(rows, key=lambda row: int(row["id"]))}
    return tuple(Applied(str(version)) for version, applied in sorted(last.items()) if version and applied)


def _liquibase(rows: list[Row]) -> tuple[Applied, ...]:
    return tuple(
        Applied(
            f"{row['id']}::{row['author']}::{str(row['filename']).rpartition('/')[2]}",
            failed=row["exectype"] == "FAILED",
        )
        for row in rows
    )


def _held(row: Row) -> str:
    """Who holds Liquibase's lock."""
    taken = row.get("locked")
    held = taken is True or str(taken) in ("1", "True", "b'\\x01'")
    return f"held by {row.get('lockedby')} since {row.get('lockgranted')}" if held else ""


TOOLS = (
    Tool("sequelize", "sequelizemeta", frozenset({"name"}), _named("name")),
    Tool(
        "knex",
        "knex_migrations",
        frozenset({"id", "name", "batch", "migration_time"}),
        _named("name"),
        "knex_migrations_lock",
        lambda row: "its lock is held: a run was cut short" if row.get("is_locked") else "",
    ),
    Tool("prisma", "_prisma_migrations", frozenset({"migration_name", "finished_at", "rolled_back_at"}), _prisma),
    Tool("typeorm", "migrations", frozenset({"id", "timestamp", "name"}), _named("name")),
    Tool("laravel", "migrations", frozenset({"id", "migration", "batch"}), _named("migration")),
    Tool("alembic", "alembic_version", frozenset({"version_num"}), _named("version_num"), up_to=True),
    Tool(
        "django",
        "django_migrations",
        frozenset({"app", "name", "applied"}),
        lambda rows: tuple(Applied(f"{row['app']}.{row['name']}") for row in rows),
    ),
    Tool(
        "golang-migrate",
        "schema_migrations",
        frozenset({"version", "dirty"}),
        lambda rows: tuple(Applied(str(row["version"]), failed=bool(row["dirty"])) for row in rows),
        up_to=True,
    ),
    Tool("rails", "schema_migrations", frozenset({"version"}), _named("version")),
    Tool("flyway", "flyway_schema_history", frozenset({"installed_rank", "version", "checksum", "success"}), _flyway),
    Tool(
        "liquibase",
        "databasechangelog",
        frozenset({"id", "author", "filename", "exectype"}),
        _liquibase,
        "databasechangeloglock",
        _held,
    ),
    Tool("goose", "goose_db_version", frozenset({"id", "version_id", "is_applied"}), _goose),
)


def read_states(connection: Connection, inventory: Inventory, tried: Tried) -> MigrationStates:
    """What each tool's table says; `tried` runs a statement in a transaction of its own, or tells why it could not."""
    states = [_state(connection, inventory, table, tool, tried) for table, tool in _kept(inventory)]
    return MigrationStates(tuple(states), len(inventory.tables))


def _kept(inventory: Inventory) -> Iterator[tuple[Table, Tool]]:
    """The tables that a tool keeps, told by name and columns: two tools share a name, and Sequelize's can be set."""
    rails = any(table.name == "ar_internal_metadata" for table in inventory.tables)
    for table in inventory.tables:
        columns = {column.name.lower() for column in table.columns}
        tool = next((tool for tool in TOOLS if tool.name == table.name.lower() and tool.columns <= columns), None)
        if tool is None and columns == {"name"} and re.search(r"meta|migration", table.name, re.IGNORECASE):
            tool = TOOLS[0]
        if tool is not None and tool.system == "rails" and not rails:
            tool = tool._replace(system="dbmate")
        if tool is not None:
            yield table, tool


def _state(connection: Connection, inventory: Inventory, table: Table, tool: Tool, tried: Tried) -> MigrationState:
    rows = _rows(connection, table, tried)
    if isinstance(rows, Unavailable):
        return MigrationState(tool.system, table.full_name, problem=rows.reason)
    lock = _lock(connection, inventory, table, tool, tried)
    return MigrationState(tool.system, table.full_name, tool.read(rows), lock, up_to=tool.up_to)


def _lock(connection: Connection, inventory: Inventory, table: Table, tool: Tool, tried: Tried) -> str:
    beside = [
        other for other in inventory.tables if other.schema == table.schema and other.name.lower() == tool.lock_table
    ]
    rows = _rows(connection, beside[0], tried) if beside and tool.lock_table else []
    return "" if isinstance(rows, Unavailable) else next(filter(None, map(tool.locked, rows)), "")


def _rows(connection: Connection, table: Table, tried: Tried) -> list[Row] | Unavailable:
    """Every row by the names of its columns in lower case; logs of failures, which may hold data, stay behind."""
    quoted = connection.dialect.identifier_preparer.quote_identifier
    wanted = [column.name for column in table.columns if column.name.lower() not in ("logs", "description_long")]
    name = ".".join(quoted(part) for part in (table.schema, table.name) if part)
    sql = f"SELECT {', '.join(map(quoted, wanted))} FROM {name}"  # noqa: S608 - the catalogue's names, quoted
    found = tried(
        lambda _: fetched(connection.exec_driver_sql(sql, execution_options={"no_parameters": True}), MOST_APPLIED)
    )
    if isinstance(found, Unavailable):
        return found
    return [{column.lower(): value for column, value in zip(wanted, row, strict=True)} for row in found]
