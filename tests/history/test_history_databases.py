"""The history on real databases: its migrations up and down, and two hundred writers at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from support import cards
from support.servers import Server, fresh

import readycheck.history
from readycheck.history.engine import address, open_engine, transaction
from readycheck.history.migrating import HEAD, REVISIONS, bring, current
from readycheck.history.store import History
from readycheck.history.tables import METADATA, VERSION_TABLE

pytest_plugins = ["support.database_fixtures"]

WRITERS, PROCESSES = 200, 8


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of that kind with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'history.sqlite'}"
        return
    server: Server = request.getfixturevalue(request.param)
    with ExitStack() as stack:
        yield stack.enter_context(fresh(server, "readycheck_history"))


def test_a_scorecard_comes_back_from_every_database(url: str) -> None:
    loan = cards.loan()
    with History(url) as kept:
        name = kept.record(loan)
        assert kept.scorecard(name) == loan
        assert kept.runs(loan.service, sections=True)[0].sections[0].title == "Security"
        assert [run.id for run in kept.prune(keep=1)] == []


def test_a_large_scorecard_fits_every_database(url: str) -> None:
    huge = cards.huge(5000)
    with History(url) as kept:
        assert kept.scorecard(kept.record(huge)) == huge


def test_services_are_told_apart_by_case_in_every_database(url: str) -> None:
    import msgspec

    with History(url) as kept:
        for name in ("Shop", "shop"):
            kept.record(msgspec.structs.replace(cards.ready(), service=name))
        assert len(kept.runs("shop")) == 1


def test_migrations_make_the_tables_that_the_program_uses_and_take_them_away_again(url: str) -> None:
    engine = open_engine(address(url))
    for revision in (*REVISIONS, *REVISIONS[-2::-1], "base", HEAD):
        bring(engine, revision)
        with transaction(engine, writing=False) as connection:
            assert current(connection) == ("" if revision == "base" else revision)
            tables = set(inspect(connection).get_table_names())
            assert (tables - {VERSION_TABLE} == set()) == (revision == "base")
    with transaction(engine, writing=False) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []


def test_the_program_knows_every_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(readycheck.history.__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [HEAD]
    assert [script.revision for script in scripts.walk_revisions()][::-1] == list(REVISIONS)


WRITER = """
import sys, threading
sys.path[:0] = [sys.argv[3]]
from support import cards
from readycheck.history.store import History
url, count = sys.argv[1], int(sys.argv[2])
card, gate, ids = cards.ready(), threading.Barrier(count), []
def write():
    gate.wait()
    with History(url) as kept:
        ids.append(kept.record(card))
threads = [threading.Thread(target=write) for _ in range(count)]
print("ready", flush=True)
sys.stdin.readline()
for thread in threads: thread.start()
for thread in threads: thread.join()
print(*ids, flush=True)
"""


@pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
def test_two_hundred_writers_at_once_lose_nothing(url: str) -> None:
    """Jobs that all begin at the same moment on a database that has no tables yet, more than PostgreSQL lets in."""
    each = WRITERS // PROCESSES
    command = [sys.executable, "-c", WRITER, url, str(each), str(Path(__file__).parent.parent)]
    jobs = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)
    ]
    try:
        for job in jobs:
            assert job.stdout is not None
            assert job.stdout.readline() == "ready\n"
        for job in jobs:
            assert job.stdin is not None
            job.stdin.write("go\n")
            job.stdin.flush()
        told = [job.communicate(timeout=300)[0].split() for job in jobs]
    finally:
        for job in jobs:
            job.kill()
            job.wait()
    written = [name for names in told for name in names]
    assert len(set(written)) == WRITERS
    with History(url) as kept:
        runs = kept.runs(sections=True)
        assert {run.id for run in runs} == set(written)
        assert all(len(run.sections) == 1 for run in runs)
        assert kept.scorecard(written[0]) == cards.ready()
