from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest
from sqlalchemy import Engine, event
from support.asking import answer, index, inventory, judged, refusal, stopped, table, wrong
from support.servers import PASSWORD, Server, fresh, mariadb_run

from readycheck.catalogue import load_catalogue
from readycheck.facts.database import DatabaseInventory, IndexState, Inventory, SqlRows, TablesFilled
from readycheck.facts.question import Question
from readycheck.gather.database.gatherer import DatabaseGatherer
from readycheck.model import Outcome
from readycheck.probes.database import ConnectionEncrypted, DuplicateIndexes, ForeignKeysIndexed, PrimaryKeys

pytest_plugins = ["support.database_fixtures"]

PARENT = "CREATE TABLE parent (a INT, b INT, PRIMARY KEY (a, b), INDEX (b, a)) ENGINE = InnoDB"


def login(server: Server, name: str, database: str, *grants: str) -> str:
    """The URL of a new login with these grants."""
    made = [f"CREATE OR REPLACE USER {name}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'"]
    mariadb_run(server, "", *made, *(f"GRANT {grant} TO {name}@'127.0.0.1'" for grant in grants))
    return server.url(database, user=name)


def test_innodb_makes_the_index_that_it_needs_beside_one_in_another_order(mariadb: Server) -> None:
    made = "CREATE TABLE child (x INT, y INT, INDEX backwards (y, x), FOREIGN KEY own (x, y) REFERENCES parent (a, b))"
    with fresh(mariadb, "own_index", PARENT, made) as url:
        assert wrong(url, ForeignKeysIndexed()) == []
        assert {index.columns for index in table(url, "child").indexes} == {("x", "y"), ("y", "x")}


def test_a_foreign_key_whose_index_was_dropped_is_found(mariadb: Server) -> None:
    made = (
        "CREATE TABLE child (x INT, y INT, INDEX backwards (y, x), FOREIGN KEY own (x, y) REFERENCES parent (a, b))",
        "SET SESSION foreign_key_checks = 0",
        "ALTER TABLE child DROP INDEX own",
    )
    with fresh(mariadb, "careless", PARENT, *made) as url:
        assert wrong(url, ForeignKeysIndexed()) == ["child(x, y)"]


def test_duplicates_are_found_and_the_only_good_index_is_kept(mariadb: Server) -> None:
    made = (
        "CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(99), a INT, b INT, c INT, d TEXT)",
        "CREATE INDEX s_10 ON t (s(10))",
        "CREATE INDEX s_whole ON t (s)",
        "CREATE INDEX a_short ON t (a)",
        "CREATE INDEX a_long ON t (a, b)",
        "CREATE INDEX b_only ON t (b)",
        "CREATE INDEX b_ignored ON t (b, c) IGNORED",
        "CREATE UNIQUE INDEX c_unique ON t (c)",
        "CREATE INDEX c_long ON t (c, a)",
        "CREATE FULLTEXT INDEX d_words ON t (d)",
        "CREATE INDEX d_start ON t (d(20))",
    )
    with fresh(mariadb, "duplicates", *made) as url:
        assert wrong(url, DuplicateIndexes()) == ["t.a_short", "t.s_10"]
        assert index(url, "b_ignored").state is IndexState.IGNORED


def test_reserved_names_and_tables_with_history_are_read(mariadb: Server) -> None:
    made = (
        "CREATE TABLE `order` (`group by` INT, `it``s` INT, INDEX `key` (`group by`))",
        "CREATE TABLE kept (id INT PRIMARY KEY) WITH SYSTEM VERSIONING",
        "CREATE SEQUENCE numbers",
        "CREATE VIEW seen AS SELECT 1 AS a",
    )
    with fresh(mariadb, "names", *made) as url:
        assert wrong(url, PrimaryKeys()) == ["order"]
        assert [table.name for table in inventory(url).tables] == ["kept", "order"]
        assert answer(url, TablesFilled(("or*",))).tables[0].filled is False


