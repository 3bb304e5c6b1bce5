"""The failure matrix of MariaDB dumps and SQLite files."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from drill.conftest import Source, drilled

from readycheck.drill.outcome import CannotDrillError

pytest_plugins = ["support.database_fixtures"]


@pytest.fixture
def dump(payments: Source, tmp_path: Path) -> Path:
    return payments.dump(tmp_path / "payments.sql")


def test_a_dump_is_restored_and_equal(payments: Source, dump: Path) -> None:
    record = drilled(dump, payments.url)
    assert record.passed, record.problems
    assert {(table.table, table.restored, table.same) for table in record.tables} == {
        ("parent", 3000, True),
        ("child", 2000, True),
    }
    assert record.scratch.startswith("mysql 1")


@pytest.mark.parametrize("place", [b"),(1500,", b"-- Dumping data for table `parent`"])
def test_a_dump_that_was_cut_is_found(payments: Source, dump: Path, place: bytes) -> None:
    text = dump.read_bytes()
    dump.write_bytes(text[: text.find(place) if place in text else len(text) // 2])
    assert "the dump was cut" in drilled(dump, payments.url).problems[0]


def test_a_dump_with_fewer_rows_is_found(payments: Source, tmp_path: Path) -> None:
    fewer = payments.dump(tmp_path / "fewer.sql", "--where=id < 1000")
    problems = " ".join(drilled(fewer, payments.url).problems)
    assert "parent has 999 rows, and the source 3,000" in problems


def test_a_dump_without_rows_or_a_table_is_found(payments: Source, tmp_path: Path) -> None:
    assert not drilled(payments.dump(tmp_path / "schema.sql", "--no-data"), payments.url).passed
    lacking = payments.dump(tmp_path / "one.sql", f"--ignore-table={payments.name}.child")
    assert "the table child is missing" in drilled(lacking, payments.url).problems


def test_a_dump_that_names_its_database_is_refused(payments: Source, tmp_path: Path) -> None:
    named = payments.dump(tmp_path / "named.sql", "--databases")
    assert "names a database" in drilled(named, payments.url).problems[0]


def test_a_dump_that_calls_a_program_does_not_reach_it(payments: Source, dump: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    dump.write_bytes(dump.read_bytes().replace(b"--\n", f"--\n\\! touch {mark}\nsystem touch {mark}\n".encode(), 1))
    assert not drilled(dump, payments.url).passed
    assert not mark.exists()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Path]:
    """A SQLite database in WAL mode whose rows are still in the log, kept open by a program."""
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA user_version = 7; PRAGMA wal_autocheckpoint = 0;"
            "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE c (p REFERENCES p);"
            "CREATE INDEX c_p ON c (p);"
        )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.executemany("INSERT INTO p (n) VALUES (?)", [(f"name {n}",) for n in range(1000)])
        connection.execute("INSERT INTO c SELECT id FROM p")
        connection.commit()
        yield path


def test_a_file_made_by_vacuum_into_is_good(ledger: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("VACUUM INTO ?", [str(copy)])
    record = drilled(copy, f"sqlite:///{ledger}")
    assert record.passed, record.problems
    assert [step.name for step in record.steps] == ["identify", "restore", "integrity", "structure", "rows"]


def test_cp_of_a_file_in_wal_mode_has_no_rows(ledger: Path, tmp_path: Path) -> None:
    copy = shutil.copy(ledger, tmp_path / "copy.sqlite")
    assert drilled(Path(copy), f"sqlite:///{ledger}").problems == ("no table of the restored database has a row",)


def test_a_damaged_page_a_dangling_row_and_another_version_are_found(ledger: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("VACUUM INTO ?", [str(copy)])
    whole = copy.read_bytes()
    copy.write_bytes(whole[:4096] + b"\xff" * 2048 + whole[6144:])
    assert not drilled(copy, f"sqlite:///{ledger}").passed
    for change, words in (
        ("INSERT INTO c VALUES (99999)", "refers to a row"),
        ("PRAGMA user_version = 6", "user_version is 6"),
    ):
        copy.write_bytes(whole)
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.execute(change)
        assert words in drilled(copy, f"sqlite:///{ledger}").problems[0]


def test_the_source_itself_is_no_backup(ledger: Path) -> None:
    with pytest.raises(CannotDrillError, match="the backup is the source itself"):
        drilled(ledger, f"sqlite:///{ledger}")


def test_the_backup_of_another_kind_of_database_is_found(ledger: Path, dump: Path) -> None:
    assert drilled(dump, f"sqlite:///{ledger}").problems == ("it is a MySQL dump, and the source is sqlite",)
