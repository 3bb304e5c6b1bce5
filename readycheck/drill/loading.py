"""Loads a backup into a scratch server with the server's own client, stopping at the first error."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, NamedTuple

from readycheck.drill.backup import Backup, Format, Reading, ended
from readycheck.drill.outcome import BackupError, CannotDrillError, Watcher
from readycheck.drill.scratch import Scratch, postgresql_programs

#: The name of the database that a backup is loaded into.
DATABASE = "rc_drill"
#: What a restore says when the scratch server lacks something that the source has; the backup is not to blame.
_LACKING = re.compile(
    r'extension "(?P<name>[^"]+)" is not available|could not open extension control file "[^"]*/(?P<file>[\w-]+)\.control"'
    r"|could not access file \"(?P<library>[^\"]+)\"|Unknown (?:storage engine|collation): '(?P<engine>[^']+)'"
)
#: Words that tell of a tool that is too old for the dump.
_TOO_OLD = re.compile(r"unsupported version|unrecognized configuration parameter|invalid command \\+(?:un)?restrict")
_LONGEST = 300
_NEVER = datetime.fromtimestamp(0, UTC)


class Loaded(NamedTuple):
    """What was read on the way: the hash of the backup, and its last bytes."""

    sha256: str
    tail: bytes


def needed_version(backup: Backup) -> int:
    """The major version of PostgreSQL that the dump needs, 0 when it does not say."""
    if backup.format is Format.PG_PLAIN:
        head = next(iter(Reading(backup, _Nobody()).chunks()), b"")[:4096]
        said = re.search(rb"-- Dumped by pg_dump version (\d+)", head)
        return int(said[1]) if said else 0
    if backup.format.dialect != "postgresql" or backup.packed:
        return 0
    listing = subprocess.run(  # noqa: S603 - the server's own program
        [postgresql_programs() / "pg_restore", "--list", backup.path], capture_output=True, check=False
    )
    said = re.search(rb"Dumped by pg_dump version: (\d+)", listing.stdout)
    return int(said[1]) if said else 0


class _Nobody:
    """Watches nothing."""

    def step(self, name: str, total: int = 0) -> None:
        """Say nothing."""

    def read(self, count: int) -> None:
        """Say nothing."""


def load(backup: Backup, server: Scratch, watcher: Watcher) -> Loaded:
    """Load the backup into the scratch server's database `DATABASE`, which is made for it.

    Raises:
        BackupError: it is cut or changed, or cannot be loaded without an error.
        CannotDrillError: the scratch server lacks an extension or is too old.
    """
    if backup.format is Format.MYSQL:
        _told([server.programs / "mariadb", *_mysql_words(server), "-e", f"CREATE DATABASE {DATABASE}"])
        client: list[str | Path] = [server.programs / "mariadb", *_mysql_words(server), "--binary-mode", DATABASE]
        return _streamed(backup, client, watcher)
    connect = ["-h", str(server.folder), "-U", "drill"]
    _told([server.programs / "createdb", *connect, DATABASE])
    if backup.format is Format.PG_PLAIN:
        words = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-1", "-o", os.devnull]
        return _streamed(backup, [server.programs / "psql", *connect, *words, "-d", DATABASE], watcher)
    return _archive(backup, server, connect, watcher)


def _mysql_words(server: Scratch) -> list[str]:
    return ["--no-defaults", f"--socket={server.folder}/socket", "-u", "root", "--batch"]


def _archive(backup: Backup, server: Scratch, connect: Sequence[str], watcher: Watcher) -> Loaded:
    """`pg_restore` needs a file that it can seek in for two jobs at once; a packed one is unpacked first."""
    with tempfile.TemporaryDirectory(dir=server.folder) as unpacked:
        path, loaded = _read_whole(backup, Path(unpacked), watcher)
        _told([server.programs / "pg_restore", "-f", os.devnull, path], "the archive is cut or changed")
        words = ["--no-owner", "--no-privileges", "--exit-on-error", "-j", "2", "-d", DATABASE]
        _told([server.programs / "pg_restore", *connect, *words, path])
    return loaded


def _read_whole(backup: Backup, folder: Path, watcher: Watcher) -> tuple[Path, Loaded]:
    if backup.format is Format.PG_FOLDER:
        parts = sorted(path for path in backup.path.rglob("*") if path.is_file())
        hashes = [_hash(part, watcher) for part in parts]
        lines = (f"{digest}  {part.name}\n" for digest, part in zip(hashes, parts, strict=True))
        return backup.path, Loaded(sha256("".join(lines).encode()).hexdigest(), b"")
    reading = Reading(backup, watcher)
    if not backup.packed:
        for _ in reading.chunks():
            pass
        return backup.path, Loaded(reading.sha256, b"")
    path = folder / "unpacked"
    with path.open("wb") as file:
        file.writelines(reading.chunks())
    return path, Loaded(reading.sha256, b"")


def _hash(path: Path, watcher: Watcher) -> str:
    reading = Reading(Backup(path, Format.PG_FOLDER, packed=False, size=0, made=_NEVER), watcher)
    for _ in reading.chunks():
        pass
    return reading.sha256


def _streamed(backup: Backup, client: Sequence[str | Path], watcher: Watcher) -> Loaded:
    """Feed the dump to the client's standard input; the client's last words are the finding when it fails."""
    reading = Reading(backup, watcher)
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - the server's own program
            list(map(str, client)), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, cwd="/"
        )
        try:
            _fed(process.stdin, reading.chunks())
            code = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        said.seek(0)
        if code != 0:
            _refuse(said.read(64 * 1024).decode(errors="replace"), code)
    problem = ended(backup, reading.tail)
    if problem:
        raise BackupError(problem)
    return Loaded(reading.sha256, reading.tail)


def _fed(pipe: IO[bytes] | None, chunks: Iterable[bytes]) -> None:
    assert pipe is not None  # noqa: S101 - asked for above
    broken = False
    for chunk in chunks:
        if not broken:
            try:
                pipe.write(chunk)
            except BrokenPipeError:
                broken = True  # the client gave up: its own words say why; the rest is read for the hash
    try:
        pipe.close()
    except BrokenPipeError:
        return


def _told(command: Sequence[str | Path], lead: str = "") -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, check=False, cwd="/")  # noqa: S603 - as above
    if done.returncode != 0:
        _refuse(done.stderr.decode(errors="replace"), done.returncode, lead)


def _refuse(said: str, code: int, lead: str = "") -> None:
    """Tell what the scratch server lacks from what is wrong with the backup.

    Raises:
        CannotDrillError: it lacks an extension, a library or an engine, or is older than the dump.
        BackupError: else.
    """
    lacking = _LACKING.search(said)
    if lacking:
        name = next(filter(None, lacking.groups()))
        raise CannotDrillError(
            f"the scratch server has no {name}, which the backup needs",
            hint=f"install {name} for this machine's server, or hold the drill in an image that has it",
        )
    lines = [line for line in said.splitlines() if re.search(r"error|ERROR|fatal", line)] or said.splitlines()
    words = " ".join(lines[0].split())[:_LONGEST] if lines else f"exit code {code}"
    if _TOO_OLD.search(said):
        raise CannotDrillError(f"the programs here are older than the dump: {words}", hint="install a newer server")
    raise BackupError(f"{lead}: {words}" if lead else f"it does not load: {words}")