def test_a_login_without_grants_makes_nothing_pass(mariadb: Server) -> None:
    with fresh(mariadb, "hidden", PARENT):
        blind = login(mariadb, "blind", "hidden", "CREATE ROUTINE ON hidden.*")
        for probe in (ForeignKeysIndexed(), PrimaryKeys(), DuplicateIndexes()):
            found = judged(blind, probe)
            assert found.outcome is Outcome.UNKNOWN
            assert "GRANT SELECT" in found.examined
        assert judged(blind, load_catalogue().check("tables-use-innodb").probe).outcome is Outcome.UNKNOWN


def test_a_login_that_sees_no_columns_makes_nothing_pass(mariadb: Server) -> None:
    with fresh(mariadb, "columnless", PARENT):
        url = login(mariadb, "nameless", "columnless", "SHOW VIEW, INDEX, DROP ON columnless.*")
        assert judged(url, PrimaryKeys()).outcome is Outcome.UNKNOWN


def test_a_login_that_may_only_select_sees_foreign_keys(mariadb: Server) -> None:
    made = (
        "CREATE TABLE child (x INT, y INT, INDEX backwards (y, x), FOREIGN KEY own (x, y) REFERENCES parent (a, b))",
        "SET SESSION foreign_key_checks = 0",
        "ALTER TABLE child DROP INDEX own",
    )
    with fresh(mariadb, "reader", PARENT, *made):
        url = login(mariadb, "reading", "reader", "SELECT ON reader.*")
        assert wrong(url, ForeignKeysIndexed()) == ["child(x, y)"]


def test_no_table_can_be_written_to(mariadb: Server) -> None:
    made = ("CREATE TABLE t (a INT)", "CREATE FUNCTION sly() RETURNS INT BEGIN INSERT INTO t VALUES (1); RETURN 1; END")
    with fresh(mariadb, "guarded", *made) as url:
        found = refusal(url, SqlRows((("mysql", "SELECT sly()"),)))
        assert found.outcome is Outcome.ERROR
        assert "READ ONLY" in found.reason
        assert mariadb_run(mariadb, "guarded", "SELECT count(*) FROM t") == [(0,)]


def test_a_slow_statement_ends_in_time_and_spoils_no_other(mariadb: Server) -> None:
    made = ("CREATE TABLE t (a INT)", "CREATE FUNCTION doze() RETURNS INT RETURN sleep(60)")
    with fresh(mariadb, "slow", *made) as url:
        questions: list[Question[Any]] = [
            SqlRows((("any", "SELECT doze()"),)),
            SqlRows((("any", "SELECT * FROM none"),)),
            DatabaseInventory(),
        ]
        late, absent, structure = (found for _, found in DatabaseGatherer(url, timeout=1).answers(questions))
    assert "in time" in late.reason
    assert "no such table" in absent.reason
    assert isinstance(structure, Inventory)


def test_stopping_hangs_up_on_the_statement_that_runs(mariadb: Server) -> None:
    seen = "SELECT 1 FROM information_schema.processlist WHERE info LIKE '%doze%' AND state = 'User sleep'"
    with fresh(mariadb, "stopped", "CREATE FUNCTION doze() RETURNS INT RETURN sleep(60)") as url:
        found = stopped(url, "SELECT doze()", lambda: bool(mariadb_run(mariadb, "", seen)))
    assert "Lost connection" in found.reason


def test_rows_are_text_and_bounded(mariadb: Server) -> None:
    with fresh(mariadb, "rows_of", "CREATE TABLE t (a INT)") as url:
        found = answer(url, SqlRows((("mysql", "SELECT seq, 'like 50%' AS x FROM seq_1_to_1000"),)))
        shown = answer(url, SqlRows((("mariadb", "SHOW VARIABLES LIKE 'version%'"),)))
    assert (found.dialect, len(found.rows), found.truncated, found.rows[0]) == ("mariadb", 50, True, ("1", "like 50%"))
    assert shown.rows


