"""SQL Server by mssql-python: seven statements over its catalogue views, at READ UNCOMMITTED so that they wait for nobody.

There is no read-only transaction to ask for. Nothing but reading statements is ever sent, each commits by itself, and
`ApplicationIntent=ReadOnly` lets an availability group answer from a secondary.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from readycheck.facts.database import Column, Counting, ForeignKey, Identifier, Index, IndexState, Key
from readycheck.gather.database.address import Address
from readycheck.gather.database.catalogue import Catalogue, Listed, canonical, listed
from readycheck.gather.database.dialect import LOCK_SECONDS, Limits, Server
from readycheck.gather.database.failures import CannotTellError

SERVER = (
    "SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(64)) AS version, "
    "HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DEFINITION') AS sees_definitions, "
    "CAST(SERVERPROPERTY('EngineEdition') AS int) AS edition"
)
ENCRYPTED = "SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID"
TABLES = (
    "SELECT t.object_id, s.name AS schema_name, t.name AS table_name FROM sys.tables t "
    "JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE t.is_ms_shipped = 0"
)
COLUMNS = (
    "SELECT c.object_id, c.column_id, c.name, TYPE_NAME(c.user_type_id) AS type_name, c.max_length, c.is_nullable, "
    "c.collation_name FROM sys.columns c JOIN sys.tables t ON t.object_id = c.object_id WHERE t.is_ms_shipped = 0 "
    "ORDER BY c.object_id, c.column_id"
)
# A key's place is key_ordinal; index_column_id counts the included columns too.
KEYS = (
    "SELECT i.object_id, i.index_id, i.name, i.type, i.is_unique, i.is_primary_key, i.is_unique_constraint, "
    "i.is_disabled, i.is_hypothetical, i.has_filter, i.filter_definition, x.column_id, x.key_ordinal, "
    "x.is_descending_key, x.is_included_column FROM sys.indexes i "
    "JOIN sys.index_columns x ON x.object_id = i.object_id AND x.index_id = i.index_id "
    "JOIN sys.tables t ON t.object_id = i.object_id WHERE t.is_ms_shipped = 0 AND i.type IN (1, 2) "
    "ORDER BY i.object_id, i.index_id, x.key_ordinal"
)
REFERENCES = (
    "SELECT k.parent_object_id, k.object_id, k.name, k.referenced_object_id, k.is_disabled, k.is_not_trusted, "
    "x.parent_column_id, x.referenced_column_id FROM sys.foreign_keys k "
    "JOIN sys.foreign_key_columns x ON x.constraint_object_id = k.object_id "
    "ORDER BY k.parent_object_id, k.object_id, x.constraint_column_id"
)
SIZES = (
    "SELECT object_id, index_id, SUM(row_count) AS row_count, SUM(used_page_count) * 8192 AS bytes "
    "FROM sys.dm_db_partition_stats GROUP BY object_id, index_id"
)
USE = (
    "SELECT object_id, index_id, user_seeks + user_scans + user_lookups AS reads FROM sys.dm_db_index_usage_stats "
    "WHERE database_id = DB_ID()"
)
STARTED = (
    "SELECT DATEDIFF(minute, sqlserver_start_time, SYSDATETIME()) AS minutes, "
    "CAST(ISNULL(SERVERPROPERTY('IsHadrEnabled'), 0) AS int) AS availability_groups, "
    "CAST(SERVERPROPERTY('EngineEdition') AS int) AS edition FROM sys.dm_os_sys_info"
)
IDENTIFIERS = (
    "SELECT s.name + '.' + t.name AS table_name, c.name, TYPE_NAME(c.system_type_id) AS type_name, "
    "CAST(c.last_value AS bigint) AS last_value FROM sys.identity_columns c "
    "JOIN sys.tables t ON t.object_id = c.object_id JOIN sys.schemas s ON s.schema_id = t.schema_id "
    "WHERE t.is_ms_shipped = 0 ORDER BY 1, 2"
)
#: Every statement that an audit's own questions send, in the order of their sending; those of checks come on top.
STATEMENTS = (SERVER, ENCRYPTED, TABLES, COLUMNS, KEYS, REFERENCES, SIZES, USE, STARTED, IDENTIFIERS)
#: EngineEdition of Azure SQL Database and of a managed instance (learn.microsoft.com, SERVERPROPERTY).
_PROVIDERS = (5, 8)
#: What of a URL's query the driver is given; the rest is another client's.
_WORDS = {
    name.lower(): name
    for name in "Encrypt TrustServerCertificate HostNameInCertificate ServerCertificate Authentication".split()  # noqa: SIM905
}


@contextmanager
def engine(address: Address, limits: Limits) -> Iterator[Engine]:
    """An engine that encrypts and verifies unless the URL says otherwise, as Microsoft's drivers do by default."""
    given = {_WORDS[name.lower()]: str(value) for name, value in address.url.query.items() if name.lower() in _WORDS}
    query = {"ApplicationIntent": "ReadOnly", **given}
    url = address.url.set(drivername="mssql+mssqlpython", query=query)
    arguments = {"timeout": max(1, round(limits.connect))}
    made = create_engine(url, poolclass=NullPool, connect_args=arguments, isolation_level="AUTOCOMMIT")
    yield made


def guard(connection: Connection, limits: Limits) -> None:
    """Wait for no lock, and bound each statement on the driver's side."""
    driver: Any = connection.connection.dbapi_connection
    driver.timeout = max(1, round(limits.statement))
    settings = f"SET LOCK_TIMEOUT {round(LOCK_SECONDS * 1000)}; SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED"
    connection.exec_driver_sql(settings)


