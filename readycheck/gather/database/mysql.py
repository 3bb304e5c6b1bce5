"""MySQL and MariaDB by PyMySQL: eight statements over information_schema, read as far as the login's rights go."""

from __future__ import annotations

import socket
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Engine, Row, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from readycheck.facts.database import Column, Counting, ForeignKey, Identifier, Index, IndexState, Key
from readycheck.gather.database.address import Address
from readycheck.gather.database.catalogue import Catalogue, Listed, canonical, listed
from readycheck.gather.database.dialect import Limits, Server
from readycheck.gather.database.failures import CannotTellError

#: MariaDB lists a table that keeps its history under a type of its own.
TABLES = (
    "SELECT table_name, table_rows, data_length FROM information_schema.tables "
    "WHERE table_schema = DATABASE() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')"
)
COLUMNS = (
    "SELECT table_name, column_name, column_type, is_nullable FROM information_schema.columns "
    "WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position"
)
# IS_VISIBLE and EXPRESSION are MySQL's, IGNORED is MariaDB's, so the columns cannot be named.
KEYS = "SELECT * FROM information_schema.statistics WHERE table_schema = DATABASE()"
REFERENCES = (
    "SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name "
    "FROM information_schema.key_column_usage WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL "
    "ORDER BY table_name, constraint_name, ordinal_position"
)
# What a role grants is in neither view; rights on single tables alone show that the rest is hidden.
GRANTED = (
    "SELECT (SELECT COUNT(*) FROM information_schema.user_privileges WHERE privilege_type <> 'USAGE'), "
    "(SELECT COUNT(*) FROM information_schema.schema_privileges WHERE DATABASE() LIKE table_schema), "
    "(SELECT COUNT(*) FROM information_schema.table_privileges WHERE table_schema = DATABASE())"
)
IDENTIFIERS = (
    "SELECT c.table_name, c.column_name, c.column_type, t.auto_increment FROM information_schema.columns c "
    "JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name "
    "WHERE c.table_schema = DATABASE() AND c.extra LIKE '%auto_increment%' ORDER BY c.table_name"
)
SCANS = (
    "SELECT object_name, index_name, count_star FROM performance_schema.table_io_waits_summary_by_index_usage "
    "WHERE object_schema = DATABASE() AND index_name IS NOT NULL"
)
STATUS = (
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Uptime', 'Slaves_connected', 'Slaves_running', 'wsrep_cluster_size')"
)
#: Every statement that an audit's own questions send.
STATEMENTS = ("SELECT VERSION()", TABLES, GRANTED, COLUMNS, KEYS, REFERENCES, STATUS, SCANS, IDENTIFIERS)
#: What tells of other servers with the same data, and the number up to which there are none.
_OTHERS = (("slaves_connected", 0), ("slaves_running", 0), ("wsrep_cluster_size", 1))


@contextmanager
def engine(address: Address, limits: Limits) -> Iterator[Engine]:
    """An engine whose sessions are read-only; TLS is used where the server offers it, as its own client does."""
    arguments: dict[str, Any] = {
        "connect_timeout": max(1, round(limits.connect)),
        "read_timeout": max(1, round(limits.connect + limits.statement)),
        "program_name": "readycheck",
        "charset": "utf8mb4",
        **_socket(address),
        **_tls(address),
    }
    url = address.url.set(drivername="mysql+pymysql", query={})
    yield create_engine(url, poolclass=NullPool, connect_args=arguments)


def _socket(address: Address) -> dict[str, str]:
    path = address.query("unix_socket")
    return {"unix_socket": path} if path else {}


def _tls(address: Address) -> dict[str, Any]:
    """What the URL says of TLS, in the words of the command line client and of other drivers."""
    modes = (address.query(name) for name in ("ssl-mode", "ssl_mode", "sslmode", "sslaccept"))
    mode = next(filter(None, modes), "").upper().replace("-", "_")
    files = {
        f"ssl_{part}": address.query(f"ssl_{part}") or address.query(f"ssl{part}") for part in ("ca", "cert", "key")
    }
    if mode in ("DISABLED", "DISABLE"):
        return {"ssl_disabled": True}
    given = {name: path for name, path in files.items() if path}
    if mode in ("VERIFY_CA", "VERIFY_IDENTITY", "VERIFY_FULL", "STRICT"):
        return {**given, "ssl_verify_cert": True, "ssl_verify_identity": mode != "VERIFY_CA"}
    if mode in ("REQUIRED", "REQUIRE") and not given:
        return {"ssl": {"check_hostname": False, "verify_mode": "none"}}
    return given


def guard(connection: Connection, limits: Limits) -> None:
    """Make the coming transaction read-only and bound its statements and its waits for locks (1 s is the least)."""
    mariadb = bool(getattr(connection.dialect, "is_mariadb", False))
    late = f"max_statement_time = {limits.statement:g}"
    if not mariadb:
        late = f"max_execution_time = {round(limits.statement * 1000)}"
    connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
    connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = 1, sql_select_limit = DEFAULT, {late}")


