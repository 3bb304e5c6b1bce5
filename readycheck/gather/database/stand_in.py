"""Builds the tiny database of an example, whose tables may stand in for a server's catalogue views."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from readycheck.gather.database.gatherer import DatabaseGatherer

# A statement of an example names a schema as in `CREATE TABLE performance_schema.global_variables`.
_SCHEMA = re.compile(r"\b(?:table|into|view)\s+(?:if\s+not\s+exists\s+)?(\w+)\.", re.IGNORECASE)


def stand_in(statements: Iterable[str], folder: Path, dialect: str) -> DatabaseGatherer:
    """A gatherer on a new SQLite file in this folder, made by these statements, that speaks as `dialect`.

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
    return DatabaseGatherer(
        f"sqlite:///{quote(str(path))}", timeout=10, dialect=None if dialect == "sqlite" else dialect
    )
