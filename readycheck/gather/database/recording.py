"""Records what a database answers to every statement of an audit, so that its catalogue can be judged elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection

from readycheck import __version__
from readycheck.errors import TargetError
from readycheck.facts.statement import require_reading
from readycheck.gather.database import mssql, mysql, postgresql
from readycheck.gather.database.address import Address, read_address
from readycheck.gather.database.catalogue import fetched
from readycheck.gather.database.dialect import CONNECT_SECONDS, STATEMENT_SECONDS, Dialect, Limits
from readycheck.gather.database.failures import FAILURES, missing_driver, unavailable
from readycheck.redact import redact

#: The servers that can be recorded, and the statements that an audit of them sends by itself.
RECORDED: dict[str, tuple[Dialect, tuple[str, ...]]] = {
    "postgresql": (postgresql, postgresql.STATEMENTS),
    "mysql": (mysql, mysql.STATEMENTS),
    "mssql": (mssql, mssql.STATEMENTS),
}
#: The most rows that are kept of one answer.
MOST_RECORDED = 20_000


class Answered(Struct, frozen=True, omit_defaults=True):
    """A statement and what came back: rows, or the server's refusal as `error`."""

    sql: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    error: str = ""


class Recording(Struct, frozen=True):
    """The answers of one database, dated. Texts are redacted; names of tables and columns are in it."""

    readycheck: str
    dialect: str
    version: str
    recorded_at: str
    answers: tuple[Answered, ...]


def record(url: str, statements: Iterable[str], recorded_at: str) -> Iterator[Answered | Recording]:
    """Every answer as it comes, and the whole recording at the end; the statements follow the audit's own.

    Raises:
        TargetError: the database cannot be reached, or is of a kind that is not recorded.
    """
    address = read_address(url)
    if address.dialect not in RECORDED:
        raise TargetError(
            f"{address.dialect} databases are not recorded", hint="send the schema of a SQLite file as it is: `.schema`"
        )
    dialect, own = RECORDED[address.dialect]
    with ExitStack() as stack:
        connection = _connected(address, dialect, stack)
        answers = []
        for sql in dict.fromkeys([*own, *map(require_reading, statements)]):
            answers.append(_answered(connection, dialect, address, sql))
            yield answers[-1]
        version = dialect.server(connection).version
        yield Recording(__version__, address.dialect, version, recorded_at, tuple(answers))


def _connected(address: Address, dialect: Dialect, stack: ExitStack) -> Connection:
    try:
        engine = stack.enter_context(dialect.engine(address, Limits(CONNECT_SECONDS, STATEMENT_SECONDS)))
        return stack.enter_context(engine.connect())
    except ImportError as error:
        raise TargetError(missing_driver(address.dialect).reason) from error
    except FAILURES as error:
        raise TargetError(unavailable(error, address).reason) from error


def _answered(connection: Connection, dialect: Dialect, address: Address, sql: str) -> Answered:
    try:
        with connection.begin() as transaction:
            dialect.guard(connection, Limits(CONNECT_SECONDS, STATEMENT_SECONDS))
            result = connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
            rows = tuple(tuple(map(_plain, row)) for row in fetched(result, MOST_RECORDED))
            columns = tuple(str(name) for name in result.keys())  # noqa: SIM118 - a result is no mapping
            transaction.rollback()
    except FAILURES as error:
        return Answered(sql, error=unavailable(error, address).reason)
    return Answered(sql, columns, rows)


def _plain(value: object) -> object:
    """The value as JSON can carry it, redacted where it is text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return f"[{len(value)} bytes]" if isinstance(value, bytes | bytearray) else redact(str(value))
