"""Looks into a copy of a SQLite file for what only SQLite itself can tell: pages, references and its version of itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from readycheck.drill.outcome import BackupError
from readycheck.gather.database.sqlite_file import file_uri

_HEADER = 100


def checked(copy: Path, source: Path) -> str:
    """What was found sound in the copy.

    Raises:
        BackupError: a page is damaged, a reference dangles, or the schema's version is another than the source's.
    """
    try:
        with closing(sqlite3.connect(file_uri(copy, "&immutable=1"), uri=True)) as connection:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
            if said != ["ok"]:
                raise BackupError(f"integrity_check: {said[0]}")
            dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
            version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BackupError(f"the file is damaged: {error}") from error
    if dangling:
        raise BackupError(f"a row of {dangling[0]} refers to a row of {dangling[2]} that is not there")
    own = _user_version(source)
    if own is not None and own != version:
        raise BackupError(f"its user_version is {version}, and the source's is {own}")
    return f"integrity_check ok, every reference holds, user_version {version}"


def _user_version(path: Path) -> int | None:
    """The number at byte 60 of the header (sqlite.org/fileformat.html §1.3), read without opening the database."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except OSError:
        return None
    return int.from_bytes(header[60:64], "big", signed=True) if len(header) == _HEADER else None