@pytest.mark.parametrize(
    ("query", "encrypted"),
    [("", True), ("?ssl-mode=DISABLED", False), ("?sslmode=require&charset=utf8", True), ("?connection_limit=5", True)],
)
def test_the_connection_says_whether_it_is_encrypted(mariadb: Server, query: str, encrypted: bool) -> None:
    with fresh(mariadb, "wire", "CREATE TABLE t (a INT)"):
        url = mariadb.url("wire", query=query)
        found = inventory(url)
        outcome = judged(url, ConnectionEncrypted()).outcome
    assert (found.encrypted, found.local) == (encrypted, True)
    assert outcome is (Outcome.PASS if encrypted else Outcome.NOT_APPLICABLE)


def test_a_certificate_that_nobody_vouches_for_is_refused_when_the_url_asks_to_verify(mariadb: Server) -> None:
    found = refusal(mariadb.url("mysql", query="?ssl-mode=VERIFY_IDENTITY"))
    assert found.outcome is Outcome.ERROR
    assert "certificate" in found.reason.lower()


def test_a_refused_login_never_shows_the_password(mariadb: Server) -> None:
    found = refusal(mariadb.url("mysql", password="hunter2%40secret"))
    assert "refuses the login" in found.reason
    assert "hunter2" not in found.reason
    assert "no such database" in refusal(mariadb.url("no_such_database")).reason


def test_the_statements_are_as_many_however_many_tables_there_are(mariadb: Server) -> None:
    sizes = []
    for many in (1, 30):
        made = [
            f"CREATE TABLE t{n} (id INT PRIMARY KEY, o INT, FOREIGN KEY (o) REFERENCES t0 (id))" for n in range(many)
        ]
        with fresh(mariadb, f"sized{many}", *made) as url:
            seen: list[str] = []

            def note(_connection: Any, _cursor: Any, statement: str, *_: Any, into: list[str] = seen) -> None:
                into.append(statement)

            event.listen(Engine, "before_cursor_execute", note)
            try:
                assert len(inventory(url).tables) == many
            finally:
                event.remove(Engine, "before_cursor_execute", note)
        sizes.append(len([text for text in seen if "information_schema" in text]))
    assert sizes == [5, 5]


def test_an_audit_leaves_the_schema_as_it_was(mariadb: Server) -> None:
    dump = shutil.which("mariadb-dump")
    if dump is None:
        pytest.skip("mariadb-dump is not installed")
    made = "CREATE TABLE child (x INT, y INT, FOREIGN KEY own (x, y) REFERENCES parent (a, b))"
    command = [dump, "--no-defaults", "--skip-dump-date", "-h127.0.0.1", f"-P{mariadb.port}", f"-u{mariadb.user}"]
    command += [f"-p{PASSWORD}", "untouched"]
    with fresh(mariadb, "untouched", PARENT, made, "INSERT INTO parent VALUES (1, 2)") as url:
        before = subprocess.run(command, capture_output=True, check=True).stdout
        for _, found in DatabaseGatherer(url).answers([DatabaseInventory(), TablesFilled(("*",))]):
            assert found
        assert subprocess.run(command, capture_output=True, check=True).stdout == before


def test_the_shipped_checks_run_on_a_real_server(mariadb: Server) -> None:
    checks = load_catalogue()
    names = ("slow-query-log", "connections-below-limit", "replication-attached", "tables-use-innodb")
    with fresh(mariadb, "shipped", PARENT) as url:
        before = {name: judged(url, checks.check(name).probe).outcome for name in names}
        mariadb_run(mariadb, "shipped", "SET GLOBAL slow_query_log = ON", "CREATE TABLE old (a INT) ENGINE = MyISAM")
        try:
            after = judged(url, checks.check("slow-query-log").probe).outcome
            old = wrong(url, checks.check("tables-use-innodb").probe)
        finally:
            mariadb_run(mariadb, "shipped", "SET GLOBAL slow_query_log = OFF")
        invalid = judged(url, checks.check("no-invalid-indexes").probe).outcome
    assert before == {
        "slow-query-log": Outcome.FAIL,
        "connections-below-limit": Outcome.PASS,
        "replication-attached": Outcome.FAIL,
        "tables-use-innodb": Outcome.PASS,
    }
    assert after is Outcome.PASS
    assert old == ["old"]
    assert invalid is Outcome.NOT_APPLICABLE
