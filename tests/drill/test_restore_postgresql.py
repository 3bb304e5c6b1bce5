"""The failure matrix of PostgreSQL backups: what loads without an error and still is no backup must be found."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
from drill.conftest import Source, drilled
from support.servers import fresh, postgresql_run

from readycheck.drill.outcome import CannotDrillError

pytest_plugins = ["support.database_fixtures"]


@pytest.fixture
def archive(loans: Source, tmp_path: Path) -> Path:
    return loans.dump(tmp_path / "loans.dump", "-Fc")


@pytest.fixture
def plain(loans: Source, tmp_path: Path) -> Path:
    return loans.dump(tmp_path / "loans.sql")


def schema(source: Source, to: Path) -> str:
    """The schema as pg_dump writes it, without the random words of its first and last lines."""
    lines = source.dump(to, "--schema-only").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith(("\\restrict", "\\unrestrict")))


def test_every_kind_of_dump_is_restored_and_equal(loans: Source, archive: Path, plain: Path, tmp_path: Path) -> None:
    before = schema(loans, tmp_path / "before")
    packed = tmp_path / "loans.sql.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    folder = loans.dump(tmp_path / "loans.d", "-Fd")
    for backup in (archive, plain, packed, folder):
        record = drilled(backup, loans.url, static=("public.child",))
        assert record.passed, record.problems
        assert {(table.table, table.restored, table.same) for table in record.tables} == {
            ("public.parent", 3000, True),
            ("public.child", 2000, True),
        }
        assert record.restore_seconds > 0
        assert len(record.sha256) == 64
    assert schema(loans, tmp_path / "after") == before


def cut(path: Path, keep: int) -> Path:
    path.write_bytes(path.read_bytes()[:keep])
    return path


def test_an_archive_that_was_cut_or_changed_is_found(loans: Source, archive: Path) -> None:
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) - 2000])
    assert "cut or changed" in drilled(archive, loans.url).problems[0]
    middle = len(whole) // 2
    archive.write_bytes(whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :])
    assert not drilled(archive, loans.url).passed


@pytest.mark.parametrize("place", ["in the rows", "between statements"])
def test_a_plain_dump_that_was_cut_is_found(loans: Source, plain: Path, place: str) -> None:
    text = plain.read_bytes()
    at = text.index(b"\nname 100\n") if b"\nname 100\n" in text else text.index(b"name 100\n")
    cut(plain, at + 9 if place == "in the rows" else text.index(b"ALTER TABLE ONLY public.child\n    ADD CONSTRAINT"))
    assert drilled(plain, loans.url).problems == (
        "the dump was cut: its last line, `PostgreSQL database dump complete`, is missing",
    )


def test_a_cut_dump_with_a_forged_end_lacks_rows(loans: Source, plain: Path) -> None:
    text = plain.read_bytes()
    first = text.index(b"2500\tname 2500\n")
    last = text.index(b"\\.\n", first)
    plain.write_bytes(text[:first] + text[last:])
    assert "public.parent has" in "".join(drilled(plain, loans.url).problems) or "does not load" in "".join(
        drilled(plain, loans.url).problems
    )


def test_a_schema_without_rows_is_found(loans: Source, tmp_path: Path) -> None:
    record = drilled(loans.dump(tmp_path / "schema.dump", "-Fc", "--schema-only"), loans.url)
    assert record.problems == ("no table of the restored database has a row",)


def test_one_table_of_two_is_found(loans: Source, tmp_path: Path) -> None:
    record = drilled(loans.dump(tmp_path / "one.dump", "-Fc", "-t", "parent"), loans.url)
    assert "the table public.child is missing" in record.problems
    assert "the view public.names is missing" in record.problems


def test_the_backup_of_another_database_is_found(loans: Source, tmp_path: Path) -> None:
    with fresh(loans.server, "drill_other", "CREATE TABLE other (a int)", "INSERT INTO other VALUES (1)") as url:
        other = Source(loans.server, url, "drill_other")
        record = drilled(other.dump(tmp_path / "other.dump", "-Fc"), loans.url)
    assert "the table public.parent is missing" in record.problems
    assert "the table public.other is not in the source" in record.problems


def test_a_message_saved_as_a_backup_is_found(loans: Source, tmp_path: Path) -> None:
    path = tmp_path / "loans.sql"
    path.write_text("pg_dump: error: connection to server failed\n")
    assert "no backup of a kind that is known" in drilled(path, loans.url).problems[0]
    path.write_bytes(b"")
    assert drilled(path, loans.url).problems == ("loans.sql is empty",)


@pytest.mark.parametrize(
    "line",
    [
        r"\connect other",
        "CREATE DATABASE other;",
        "DROP DATABASE drill_loans;",
        r"\! touch /tmp/never",
        r"\i /etc/passwd",
    ],
)
def test_a_dump_that_reaches_out_is_refused(loans: Source, plain: Path, line: str) -> None:
    plain.write_bytes(
        plain.read_bytes().replace(b"SET statement_timeout", line.encode() + b"\nSET statement_timeout", 1)
    )
    record = drilled(plain, loans.url)
    assert not record.passed
    assert [step.name for step in record.steps] == ["identify", "read"]


def test_rows_that_look_like_commands_are_rows(loans: Source, tmp_path: Path) -> None:
    made = ("CREATE TABLE t (a text)", r"INSERT INTO t VALUES ('\connect x'), ('CREATE DATABASE y'), (E'\\.'), ('')")
    with fresh(loans.server, "drill_rows", *made) as url:
        source = Source(loans.server, url, "drill_rows")
        record = drilled(source.dump(tmp_path / "rows.sql"), url)
    assert record.passed, record.problems


def test_rows_that_came_since_are_growth_and_lost_ones_are_not(loans: Source, tmp_path: Path) -> None:
    made = ("CREATE TABLE t (a int)", "INSERT INTO t SELECT generate_series(1, 1000)")
    with fresh(loans.server, "drill_grown", *made) as url:
        backup = Source(loans.server, url, "drill_grown").dump(tmp_path / "t.dump", "-Fc")
        postgresql_run(loans.server, "drill_grown", "INSERT INTO t SELECT generate_series(1, 50)")
        assert drilled(backup, url).passed
        assert not drilled(backup, url, tolerance=1.0).passed
        assert "to be static" in drilled(backup, url, static=("public.t",)).problems[0]


def test_a_role_that_is_not_here_and_a_quoted_name_do_not_stop_it(loans: Source, tmp_path: Path) -> None:
    made = (
        'CREATE TABLE "Order, ""new""" ("select" int PRIMARY KEY, "a, b" text)',
        'INSERT INTO "Order, ""new""" VALUES (1, \'x\')',
        'DO $$ BEGIN CREATE ROLE "Odd Role"; EXCEPTION WHEN duplicate_object THEN NULL; END $$',
        'GRANT SELECT ON "Order, ""new""" TO "Odd Role"',
        'ALTER TABLE "Order, ""new""" OWNER TO "Odd Role"',
        'ALTER TABLE "Order, ""new""" ENABLE ROW LEVEL SECURITY',
        'CREATE POLICY mine ON "Order, ""new""" TO "Odd Role" USING (true)',
    )
    with fresh(loans.server, "drill_names", *made) as url:
        source = Source(loans.server, url, "drill_names")
        for name, words in (("plain.sql", ()), ("archive.dump", ("-Fc",))):
            record = drilled(source.dump(tmp_path / name, *words), url)
            assert record.passed, record.problems


