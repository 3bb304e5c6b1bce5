from __future__ import annotations

import sqlite3
from contextlib import closing, suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.facts.database import SqlRows
from readycheck.facts.statement import require_reading

READING = [
    "SELECT 1;",
    "  select a from t where n like 'pg\\_%' ",
    "WITH x AS (SELECT 1) SELECT * FROM x",
    "SHOW GLOBAL STATUS LIKE 'Threads%'",
    "PRAGMA user_version",
    "PRAGMA main.table_info(t)",
    "SELECT 'it''s; delete -- all'",
    'SELECT "update", `drop` FROM "order"',
    "SELECT count(*) FROM t WHERE a IN ('x', 'y')",
]
WRITING = [
    "",
    "DELETE FROM t",
    "EXPLAIN ANALYZE DELETE FROM t",
    "WITH gone AS (DELETE FROM t RETURNING 1) SELECT 1",
    "SELECT 1; DROP TABLE t",
    "SELECT 1 -- and more",
    "SELECT 1 /* and more */",
    "SELECT 1 # and more",
    "/*! DELETE */ SELECT 1",
    "SELECT '\\'; DROP TABLE t; SELECT '",
    "SELECT $$a$$, $x$;$x$",
    "SELECT 'open",
    "SELECT a FROM t FOR UPDATE",
    "SELECT a FROM t LOCK IN SHARE MODE",
    "SELECT a INTO OUTFILE '/tmp/x' FROM t",
    "SELECT pg_sleep (5)",
    'SELECT "pg_sleep"(5)',
    "SELECT pg_terminate_backend(1)",
    "SELECT set_config('default_transaction_read_only', 'off', false)",
    "SELECT load_extension('x')",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA journal_mode(DELETE)",
    "PRAGMA wal_checkpoint",
    "PRAGMA writable_schema(1)",
    "SELECT 1\0",
]


@pytest.mark.parametrize("sql", READING)
def test_a_statement_that_reads_is_taken(sql: str) -> None:
    assert require_reading(sql) == sql.strip().removesuffix(";")


@pytest.mark.parametrize("sql", WRITING)
def test_a_statement_that_may_do_more_is_refused(sql: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        require_reading(sql)


def test_a_question_with_a_writing_statement_cannot_be_made_or_read() -> None:
    with pytest.raises(ValueError, match="only"):
        SqlRows((("any", "DROP TABLE t"),))
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"statements": [["any", "DROP TABLE t"]]}, type=SqlRows)


WORDS = """
SELECT WITH PRAGMA DELETE FROM t INSERT INTO VALUES ( ) (1) ; ' '' " ` ; -- /* */ \\' x AS 1 , DROP TABLE user_version =
journal_mode UPDATE SET a REPLACE user_version=7 RETURNING
"""
PIECES = st.lists(
    st.sampled_from(WORDS.split()),
    max_size=12,
)


@given(PIECES)
def test_whatever_is_taken_leaves_a_writable_database_as_it_was(pieces: list[str]) -> None:
    sql = " ".join(pieces)
    try:
        taken = require_reading(sql)
    except ValueError:
        return
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        before = "\n".join(connection.iterdump())
        with suppress(sqlite3.Error, sqlite3.Warning):
            connection.executescript(taken)
        assert "\n".join(connection.iterdump()) == before
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [("mariadb", "SELECT 3"), ("mysql", "SELECT 2"), ("sqlite", "SELECT 1"), ("postgresql", "SELECT 1")],
)
def test_a_dialect_is_asked_what_fits_it_best(dialect: str, sql: str) -> None:
    question = SqlRows((("any", "SELECT 1"), ("mysql", "SELECT 2"), ("mariadb", "SELECT 3")))
    assert question.statement(dialect) == sql
    assert SqlRows((("mysql", "SELECT 2"),)).statement("mariadb") == "SELECT 2"
    assert SqlRows((("mysql", "SELECT 2"),)).statement("sqlite") is None
