"""PostgreSQL by psycopg 3: six statements over raw catalogues, none of which waits for a session that alters a table.

`pg_get_expr`, `pg_get_indexdef` and `pg_indexes` lock the table and would stand behind a migration; the node trees that
they print are read as they are stored instead.
"""

from __future__ import annotations

import socket
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from readycheck.facts.database import Column, Counting, ForeignKey, Identifier, Index, IndexState, Key
from readycheck.gather.database.address import Address
from readycheck.gather.database.catalogue import Catalogue, Listed, canonical, listed
from readycheck.gather.database.dialect import LOCK_SECONDS, Limits, Server
from readycheck.gather.database.postgresql_trees import expressions, without_places
from readycheck.gather.database.postgresql_trees import not_null as numbers_not_null

#: What of a URL's query libpq is given; ORMs add words of their own, such as `schema` or `connection_limit`.
_LIBPQ = frozenset(
    """
    channel_binding gssencmode host hostaddr keepalives krbsrvname options passfile port require_auth service sslcert
    sslcrl sslkey sslmode sslnegotiation sslpassword sslrootcert target_session_attrs
    """.split()  # noqa: SIM905 - a list of words, not of literals
)
#: Versions that brought a catalogue or a column: progress of CREATE INDEX, and NULLS NOT DISTINCT.
_PROGRESS, _NULLS = 120_000, 150_000

_OWN = (
    "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' "
    "AND c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' "
    "AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d "
    "WHERE d.classid = 1259 AND d.objid = c.oid AND d.deptype = 'e')"
)
_CLASSES = "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
# ruff: noqa: S608 - the statements are made of constants
# Sizes are those of the last VACUUM or ANALYZE: asking the file system, as pg_relation_size does, would take a lock.
_SIZE = "{0}.relpages::bigint * pg_catalog.current_setting('block_size')::bigint"
TABLES = (
    "SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text, c.relispartition, c.reltuples::bigint, "
    f"{_SIZE.format('c')} FROM {_CLASSES} WHERE {_OWN}"
)
COLUMNS = (
    "SELECT a.attrelid, a.attnum, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, "
    "co.collname::text "
    f"FROM {_CLASSES} JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
    "LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
    "LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation AND a.attcollation <> t.typcollation "
    f"WHERE a.attnum > 0 AND NOT a.attisdropped AND {_OWN} ORDER BY a.attrelid, a.attnum"
)
# One row for each key and included column; what belongs to the whole index comes first. int2vector counts from 0.
INDEXES = (
    "SELECT i.indrelid, i.indexrelid, ic.relname::text, am.amname::text, i.indisunique, i.indisprimary, "
    "i.indisreplident, i.indisvalid AND i.indisready AND i.indislive, {nulls}, i.indpred::text, i.indexprs::text, "
    "k.n < i.indnkeyatts, a.attname::text, i.indoption[k.n], co.collname::text, "
    "CASE WHEN oc.opcdefault OR oc.opcname = 'varchar_ops' THEN '' ELSE f.opfname::text END, "
    f"{_SIZE.format('ic')}, CASE WHEN k.n = 0 THEN pg_catalog.pg_stat_get_numscans(i.indexrelid) END "
    f"FROM {_CLASSES} JOIN pg_catalog.pg_index i ON i.indrelid = c.oid "
    "JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid JOIN pg_catalog.pg_am am ON am.oid = ic.relam "
    "CROSS JOIN LATERAL pg_catalog.generate_series(0, i.indnatts - 1) AS k(n) "
    "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.n] AND a.attnum <> 0 "
    "LEFT JOIN pg_catalog.pg_opclass oc ON oc.oid = i.indclass[k.n] "
    "LEFT JOIN pg_catalog.pg_opfamily f ON f.oid = oc.opcfamily "
    "LEFT JOIN pg_catalog.pg_collation co ON co.oid = i.indcollation[k.n] AND co.oid <> coalesce(a.attcollation, 0) "
    f"WHERE {_OWN} ORDER BY i.indexrelid, k.n"
)
_NAMES = (
    "ARRAY(SELECT a.attname::text FROM pg_catalog.unnest({numbers}) WITH ORDINALITY AS u(number, place) "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = {table} AND a.attnum = u.number ORDER BY u.place)"
)
CONSTRAINTS = (
    "SELECT k.conrelid, k.conname::text, k.contype::text, k.conindid, k.convalidated, k.conparentid, "
    f"{_NAMES.format(numbers='k.conkey', table='k.conrelid')}, rn.nspname::text, rc.relname::text, "
    f"{_NAMES.format(numbers='k.confkey', table='k.confrelid')} "
    f"FROM {_CLASSES} JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid "
    "LEFT JOIN pg_catalog.pg_class rc ON rc.oid = k.confrelid "
    "LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = rc.relnamespace "
    f"WHERE k.contype IN ('f', 'p', 'u', 'x') AND {_OWN}"
)
# The counters survive a clean restart and are lost in a crash, after which `stats_reset` is NULL: the start bounds both.
# A provider's readers are not seen from here, so its servers are taken to have some.
COUNTING = (
    "SELECT extract(epoch FROM pg_catalog.now() - coalesce(d.stats_reset, pg_catalog.pg_postmaster_start_time())) / 86400,"
    " pg_catalog.current_setting('track_counts') = 'on', pg_catalog.pg_is_in_recovery() "
    "OR EXISTS (SELECT 1 FROM pg_catalog.pg_stat_replication r "
    "WHERE coalesce(r.application_name, '') NOT IN ('pg_basebackup', 'pg_receivewal')) "
    "OR EXISTS (SELECT 1 FROM pg_catalog.pg_settings WHERE name LIKE 'rds.%' OR name LIKE 'cloudsql.%' "
    "OR name LIKE 'azure.%' OR name LIKE 'alloydb.%') "
    "FROM pg_catalog.pg_stat_database d WHERE d.datname = pg_catalog.current_database()"
)
# The function refuses a login without rights on a sequence, and with it the whole statement.
IDENTIFIERS = (
    "SELECT n.nspname || '.' || c.relname, a.attname::text, pg_catalog.format_type(a.atttypid, NULL), "
    "CASE WHEN pg_catalog.has_sequence_privilege(s.oid, 'USAGE, SELECT') "
    "THEN pg_catalog.pg_sequence_last_value(s.oid) END, "
    "NOT pg_catalog.has_sequence_privilege(s.oid, 'USAGE, SELECT') "
    f"FROM {_CLASSES} JOIN pg_catalog.pg_depend d ON d.refclassid = 1259 AND d.refobjid = c.oid AND d.classid = 1259 "
    "AND d.deptype IN ('a', 'i') JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S' "
    f"JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid WHERE {_OWN} ORDER BY 1, 2"
)
PROGRESS = (
    "SELECT p.index_relid FROM pg_catalog.pg_stat_progress_create_index p "
    "WHERE p.datname = pg_catalog.current_database()"
)
#: Every statement that an audit's own questions send to a server of today.
STATEMENTS = (
    TABLES,
    COLUMNS,
    CONSTRAINTS,
    PROGRESS,
    INDEXES.format(nulls="NOT i.indnullsnotdistinct"),
    COUNTING,
    IDENTIFIERS,
)


