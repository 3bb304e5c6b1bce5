"""Builds the tiny database of an example, whose tables may stand in for a server's catalogue views."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace
from sqlalchemy import Connection

from readycheck.facts.database import Counting, Identifier
from readycheck.gather.database import sqlite
from readycheck.gather.database.catalogue import Catalogue
from readycheck.gather.database.dialect import Server
from readycheck.gather.database.sqlite_file import file_uri

# A statement of an example names a schema as in `CREATE TABLE performance_schema.global_variables`.
_SCHEMA = re.compile(r"\b(?:table|into|view)\s+(?:if\s+not\s+exists\s+)?(\w+)\.", re.IGNORECASE)
#: Moments of an example are seconds before now; these functions of servers then give what they would.
_FUNCTIONS: dict[tuple[str, int], Callable[..., Any]] = {
    ("database", 0): lambda: "example",
    ("now", 0): lambda: 0,
    ("unix_timestamp", 0): lambda: 0,
    ("unix_timestamp", 1): lambda moment: moment,
    ("date_part", 2): lambda _, seconds: seconds,
    ("age", 1): lambda transactions: transactions,
}


class StandIn:
    """An example's SQLite file that plays a server of this dialect; in the place of the dialect's own module."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect

    def attach_beside(self, connection: Connection, path: Path) -> None:
        """Let the files beside the example's database stand in for a server's schemas, each under its own name."""
        driver = sqlite.driver_of(connection)
        for (name, count), function in _FUNCTIONS.items():
            driver.create_function(name, count, function)
        for file in sorted(path.parent.glob("*.sqlite")):
            if file.name != path.name:
                driver.execute(f'ATTACH ? AS "{file.stem}"', [file_uri(file)])

    def server(self, connection: Connection) -> Server:
        """Its version as its table `server_version` says, and whether the connection is encrypted as `pg_stat_ssl` does."""
        ssl = _rows(connection, "pg_stat_ssl", "SELECT ssl FROM pg_stat_ssl")
        version = _rows(connection, "server_version", "SELECT version FROM server_version")
        return Server(self.dialect, str(version[0][0]) if version else "", bool(ssl[0][0]) if ssl else None)

    def counted(self, connection: Connection, found: Catalogue) -> Catalogue:
        """The catalogue with the use of indexes that the tables `index_use` and `counting` tell."""
        use = {name: (scans, size) for name, scans, size in _rows(connection, "index_use", "SELECT * FROM index_use")}
        for indexes in found.indexes.values():
            indexes[:] = [
                replace(index, scans=use[index.name][0], bytes=use[index.name][1]) if index.name in use else index
                for index in indexes
            ]
        rows = _rows(connection, "counting", "SELECT days, others FROM counting")
        found.counting = Counting(rows[0][0], others=bool(rows[0][1])) if rows else found.counting
        return found

    def identifiers(self, connection: Connection) -> tuple[Identifier, ...]:
        """The numbered columns that the table `numbered` lists."""
        rows = _rows(connection, "numbered", "SELECT * FROM numbered")
        return tuple(Identifier(table, column, kind, last, bool(hidden)) for table, column, kind, last, hidden in rows)


def _rows(connection: Connection, table: str, sql: str) -> list[Any]:
    driver = sqlite.driver_of(connection)
    there = driver.execute("SELECT count(*) FROM sqlite_master WHERE name = ?", [table]).fetchone()[0]
    return driver.execute(sql).fetchall() if there else []


def build(statements: Iterable[str], folder: Path) -> str:
    """The URL of a new SQLite file in this folder, made by these statements.

    Each schema that a statement names becomes a file of its own beside the first, and is attached to it again.

    Raises:
        ValueError: a statement is not SQLite's; it is an example's mistake.
    """
    texts = list(statements)
    schemas = {name.lower() for text in texts for name in _SCHEMA.findall(text)} - {"main", "temp"}
    path = folder / "example.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for schema in sorted(schemas):
            connection.execute(f"ATTACH ? AS {schema}", [str(folder / f"{schema}.sqlite")])
        try:
            for text in texts:
                connection.executescript(text)
        except sqlite3.Error as error:
            raise ValueError(f"the example's database cannot be made: {error}") from error
    return f"sqlite:///{quote(str(path))}"
