"""Runs the statement of a check and brings its rows home as bounded, redacted text."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection

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
    sql = require_reading(sql)
    if connection.dialect.name == "mysql":
        # PyMySQL fetches all that is sent; the session's next guard lifts this again.
        connection.exec_driver_sql(f"SET SESSION sql_select_limit = {MOST_ROWS + 1}")
    result = connection.exec_driver_sql(sql, execution_options=_options(connection, sql))
    names = tuple(str(name)[:LONGEST_CELL] for name in result.keys())  # noqa: SIM118 - a result is no mapping
    rows = result.fetchmany(MOST_ROWS + 1)
    result.close()
    shown = tuple(tuple(cell(name, value) for name, value in zip(names, row, strict=True)) for row in rows[:MOST_ROWS])
    return Rows(dialect, names, shown, truncated=len(rows) > MOST_ROWS)


def _options(connection: Connection, sql: str) -> dict[str, Any]:
    """A `%` means itself; PostgreSQL hands out a query's rows a few at a time, so that a huge answer stays there."""
    streamed = connection.dialect.name == "postgresql" and sql[:4].upper() != "SHOW"
    more = {"stream_results": True, "max_row_buffer": MOST_ROWS + 1} if streamed else {}
    return {"no_parameters": True, **more}


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
