"""A backup as a file: which one is meant, what kind it is, when it was made, and its bytes, read once and watched."""

from __future__ import annotations

import glob
import gzip
import hashlib
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, NamedTuple, cast

from readycheck.drill.outcome import BackupError, CannotDrillError, Watcher
from readycheck.errors import UsageError

#: Bytes that are read at once, and that are looked at to tell what a file is or where it ends.
CHUNK, _HEAD, _TAIL = 1024 * 1024, 4096, 8192
_GZIP, _SQLITE, _ARCHIVE = b"\x1f\x8b", b"SQLite format 3\0", b"PGDMP"
#: Statements that would write into a database other than the scratch one, each at the beginning of a line.
_NAMES_DATABASE = re.compile(
    rb"^\s*(?:/\*!\d+\s*)?(?:CREATE\s+DATABASE|DROP\s+DATABASE|USE\s|\\c(?:onnect)?\b)", re.IGNORECASE
)
_COPY = re.compile(rb"^COPY\s.*\sFROM\s+stdin;\s*$", re.IGNORECASE)
#: What psql may be told in a dump. Anything else could run a program on this machine.
_ALLOWED = re.compile(rb"^\\(?:\.|restrict\s+\w+|unrestrict\s+\w+)\s*$")


# Where SQL names a role, in the words of pg_dump.
_NAME = rb'("(?:[^"]|"")+"|[A-Za-z_][\w$]*)'
_ROLES = (
    re.compile(rb"\bOWNER TO " + _NAME + rb";"),
    re.compile(rb"^(?:GRANT|REVOKE) .* (?:TO|FROM) " + _NAME + rb"(?: WITH GRANT OPTION)?;"),
    re.compile(rb"^ALTER DEFAULT PRIVILEGES FOR ROLE " + _NAME),
    re.compile(rb"^CREATE POLICY .*? TO " + _NAME + rb"(?: |;)"),
    re.compile(rb"^SET SESSION AUTHORIZATION " + _NAME),
)
_NO_ROLES = frozenset((b"PUBLIC", b"CURRENT_USER", b"SESSION_USER", b"DEFAULT"))


class Format(StrEnum):
    """The kinds of backups that are restored."""

    PG_ARCHIVE = "PostgreSQL custom archive"
    PG_FOLDER = "PostgreSQL directory"
    PG_PLAIN = "PostgreSQL plain dump"
    MYSQL = "MySQL dump"
    SQLITE = "SQLite file"

    @property
    def dialect(self) -> str:
        """The servers that it is for."""
        return {"M": "mysql", "S": "sqlite", "P": "postgresql"}[self.value[0]]


class Backup(NamedTuple):
    """A backup that was found: its kind, whether it is packed with gzip, its size, and when it was made."""

    path: Path
    format: Format
    packed: bool
    size: int
    made: datetime


def chosen(name: str, commands: Mapping[str, Sequence[str]], folder: Path) -> Path:
    """The file, the newest file of a pattern, or what the checklist's command of that name puts into the folder.

    Raises:
        UsageError: there is none.
        CannotDrillError: the command fails.
    """
    if name in commands:
        return _fetched(name, commands[name], folder / "fetched")
    if Path(name).exists():
        return Path(name).resolve()
    found = sorted(map(Path, glob.glob(name, recursive=True)), key=lambda path: path.stat().st_mtime)  # noqa: PTH207 - absolute patterns
    if not found:
        known = f"; the checklist names {', '.join(commands)}" if commands else ""
        raise UsageError(
            f"--backup {name}: no such file, and no file of that pattern", hint=f"quote a pattern from the shell{known}"
        )
    return found[-1].resolve()


def _fetched(name: str, command: Sequence[str], output: Path) -> Path:
    words = [word.replace("{output}", str(output)) for word in command]
    try:
        with output.open("wb") as file:
            piped = any("{output}" in word for word in command)
            done = subprocess.run(words, stdout=None if piped else file, check=False)  # noqa: S603 - asked for by name
    except OSError as error:
        raise CannotDrillError(f"the command {name} cannot be run: {error.strerror}") from error
    if done.returncode != 0 or not output.exists():
        raise CannotDrillError(f"the command {name} ended with exit code {done.returncode} and brought no backup")
    return output


def identified(path: Path) -> Backup:
    """What kind of backup this is.

    Raises:
        BackupError: it is none that is known, or empty.
    """
    stat = path.stat()
    made = datetime.fromtimestamp(stat.st_mtime, UTC)
    if path.is_dir():
        if not (path / "toc.dat").is_file():
            raise BackupError(f"{path.name} is a folder without toc.dat, and no dump of pg_dump -Fd")
        return Backup(path, Format.PG_FOLDER, packed=False, size=sum(_sizes(path)), made=made)
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    head = _start(path, packed=packed)
    return Backup(path, _format(head, path.name), packed=packed, size=stat.st_size, made=made)


