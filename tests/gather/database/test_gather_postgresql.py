from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event
from support.asking import answer, index, inventory, judged, refusal, stopped, table, wrong
from support.servers import PASSWORD, Server, binary, fresh, postgresql_run

from readycheck.catalogue import load_catalogue
from readycheck.facts.database import DatabaseInventory, IndexState, Inventory, SqlRows, TablesFilled
from readycheck.facts.question import Question
from readycheck.gather.database.gatherer import DatabaseGatherer
from readycheck.model import Outcome
from readycheck.probes.database import ConnectionEncrypted, DuplicateIndexes, ForeignKeysIndexed, PrimaryKeys

pytest_plugins = ["support.database_fixtures"]

PARENTS = (
    "CREATE TABLE parent (id int PRIMARY KEY, name text UNIQUE)",
    "CREATE TABLE pair (a int, b int, PRIMARY KEY (a, b))",
)
#: Children whose foreign key no index serves whole, each by its name.
DEFECTS = {
    "bare": "CREATE TABLE bare (p int REFERENCES parent)",
    "second": "CREATE TABLE second (k int, p int REFERENCES parent); CREATE INDEX ON second (k, p)",
    "included": "CREATE TABLE included (k int, p int REFERENCES parent); CREATE INDEX ON included (k) INCLUDE (p)",
    "partial": "CREATE TABLE partial (k bool, p int REFERENCES parent); CREATE INDEX ON partial (p) WHERE k",
    "other_null": (
        "CREATE TABLE other_null (k int, p int REFERENCES parent); CREATE INDEX ON other_null (p) WHERE k IS NOT NULL"
    ),
    "is_null": "CREATE TABLE is_null (p int REFERENCES parent); CREATE INDEX ON is_null (p) WHERE p IS NULL",
    "expression": "CREATE TABLE expression (p int REFERENCES parent); CREATE INDEX ON expression ((p + 0))",
    "brin": "CREATE TABLE brin (p int REFERENCES parent); CREATE INDEX ON brin USING brin (p)",
    "collated": (
        'CREATE TABLE collated (p text REFERENCES parent (name)); CREATE INDEX ON collated (p COLLATE "POSIX")'
    ),
    "hash_of_pair": (
        "CREATE TABLE hash_of_pair (a int, b int, FOREIGN KEY (a, b) REFERENCES pair);"
        "CREATE INDEX ON hash_of_pair USING hash (a)"
    ),
    "half": (
        "CREATE TABLE half (a int, b int, c int, FOREIGN KEY (a, b) REFERENCES pair); CREATE INDEX ON half (a, c, b)"
    ),
    "apart": (
        "CREATE TABLE apart (a int, b int, FOREIGN KEY (a, b) REFERENCES pair);"
        "CREATE INDEX ON apart (a); CREATE INDEX ON apart (b)"
    ),
    "parts": (
        "CREATE TABLE parts (id int, p int REFERENCES parent) PARTITION BY RANGE (id);"
        "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9);"
        "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (9) TO (19); CREATE INDEX ON parts_1 (p)"
    ),
    "only_parent": (
        "CREATE TABLE only_parent (id int, p int REFERENCES parent) PARTITION BY RANGE (id);"
        "CREATE TABLE only_parent_1 PARTITION OF only_parent FOR VALUES FROM (0) TO (9);"
        "CREATE INDEX ON ONLY only_parent (p)"
    ),
    '"Order"': 'CREATE TABLE "Order" ("select" int REFERENCES parent); CREATE INDEX ON "Order" (("select" * 1))',
}
#: Children that look as if, and whose foreign key is served.
LOOK_ALIKES = {
    "swapped": (
        "CREATE TABLE swapped (a int, b int, c int, FOREIGN KEY (a, b) REFERENCES pair);"
        "CREATE INDEX ON swapped (b, a DESC, c)"
    ),
    "hashed": "CREATE TABLE hashed (p int REFERENCES parent); CREATE INDEX ON hashed USING hash (p)",
    "not_null": "CREATE TABLE not_null (p int REFERENCES parent); CREATE INDEX ON not_null (p) WHERE p IS NOT NULL",
    "both_not_null": (
        "CREATE TABLE both_not_null (a int, b int, FOREIGN KEY (a, b) REFERENCES pair);"
        "CREATE INDEX ON both_not_null (a, b) WHERE a IS NOT NULL AND b IS NOT NULL"
    ),
    "pattern": ("CREATE TABLE pattern (p text REFERENCES parent (name)); CREATE INDEX ON pattern (p text_pattern_ops)"),
    "by_key": "CREATE TABLE by_key (p int PRIMARY KEY REFERENCES parent)",
    "by_unique": "CREATE TABLE by_unique (p int REFERENCES parent, k int, UNIQUE (p, k))",
    "by_part": "CREATE TABLE by_part (a int UNIQUE, b int, FOREIGN KEY (a, b) REFERENCES pair)",
    "parted": (
        "CREATE TABLE parted (id int, p int REFERENCES parent) PARTITION BY RANGE (id);"
        "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (9); CREATE INDEX ON parted (p)"
    ),
    '"User"': 'CREATE TABLE "User" ("parentId" int REFERENCES parent); CREATE INDEX ON "User" ("parentId")',
    "dropped": (
        "CREATE TABLE dropped (x int, y int, p int REFERENCES parent); ALTER TABLE dropped DROP COLUMN x;"
        "CREATE INDEX ON dropped (p) WHERE p IS NOT NULL"
    ),
}


