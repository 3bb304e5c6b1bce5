"""Servers and databases that are large, locked, silent or odd: an answer in time, and never a pass out of nothing."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from support.asking import answer, inventory, judged, refusal, wrong
from support.servers import PASSWORD, Server, fresh, postgresql_run

from readycheck.facts.database import DatabaseIdentifiers, DatabaseInventory, SqlRows
from readycheck.facts.migrations import DatabaseMigrations
from readycheck.facts.question import Question
from readycheck.facts.store import Answer, Facts
from readycheck.gather.database.gatherer import example_database
from readycheck.model import Outcome
from readycheck.probes.database import DuplicateIndexes, ForeignKeysIndexed, PrimaryKeys
from readycheck.probes.indexing import cover

pytest_plugins = ["support.database_fixtures"]


@contextmanager
def counting(seen: list[str]) -> Iterator[None]:
    """Every statement that is sent meanwhile."""

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_the_inventory_takes_at_most_ten_statements(postgresql: Server, mariadb: Server) -> None:
    for server in (postgresql, mariadb):
        with fresh(server, "ten", *(f"CREATE TABLE t{n} (id int PRIMARY KEY)" for n in range(20))) as url:
            seen: list[str] = []
            with counting(seen):
                inventory(url)
        assert len([text for text in seen if "SET SESSION" not in text]) <= 10, seen


def test_a_chain_of_two_thousand_tables_does_not_raise(tmp_path: Path) -> None:
    chain = ["CREATE TABLE t0 (id INTEGER PRIMARY KEY)"]
    chain += [f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, up REFERENCES t{n - 1})" for n in range(1, 2000)]
    ((_, found),) = example_database([f"BEGIN; {'; '.join(chain)}; COMMIT"], tmp_path, "sqlite").answers(
        [DatabaseInventory()]
    )
    assert len(found.tables) == 2000
    facts = Facts({DatabaseInventory(): Answer(found)}, collected_at="2026-11-24T00:00:00+00:00")
    assert len(ForeignKeysIndexed().judge(facts).findings) == 1999


def test_hundreds_of_partitions_are_one_table_to_the_checks(postgresql: Server) -> None:
    parts = (
        "DO $$ BEGIN FOR i IN 1..300 LOOP EXECUTE format("
        "'CREATE TABLE events_%s PARTITION OF events FOR VALUES FROM (%s) TO (%s)', i, i, i + 1); END LOOP; END $$"
    )
    made = (
        "CREATE TABLE parent (id int PRIMARY KEY)",
        "CREATE TABLE events (id int, parent_id int REFERENCES parent) PARTITION BY RANGE (id)",
        parts,
    )
    with fresh(postgresql, "partitions", *made) as url:
        assert len(inventory(url).tables) == 302
        assert wrong(url, ForeignKeysIndexed()) == ["public.events(parent_id)"]
        assert wrong(url, PrimaryKeys()) == ["public.events"]


def test_nothing_waits_for_a_session_that_alters_a_table(postgresql: Server) -> None:
    made = (
        "CREATE TABLE t (id serial PRIMARY KEY, a text)",
        "CREATE INDEX i ON t (lower(a)) WHERE a IS NOT NULL",
        'CREATE TABLE "SequelizeMeta" (name text PRIMARY KEY)',
    )
    questions: list[Question[Any]] = [DatabaseInventory(), DatabaseIdentifiers(), DatabaseMigrations()]
    with fresh(postgresql, "altering", *made) as url, closing(psycopg.connect(url, autocommit=True)) as other:
        other.execute("BEGIN; ALTER TABLE t ADD COLUMN b int; DROP INDEX i")
        for question in questions:
            assert isinstance(answer(url, question), question.answer)


@pytest.fixture
def half_a_server() -> Iterator[int]:
    """A server of PostgreSQL's protocol that lets everybody in and falls silent at the first statement."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        kept: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                kept.append(client)
                while len(head := client.recv(4)) == 4:
                    (size,) = struct.unpack(">I", head)
                    (code,) = struct.unpack_from(">I", client.recv(size - 4))
                    if code != 80877103:  # no request for TLS
                        break
                    client.sendall(b"N")
                parameter = b"server_version\x00" + b"15.0\x00"
                ready = b"R" + struct.pack(">II", 8, 0) + b"S" + struct.pack(">I", 4 + len(parameter)) + parameter
                with suppress(OSError):  # the client may have gone
                    client.sendall(ready + b"Z" + struct.pack(">I", 5) + b"I")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.close()
        for client in kept:
            client.close()


