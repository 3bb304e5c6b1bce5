"""Runs programs that refuse to be root, and speaks to the database servers among them."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
import trustme
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

PASSWORD = "correct-horse-battery"
#: Seconds that a server may take to answer for the first time on a busy machine.
PATIENCE = 60


class Server(NamedTuple):
    """A running server: its dialect, the folder of its unix socket, its port on loopback, and its superuser."""

    dialect: str
    socket: Path
    port: int
    user: str
    process: subprocess.Popen[bytes]

    def url(self, database: str, *, user: str = "", password: str = PASSWORD, query: str = "") -> str:
        """A URL over TCP on loopback."""
        return f"{self.dialect}://{user or self.user}:{password}@127.0.0.1:{self.port}/{database}{query}"


def free_port() -> int:
    """A port on loopback that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def unprivileged(name: str) -> str | None:
    """The account to run a server as: both refuse to run as root."""
    if os.getuid() != 0:
        return None
    for candidate in (name, "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(candidate).pw_name
    pytest.skip("running as root, and there is no unprivileged account to run a database server as")


@contextmanager
def folder_of(account: str | None) -> Iterator[Path]:
    """A short-named folder (a unix socket's path is short) that the account owns."""
    path = Path(tempfile.mkdtemp(prefix="rc", dir="/tmp"))
    try:
        if account:
            shutil.chown(path, account)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def server_certificate(folder: Path, account: str | None) -> tuple[Path, Path]:
    issued = trustme.CA().issue_cert("127.0.0.1", "localhost")
    certificate, key = folder / "server.crt", folder / "server.key"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    key.chmod(0o600)
    if account:
        shutil.chown(certificate, account)
        shutil.chown(key, account)
    return certificate, key


def run(command: Sequence[str | Path], account: str | None) -> None:
    """Run to the end as this account."""
    done = subprocess.run(
        command, user=account, extra_groups=[] if account else None, cwd="/", capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")


@contextmanager
def running(command: Sequence[str | Path], account: str | None, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run in the background for as long as the context lasts."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, user=account, extra_groups=[] if account else None, cwd="/", stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(ready: Any, process: subprocess.Popen[bytes], log: Path) -> None:
    """Ask until it answers. The wait between two tries is for the process, so that one that died is seen at once."""
    for _ in range(PATIENCE * 5):
        with suppress(psycopg.OperationalError, OperationalError, OSError):
            ready()
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
            break
    pytest.fail(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")


def binary(name: str, *folders: str) -> str | None:
    found = [path for pattern in folders for path in sorted(Path("/").glob(pattern), reverse=True)]
    return shutil.which(name, path=os.pathsep.join([*map(str, found), os.environ.get("PATH", ""), "/usr/sbin"]))


def as_root(path: Path, statements: Sequence[str]) -> None:
    """Run statements as MariaDB's first account, which comes in by the unix socket only."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(path))
    _ask_mariadb(f"mysql+pymysql://root@localhost/?unix_socket={path}", statements)


def postgresql_run(server: Server, database: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements as the superuser, each by itself, and give the rows of the last one."""
    rows: list[tuple[Any, ...]] = []
    with psycopg.connect(
        host=str(server.socket), port=server.port, user=server.user, dbname=database, autocommit=True
    ) as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
            rows = cursor.fetchall() if cursor.description else []
    return rows


def mariadb_run(server: Server, database: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements as the superuser and give the rows of the last one."""
    return _ask_mariadb(server.url(database).replace("mysql:", "mysql+pymysql:"), statements)


def _ask_mariadb(url: str, statements: Sequence[str]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            result = connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
            rows = [tuple(row) for row in result] if result.returns_rows else []
    return rows


@contextmanager
def fresh(server: Server, name: str, *statements: str) -> Iterator[str]:
    """The URL of a new database of this name, made by these statements and dropped after the test."""
    ask, first, forced = mariadb_run, "", ""
    if server.dialect == "postgresql":
        ask, first, forced = postgresql_run, "postgres", " WITH (FORCE)"
    ask(server, first, f"CREATE DATABASE {name}")
    try:
        ask(server, name, *statements)
        yield server.url(name)
    finally:
        ask(server, first, f"DROP DATABASE {name}{forced}")
