from __future__ import annotations

import socket
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from readycheck.demo.estate import Estate, build
from readycheck.demo.records import make_database
from readycheck.demo.source import service_files
from readycheck.errors import TargetError


def rows(database: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(statement).fetchall()


def test_the_targets_name_what_is_there(estate: Estate) -> None:
    targets = estate.targets
    assert Path(targets.repository, ".git").is_dir()
    assert Path(targets.database.removeprefix("sqlite:///")).is_file()
    assert targets.deployment == estate.url
    assert Path(targets.environment).is_file()
    assert Path(targets.ca_file).read_text().startswith("-----BEGIN CERTIFICATE")


def test_the_targets_are_named_without_a_secret(estate: Estate) -> None:
    assert [audited.target for audited in estate.targets.audited()] == [
        "repository",
        "database",
        "deployment",
        "environment",
    ]


def test_nothing_is_left_running_when_it_is_closed(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with build(tmp_path) as estate:
        port = urlsplit(estate.url).port
        silent = socket.create_connection(("127.0.0.1", port))
        plain = socket.create_connection(("127.0.0.1", urlsplit(estate.plain_url).port))
    assert set(threading.enumerate()) == before
    with silent, plain, pytest.raises(OSError):  # noqa: PT011 - refused, reset or aborted, as the system words it
        socket.create_connection(("127.0.0.1", port)).close()


def test_closing_twice_is_no_harm(tmp_path: Path) -> None:
    with build(tmp_path) as estate:
        estate.close()


def test_a_half_built_estate_leaves_nothing_running(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    tmp_path.joinpath("ca.pem").mkdir()
    with pytest.raises(OSError):  # noqa: PT011 - a folder is where the file should be; systems word it differently
        build(tmp_path)
    assert set(threading.enumerate()) == before


def test_without_git_the_user_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TargetError, match="there is no git"):
        build(tmp_path / "estate")


def test_the_database_is_the_same_for_the_same_moment(tmp_path: Path, now: datetime) -> None:
    for name in ("one", "two"):
        make_database(tmp_path / name, ["a.js"], now)
    dumps = []
    for name in ("one", "two"):
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            dumps.append(list(connection.iterdump()))
    assert dumps[0] == dumps[1]


def test_the_tables_hold_some_hundred_rows_that_fit_together(estate: Estate) -> None:
    names = [str(name) for (name,) in rows(estate.database, "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    counted = sum(int(str(rows(estate.database, f'SELECT count(*) FROM "{name}"')[0][0])) for name in names)
    assert 1000 < counted < 3000
    assert rows(estate.database, "PRAGMA foreign_key_check") == []
    assert rows(estate.database, "PRAGMA integrity_check") == [("ok",)]


def test_every_migration_is_applied(estate: Estate) -> None:
    applied = {name for (name,) in rows(estate.database, "SELECT name FROM SequelizeMeta")}
    assert applied == {Path(path).name for path in service_files() if "/migrations/" in path}


def test_the_audit_table_has_recent_rows(estate: Estate, now: datetime) -> None:
    ((newest,),) = rows(estate.database, "SELECT max(created_at) FROM audit_logs")
    assert datetime.fromisoformat(str(newest).replace(" +", "+")) > now - timedelta(days=2)


def test_paid_instalments_are_those_that_were_due(estate: Estate, now: datetime) -> None:
    today = now.astimezone(UTC).date().isoformat()
    wrong = f"SELECT * FROM repaymentTransactionsHistory WHERE (status = 'paid') <> (due_date < '{today}')"
    assert rows(estate.database, wrong) == []


def test_session_secrets_are_new_each_time(estate: Estate, tmp_path: Path) -> None:
    with build(tmp_path) as other:
        assert other.environment.read_text() != estate.environment.read_text()
