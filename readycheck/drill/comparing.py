"""Holds a restored database against its source: structure, rows, and the contents of what did not change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
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

    def row(self, sql: str) -> tuple[Any, ...]:
        """The statement's first row.

        Raises:
            SQLAlchemyError: the database refuses.
        """
        with self.connection.begin() as transaction:
            self.dialect.guard(self.connection, Limits(10.0, COUNTING))
            row = self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True}).first()
            transaction.rollback()
        return tuple(row) if row else ()

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
    """The rows of every table that both have; contents are compared where the counts agree. Both are read side by side.

    Raises:
        CannotDrillError: the source cannot be counted.
    """
    there = {table.full_name: table for table in source.inventory.tables if not table.partition}
    with _side_by_side(source, restored) as ask:
        for table in restored.inventory.tables:
            if table.full_name not in there or table.materialized or table.partition:
                continue
            told(table.full_name)
            yield _compared(ask, source.address, table, there[table.full_name])


#: Puts a statement to both databases; `{}` in it stands for the table's name.
Ask = Callable[[str, Table, Table], tuple[tuple[Any, ...], ...]]


@contextmanager
def _side_by_side(source: Side, restored: Side) -> Iterator[Ask]:
    """Two servers answer in the time of one; a file of SQLite is read by the thread that opened it."""
    sides = (source, restored)
    with ThreadPoolExecutor(2) as pool:

        def ask(sql: str, mine: Table, theirs: Table) -> tuple[tuple[Any, ...], ...]:
            texts = (sql.format(source.quoted(mine)), sql.format(restored.quoted(theirs)))
            if source.address.dialect == "sqlite":
                return tuple(side.row(text) for side, text in zip(sides, texts, strict=True))
            # A refusal of one is told when the other has ended too: its connection takes one statement at a time.
            asked = [pool.submit(side.row, text) for side, text in zip(sides, texts, strict=True)]
            wait(asked)
            return tuple(future.result() for future in asked)

        try:
            yield ask
        except BaseException:
            for side in sides:
                side.dialect.interrupt(side.connection.connection.dbapi_connection)
            raise


def _compared(ask: Ask, address: Address, restored: Table, source: Table) -> TableCount:
    for sql in _WHOLE.get(address.dialect, ()):
        with suppress(SQLAlchemyError):
            (before, mine), (after, theirs) = ask(sql, source, restored)
            return TableCount(restored.full_name, before, after, mine == theirs if before == after and after else None)
    try:
        (before,), (after,) = ask("SELECT count(*) FROM {}", source, restored)
    except SQLAlchemyError as error:
        reason = unavailable(error, address).reason
        raise CannotDrillError(
            f"{restored.full_name} cannot be counted: {reason}", hint="grant SELECT on it"
        ) from error
    same = None
    if address.dialect == "mysql" and before == after and after:
        with suppress(SQLAlchemyError):
            (*_, mine), (*_, theirs) = ask("CHECKSUM TABLE {}", source, restored)
            same = bool(mine == theirs)
    return TableCount(restored.full_name, before, after, same)


#: Statements that count rows and make one number of their contents in any order, in one reading of the table. The first
#: fails on types without a hash, such as json.
_WHOLE = {
    "postgresql": (
        "SELECT count(*), sum(pg_catalog.hash_record_extended(t, 0)) FROM {} t",
        "SELECT count(*), sum(pg_catalog.hashtextextended(t::text, 0)) FROM {} t",
    )
}