def _sizes(folder: Path) -> Iterator[int]:
    return (file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _start(path: Path, *, packed: bool) -> bytes:
    try:
        with _opened(path, packed=packed) as file:
            return file.read(_HEAD)
    except (OSError, EOFError) as error:
        raise BackupError(f"{path.name} cannot be read: {error}") from error


def _opened(path: Path, *, packed: bool) -> IO[bytes]:
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _format(head: bytes, name: str) -> Format:
    if not head.strip(b"\0\r\n\t "):
        raise BackupError(f"{name} is empty")
    if head.startswith(_SQLITE):
        return Format.SQLITE
    if head.startswith(_ARCHIVE) or head[257:262] == b"ustar":
        return Format.PG_ARCHIVE
    if b"PostgreSQL database cluster dump" in head:
        raise BackupError(f"{name} is a dump of a whole cluster, which names its databases: dump each one by itself")
    if b"PostgreSQL database dump" in head:
        return Format.PG_PLAIN
    if re.search(rb"^-- (?:MySQL|MariaDB) dump|/\*M?!999999", head, re.MULTILINE):
        return Format.MYSQL
    raise BackupError(f"{name} is no backup of a kind that is known: it begins with {head[:40]!r}")


class Reading:
    """The bytes of a backup, unpacked, hashed as they lie on the disk and watched for what must not be run."""

    def __init__(self, backup: Backup, watcher: Watcher) -> None:
        self._backup = backup
        self._watcher = watcher
        self._hash = hashlib.sha256()
        self._guard = _Guard(backup.format)
        self.tail = b""

    def chunks(self) -> Iterator[bytes]:
        """Every byte, in order.

        Raises:
            BackupError: the file is packed and cut or changed, or holds what must not be run.
        """
        try:
            with self._backup.path.open("rb") as raw:
                counted = _Counted(raw, self._hash, self._watcher)
                file = gzip.GzipFile(fileobj=cast("IO[bytes]", counted)) if self._backup.packed else counted
                while data := file.read(CHUNK):
                    self._guard.look(data)
                    self.tail = (self.tail + data)[-_TAIL:]
                    yield data
        except (EOFError, gzip.BadGzipFile, OSError) as error:
            raise BackupError(f"the backup cannot be read to its end: {error}") from error

    @property
    def sha256(self) -> str:
        """The hash of what was read so far."""
        return self._hash.hexdigest()

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that the dump names, as it writes them."""
        return tuple(sorted(self._guard.roles))


def roles_in(line: bytes) -> Iterator[str]:
    """The roles that a line of SQL names."""
    for pattern in _ROLES:
        for name in pattern.findall(line):
            if name.upper() not in _NO_ROLES:
                yield name.decode(errors="replace")


class _Counted:
    """A file that hashes what is read of it."""

    def __init__(self, raw: IO[bytes], digest: hashlib._Hash, watcher: Watcher) -> None:
        self._raw, self._hash, self._watcher = raw, digest, watcher

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(size)
        self._hash.update(data)
        self._watcher.read(len(data))
        return data


class _Guard:
    """Looks at the lines of a plain dump that are no data: they may name no database and call no program."""

    def __init__(self, kind: Format) -> None:
        self._kind = kind
        self.roles: set[str] = set()
        self._rest = b""
        self._copying = False

    def look(self, data: bytes) -> None:
        """Look at more of it.

        Raises:
            BackupError: it names a database, or tells the client to do something.
        """
        if self._kind not in (Format.PG_PLAIN, Format.MYSQL):
            return
        data = self._rest + data
        at = 0
        while True:
            if self._copying:
                end = data.find(b"\\.\n", at)
                if end < 0:
                    break
                self._copying = data[end - 1 : end] not in (b"\n", b"")
                at = end + 3
                continue
            end = data.find(b"\n", at)
            if end < 0:
                break
            self._line(data[at : end + 1])
            at = end + 1
        # A line without an end waits for it; of copied data only the last letters can matter.
        self._rest = data[-3:] if self._copying and len(data) - at > 3 else data[at:]  # noqa: PLR2004 - "\n\."
        if len(self._rest) > CHUNK:
            self._rest = self._rest[:64] + self._rest[-64:] if not self._copying else self._rest[-3:]

    def _line(self, line: bytes) -> None:
        start = line[:200]
        if _NAMES_DATABASE.match(start):
            shown = start.strip()[:60].decode(errors="replace")
            raise BackupError(f"the dump names a database ({shown}), and would write into that one: dump it by itself")
        if self._kind is Format.PG_PLAIN:
            if start.startswith(b"\\") and not _ALLOWED.match(line):
                raise BackupError("the dump tells psql to do something else than load data")
            self.roles.update(roles_in(line))
            self._copying = bool(_COPY.match(line)) if start[:5].upper() == b"COPY " else False


def ended(backup: Backup, tail: bytes) -> str:
    """Why the dump does not end as a whole one does, or an empty text."""
    if backup.format is Format.PG_PLAIN and b"-- PostgreSQL database dump complete" not in tail:
        return "the dump was cut: its last line, `PostgreSQL database dump complete`, is missing"
    if backup.format is Format.MYSQL and b"-- Dump completed" not in tail:
        return "the dump was cut: its last line, `Dump completed`, is missing"
    return ""


def made_at(backup: Backup, tail: bytes) -> datetime:
    """When the dump says that it was made, else when the file was written."""
    found = re.search(rb"-- Dump completed on (\d{4}-\d\d-\d\d)\s+(\d{1,2}:\d\d:\d\d)", tail)
    if found:
        local = datetime.fromisoformat(f"{found[1].decode()} {found[2].decode().zfill(8)}").astimezone()
        return min(local.astimezone(UTC), backup.made)
    return backup.made
