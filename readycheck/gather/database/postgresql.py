"""PostgreSQL by psycopg 3: read-only transactions, bounded in time, that wait for no session which alters a table."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from readycheck.facts.database import Identifier
from readycheck.gather.database.address import Address
from readycheck.gather.database.catalogue import Catalogue
from readycheck.gather.database.dialect import LOCK_SECONDS, Limits, Server
from readycheck.gather.database.postgresql_catalogue import STATEMENTS, read_catalogue, read_identifiers

#: What of a URL's query libpq is given; ORMs add words of their own, such as `schema` or `connection_limit`.
_LIBPQ = frozenset(
    """
    channel_binding gssencmode host hostaddr keepalives krbsrvname options passfile port require_auth service sslcert
    sslcrl sslkey sslmode sslnegotiation sslpassword sslrootcert target_session_attrs
    """.split()  # noqa: SIM905 - a list of words, not of literals
)
#: The version that brought compiling of queries, which takes longer than these statements do.
_COMPILES = 110_000

__all__ = ["STATEMENTS", "catalogue", "engine", "guard", "identifiers", "interrupt", "server"]


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
    driver: Any = connection.connection.dbapi_connection
    bounds = {
        "statement_timeout": limits.statement,
        "lock_timeout": LOCK_SECONDS,
        "idle_in_transaction_session_timeout": 10 * limits.statement,
    }
    calls = [f"pg_catalog.set_config('{name}', '{round(value * 1000)}', true)" for name, value in bounds.items()]
    if driver.info.server_version >= _COMPILES:
        calls.append("pg_catalog.set_config('jit', 'off', true)")
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
    return read_catalogue(connection, driver.info.server_version)


def identifiers(connection: Connection) -> tuple[Identifier, ...]:
    """The columns with a sequence of their own."""
    return read_identifiers(connection)