def test_an_extension_that_is_not_here_says_nothing_of_the_backup(loans: Source, plain: Path) -> None:
    more = b"CREATE EXTENSION no_such_thing;\nSET statement_timeout"
    plain.write_bytes(plain.read_bytes().replace(b"SET statement_timeout", more, 1))
    with pytest.raises(CannotDrillError, match="no_such_thing"):
        drilled(plain, loans.url)


def test_a_dump_of_a_newer_server_asks_for_one(loans: Source, plain: Path) -> None:
    plain.write_bytes(plain.read_bytes().replace(b"Dumped by pg_dump version ", b"Dumped by pg_dump version 99", 1))
    with pytest.raises(CannotDrillError, match="needs PostgreSQL 99"):
        drilled(plain, loans.url)


def test_a_packed_dump_that_was_cut_is_found(loans: Source, plain: Path, tmp_path: Path) -> None:
    packed = tmp_path / "loans.sql.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes())[:-200])
    assert "cannot be read to its end" in drilled(packed, loans.url).problems[0]


def test_a_folder_that_lacks_a_part_is_found(loans: Source, tmp_path: Path) -> None:
    folder = loans.dump(tmp_path / "loans.d", "-Fd")
    next(path for path in sorted(folder.iterdir()) if path.name != "toc.dat").unlink()
    assert not drilled(folder, loans.url).passed
    shutil.rmtree(folder)
    folder.mkdir()
    assert "no dump of pg_dump -Fd" in drilled(folder, loans.url).problems[0]
