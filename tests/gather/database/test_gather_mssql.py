"""SQL Server, by recorded rows behind a server that speaks its wire protocol: the driver is the real one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import sqlglot
from support.asking import answer, index, inventory, judged, refusal, table, wrong
from support.sqlserver import recording
from support.tds import serving
from typer.testing import CliRunner

from readycheck.catalogue import load_catalogue
from readycheck.cli.app import app
from readycheck.facts.database import IndexState, SqlRows
from readycheck.facts.question import Unavailable
from readycheck.gather.database import mssql
from readycheck.gather.database.address import read_address
from readycheck.gather.database.recording import Recording
from readycheck.model import Outcome
from readycheck.probes.database import ConnectionEncrypted, DuplicateIndexes, ForeignKeysIndexed, PrimaryKeys

pytest.importorskip("mssql_python", reason="the driver for SQL Server is not installed")

NO_RIGHT = "VIEW SERVER STATE permission was denied on object 'server', database 'master'."
STATEMENTS = sorted(
    {
        sql
        for check in load_catalogue().checks.values()
        for question in check.probe.questions()
        if isinstance(question, SqlRows)
        and (sql := question.statement("mssql"))
        and dict(question.statements).get("mssql")
    }
)


def test_planted_defects_are_found_and_look_alikes_are_not() -> None:
    with serving(recording()) as (url, _):
        assert wrong(url, ForeignKeysIndexed()) == ["dbo.loan(borrower_id)"]
        assert wrong(url, PrimaryKeys()) == ["audit.log, old"]
        assert wrong(url, DuplicateIndexes()) == ["dbo.borrower.IX_mobile_again"]
        assert wrong(url, load_catalogue().check("identifiers-have-room").probe) == ["dbo.loan.id"]
        assert wrong(url, load_catalogue().check("unused-indexes").probe) == ["dbo.loan.IX_included"]
        assert judged(url, ConnectionEncrypted()).outcome is Outcome.PASS


def test_the_inventory_is_what_the_rows_say() -> None:
    with serving(recording()) as (url, _):
        found = inventory(url)
        loan, guarantor = table(url, "dbo.loan"), index(url, "IX_guarantor")
        assert index(url, "IX_disabled").state is IndexState.INVALID
    assert (found.dialect, found.version, found.encrypted, found.counting.days) == ("mssql", "16.0.4135.4", True, 45.0)
    assert [index.name for index in loan.indexes if index.name == "IX_tuning"] == []
    assert (loan.rows, loan.bytes, loan.primary_key) == (9000, 9_000_000, ("id",))
    assert guarantor.not_null == ("guarantor_id",)
    assert [(key.name, key.enabled, key.validated) for key in loan.foreign_keys] == [
        ("FK_borrower", True, True),
        ("FK_guarantor", False, False),
    ]
    assert [column.name for column in found.tables[0].columns] == ["what, exactly"]


def test_the_statements_are_few_and_only_read() -> None:
    with serving(recording()) as (url, server):
        inventory(url)
        asked = [text for text in server.asked if "sys." in text and "dm_exec_sessions" not in text]
    assert len(asked) <= 10
    assert all(text.upper().startswith(("SELECT", "SET ")) for text in server.asked)


def test_a_login_that_sees_a_part_makes_nothing_pass() -> None:
    changed = {mssql.SERVER: (("version", "sees_definitions", "edition"), [("16.0.4135.4", 0, 2)])}
    with serving(recording(changed)) as (url, _):
        assert refusal(url) == Unavailable(
            Outcome.UNKNOWN, "this login sees a part of the database only: GRANT VIEW DEFINITION is missing"
        )


def test_a_login_without_server_state_is_left_undecided() -> None:
    refused = dict.fromkeys((mssql.ENCRYPTED, mssql.SIZES, mssql.USE, mssql.STARTED), NO_RIGHT)
    with serving(recording(refused=refused)) as (url, _):
        assert inventory(url).encrypted is None
        assert "VIEW SERVER STATE is missing" in judged(url, load_catalogue().check("unused-indexes").probe).examined
        question = SqlRows((("mssql", mssql.USE),))
        found = answer(url, question)
    assert isinstance(found, Unavailable)
    assert found.outcome is Outcome.UNKNOWN
    assert "may not read" in found.reason


def test_azure_has_no_release_that_ages() -> None:
    changed = {mssql.SERVER: (("version", "sees_definitions", "edition"), [("12.0.2000.8", 1, 5)])}
    with serving(recording(changed)) as (url, _):
        assert judged(url, load_catalogue().check("server-supported").probe).outcome is Outcome.UNKNOWN
    with serving(recording()) as (url, _):
        assert judged(url, load_catalogue().check("server-supported").probe).outcome is Outcome.PASS


def test_a_refused_login_never_shows_the_password() -> None:
    with serving(recording(), admits=False) as (url, _):
        found = refusal(url)
    assert found.outcome is Outcome.ERROR
    assert "refuses the login" in found.reason
    assert "correct-horse" not in found.reason


def test_a_recording_is_judged_as_the_database_was(tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    with serving(recording()) as (url, _):
        done = CliRunner().invoke(app, ["database", "capture", "--database", url, "-o", str(path)])
        before = inventory(url)
    assert done.exit_code == 0, done.output
    assert "read it before you send it" in done.stderr
    text = path.read_text()
    assert "correct-horse" not in text
    replayed = msgspec.json.decode(text, type=Recording)
    assert {answer.sql for answer in replayed.answers} >= {*mssql.STATEMENTS, *STATEMENTS}
    with serving(replayed) as (url, _):
        assert inventory(url) == before


@pytest.mark.parametrize("sql", [*mssql.STATEMENTS, *STATEMENTS])
def test_every_statement_parses_as_transact_sql(sql: str) -> None:
    parsed = sqlglot.parse_one(sql, read="tsql")
    assert isinstance(parsed, sqlglot.exp.Query), sql


def test_there_are_statements_for_the_questions_of_servers() -> None:
    assert len(STATEMENTS) >= 15


@pytest.mark.parametrize(
    "url",
    [
        "sqlserver://db.example.org:1433;database=loans;user=sa;password={p;w}}};encrypt=true",
        "mssql+pyodbc://sa:p%3Bw%7D@db.example.org:1433/loans?driver=ODBC+Driver+18+for+SQL+Server&Encrypt=yes",
    ],
)
def test_every_spelling_of_a_url_names_the_same(url: str) -> None:
    address = read_address(url)
    assert (address.dialect, address.url.host, address.url.port) == ("mssql", "db.example.org", 1433)
    assert (address.url.database, address.url.username, address.url.password) == ("loans", "sa", "p;w}")
    assert address.without_secrets("no: p;w} was wrong") == "no: [redacted] was wrong"
