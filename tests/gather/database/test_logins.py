"""What each login is told: one with the printed grants is told everything, one without is told nothing that passes."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg
import pytest
from support.asking import answer, judged, refusal
from support.servers import PASSWORD, Server, fresh, mariadb_run, postgresql_run

from readycheck.catalogue import Check, load_catalogue
from readycheck.facts.database import DatabaseIdentifiers, DatabaseInventory, Identifiers
from readycheck.facts.question import Unavailable
from readycheck.model import Outcome, Target
from readycheck.probes.grants import grants

pytest_plugins = ["support.database_fixtures"]

CHECKS = [
    check
    for check in load_catalogue().checks.values()
    if all(question.target is Target.DATABASE for question in check.probe.questions())
    and check.target is Target.DATABASE
]
LOANS = (
    "CREATE TABLE borrower (id int PRIMARY KEY, name text)",
    "CREATE TABLE loan (id serial PRIMARY KEY, borrower_id int REFERENCES borrower)",
    "INSERT INTO borrower VALUES (1, 'a')",
    "INSERT INTO loan (borrower_id) VALUES (1)",
)
#: What PostgreSQL and MariaDB tell only a login with rights, so that one without must be left undecided.
HIDDEN_BY_POSTGRESQL = (
    "idle-in-transaction",
    "plain-connections",
    "plain-connections-refused",
    "identifiers-have-room",
)
HIDDEN_BY_MARIADB = ("idle-in-transaction", "superusers", "public-rights")


def outcomes(url: str) -> dict[str, Outcome]:
    return {check.id: judged(url, check.probe).outcome for check in CHECKS}


def everything(dialect: str) -> tuple[str, ...]:
    return grants(question for check in CHECKS for question in check.probe.questions())[dialect]


def postgresql_login(server: Server, name: str, database: str, *given: str) -> str:
    with suppress(psycopg.errors.DuplicateObject):
        postgresql_run(server, database, f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
    for grant in given:
        postgresql_run(
            server, database, grant.replace("readycheck", name).replace("DATABASE name", f"DATABASE {database}")
        )
    return server.url(database, user=name)


def test_a_login_with_the_printed_grants_is_told_all_that_a_superuser_is(postgresql: Server) -> None:
    with fresh(postgresql, "told", *LOANS) as url:
        full = outcomes(url)
        granted = outcomes(postgresql_login(postgresql, "told_login", "told", *everything("postgresql")))
    assert Outcome.ERROR not in full.values(), full
    assert granted == full


def test_the_printed_grants_let_nobody_write(postgresql: Server) -> None:
    with fresh(postgresql, "unwritten", *LOANS) as url:
        login = postgresql_login(postgresql, "unwritten_login", "unwritten", *everything("postgresql"))
        with psycopg.connect(login, autocommit=True) as connection:
            for sql in ("INSERT INTO borrower VALUES (2)", "DELETE FROM loan", "CREATE TABLE x (a int)"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql.encode())
        assert url


def test_a_bare_login_makes_nothing_pass_that_is_hidden_from_it(postgresql: Server) -> None:
    with fresh(postgresql, "bare", *LOANS):
        found = outcomes(postgresql_login(postgresql, "bare_login", "bare"))
    assert {name: found[name] for name in HIDDEN_BY_POSTGRESQL} == dict.fromkeys(HIDDEN_BY_POSTGRESQL, Outcome.UNKNOWN)
    assert found["foreign-keys-indexed"] is Outcome.FAIL
    assert found["connections-below-limit"] is Outcome.PASS


def test_a_sequence_that_is_hidden_says_so(postgresql: Server) -> None:
    with fresh(postgresql, "sequences", *LOANS) as url:
        seen = answer(url, DatabaseIdentifiers())
        hidden = answer(postgresql_login(postgresql, "sequences_login", "sequences"), DatabaseIdentifiers())
    assert isinstance(seen, Identifiers)
    assert [(row.table, row.column, row.type, row.last, row.hidden) for row in seen.columns] == [
        ("public.loan", "id", "integer", 1, False)
    ]
    assert [(row.last, row.hidden) for row in hidden.columns] == [(None, True)]


def mariadb_login(server: Server, name: str, database: str, *given: str) -> str:
    mariadb_run(server, "", f"CREATE OR REPLACE USER {name}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
    for grant in given:
        meant = grant.replace("ON name.*", f"ON {database}.*").replace("TO readycheck", f"TO {name}@'127.0.0.1'")
        mariadb_run(server, "", meant)
    return server.url(database, user=name)


MARIADB_LOANS = ("CREATE TABLE loan (id INT PRIMARY KEY AUTO_INCREMENT)", "INSERT INTO loan VALUES (1)")


def test_mariadb_tells_a_login_with_the_printed_grants_everything(mariadb: Server) -> None:
    with fresh(mariadb, "told_m", *MARIADB_LOANS) as url:
        full = outcomes(url)
        granted = outcomes(mariadb_login(mariadb, "told_m", "told_m", *everything("mariadb")))
        login = mariadb.url("told_m", user="told_m")
        with pytest.raises(Exception, match="denied"):
            _write(login)
    assert Outcome.ERROR not in full.values(), full
    assert granted == full


def _write(url: str) -> None:
    from sqlalchemy import create_engine

    with create_engine(url.replace("mysql:", "mysql+pymysql:")).connect() as connection:
        connection.exec_driver_sql("INSERT INTO loan VALUES (2)")


def test_a_login_of_mariadb_that_may_only_select_is_left_undecided(mariadb: Server) -> None:
    with fresh(mariadb, "bare_m", *MARIADB_LOANS):
        found = outcomes(mariadb_login(mariadb, "bare_m", "bare_m", "GRANT SELECT ON name.* TO readycheck"))
    assert {name: found[name] for name in HIDDEN_BY_MARIADB} == dict.fromkeys(HIDDEN_BY_MARIADB, Outcome.UNKNOWN)


def test_a_login_of_mariadb_with_rights_on_one_table_is_told_that_it_sees_no_more(mariadb: Server) -> None:
    with fresh(mariadb, "single_m", *MARIADB_LOANS, "CREATE TABLE other (a INT)"):
        found = refusal(mariadb_login(mariadb, "single_m", "single_m", "GRANT SELECT ON single_m.loan TO readycheck"))
    assert found == Unavailable(
        Outcome.UNKNOWN, "this login has rights on single tables only, and sees no other: GRANT SELECT is missing"
    )


@pytest.mark.parametrize(
    "check", [check for check in CHECKS if grants(check.probe.questions())], ids=lambda check: check.id
)
def test_every_check_names_grants_for_the_dialects_that_it_asks(check: Check) -> None:
    for given in grants(check.probe.questions()).values():
        assert not any(word in grant for grant in given for word in ("INSERT", "UPDATE", "DELETE", "ALL PRIV", "SUPER"))


def test_use_of_indexes_and_sizes_are_counted(postgresql: Server, mariadb: Server) -> None:
    made = (
        "CREATE TABLE t (id int PRIMARY KEY, a int, b text)",
        "CREATE INDEX t_a ON t (a)",
        "INSERT INTO t SELECT i, i, repeat('x', 200) FROM generate_series(1, 5000) i",
        "VACUUM ANALYZE t",
    )
    with fresh(postgresql, "counted", *made) as url:
        postgresql_run(postgresql, "counted", "SET enable_seqscan = off", "SELECT * FROM t WHERE a = 7")
        found = _inventory(url)
        (table,) = found.tables
        counts = {index.name: index for index in table.indexes}
        assert table.rows == 5000
        assert table.bytes > 1_000_000
        assert counts["t_a"].bytes > 50_000
        assert found.counting.days is not None
        assert found.counting.days < 1
        assert judged(url, load_catalogue().check("unused-indexes").probe).outcome is Outcome.UNKNOWN
    with fresh(mariadb, "counted_m", "CREATE TABLE t (id INT PRIMARY KEY, a INT, INDEX (a))") as url:
        assert "performance_schema" in _inventory(url).counting.problem


def _inventory(url: str) -> Any:
    return answer(url, DatabaseInventory())