def server(connection: Connection) -> Server:
    """The server's version, and whether it says that this session has a cipher."""
    version = str(connection.exec_driver_sql("SELECT VERSION()").scalar_one())
    cipher = connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Ssl_cipher'").first()
    name = "mariadb" if "mariadb" in version.lower() else "mysql"
    return Server(name, version.partition("-")[0], bool(cipher and cipher[1]))


def interrupt(driver: Any) -> None:
    """Hang up; the server's own limit ends the statement."""
    with suppress(Exception):
        wire: socket.socket = driver._sock  # noqa: SLF001 - PyMySQL shows it under no other name
        wire.shutdown(socket.SHUT_RDWR)


def catalogue(connection: Connection) -> Catalogue:
    """What the login may see of the URL's database.

    Raises:
        CannotTellError: it sees nothing, or tables without their columns: these views hide instead of refusing.
    """
    tables = listed(connection, TABLES)
    if not tables:
        raise CannotTellError("this login sees no table of the database: it is empty, or GRANT SELECT is missing")
    everywhere, here, single = listed(connection, GRANTED)[0]
    if single and not everywhere and not here:
        raise CannotTellError("this login has rights on single tables only, and sees no other: GRANT SELECT is missing")
    found = Catalogue(tables=[Listed(name, "", name, rows=rows, bytes=size or 0) for name, rows, size in tables])
    for table, name, kind, nullable in listed(connection, COLUMNS):
        found.columns[table].append(Column(name, kind, nullable == "YES"))
    if not found.columns:
        raise CannotTellError("this login sees the names of tables and nothing in them: GRANT SELECT is missing")
    found.counting, scans = _counted(connection)
    _add_indexes(found, [_named(row) for row in listed(connection, KEYS)], scans)
    _add_references(found, listed(connection, REFERENCES))
    return found


def _named(row: Row[Any]) -> dict[str, Any]:
    """The row by the names of its columns, which MySQL 8 writes in capitals."""
    return {name.lower(): value for name, value in row._asdict().items()}


def identifiers(connection: Connection) -> tuple[Identifier, ...]:
    """The AUTO_INCREMENT columns; the table knows the next number, which NULL hides of a table that was never opened."""
    rows = listed(connection, IDENTIFIERS)
    return tuple(Identifier(table, column, kind, *_given(after)) for table, column, kind, after in rows)


def _given(after: int | None) -> tuple[int | None, bool]:
    return (None, True) if after is None else (int(after) - 1 or None, False)


def _counted(connection: Connection) -> tuple[Counting, dict[tuple[str, str], int]]:
    """Since when the server counts, and how often it read each index by its table's and its own name."""
    status = {name.lower(): value for name, value in listed(connection, STATUS)}
    others = any(int(status.get(name, 0) or 0) > least for name, least in _OTHERS)
    try:
        rows = listed(connection, SCANS)
    except DBAPIError:
        return Counting(problem="this login may not read performance_schema: GRANT SELECT ON performance_schema.*"), {}
    counted = {(table, index): int(count) for table, index, count in rows}
    if not counted:
        return Counting(problem="performance_schema is off or counts no use of indexes"), {}
    days = round(int(status.get("uptime", 0)) / 86400, 2)
    return Counting(days, others=others), counted


def _add_indexes(found: Catalogue, rows: list[dict[str, Any]], scans: Mapping[tuple[str, str], int]) -> None:
    grouped: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row["table_name"], row["index_name"]].append(row)
    for (table, name), parts in grouped.items():
        parts.sort(key=lambda row: int(row["seq_in_index"]))
        found.indexes[table].append(replace(_index(name, parts), scans=scans.get((table, name))))


def _index(name: str, parts: list[dict[str, Any]]) -> Index:
    first = parts[0]
    ignored = first.get("ignored") == "YES" or first.get("is_visible") == "NO"
    primary = name == "PRIMARY"
    return Index(
        name,
        tuple(map(_key, parts)),
        unique=not int(first["non_unique"]),
        primary=primary,
        constraint=primary,
        method=str(first["index_type"]).lower(),
        state=IndexState.IGNORED if ignored else IndexState.VALID,
    )


def _key(part: dict[str, Any]) -> Key:
    expression = part.get("expression") or ""
    return Key(
        part["column_name"] or "",
        canonical(expression) if expression else "",
        descending=part["collation"] == "D",
        length=int(part["sub_part"] or 0),
    )


def _add_references(found: Catalogue, rows: list[Any]) -> None:
    grouped: defaultdict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for table, name, column, referred, referred_column in rows:
        grouped[table, name, referred].append((column, referred_column))
    for (table, name, referred), pairs in grouped.items():
        columns, referred_columns = zip(*pairs, strict=True)
        found.foreign_keys[table].append(ForeignKey(name, columns, referred, referred_columns))
