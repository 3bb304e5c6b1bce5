"""Holds a restored database against its source: structure, rows, and the contents of what did not change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from readycheck.drill.outcome import CannotDrillError
from readycheck.facts.database import DatabaseInventory, ForeignKey, Index, Inventory, Table
from readycheck.facts.drills import TableCount
from readycheck.facts.question import Unavailable
from readycheck.gather.database.address import Address, read_address
from readycheck.gather.database.dialect import Dialect, Limits
from readycheck.gather.database.failures import FAILURES, missing_driver, unavailable
from readycheck.gather.database.gatherer import DIALECTS, DatabaseGatherer

#: Seconds that counting one table may take.
COUNTING = 900.0
#: Views, sequences, functions and triggers by name, in each dialect.
OBJECTS = {
    "postgresql": (
        "SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'sequence' END, "
        "n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('v', 'm', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
        "AND n.nspname NOT LIKE 'pg\\_%' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') "
        "UNION ALL SELECT 'function', n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n "
        "ON n.oid = p.pronamespace WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') "
        "AND n.nspname NOT LIKE 'pg\\_%' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') "
        "UNION ALL SELECT 'trigger', c.relname || '.' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal"
    ),
    "mysql": (
        "SELECT 'view', table_name FROM information_schema.views WHERE table_schema = DATABASE() "
        "UNION ALL SELECT lower(routine_type), routine_name FROM information_schema.routines WHERE routine_schema = DATABASE() "
        "UNION ALL SELECT 'trigger', trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
    ),
    "sqlite": "SELECT type, name FROM sqlite_master WHERE type IN ('view', 'trigger')",
}


class Side(NamedTuple):
    """One of the two databases: its structure, its other objects, and how to ask it."""

    inventory: Inventory
    objects: frozenset[tuple[str, str]]
    connection: Connection
    dialect: Dialect
    address: Address

    def value(self, sql: str) -> Any:
        """The first cell of the statement's first row.

        Raises:
            SQLAlchemyError: the database refuses.
        """
        with self.connection.begin() as transaction:
            self.dialect.guard(self.connection, Limits(10.0, COUNTING))
            row = self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True}).first()
            transaction.rollback()
        return row[-1] if row else None

    def quoted(self, table: Table) -> str:
        """The table's name as this dialect quotes it."""
        quote = self.connection.dialect.identifier_preparer.quote_identifier
        return ".".join(quote(part) for part in (table.schema, table.name) if part)


def opened(url: str, stack: ExitStack, name: str) -> Side:
    """The database at this URL, with what a comparison needs to know of it.

    Raises:
        CannotDrillError: it cannot be asked, or sees nothing.
    """
    address = read_address(url)
    dialect = DIALECTS.get(address.dialect)
    if dialect is None or address.dialect not in OBJECTS:
        raise CannotDrillError(
            f"a drill of {address.dialect} cannot be held here",
            hint="restore it on a server of its own, and attest what was compared",
        )
    ((_, inventory),) = DatabaseGatherer(url, timeout=60.0).answers([DatabaseInventory()])
    if isinstance(inventory, Unavailable):
        raise CannotDrillError(f"{name}: {inventory.reason}")
    try:
        connection = stack.enter_context(stack.enter_context(dialect.engine(address, Limits(10.0, COUNTING))).connect())
        rows = connection.exec_driver_sql(OBJECTS[address.dialect], execution_options={"no_parameters": True}).all()
        connection.rollback()
    except ImportError as error:
        raise CannotDrillError(missing_driver(address.dialect).reason) from error
    except FAILURES as error:
        raise CannotDrillError(f"{name}: {unavailable(error, address).reason}") from error
    return Side(inventory, frozenset((str(kind), str(label)) for kind, label in rows), connection, dialect, address)


def structure(source: Side, restored: Side) -> list[str]:
    """What of the source is missing in the restored database or stands there otherwise; nothing when both are alike."""
    here = {table.full_name: table for table in restored.inventory.tables}
    there = {table.full_name: table for table in source.inventory.tables}
    found = [f"the table {name} is missing" for name in there if name not in here]
    found += [f"the table {name} is not in the source" for name in here if name not in there]
    for name, table in there.items():
        if name in here:
            found += _differences(name, table, here[name])
    found += [f"the {kind} {name} is missing" for kind, name in sorted(source.objects - restored.objects)]
    return found


def _differences(name: str, source: Table, restored: Table) -> Iterator[str]:
    mine = {column.name: (column.type, column.nullable) for column in restored.columns}
    for column in source.columns:
        if column.name not in mine:
            yield f"the column {name}.{column.name} is missing"
        elif mine[column.name] != (column.type, column.nullable):
            yield f"the column {name}.{column.name} has another type"
    if source.primary_key != restored.primary_key:
        yield f"{name} has another primary key"
    yield from _lost(f"index of {name}", map(_index, source.indexes), map(_index, restored.indexes))
    yield from _lost(f"foreign key of {name}", map(_key, source.foreign_keys), map(_key, restored.foreign_keys))


def _lost(what: str, source: Iterable[tuple[str, object]], restored: Iterable[tuple[str, object]]) -> Iterator[str]:
    mine = dict(restored)
    for label, rule in source:
        if mine.get(label) != rule:
            yield f"the {what} {label} {'stands there otherwise' if label in mine else 'is missing'}"


def _index(index: Index) -> tuple[str, object]:
    """Predicates are compared by being there: their stored form differs between versions of PostgreSQL."""
    return index.name, (index.columns, index.unique, index.primary, index.method, index.partial, index.includes)


def _key(key: ForeignKey) -> tuple[str, object]:
    return key.name or ", ".join(key.columns), (key.columns, key.referred_table, key.referred_columns)


def counts(source: Side, restored: Side, told: Callable[[str], None]) -> Iterator[TableCount]:
    """The rows of every table that both have; contents are compared where the counts agree.

    Raises:
        CannotDrillError: the source cannot be counted.
    """
    there = {table.full_name: table for table in source.inventory.tables if not table.partition}
    for table in restored.inventory.tables:
        if table.full_name not in there or table.materialized or table.partition:
            continue
        told(table.full_name)
        before = _counted(source, there[table.full_name])
        after = _counted(restored, table)
        same = _alike(source, restored, table) if before == after and after else None
        yield TableCount(table.full_name, before, after, same)


def _counted(side: Side, table: Table) -> int:
    try:
        return int(side.value(f"SELECT count(*) FROM {side.quoted(table)}"))  # noqa: S608 - the catalogue's name, quoted
    except SQLAlchemyError as error:
        reason = unavailable(error, side.address).reason
        raise CannotDrillError(f"{table.full_name} cannot be counted: {reason}", hint="grant SELECT on it") from error


def _alike(source: Side, restored: Side, table: Table) -> bool | None:
    """Do both hold the same contents? None where a checksum cannot be made on both."""
    for sql in _checksums(source.address.dialect):
        try:
            before, after = (side.value(sql.format(side.quoted(table))) for side in (source, restored))
        except SQLAlchemyError:
            continue
        return bool(before == after)
    return None


def _checksums(dialect: str) -> tuple[str, ...]:
    """Statements whose one cell stands for all rows in any order. The first fails on types without a hash, such as json."""
    return {
        "postgresql": (
            "SELECT sum(pg_catalog.hash_record_extended(t, 0)) FROM {} t",
            "SELECT sum(pg_catalog.hashtextextended(t::text, 0)) FROM {} t",
        ),
        "mysql": ("CHECKSUM TABLE {}",),
    }.get(dialect, ())