def test_a_server_that_hangs_in_a_statement_is_left_when_the_time_is_up(half_a_server: int) -> None:
    from readycheck.facts.store import Audited
    from readycheck.gather.database.gatherer import DatabaseGatherer
    from readycheck.gather.gatherer import gather
    from readycheck.model import Target

    url = f"postgresql://me:{PASSWORD}@127.0.0.1:{half_a_server}/x"
    questions: list[Question[Any]] = [DatabaseInventory(), SqlRows((("any", "SELECT 1"),))]
    facts = gather([DatabaseGatherer(url, timeout=2)], questions, [Audited(Target.DATABASE, "x")], timeout=2)
    for question in questions:
        found = facts.answers[question].value
        assert found.outcome is Outcome.ERROR
        assert PASSWORD not in found.reason


def test_a_server_without_tls_is_refused_when_the_url_demands_it(half_a_server: int) -> None:
    found = refusal(f"postgresql://me:{PASSWORD}@127.0.0.1:{half_a_server}/x?sslmode=require")
    assert found.outcome is Outcome.ERROR
    assert "SSL" in found.reason


def test_an_empty_database_makes_nothing_pass(postgresql: Server, mariadb: Server) -> None:
    for server in (postgresql, mariadb):
        with fresh(server, "emptied") as url:
            for probe in (ForeignKeysIndexed(), DuplicateIndexes(), PrimaryKeys()):
                assert judged(url, probe).outcome is Outcome.UNKNOWN


NAMES = ('"select"', '"a, b"', '"it\'s"', '"x""y"', '"%s"', '"ünï"', '"a.b"', '"tab\tle"')


def test_reserved_quoted_and_comma_bearing_names_are_names(postgresql: Server) -> None:
    made = [f"CREATE TABLE {name} ({name} int PRIMARY KEY, other int REFERENCES {name} ({name}))" for name in NAMES]
    made += [f"CREATE INDEX ON {name} (other)" for name in NAMES[::2]]
    with fresh(postgresql, "odd", *made) as url:
        assert len(wrong(url, ForeignKeysIndexed())) == len(NAMES) // 2
        names = {table.name for table in inventory(url).tables}
    assert names == {name[1:-1].replace('""', '"') for name in NAMES}


COLUMNS = ("a", "b", "c")
KEYS = st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=3, unique=True)
ENDS = ("", " WHERE a IS NOT NULL", " WHERE b IS NOT NULL AND a IS NOT NULL", " WHERE c > 5", " WHERE a IS NULL")
METHODS = ("btree", "btree", "hash", "brin")


@pytest.fixture(scope="module")
def shapes(postgresql: Server) -> Iterator[tuple[Server, str]]:
    made = (
        "CREATE TABLE parent (a int, b int, PRIMARY KEY (a, b), UNIQUE (a))",
        "CREATE TABLE child (a int, b int, c int)",
        "INSERT INTO child SELECT i, i, i FROM generate_series(1, 2000) i",
        "ANALYZE child",
    )
    with fresh(postgresql, "shapes_of_indexes", *made) as url:
        yield postgresql, url


@given(
    referring=st.sampled_from([("a",), ("a", "b"), ("b", "a")]),
    keys=KEYS,
    kind=st.tuples(st.sampled_from(METHODS), st.sampled_from(ENDS), st.booleans()),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_foreign_key_is_indexed_where_the_planner_uses_the_index_whole(
    shapes: tuple[Server, str], referring: tuple[str, ...], keys: list[str], kind: tuple[str, str, bool]
) -> None:
    """The truth is the plan of the very query that PostgreSQL runs for a deleted parent row."""
    server, url = shapes
    method, end, included = kind
    columns = keys[:1] if method == "hash" else keys
    rest = [name for name in COLUMNS if name not in columns][:1] if included and method == "btree" else []
    made = (
        f"CREATE INDEX i ON child USING {method} ({', '.join(columns)}){f' INCLUDE ({rest[0]})' if rest else ''}{end}"
    )
    condition = " AND ".join(f"{name} = 7" for name in referring)
    wanted = ", ".join(referring)
    postgresql_run(
        server,
        "shapes_of_indexes",
        made,
        f"ALTER TABLE child ADD FOREIGN KEY ({wanted}) REFERENCES parent ({wanted}) NOT VALID",
    )
    try:
        plan = str(
            postgresql_run(
                server,
                "shapes_of_indexes",
                "SET enable_seqscan = off",
                "SET enable_bitmapscan = off",
                f"EXPLAIN SELECT 1 FROM child WHERE {condition} FOR KEY SHARE",
            )
        )
        (child,) = [table for table in inventory(url).tables if table.name == "child"]
        served = cover(child.foreign_keys[0], child, None, "postgresql")
    finally:
        postgresql_run(
            server,
            "shapes_of_indexes",
            "ALTER TABLE child DROP CONSTRAINT child_" + "_".join(referring) + "_fkey",
            "DROP INDEX i",
        )
    used = "Index Scan" in plan or "Index Only Scan" in plan
    leading = columns[: len(referring)]
    if served.columns == len(referring):
        assert used, (plan, made)
    if not used:
        assert served.columns == 0 or set(leading) != set(referring), (served, plan, made)
