"""Brings the tables of a history to a revision, one job at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine, inspect, text

from readycheck.errors import UsageError
from readycheck.history.engine import patiently, transaction
from readycheck.history.tables import VERSION_TABLE

#: The revision that this program reads and writes; a test holds it to the last migration.
HEAD = "0001"
#: The revisions that this program knows, the oldest first.
REVISIONS = ("0001",)
#: What PostgreSQL calls our lock: any number that nobody else uses (the first letters of the name).
_LOCK = 0x72656164
_LOCK_NAME = "readycheck_history"
_MOST_WAITING = 120


def current(connection: Connection) -> str:
    """The revision of the tables; empty where there are none.

    Raises:
        UsageError: they are of a later version of this program.
    """
    if not inspect(connection).has_table(VERSION_TABLE):
        return ""
    # The name is a constant of this program.
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar() or ""  # noqa: S608
    if found and found not in REVISIONS:
        raise UsageError(
            f"the history is of a later readycheck (revision {found})", hint="update readycheck to read it"
        )
    return str(found)


def bring(engine: Engine, revision: str = HEAD) -> None:
    """Bring the tables to this revision; `base` drops them.

    Raises:
        UsageError: the database refused, or the tables are of a later version.
    """
    wanted = "" if revision == "base" else revision
    if patiently(lambda: _current(engine)) != wanted:
        patiently(lambda: _move(engine, revision))


def _current(engine: Engine) -> str:
    with transaction(engine, writing=False) as connection:
        return current(connection)


def _move(engine: Engine, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("path_separator", "os")
    with _scripts() as folder, transaction(engine, writing=True) as connection, _locked(connection):
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        known = current(connection)
        wanted = "" if revision == "base" else revision
        if known == wanted:
            return
        down = bool(known) and (not wanted or REVISIONS.index(wanted) < REVISIONS.index(known))
        (command.downgrade if down else command.upgrade)(config, revision)


@contextmanager
def _scripts() -> Iterator[Path]:
    """The folder of the migrations. Alembic reads files; from a zipped wheel they are taken out for as long as it does."""
    place = files("readycheck.history").joinpath("migrations")
    if isinstance(place, Path):
        yield place
        return
    with TemporaryDirectory(prefix="readycheck-") as made:
        _take_out(place, Path(made))
        yield Path(made)


def _take_out(place: Traversable, folder: Path) -> None:
    for entry in place.iterdir():
        if entry.is_dir():
            (folder / entry.name).mkdir()
            _take_out(entry, folder / entry.name)
        elif entry.name.endswith(".py"):
            (folder / entry.name).write_bytes(entry.read_bytes())


@contextmanager
def _locked(connection: Connection) -> Iterator[None]:
    """Alone among all that migrate. SQLite's writers are alone in any case."""
    name = connection.dialect.name
    if name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield
    elif name in ("mysql", "mariadb"):
        connection.execute(text("SELECT GET_LOCK(:name, :seconds)"), {"name": _LOCK_NAME, "seconds": _MOST_WAITING})
        try:
            yield
        finally:
            connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": _LOCK_NAME})
    else:
        yield