@contextmanager
def listening(note: Any) -> Iterator[None]:
    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_foreign_keys_without_an_index_are_found_and_look_alikes_are_not(postgresql: Server) -> None:
    with fresh(postgresql, "shapes", *PARENTS, *DEFECTS.values(), *LOOK_ALIKES.values()) as url:
        places = wrong(url, ForeignKeysIndexed())
    found = {place.removeprefix("public.").partition("(")[0] for place in places}
    assert found == {name.strip('"') for name in DEFECTS}
    assert len(places) == len(DEFECTS)


def test_the_planner_agrees_on_partial_indexes(postgresql: Server) -> None:
    made = [*PARENTS, LOOK_ALIKES["both_not_null"], DEFECTS["other_null"]]
    with fresh(postgresql, "planner", *made):
        run = ("SET enable_seqscan = off", "EXPLAIN SELECT 1 FROM {} WHERE {}")
        used = postgresql_run(postgresql, "planner", run[0], run[1].format("both_not_null", "a = 1 AND b = 2"))
        unused = postgresql_run(postgresql, "planner", run[0], run[1].format("other_null", "p = 1"))
    assert "Index" in str(used)
    assert "Seq Scan" in str(unused)


def test_a_partly_served_key_says_so(postgresql: Server) -> None:
    with fresh(postgresql, "halves", *PARENTS, DEFECTS["half"]) as url:
        (finding,) = judged(url, ForeignKeysIndexed()).findings
    assert "only partly indexed: half_a_c_b_idx starts with 1" in finding.message


def test_an_index_that_failed_to_build_serves_nothing(postgresql: Server) -> None:
    made = ["CREATE TABLE child (p int REFERENCES parent)", "INSERT INTO parent VALUES (1)"]
    with fresh(postgresql, "failed", *PARENTS, *made, "INSERT INTO child VALUES (1), (1)") as url:
        with pytest.raises(psycopg.errors.UniqueViolation):
            postgresql_run(postgresql, "failed", "CREATE UNIQUE INDEX CONCURRENTLY left_over ON child (p)")
        assert index(url, "left_over").state is IndexState.INVALID
        assert wrong(url, ForeignKeysIndexed()) == ["public.child(p)"]
        assert wrong(url, load_catalogue().check("no-invalid-indexes").probe) == ["public.child.left_over"]


def test_an_index_that_is_being_built_is_not_left_over(postgresql: Server) -> None:
    with (
        fresh(postgresql, "building", "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)") as url,
        session(url) as other,
    ):
        other.execute("BEGIN; UPDATE t SET a = 2")
        with closing(psycopg.connect(url, autocommit=True)) as builder:
            builder.pgconn.send_query(b"CREATE INDEX CONCURRENTLY slow ON t (a)")
            seen = "SELECT index_relid FROM pg_stat_progress_create_index WHERE index_relid <> 0"
            with session(url) as watcher:
                while not watcher.execute(seen).fetchall():
                    pass
            assert index(url, "slow").state is IndexState.BUILDING
            assert judged(url, load_catalogue().check("no-invalid-indexes").probe).outcome is Outcome.PASS
            stranger = login(postgresql, "building", "stranger")
            assert index(stranger, "slow").state is IndexState.UNSURE
            assert judged(stranger, load_catalogue().check("no-invalid-indexes").probe).outcome is Outcome.UNKNOWN