def server(connection: Connection) -> Server:
    """The server's version, and whether this connection is encrypted; None where the login may not ask."""
    version, _, edition = listed(connection, SERVER)[0]
    # Microsoft keeps these up to date by itself, and numbers them as the release of 2014.
    version = f"azure {version}" if edition in _PROVIDERS else str(version)
    try:
        rows = listed(connection, ENCRYPTED)
    except DBAPIError:
        return Server("mssql", version, None)
    return Server("mssql", version, str(rows[0][0]).upper() == "TRUE" if rows else None)


def interrupt(driver: Any) -> None:
    """Hang up."""
    with suppress(Exception):
        driver.close()


def catalogue(connection: Connection) -> Catalogue:
    """What the login may see of the URL's database.

    Raises:
        CannotTellError: it lacks VIEW DEFINITION: the catalogue then hides what the login has no rights on.
    """
    if not listed(connection, SERVER)[0][1]:
        raise CannotTellError("this login sees a part of the database only: GRANT VIEW DEFINITION is missing")
    tables = listed(connection, TABLES)
    rows, sizes = _sizes(connection)
    found = Catalogue(
        tables=[
            Listed(key, schema, name, rows=rows.get(key), bytes=sizes.get((key, None), 0))
            for key, schema, name in tables
        ]
    )
    named = _add_columns(found, listed(connection, COLUMNS))
    found.counting, reads = _counted(connection)
    _add_indexes(found, listed(connection, KEYS), named, (sizes, reads))
    _add_references(found, listed(connection, REFERENCES), named)
    return found


def identifiers(connection: Connection) -> tuple[Identifier, ...]:
    """The IDENTITY columns; one whose number is NULL has given none yet."""
    rows = listed(connection, IDENTIFIERS)
    return tuple(Identifier(table, column, kind, last) for table, column, kind, last in rows)


def _sizes(connection: Connection) -> tuple[dict[int, int], dict[tuple[int, int | None], int]]:
    """The rows of each table and the bytes of each index; index 0 or 1 is the table itself. None where it may not ask."""
    rows: dict[int, int] = {}
    sizes: dict[tuple[int, int | None], int] = {}
    with suppress(DBAPIError):
        for table, index, count, size in listed(connection, SIZES):
            sizes[table, index] = int(size)
            if index in (0, 1):
                rows[table], sizes[table, None] = int(count), int(size)
    return rows, sizes


def _counted(connection: Connection) -> tuple[Counting, Mapping[tuple[int, int], int] | None]:
    """Since when the server counts, and the reads of each index that was touched since; no row is no read."""
    try:
        reads = {(table, index): int(count) for table, index, count in listed(connection, USE)}
        minutes, groups, edition = listed(connection, STARTED)[0]
    except DBAPIError:
        return Counting(problem="this login may not see the use of indexes: GRANT VIEW SERVER STATE is missing"), None
    return Counting(round(minutes / 1440, 2), others=bool(groups) or edition in _PROVIDERS), reads


def _add_columns(found: Catalogue, rows: list[Any]) -> dict[tuple[int, int], str]:
    named = {}
    for table, number, name, kind, length, nullable, _ in rows:
        found.columns[table].append(Column(name, f"{kind}({length})" if "char" in kind else kind, bool(nullable)))
        named[table, number] = name
    return named


def _add_indexes(
    found: Catalogue, rows: list[Any], named: Mapping[tuple[int, int], str], use: tuple[Mapping[Any, int], Any]
) -> None:
    grouped: defaultdict[tuple[int, int], list[Any]] = defaultdict(list)
    for table, number, *rest in rows:
        grouped[table, number].append(rest)
    sizes, reads = use
    for (table, number), parts in grouped.items():
        if parts[0][6]:
            continue  # hypothetical: what a tuning tool left, never an index
        scans = None if reads is None else reads.get((table, number), 0)
        columns = {part[9]: named.get((table, part[9]), "") for part in parts}
        found.indexes[table].append(_index(parts, columns, sizes.get((table, number), 0), scans))


def _index(parts: list[Any], columns: Mapping[int, str], size: int, scans: int | None) -> Index:
    name, _, unique, primary, constraint, disabled, _, filtered, predicate = parts[0][:9]
    keys = sorted((part for part in parts if part[10] and not part[12]), key=lambda part: int(part[10]))
    return Index(
        name or "",
        tuple(Key(columns[part[9]], descending=bool(part[11])) for part in keys),
        unique=bool(unique),
        primary=bool(primary),
        constraint=bool(primary or constraint),
        state=IndexState.INVALID if disabled else IndexState.VALID,
        partial=bool(filtered),
        predicate=canonical(predicate or "") if filtered and predicate else "",
        not_null=_not_null(predicate or "", columns.values()) if filtered else (),
        includes=tuple(columns[part[9]] for part in parts if part[12]),
        bytes=size,
        scans=scans,
    )


def _not_null(predicate: str, names: Any) -> tuple[str, ...]:
    """The column when all that the server's own text of the filter says is `([column] IS NOT NULL)`."""
    return tuple(name for name in names if predicate == f"([{name.replace(']', ']]')}] IS NOT NULL)")


def _add_references(found: Catalogue, rows: list[Any], named: Mapping[tuple[int, int], str]) -> None:
    full = {listed.key: f"{listed.schema}.{listed.name}" for listed in found.tables}
    grouped: defaultdict[tuple[int, int], list[Any]] = defaultdict(list)
    for table, number, *rest in rows:
        grouped[table, number].append(rest)
    for (table, _), parts in grouped.items():
        name, referred, disabled, untrusted = parts[0][:4]
        columns = tuple(named.get((table, part[4]), "") for part in parts)
        referred_columns = tuple(named.get((referred, part[5]), "") for part in parts)
        key = ForeignKey(name, columns, full.get(referred, ""), referred_columns, not untrusted, not disabled)
        found.foreign_keys[table].append(key)