@contextmanager
def engine(address: Address, limits: Limits) -> Iterator[Engine]:
    """An engine whose every transaction is read-only; nothing of it is set at start-up, which poolers refuse."""
    url = address.url.set(drivername="postgresql+psycopg", query=_for_libpq(address))
    arguments = {
        "connect_timeout": max(1, round(limits.connect)),
        "application_name": "readycheck",
        "client_encoding": "utf8",
        "prepare_threshold": None,
    }
    made = create_engine(url, poolclass=NullPool, connect_args=arguments)
    yield made.execution_options(postgresql_readonly=True)


def _for_libpq(address: Address) -> dict[str, str | tuple[str, ...]]:
    return {key: value for key, value in address.url.query.items() if key in _LIBPQ}


def guard(connection: Connection, limits: Limits) -> None:
    """Bound this transaction: a statement's time, the wait for a lock, and how long it may lie idle."""
    bounds = {
        "statement_timeout": limits.statement,
        "lock_timeout": LOCK_SECONDS,
        "idle_in_transaction_session_timeout": 10 * limits.statement,
    }
    calls = (f"pg_catalog.set_config('{name}', '{round(value * 1000)}', true)" for name, value in bounds.items())
    connection.exec_driver_sql(f"SELECT {', '.join(calls)}")


def server(connection: Connection) -> Server:
    """The server's version, and whether libpq speaks TLS on this very connection (a pooler's own leg aside)."""
    driver: Any = connection.connection.dbapi_connection
    version = driver.info.parameter_status("server_version") or ""
    return Server("postgresql", version.partition(" ")[0], bool(driver.pgconn.ssl_in_use))


