from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.asking import refusal
from support.servers import free_port

from readycheck.errors import TargetError
from readycheck.gather.database.address import read_address
from readycheck.gather.database.failures import unavailable
from readycheck.gather.targets import Targets, gatherers
from readycheck.model import Outcome

SECRET = "hunter2@secret"
QUOTED = "hunter2%40secret"
#: Blocks the import of one module, and shows why a database is not read.
WITHOUT = """
import sys
sys.modules[sys.argv[1]] = None
from readycheck.facts.database import DatabaseInventory
from readycheck.gather.database.gatherer import DatabaseGatherer
((_, found),) = DatabaseGatherer(sys.argv[2]).answers([DatabaseInventory()])
sys.stdout.write(f"{found.outcome} {found.reason}")
"""


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that accepts and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_a_dead_host_is_an_error_without_the_password(scheme: str) -> None:
    found = refusal(f"{scheme}://me:{QUOTED}@127.0.0.1:{free_port()}/x", timeout=3)
    assert found.outcome is Outcome.ERROR
    assert "cannot be asked" in found.reason
    assert "hunter2" not in found.reason


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_a_host_that_never_answers_is_an_error_in_time(scheme: str, silent_port: int) -> None:
    found = refusal(f"{scheme}://me:{QUOTED}@127.0.0.1:{silent_port}/x", timeout=1)
    assert found.outcome is Outcome.ERROR
    assert "hunter2" not in found.reason


@pytest.mark.parametrize(
    "url",
    [
        "oracle+cx_oracle://h/x",
        "mongodb://u:p@a:1,b:2/x?replicaSet=r",
        "mongodb+srv://h/x",
        "redis://h",
    ],
)
def test_other_databases_are_not_yet_read(url: str) -> None:
    found = refusal(url)
    assert found.outcome is Outcome.ERROR
    assert "are not read" in found.reason


@pytest.mark.parametrize(
    ("module", "url", "line"),
    [
        ("psycopg", "postgresql://h/x", "pip install 'readycheck-audit[postgresql]'"),
        ("pymysql", "mariadb://h/x", "pip install 'readycheck-audit[mysql]'"),
        ("mssql_python", "sqlserver://h;database=x", "pip install 'readycheck-audit[mssql]'"),
    ],
)
def test_a_missing_driver_is_answered_with_how_to_install_it(module: str, url: str, line: str) -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT, module, url], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("unknown ")
    assert line in done.stdout


@pytest.mark.parametrize(
    "url", ["loans.db", "", f"postgresql//{SECRET}", f"postgresql://me:{SECRET}@h:port/x", "pg sql://x"]
)
def test_what_is_no_url_is_the_users_mistake_and_is_not_repeated(url: str) -> None:
    with pytest.raises(TargetError) as caught:
        read_address(url)
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("postgres://u@localhost/x", True),
        ("postgresql+asyncpg://u@127.9.9.9/x", True),
        ("postgresql://u@[::1]/x", True),
        ("postgresql:///x", True),
        ("postgresql:///x?host=/run/postgresql", True),
        ("postgresql://u@/x?host=db.example.org", False),
        ("mysql://u@localhost/x?unix_socket=/run/m.sock", True),
        ("mysql2://u@db.example.org/x", False),
        ("postgresql://u@10.0.0.7/x", False),
    ],
)
def test_a_connection_is_local_when_it_does_not_leave_the_machine(url: str, local: bool) -> None:
    assert read_address(url).local is local


@given(st.text(min_size=1, max_size=20))
def test_no_failure_shows_the_password(password: str) -> None:
    address = read_address("postgresql://u@h/x")
    address = read_address(address.url.set(password=password).render_as_string(hide_password=False))
    for form in address.secrets:
        told = unavailable(OSError(f"login »{form}« failed"), address).reason
        assert f"»{form}«" not in told
        assert "driver's message is left out" in told or "[redacted" in told


def test_the_gatherer_is_made_for_a_database_that_was_given() -> None:
    (gatherer,) = gatherers(Targets(database="sqlite:///none.db", timeout=3))
    assert gatherer.name == "database"
    gatherer.stop()
