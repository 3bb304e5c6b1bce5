from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from support.asking import answer, index, inventory, judged, refusal, stopped, table, wrong

from readycheck.facts.database import DatabaseInventory, IndexState, Key, Rows, SqlRows, TablesFilled, TablesSeen
from readycheck.facts.question import Question, Unavailable
from readycheck.gather.database.address import read_address
from readycheck.gather.database.catalogue import listed
from readycheck.gather.database.dialect import Limits
from readycheck.gather.database.failures import TooLargeError, unavailable
from readycheck.gather.database.gatherer import example_database
from readycheck.gather.database.sqlite import engine as sqlite_engine
from readycheck.gather.database.sqlite_file import LARGEST_COPY
from readycheck.model import Outcome
from readycheck.probes.database import DuplicateIndexes, ForeignKeysIndexed, PrimaryKeys

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def build(path: Path, *statements: str) -> str:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return f"sqlite:///{path}"


def folder_state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "loans.db"


def test_a_missing_file_is_an_error_and_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "typo.db"
    assert refusal(f"sqlite:///{path}") == Unavailable(Outcome.ERROR, "there is no such database file")
    assert not path.exists()


def test_a_folder_and_a_text_file_are_no_database(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("hello, this is no database at all" * 20)
    assert "no regular file" in refusal(f"sqlite:///{tmp_path}").reason
    assert "no SQLite database" in refusal(f"sqlite:///{text}").reason


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///"])
def test_a_database_in_memory_names_no_file(url: str) -> None:
    assert "names no file" in refusal(url).reason


@pytest.mark.parametrize(
    "form", ["sqlite:///{}", "sqlite3:{}", "file:{}", "file://{}", "sqlite+aiosqlite:///{}?mode=rwc"]
)
def test_every_spelling_of_a_file_is_read(file: Path, form: str) -> None:
    build(file, "CREATE TABLE t (a)")
    assert [table.name for table in inventory(form.format(file)).tables] == ["t"]


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_nothing_is_written_to_the_file_or_beside_it(file: Path, mode: str) -> None:
    url = build(file, f"PRAGMA journal_mode = {mode}", "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
    before = folder_state(file.parent)
    assert inventory(url).tables
    assert answer(url, TablesFilled(("t",))).tables[0].filled
    assert folder_state(file.parent) == before


def test_rows_that_only_the_write_ahead_log_holds_are_read_without_writing(file: Path, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("CREATE TABLE late (a)")
        connection.commit()
        for suffix in ("", "-wal"):
            shutil.copy(f"{file}{suffix}", copies / f"loans.db{suffix}")
        assert [table.name for table in inventory(f"sqlite:///{file}").tables] == ["late"]
    before = folder_state(copies)
    assert [table.name for table in inventory(f"sqlite:///{copies / 'loans.db'}").tables] == ["late"]
    assert folder_state(copies) == before


def test_a_file_in_wal_mode_is_read_in_a_read_only_folder(tmp_path: Path) -> None:
    folder = tmp_path / "sealed"
    folder.mkdir()
    url = build(folder / "loans.db", "PRAGMA journal_mode = wal", "CREATE TABLE t (a)")
    folder.chmod(0o500)
    try:
        assert [table.name for table in inventory(url).tables] == ["t"]
    finally:
        folder.chmod(0o700)
    assert [path.name for path in folder.iterdir()] == ["loans.db"]


def test_a_locked_database_is_an_error(file: Path) -> None:
    url = build(file, "CREATE TABLE t (a)")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        assert refusal(url, timeout=1).outcome is Outcome.ERROR


def test_a_statement_that_does_not_end_is_interrupted(file: Path) -> None:
    url = build(file, "CREATE TABLE t (a)")
    found = refusal(url, SqlRows((("any", ENDLESS),)), timeout=0.2)
    assert found.outcome is Outcome.ERROR
    assert "in time" in found.reason


def test_stopping_ends_the_statement_that_runs(file: Path) -> None:
    url = build(file, "CREATE TABLE t (a)")
    begun = threading.Event()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement == ENDLESS:
            begun.set()

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert stopped(url, ENDLESS, lambda: begun.wait(0.1)).outcome is Outcome.ERROR
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_a_log_that_is_too_large_to_copy_is_an_error(file: Path) -> None:
    url = build(file, "PRAGMA journal_mode = wal", "CREATE TABLE t (a)")
    with file.with_name("loans.db-wal").open("wb") as log:
        log.truncate(LARGEST_COPY)
    assert "a copy would be too large" in refusal(url).reason


def test_a_catalogue_without_end_is_an_error(file: Path) -> None:
    address = read_address(build(file, "CREATE TABLE t (a)"))
    with (
        sqlite_engine(address, Limits(5, 5)) as engine,
        engine.connect() as connection,
        pytest.raises(TooLargeError) as caught,
    ):
        listed(connection, ENDLESS.replace("count(*)", "i"))
    assert unavailable(caught.value, address).outcome is Outcome.ERROR


@pytest.fixture
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


def test_the_inventory_takes_four_statements_however_many_tables_there_are(tmp_path: Path, counted: list[str]) -> None:
    sizes = []
    for many in (1, 60):
        made = [f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, o REFERENCES t0, UNIQUE (o))" for n in range(many)]
        url = build(tmp_path / f"{many}.db", *made)
        counted.clear()
        assert len(inventory(url).tables) == many
        sizes.append(len(counted))
    assert sizes == [4, 4]


def test_bookkeeping_and_virtual_tables_are_left_out(file: Path) -> None:
    made = ["CREATE TABLE own (id INTEGER PRIMARY KEY AUTOINCREMENT)", "CREATE VIRTUAL TABLE search USING fts4(body)"]
    assert [table.name for table in inventory(build(file, *made)).tables] == ["own"]


def test_the_rowid_alias_is_an_index(file: Path) -> None:
    url = build(file, "CREATE TABLE t (id INTEGER PRIMARY KEY)", "CREATE TABLE u (id INTEGER PRIMARY KEY DESC)")
    assert index(url, "rowid").columns == ("id",)
    assert [index.name for index in table(url, "u").indexes] == ["sqlite_autoindex_u_1"]
    assert table(url, "t").primary_key == ("id",)


def test_reserved_and_quoted_names_are_names(file: Path) -> None:
    made = [
        'CREATE TABLE "order" ("group by" INTEGER PRIMARY KEY, [we ird] TEXT)',
        'CREATE TABLE `it\'s "so"` ("select" INTEGER REFERENCES "order", \'q\' INTEGER)',
        'CREATE INDEX "a ""b" ON "it\'s ""so""" ("select") WHERE "select" IS NOT NULL',
    ]
    url = build(file, *made)
    assert wrong(url, ForeignKeysIndexed()) == []
    assert wrong(url, PrimaryKeys()) == ['it\'s "so"']
    seen = answer(url, TablesFilled(("it's*",)))
    assert isinstance(seen, TablesSeen)
    assert [(table.name, table.filled) for table in seen.tables] == [('it\'s "so"', False)]


def test_keys_carry_collation_direction_and_expression(file: Path) -> None:
    url = build(
        file,
        "CREATE TABLE t (a TEXT COLLATE NOCASE, b TEXT, PRIMARY KEY (b)) WITHOUT ROWID",
        "CREATE INDEX i ON t (a COLLATE BINARY DESC, lower(b), b)",
        "CREATE INDEX j ON t (a, LOWER( [b] ))",
    )
    first = index(url, "i").keys
    assert first[0] == Key("a", collation="binary", descending=True)
    assert first[2] == Key("b")
    assert first[1] == index(url, "j").keys[1]
    assert index(url, "j").keys[0] == Key("a")


def test_predicates_that_mean_the_same_are_equal(file: Path) -> None:
    url = build(
        file,
        "CREATE TABLE t (a, b)",
        "CREATE INDEX i ON t (a) WHERE (b = 'x' AND a > 1)",
        "CREATE INDEX j ON t (a) WHERE  \"b\"='x'   and A>1 /* the same */",
        "CREATE INDEX k ON t (a) WHERE b = 'X' AND a > 1",
    )
    assert index(url, "i").predicate == index(url, "j").predicate != index(url, "k").predicate
    assert wrong(url, DuplicateIndexes()) == ["t.j"]


def test_a_foreign_key_without_columns_means_the_parents_primary_key(file: Path) -> None:
    url = build(
        file, "CREATE TABLE p (x, y, PRIMARY KEY (y, x))", "CREATE TABLE c (a, b, FOREIGN KEY (a, b) REFERENCES P)"
    )
    (key,) = table(url, "c").foreign_keys
    assert (key.columns, key.referred_columns) == (("a", "b"), ("y", "x"))


def test_rows_are_bounded_redacted_and_harmless(file: Path) -> None:
    url = build(file, "CREATE TABLE t (a, password)", "INSERT INTO t VALUES (x'00ff', 'hunter2-hunter2')")
    (row,) = answer(
        url, SqlRows((("any", "SELECT a, password, NULL AS n, char(27) || '[31m' AS e, 1.5 AS f FROM t"),))
    ).rows
    assert row == ("[2 bytes]", "[redacted, 15 characters]", None, " [31m", "1.5")
    many = ENDLESS.replace("FROM n)", "FROM n WHERE i < 99)").replace("count(*)", "printf('%0300d', i)")
    found = answer(url, SqlRows((("sqlite", many),)))
    assert isinstance(found, Rows)
    assert (len(found.rows), found.truncated, len(found.rows[0][0] or "")) == (50, True, 200)


def test_a_dialect_without_a_statement_is_not_applicable(file: Path) -> None:
    url = build(file, "CREATE TABLE t (a)")
    assert refusal(url, SqlRows((("postgresql", "SELECT 1"),))).outcome is Outcome.NOT_APPLICABLE


def test_a_stand_in_speaks_as_another_dialect(tmp_path: Path) -> None:
    made = ["CREATE TABLE sys.settings (a)", "INSERT INTO sys.settings VALUES ('x')"]
    questions: list[Question[Any]] = [
        SqlRows((("mysql", "SELECT a, DATABASE() FROM sys.settings"),)),
        DatabaseInventory(),
    ]
    rows, structure = (found for _, found in example_database(made, tmp_path, "mariadb").answers(questions))
    assert (rows.dialect, rows.rows) == ("mariadb", (("x", "example"),))
    assert (structure.dialect, structure.local, structure.encrypted) == ("mariadb", False, None)


def test_a_stand_in_that_cannot_be_made_is_the_examples_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be made"):
        example_database(["CREATE TABEL t (a)"], tmp_path, "sqlite")


def test_an_empty_database_tells_nothing(file: Path) -> None:
    url = build(file, "PRAGMA user_version = 1")
    assert judged(url, ForeignKeysIndexed()).outcome is Outcome.UNKNOWN
    assert judged(url, PrimaryKeys()).outcome is Outcome.UNKNOWN


def test_no_index_of_a_file_is_ever_invalid(file: Path) -> None:
    url = build(file, "CREATE TABLE t (a)", "CREATE INDEX i ON t (a)")
    assert index(url, "i").state is IndexState.VALID
