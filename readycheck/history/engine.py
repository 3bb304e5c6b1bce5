"""Opens the database of a history so that many jobs can write to it at once and none of them is turned away."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from readycheck.errors import UsageError
from readycheck.redact import redact

#: Seconds that a writer waits for its turn.
PATIENCE = 120.0
#: What each scheme means here.
_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}
#: Complaints that pass when one waits: SQLite's lock; PostgreSQL's full house and deadlocks; MySQL's 1040, 1203, 1205, 1213.
_PASSING = re.compile(
    r"database (table )?is locked|too many (clients|connections)|remaining connection slots|starting up"
    r"|deadlock|could not serialize|lock wait timeout|\((1040|1203|1205|1213),",
    re.IGNORECASE,
)

T = TypeVar("T")


def default_url() -> str:
    """SQLite in the user's data folder (XDG, Apple's and Windows' own places)."""
    from platformdirs import user_data_path

    return f"sqlite:///{user_data_path('readycheck', appauthor=False) / 'history.sqlite'}"


def address(text: str) -> URL:
    """What a history's URL names; the path of a file means SQLite.

    Raises:
        UsageError: it is none that a history can be kept in. The message never repeats it.
    """
    if re.fullmatch(r"[^:?#]+\.(sqlite3?|db)", text):
        text = f"sqlite:///{text}"
    scheme, separator, rest = text.partition("://")
    driver = _DRIVERS.get(scheme.partition("+")[0].lower())
    if not separator or driver is None:
        raise UsageError(
            "--history: that is no database of a kind that a history can be kept in",
            hint="give a file such as history.sqlite, or a URL: postgresql://user@host/name, mysql://user@host/name",
        )
    try:
        return make_url(f"{driver}://{rest}")
    except (ArgumentError, ValueError) as error:
        raise UsageError("--history: the URL cannot be read", hint="percent-encode its password") from error


def open_engine(url: URL, patience: float = PATIENCE) -> Engine:
    """The engine of a history. Every piece of work has a connection of its own, which SQLite gets ready for writers.

    Raises:
        UsageError: its driver is not installed, or its folder cannot be made.
    """
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite and url.database and url.database != ":memory:":
        _folder(Path(url.database))
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": patience} if sqlite else {})
    except (ImportError, NoSuchModuleError) as error:
        extra = url.get_backend_name()
        raise UsageError(
            f"--history: the driver for {extra} is not installed", hint=f"pip install 'readycheck-audit[{extra}]'"
        ) from error
    if sqlite:
        event.listen(engine, "connect", _prepared)
        event.listen(engine, "begin", _begun)
    return engine


def _folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError(f"--history: cannot make {file.parent}: {error.strerror or error}") from error


def _prepared(connection: Any, _record: Any) -> None:
    # The driver would begin transactions late and commit before some statements; `_begun` begins them instead.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begun(connection: Connection) -> None:
    # A writer takes its turn before it reads: one that read first could not wait for its turn any more.
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def transaction(engine: Engine, *, writing: bool) -> Iterator[Connection]:
    """A connection in a transaction that is committed at the end of the block."""
    with engine.connect().execution_options(writing=writing) as connection, connection.begin():
        yield connection


def patiently(work: Callable[[], T], patience: float = PATIENCE) -> T:
    """Do this work, again when all it lacked was its turn.

    Raises:
        UsageError: the database refused it, or its turn did not come.
    """
    deadline, pause = time.monotonic() + patience, 0.02
    while True:
        try:
            return work()
        except DBAPIError as error:
            if not _PASSING.search(str(error.orig)) or time.monotonic() > deadline:
                raise UsageError(
                    f"the history: {_told(error)}", hint="is --history (READYCHECK_HISTORY) right?"
                ) from error
        # Waiters that all came at once must not all come again at once.
        time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret is made of it
        pause = min(1.0, pause * 1.6)


def _told(error: DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
    return redact(lines[0])[:300]
