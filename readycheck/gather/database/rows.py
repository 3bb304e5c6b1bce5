"""Runs the statement of a check and brings its rows home as bounded, redacted text."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, CursorResult

from readycheck.facts.database import LONGEST_CELL, MOST_ROWS, Rows, SqlRows
from readycheck.facts.question import Unavailable
from readycheck.facts.statement import require_reading
from readycheck.model import Outcome
from readycheck.redact import redact

#: What is looked at of a cell before it is redacted, in characters: a secret that is cut in two is no less a secret.
_LOOKED_AT = 4096


def read_rows(connection: Connection, question: SqlRows, dialect: str) -> Rows | Unavailable:
    """The rows of the statement that is meant for this dialect; without one the question does not apply."""
    sql = question.statement(dialect)
    if sql is None:
        meant = ", ".join(name for name, _ in question.statements)
        return Unavailable(Outcome.NOT_APPLICABLE, f"this is asked of {meant} only, and the database is {dialect}")
    result = _asked(connection, require_reading(sql))
    names = tuple(str(name)[:LONGEST_CELL] for name in result.keys())  # noqa: SIM118 - a result is no mapping
    rows = result.fetchmany(MOST_ROWS + 1)
    result.close()
    shown = tuple(tuple(cell(name, value) for name, value in zip(names, row, strict=True)) for row in rows[:MOST_ROWS])
    return Rows(dialect, names, shown, truncated=len(rows) > MOST_ROWS)


def _asked(connection: Connection, sql: str) -> CursorResult[Any]:
    """The statement's result, one row longer than a fact; drivers would fetch all that the server sends."""
    if connection.dialect.name == "mysql":
        # The guard of the session's next transaction lifts this again.
        _run(connection, f"SET SESSION sql_select_limit = {MOST_ROWS + 1}")
    if connection.dialect.name == "postgresql" and sql[:4].upper() != "SHOW":
        _run(connection, f"DECLARE readycheck NO SCROLL CURSOR FOR {sql}")
        return _run(connection, f"FETCH FORWARD {MOST_ROWS + 1} FROM readycheck")
    return _run(connection, sql)


def _run(connection: Connection, sql: str) -> CursorResult[Any]:
    """Run it as it is: a `%` means itself."""
    return connection.exec_driver_sql(sql, execution_options={"no_parameters": True})


def cell(column: str, value: object) -> str | None:
    """A cell as text without secrets and control characters; its column's name may betray it as a secret."""
    if value is None:
        return None
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    named = f"{column}={_text(value)[:_LOOKED_AT]}"
    text = redact(named)[len(column) + 1 :]
    return "".join(letter if letter.isprintable() else " " for letter in text)[:LONGEST_CELL]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value)