@contextmanager
def session(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def login(server: Server, database: str, name: str, *grants: str) -> str:
    """The URL of a login without rights but these; it is made when it is not there."""
    known = postgresql_run(server, database, f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'")
    made = [] if known else [f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'"]
    postgresql_run(server, database, *made, *grants)
    return server.url(database, user=name)


def test_duplicates_are_found_and_look_alikes_are_not(postgresql: Server) -> None:
    made = (
        "CREATE TABLE t (id int PRIMARY KEY, a text, b text, c int, d int, e int, CONSTRAINT t_c UNIQUE (c))",
        "CREATE INDEX same_as_key ON t (id)",
        "CREATE UNIQUE INDEX same_as_constraint ON t (c)",
        "CREATE INDEX b_short ON t (b)",
        "CREATE INDEX b_long ON t (b, c)",
        "CREATE INDEX lower_1 ON t (lower(a)) WHERE d > 1",
        "CREATE INDEX lower_22 ON t (lower( a ))  WHERE (d>1)",
        "CREATE INDEX e_plain ON t (e, d)",
        "CREATE INDEX e_included ON t (e, d) INCLUDE (b)",
    )
    others = (
        "CREATE INDEX a_pattern ON t (a text_pattern_ops)",
        'CREATE INDEX a_posix ON t (a COLLATE "POSIX")',
        "CREATE INDEX a_desc ON t (a DESC)",
        "CREATE INDEX a_last ON t (a NULLS FIRST)",
        "CREATE INDEX a_plain ON t (a)",
        "CREATE INDEX a_hash ON t USING hash (a)",
        "CREATE INDEX lower_other ON t (lower(a)) WHERE d > 2",
        "CREATE UNIQUE INDEX d_unique ON t (d)",
        "CREATE UNIQUE INDEX d_one_null ON t (d) NULLS NOT DISTINCT",
        "CREATE INDEX d_longer ON t (d, c) INCLUDE (b)",
    )
    with fresh(postgresql, "duplicates", *made, *others) as url:
        found = [place.rpartition(".")[2] for place in wrong(url, DuplicateIndexes())]
    assert found == ["b_short", "e_plain", "lower_22", "same_as_constraint", "same_as_key"]


def test_tables_without_a_primary_key_are_found(postgresql: Server) -> None:
    made = (
        "CREATE TABLE keyless (a int UNIQUE NOT NULL)",
        "CREATE TABLE keyed (a int PRIMARY KEY)",
        "CREATE TABLE parts (a int) PARTITION BY LIST (a)",
        "CREATE TABLE part_1 PARTITION OF parts FOR VALUES IN (1)",
        "CREATE MATERIALIZED VIEW stored AS SELECT 1 AS a",
        "CREATE VIEW seen AS SELECT 1 AS a",
        "CREATE SCHEMA other",
        "CREATE TABLE other.keyless (a int)",
    )
    with fresh(postgresql, "keys", *made) as url:
        assert wrong(url, PrimaryKeys()) == ["other.keyless", "public.keyless", "public.parts"]
        assert table(url, "public.stored").materialized


def test_what_an_extension_brought_is_left_out(postgresql: Server) -> None:
    with fresh(postgresql, "extended", "CREATE TABLE brought (a int)", "CREATE TABLE own (a int PRIMARY KEY)") as url:
        run = "ALTER EXTENSION plpgsql ADD TABLE brought"
        postgresql_run(postgresql, "extended", run)
        assert [table.name for table in inventory(url).tables] == ["own"]


def test_the_inventory_does_not_wait_for_a_migration(postgresql: Server) -> None:
    made = ("CREATE TABLE t (id int PRIMARY KEY, a text)", "CREATE INDEX i ON t (lower(a)) WHERE a IS NOT NULL")
    with fresh(postgresql, "migrating", *made) as url, session(url) as other:
        other.execute("BEGIN; ALTER TABLE t ADD COLUMN b int")
        assert index(url, "i").not_null == ("a",)
        (seen,) = answer(url, TablesFilled(("t",))).tables
        assert seen.filled is None
        assert "lock" in seen.problem


def test_the_statements_are_as_many_however_many_tables_there_are(postgresql: Server) -> None:
    sizes = []
    for many in (1, 40):
        made = [f"CREATE TABLE t{n} (id int PRIMARY KEY, o int REFERENCES t0 UNIQUE)" for n in range(many)]
        with fresh(postgresql, f"sized{many}", *made) as url:
            seen: list[str] = []
            with listening(lambda _c, _k, statement, *_: seen.append(statement)):  # noqa: B023 - used at once
                assert len(inventory(url).tables) == many
        sizes.append(len([text for text in seen if "pg_catalog." in text]))
    assert sizes == [8, 8]


def dumped(server: Server, database: str) -> str:
    command = [
        str(binary("pg_dump", "usr/lib/postgresql/*/bin")),
        "-s",
        "-h",
        str(server.socket),
        "-p",
        str(server.port),
    ]
    done = subprocess.run([*command, "-U", server.user, database], capture_output=True, check=True)
    return "\n".join(line for line in done.stdout.decode().splitlines() if "restrict" not in line)


def test_an_audit_leaves_the_schema_and_the_rows_as_they_were(postgresql: Server) -> None:
    made = [*PARENTS, *LOOK_ALIKES.values(), "INSERT INTO parent VALUES (1, 'x')"]
    with fresh(postgresql, "untouched", *made) as url:
        before = dumped(postgresql, "untouched")
        questions: list[Question[Any]] = [
            DatabaseInventory(),
            TablesFilled(("*a*",)),
            SqlRows((("any", "SELECT * FROM parent"),)),
        ]
        for _, found in DatabaseGatherer(url).answers(questions):
            assert found
        assert dumped(postgresql, "untouched") == before
        assert postgresql_run(postgresql, "untouched", "SELECT count(*) FROM parent") == [(1,)]


def test_a_function_that_writes_is_stopped_by_the_read_only_transaction(postgresql: Server) -> None:
    made = (
        "CREATE TABLE t (a int)",
        "CREATE FUNCTION sly() RETURNS int LANGUAGE sql AS 'INSERT INTO t VALUES (1) RETURNING a'",
    )
    with fresh(postgresql, "guarded", *made) as url:
        found = refusal(url, SqlRows((("any", "SELECT sly()"),)))
        assert found.outcome is Outcome.ERROR
        assert "read-only" in found.reason
        assert postgresql_run(postgresql, "guarded", "SELECT count(*) FROM t") == [(0,)]


def test_a_slow_statement_ends_in_time_and_spoils_no_other(postgresql: Server) -> None:
    made = ("CREATE TABLE t (a int)", "CREATE FUNCTION doze() RETURNS void LANGUAGE sql AS 'SELECT pg_sleep(60)'")
    with fresh(postgresql, "slow", *made) as url:
        questions: list[Question[Any]] = [
            SqlRows((("any", "SELECT doze()"),)),
            SqlRows((("any", "SELECT nothing"),)),
            DatabaseInventory(),
        ]
        late, absent, structure = (found for _, found in DatabaseGatherer(url, timeout=1).answers(questions))
    assert late.outcome is absent.outcome is Outcome.ERROR
    assert "in time" in late.reason
    assert isinstance(structure, Inventory)


def test_stopping_cancels_the_statement_that_runs(postgresql: Server) -> None:
    doze = "CREATE FUNCTION doze() RETURNS void LANGUAGE sql AS 'SELECT pg_sleep(60)'"
    seen = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'readycheck' AND wait_event = 'PgSleep'"
    with fresh(postgresql, "stopped", doze) as url, session(url) as watcher:
        found = stopped(url, "SELECT doze()", lambda: bool(watcher.execute(seen).fetchall()))
        assert found.outcome is Outcome.ERROR
        left = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'readycheck'"
        while watcher.execute(left.encode()).fetchall():
            pass


def test_rows_are_read_a_few_at_a_time(postgresql: Server) -> None:
    with fresh(postgresql, "many") as url:
        found = answer(
            url, SqlRows((("any", "SELECT i, i % 2 = 0 AS even, now() AS at FROM generate_series(1, 9999999) AS i"),))
        )
        shown = answer(url, SqlRows((("any", "SHOW server_version"),)))
    assert (len(found.rows), found.truncated, found.rows[1][:2]) == (50, True, ("2", "true"))
    assert shown.rows[0][0]


@pytest.mark.parametrize(("mode", "encrypted"), [("disable", False), ("require", True), ("prefer", True)])
def test_the_connection_says_whether_it_is_encrypted(postgresql: Server, mode: str, encrypted: bool) -> None:
    with fresh(postgresql, "wire", "CREATE TABLE t (a int)"):
        url = postgresql.url("wire", query=f"?sslmode={mode}&schema=public&connection_limit=5")
        found = inventory(url)
        outcome = judged(url, ConnectionEncrypted()).outcome
    assert (found.encrypted, found.local) == (encrypted, True)
    assert outcome is (Outcome.PASS if encrypted else Outcome.NOT_APPLICABLE)


def test_a_unix_socket_is_local_and_needs_no_encryption(postgresql: Server) -> None:
    with fresh(postgresql, "near", "CREATE TABLE t (a int)"):
        url = f"postgres://root@/near?host={postgresql.socket}&port={postgresql.port}"
        assert judged(url, ConnectionEncrypted()).outcome is Outcome.NOT_APPLICABLE
        assert inventory(url).dialect == "postgresql"


def test_a_login_without_rights_sees_the_structure_and_not_the_rows(postgresql: Server) -> None:
    made = ("CREATE TABLE audit_log (p int REFERENCES parent)", "INSERT INTO audit_log VALUES (NULL)")
    with fresh(postgresql, "weak", *PARENTS, *made):
        url = login(postgresql, "weak", "weakling")
        assert wrong(url, ForeignKeysIndexed()) == ["public.audit_log(p)"]
        assert "may not read" in refusal(url, SqlRows((("any", "SELECT * FROM parent"),))).reason
        (seen,) = answer(url, TablesFilled(("audit*",))).tables
        assert (seen.filled, "may not read" in seen.problem) == (None, True)
        found = judged(url, load_catalogue().check("audit-table-has-rows").probe)
    assert found.outcome is Outcome.UNKNOWN


def test_a_refused_login_never_shows_the_password(postgresql: Server) -> None:
    wrong_password = refusal(postgresql.url("postgres", password="hunter2%40secret"))
    no_database = refusal(postgresql.url("no_such_database"))
    assert wrong_password.outcome is no_database.outcome is Outcome.ERROR
    assert "refuses the login" in wrong_password.reason
    assert "no such database" in no_database.reason
    assert "hunter2" not in wrong_password.reason
    assert PASSWORD not in no_database.reason


def test_the_shipped_checks_run_on_a_real_server(postgresql: Server) -> None:
    checks = load_catalogue()
    with fresh(postgresql, "shipped", *PARENTS) as url:
        outcomes = {
            name: judged(url, checks.check(name).probe).outcome
            for name in ("slow-query-log", "connections-below-limit", "replication-attached", "constraints-validated")
        }
        postgresql_run(postgresql, "shipped", "ALTER DATABASE shipped SET log_min_duration_statement = 250")
        postgresql_run(
            postgresql,
            "shipped",
            "CREATE TABLE late (p int)",
            "ALTER TABLE late ADD CONSTRAINT late_p FOREIGN KEY (p) REFERENCES parent NOT VALID",
        )
        recorded = judged(url, checks.check("slow-query-log").probe).outcome
        unheld = wrong(url, checks.check("constraints-validated").probe)
        other = judged(url, checks.check("tables-use-innodb").probe).outcome
    assert outcomes == {
        "slow-query-log": Outcome.FAIL,
        "connections-below-limit": Outcome.PASS,
        "replication-attached": Outcome.FAIL,
        "constraints-validated": Outcome.UNKNOWN,
    }
    assert recorded is Outcome.PASS
    assert unheld == ["public.late.late_p"]
    assert other is Outcome.NOT_APPLICABLE
