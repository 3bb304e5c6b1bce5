"""Opens a SQLite file so that nothing is written: not the file, and nothing beside it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from readycheck.gather.database.failures import CannotOpenError

#: A write-ahead log that only a copy can read is copied with its database up to this size, in bytes.
LARGEST_COPY = 512 * 1024 * 1024
#: The longest text or blob that SQLite may make, in bytes, and the steps between two looks at the clock.
_LONGEST_VALUE, _STEPS = 8 * 1024 * 1024, 20_000
_HEADER, _WAL_VERSION = b"SQLite format 3\0", 2


@contextmanager
def readable(path: Path) -> Iterator[str]:
    """The URI under which the file can be read, for as long as the context lasts.

    A file in WAL mode needs a shared-memory file beside it, which even a read-only connection makes
    (sqlite.org/wal.html, "Read-Only Databases"). So a file without a log is opened as immutable, and one whose log has
    no shared memory, which no running program has open, is read as a copy.

    Raises:
        CannotOpenError: there is no such file, or it cannot be read without writing.
    """
    if not path.is_file():
        raise CannotOpenError("there is no such database file" if not path.exists() else "the path is no regular file")
    log, shared = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    if not _in_wal_mode(path):
        yield file_uri(path)
    elif not log.is_file() or not log.stat().st_size:
        yield file_uri(path, "&immutable=1")
    elif shared.exists():
        yield file_uri(path)
    else:
        with tempfile.TemporaryDirectory(prefix="readycheck-") as folder:
            yield file_uri(_copied(path, log, Path(folder)))


def connect(uri: str, seconds: float) -> sqlite3.Connection:
    """A connection that reads only and interrupts a statement after so many seconds.

    The settings are SQLite's own advice for files from strangers (sqlite.org/security.html).
    """
    connection = sqlite3.connect(
        uri, uri=True, timeout=min(seconds, 1.0), isolation_level=None, check_same_thread=False
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    for pragma in ("query_only=ON", "trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0"):
        connection.execute(f"PRAGMA {pragma}")
    watch(connection, seconds)
    return connection


def watch(connection: sqlite3.Connection, seconds: float) -> None:
    """Interrupt whatever runs on this connection once so many seconds from now have passed."""
    deadline = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)


def _in_wal_mode(path: Path) -> bool:
    """Does the header (sqlite.org/fileformat.html §1.3) say that a write-ahead log belongs to the file?"""
    try:
        with path.open("rb") as file:
            header = file.read(20)
    except OSError as error:
        raise CannotOpenError(f"the database file cannot be read: {error.strerror}") from error
    return header.startswith(_HEADER) and header[19:20] == bytes([_WAL_VERSION])


def _copied(path: Path, log: Path, folder: Path) -> Path:
    if path.stat().st_size + log.stat().st_size > LARGEST_COPY:
        raise CannotOpenError("reading its write-ahead log would write beside the file, and a copy would be too large")
    try:
        shutil.copyfile(log, folder / "copy-wal")
        return shutil.copyfile(path, folder / "copy")
    except OSError as error:
        raise CannotOpenError(f"the database cannot be copied for reading: {error.strerror}") from error


def file_uri(path: Path, more: str = "") -> str:
    """The URI that opens this file for reading only."""
    return f"file:{quote(str(path.absolute()))}?mode=ro{more}"
