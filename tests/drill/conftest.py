from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from support.servers import PASSWORD, Server, binary, fresh

from readycheck.drill.restore import Drill, restore
from readycheck.drill.scratch import folder
from readycheck.facts.drills import DrillRecord

PG_SCHEMA = (
    "CREATE TABLE parent (id serial PRIMARY KEY, name text NOT NULL)",
    "CREATE TABLE child (id serial PRIMARY KEY, parent_id int REFERENCES parent, body json)",
    "CREATE INDEX child_parent ON child (parent_id)",
    "CREATE VIEW names AS SELECT name FROM parent",
    "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "INSERT INTO parent (name) SELECT 'name ' || i FROM generate_series(1, 3000) i",
    "INSERT INTO child (parent_id, body) SELECT i, '{\"a\": 1}' FROM generate_series(1, 2000) i",
)
MYSQL_SCHEMA = (
    "CREATE TABLE parent (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50) NOT NULL)",
    "CREATE TABLE child (id INT PRIMARY KEY, parent_id INT, FOREIGN KEY (parent_id) REFERENCES parent (id))",
    "INSERT INTO parent (name) SELECT CONCAT('name ', seq) FROM seq_1_to_3000",
    "INSERT INTO child SELECT seq, seq FROM seq_1_to_2000",
    "CREATE VIEW names AS SELECT name FROM parent",
)


class Silent:
    """Watches nothing."""

    def step(self, name: str, total: int = 0) -> None:
        return

    def read(self, count: int) -> None:
        return


class Source(NamedTuple):
    """A database that is backed up, and how its dumps are made."""

    server: Server
    url: str
    name: str

    def dump(self, to: Path, *words: str) -> Path:
        if self.server.dialect == "postgresql":
            program = binary("pg_dump", "usr/lib/postgresql/*/bin")
            socket = ["-h", str(self.server.socket), "-p", str(self.server.port), "-U", self.server.user]
            command = [program, *socket, "-f", str(to), *words, self.name]
            environment = None
        else:
            program = binary("mariadb-dump") or binary("mysqldump")
            login = ["--no-defaults", "-h", "127.0.0.1", "-P", str(self.server.port), "-u", self.server.user]
            command = [program, *login, f"--result-file={to}", *words, self.name]
            environment = {"MYSQL_PWD": PASSWORD}
        subprocess.run([word for word in command if word], check=True, env=environment, capture_output=True)
        return to


def drilled(path: Path, url: str, **more: object) -> DrillRecord:
    """The record of a restore drill."""
    with folder() as scratch:
        return restore(Drill(backup=path, source=url, **more), scratch, Silent(), datetime.now(UTC))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def loans(postgresql: Server) -> Iterator[Source]:
    with ExitStack() as stack:
        url = stack.enter_context(fresh(postgresql, "drill_loans", *PG_SCHEMA))
        yield Source(postgresql, url, "drill_loans")


@pytest.fixture(scope="session")
def payments(mariadb: Server) -> Iterator[Source]:
    with ExitStack() as stack:
        url = stack.enter_context(fresh(mariadb, "drill_payments", *MYSQL_SCHEMA))
        yield Source(mariadb, url, "drill_payments")