def interrupt(driver: Any) -> None:
    """Ask the server to cancel, then hang up, so that a dead server cannot hold the thread."""
    with suppress(Exception):
        driver.cancel_safe(timeout=1.0)
    with suppress(Exception), socket.socket(fileno=driver.fileno()) as wire:
        wire.shutdown(socket.SHUT_RDWR)
        wire.detach()


def catalogue(connection: Connection) -> Catalogue:
    """Everything of every schema but the server's own and extensions'."""
    driver: Any = connection.connection.dbapi_connection
    version = driver.info.server_version
    found = Catalogue()
    for key, schema, name, kind, partition, rows, size in listed(connection, TABLES):
        known = rows if rows >= 0 and kind != "p" else None
        found.tables.append(Listed(key, schema, name, partition, materialized=kind == "m", rows=known, bytes=size))
    numbered = {}
    for table, number, name, kind, nullable, collation in listed(connection, COLUMNS):
        found.columns[table].append(Column(name, kind, nullable, collation or ""))
        numbered[table, number] = name
    constraints = listed(connection, CONSTRAINTS)
    building = [row[0] for row in listed(connection, PROGRESS)] if version >= _PROGRESS else []
    constraining = {row[3] for row in constraints}
    nulls = "NOT i.indnullsnotdistinct" if version >= _NULLS else "true"
    for table, index, parts in _grouped(listed(connection, INDEXES.format(nulls=nulls))):
        made = _index(parts, [numbered.get((table, number), "") for number in numbers_not_null(parts[0][7] or "")])
        state = IndexState.VALID if parts[0][5] else _state(index, building)
        constraint = made.constraint or index in constraining
        found.indexes[table].append(replace(made, state=state, constraint=constraint))
    _add_references(found, constraints)
    found.counting = _counting(listed(connection, COUNTING))
    return found


def identifiers(connection: Connection) -> tuple[Identifier, ...]:
    """The columns with a sequence of their own, serial and identity alike."""
    return tuple(
        Identifier(table, column, kind, last, hidden)
        for table, column, kind, last, hidden in listed(connection, IDENTIFIERS)
    )


def _counting(rows: list[Any]) -> Counting:
    days, counts, others = rows[0]
    if not counts:
        return Counting(problem="track_counts is off, so that the server counts nothing")
    return Counting(round(float(days), 2), others=bool(others))


def _grouped(rows: Iterable[Any]) -> Iterator[tuple[int, int, list[Any]]]:
    """The rows of each index, under the numbers of its table and its own."""
    grouped: defaultdict[tuple[int, int], list[Any]] = defaultdict(list)
    for table, index, *rest in rows:
        grouped[table, index].append(rest)
    yield from ((table, index, parts) for (table, index), parts in grouped.items())


def _state(index: int, building: list[int | None]) -> IndexState:
    """Why an index is not valid. A login without `pg_monitor` sees that something is built, and not what."""
    if index in building:
        return IndexState.BUILDING
    return IndexState.UNSURE if None in building else IndexState.INVALID


def _index(parts: list[Any], not_null: Iterable[str]) -> Index:
    name, method, unique, primary, replica, _, nulls, predicate, trees = parts[0][:9]
    left = expressions(trees or "")
    keys = tuple(_key(part, left) for part in parts if part[9])
    return Index(
        name,
        keys,
        unique=unique,
        primary=primary,
        constraint=primary or replica,
        method=method,
        partial=predicate is not None,
        predicate=canonical(without_places(predicate)) if predicate is not None else "",
        not_null=tuple(not_null),
        nulls_distinct=nulls,
        includes=tuple(part[10] for part in parts if not part[9]),
        bytes=parts[0][14],
        scans=parts[0][15],
    )


def _key(part: Any, left: Iterator[str]) -> Key:
    """One key; bit 0 of its options is DESC, bit 1 is NULLS FIRST (`indoption` in the manual, pg_index)."""
    column, options, collation, operators = part[10:14]
    return Key(
        column or "",
        "" if column else canonical(without_places(next(left, ""))),
        collation or "",
        operators or "",
        descending=bool(options & 1),
        nulls_first=bool(options & 2),
    )


def _add_references(found: Catalogue, rows: Iterable[Any]) -> None:
    for table, name, kind, _, validated, parent, columns, schema, referred, referred_columns in rows:
        # A partition's copy of its parent's key would be reported once more for each partition.
        if kind == "f" and not parent:
            key = ForeignKey(name, tuple(columns), f"{schema}.{referred}", tuple(referred_columns), validated)
            found.foreign_keys[table].append(key)
