"""What migration tools have written into their tables, read on the servers that they write to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.asking import answer
from support.servers import PASSWORD, Server, fresh, postgresql_run

from readycheck.catalogue import load_catalogue
from readycheck.evaluate import Observation, evaluate
from readycheck.facts.migrations import Applied, DatabaseMigrations, MigrationState, MigrationStates
from readycheck.facts.store import Audited
from readycheck.gather.database.gatherer import DatabaseGatherer, example_database
from readycheck.gather.gatherer import gather
from readycheck.gather.project import tree_gatherers
from readycheck.gather.tree import MemoryTree
from readycheck.model import Outcome, Target

pytest_plugins = ["support.database_fixtures"]


def states(found: Any) -> dict[str, MigrationState]:
    assert isinstance(found, MigrationStates), found
    return {state.system: state for state in found.states}


def of_sqlite(tmp_path: Path, *statements: str) -> dict[str, MigrationState]:
    ((_, found),) = example_database(statements, tmp_path, "sqlite").answers([DatabaseMigrations()])
    return states(found)


def observed(check: str, files: dict[str, str], gatherer: DatabaseGatherer) -> Observation:
    wanted = load_catalogue().check(check)
    audited = [Audited(target, "here") for target in (Target.REPOSITORY, Target.DATABASE)]
    facts = gather([*tree_gatherers(MemoryTree(files)), gatherer], wanted.probe.questions(), audited, timeout=20)
    return evaluate(wanted, facts)


def test_the_table_of_each_tool_is_told_by_its_name_and_columns(tmp_path: Path) -> None:
    found = of_sqlite(
        tmp_path,
        "CREATE TABLE SequelizeMeta (name TEXT PRIMARY KEY)",
        "INSERT INTO SequelizeMeta VALUES ('1-a.js')",
        "CREATE TABLE migrations (id INTEGER PRIMARY KEY, timestamp BIGINT, name TEXT)",
        "INSERT INTO migrations VALUES (1, 1690000000000, 'Loans1690000000000')",
        "CREATE TABLE schema_migrations (version BIGINT, dirty BOOLEAN)",
        "INSERT INTO schema_migrations VALUES (7, 1)",
        "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY, version_id BIGINT, is_applied BOOLEAN, tstamp)",
        "INSERT INTO goose_db_version VALUES (1, 0, 1, 0), (2, 1, 1, 0), (3, 2, 1, 0), (4, 2, 0, 0)",
        "CREATE TABLE flyway_schema_history (installed_rank INT, version TEXT, description TEXT, type TEXT, script TEXT,"
        " checksum INT, installed_by TEXT, installed_on TEXT, execution_time INT, success BOOLEAN)",
        "INSERT INTO flyway_schema_history VALUES (1, '1', 'b', 'BASELINE', '', NULL, '', '', 0, 1),"
        " (2, '2', 'c', 'SQL', '', 42, '', '', 0, 1), (3, '3', 'd', 'SQL', '', 43, '', '', 0, 0),"
        " (4, '4', 'e', 'SQL', '', 44, '', '', 0, 1), (5, '4', 'e', 'UNDO_SQL', '', 44, '', '', 0, 1)",
        "CREATE TABLE databasechangelog (id TEXT, author TEXT, filename TEXT, exectype TEXT, md5sum TEXT)",
        "INSERT INTO databasechangelog VALUES ('1', 'me', 'classpath:db/changelog/a.xml', 'EXECUTED', 'x')",
        "CREATE TABLE databasechangeloglock (id INT, locked BOOLEAN, lockgranted TEXT, lockedby TEXT)",
        "INSERT INTO databasechangeloglock VALUES (1, 1, '2026-01-01', 'pod-7')",
    )
    assert found["sequelize"].applied == (Applied("1-a.js"),)
    assert found["typeorm"].applied == (Applied("Loans1690000000000"),)
    assert found["golang-migrate"] == MigrationState(
        "golang-migrate", "schema_migrations", (Applied("7", failed=True),), up_to=True
    )
    assert found["goose"].applied == (Applied("1"),)
    assert found["flyway"].applied == (Applied("2", "42"), Applied("3", "43", failed=True))
    assert found["liquibase"].applied == (Applied("1::me::a.xml"),)
    assert found["liquibase"].lock == "held by pod-7 since 2026-01-01"


@pytest.mark.parametrize(
    ("beside", "system"), [("CREATE TABLE ar_internal_metadata (key, value)", "rails"), ("SELECT 1", "dbmate")]
)
def test_rails_and_dbmate_share_a_name(tmp_path: Path, beside: str, system: str) -> None:
    made = ("CREATE TABLE schema_migrations (version TEXT)", "INSERT INTO schema_migrations VALUES ('20250101000000')")
    assert list(of_sqlite(tmp_path, *made, beside)) == [system]


def test_a_table_of_another_meaning_is_nobodys(tmp_path: Path) -> None:
    made = ("CREATE TABLE migrations (id INTEGER, country TEXT)", "CREATE TABLE metadata (name TEXT, value TEXT)")
    assert of_sqlite(tmp_path, *made) == {}


def test_a_table_under_a_name_of_ones_own_is_sequelizes(tmp_path: Path) -> None:
    made = ("CREATE TABLE LoanMeta (name TEXT PRIMARY KEY)", "INSERT INTO LoanMeta VALUES ('1.js')")
    assert of_sqlite(tmp_path, *made)["sequelize"].table == "LoanMeta"


def test_a_table_that_may_not_be_read_leaves_it_open(postgresql: Server) -> None:
    made = (
        'CREATE TABLE "SequelizeMeta" (name text PRIMARY KEY)',
        "CREATE ROLE blind LOGIN PASSWORD '" + PASSWORD + "'",
    )
    with fresh(postgresql, "blind", *made) as url:
        gatherer = DatabaseGatherer(postgresql.url("blind", user="blind"), timeout=10)
        seen = observed("migrations-applied", {"migrations/1.js": "queryInterface"}, gatherer)
        assert states(answer(url, DatabaseMigrations()))["sequelize"].applied == ()
    assert seen.outcome is Outcome.UNKNOWN
    assert "permission denied" in seen.examined


def test_alembic_is_read_as_it_writes(postgresql: Server, tmp_path: Path) -> None:
    """The real tool, on a real server: one pending, then none, then one that the repository has lost."""
    (tmp_path / "alembic" / "versions").mkdir(parents=True)
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = alembic\n")
    (tmp_path / "alembic" / "env.py").write_text(
        "import os, sqlalchemy as sa\nfrom alembic import context\n"
        "with sa.create_engine(os.environ['URL']).connect() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    with context.begin_transaction():\n        context.run_migrations()\n    connection.commit()\n"
    )
    for name, before in (("a1", "None"), ("b2", "'a1'")):
        body = f"from alembic import op\nrevision, down_revision = '{name}', {before}\n"
        body += f"def upgrade(): op.execute('CREATE TABLE {name} (id int)')\ndef downgrade(): op.execute('DROP TABLE {name}')\n"
        body = body.replace("revision, down_revision = ", "revision = ").replace(
            f"'{name}', {before}", f"'{name}'\ndown_revision = {before}"
        )
        (tmp_path / "alembic" / "versions" / f"{name}.py").write_text(body)
    files = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    with fresh(postgresql, "alembic_state", "CREATE TABLE t (a int)") as url:
        environment = {"URL": url.replace("postgresql:", "postgresql+psycopg:"), "PATH": ""}

        def upgrade(to: str) -> None:
            command = [sys.executable, "-m", "alembic", "upgrade", to]
            subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)

        upgrade("a1")
        half = observed("migrations-applied", files, DatabaseGatherer(url))
        upgrade("head")
        whole = observed("migrations-applied", files, DatabaseGatherer(url))
        lost = {path: text for path, text in files.items() if not path.endswith("b2.py")}
        gone = observed("migrations-unchanged", lost, DatabaseGatherer(url))
    assert [finding.message for finding in half.findings] == ["b2 is pending (alembic)"]
    assert whole.outcome is Outcome.PASS
    assert [finding.message for finding in gone.findings] == ["b2 was applied and is not in the repository (alembic)"]


def test_no_table_is_made_by_asking(postgresql: Server) -> None:
    with fresh(postgresql, "unmade", "CREATE TABLE t (a int)") as url:
        assert states(answer(url, DatabaseMigrations())) == {}
        assert postgresql_run(postgresql, "unmade", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [
            (1,)
        ]


def test_facts_of_migrations_can_be_saved(tmp_path: Path) -> None:
    from readycheck.facts.store import dump, load

    gatherer = example_database(["CREATE TABLE SequelizeMeta (name)"], tmp_path, "sqlite")
    found = gather([gatherer], [DatabaseMigrations()], [Audited(Target.DATABASE, "here")], timeout=10)
    assert load(dump(found), "facts.json").answers == found.answers
    assert json.loads(dump(found))["facts"][0]["question"] == "DatabaseMigrations"
