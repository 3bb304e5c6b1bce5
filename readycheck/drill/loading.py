"""Loads a backup into a scratch server with the server's own client, stopping at the first error."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, NamedTuple

from readycheck.drill.backup import Backup, Format, Reading, ended, roles_in
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
#: What pg_restore says of an archive that it cannot read, and not of a statement that the server refuses.
_CUT = re.compile(
    r"pg_restore: (?:\[[^\]]+\] |error: )+(?:could not (?!execute)|unexpected|found unexpected|did not find|corrupt|invalid)"
)
_TOO_OLD = re.compile(r"unsupported version|unrecognized configuration parameter|invalid command \\+(?:un)?restrict")
_LONGEST = 300
_NEVER = datetime.fromtimestamp(0, UTC)


class Read(NamedTuple):
    """What reading a backup whole told: its hash, its last bytes, and the roles that it names."""

    sha256: str
    tail: bytes = b""
    roles: tuple[str, ...] = ()


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


def read_whole(backup: Backup, watcher: Watcher) -> Read:
    """Read every byte, and look at all that is not data.

    Raises:
        BackupError: it is cut, changed, or holds what must not be run.
    """
    if backup.format is Format.PG_FOLDER:
        parts = sorted(path for path in backup.path.rglob("*") if path.is_file())
        lines = (f"{_hash(part, watcher)}  {part.name}\n" for part in parts)
        return Read(sha256("".join(lines).encode()).hexdigest())
    reading = Reading(backup, watcher)
    for _ in reading.chunks():
        pass
    problem = ended(backup, reading.tail)
    if problem:
        raise BackupError(problem)
    return Read(reading.sha256, reading.tail, reading.roles)


def _hash(path: Path, watcher: Watcher) -> str:
    reading = Reading(Backup(path, Format.PG_FOLDER, packed=False, size=0, made=_NEVER), watcher)
    for _ in reading.chunks():
        pass
    return reading.sha256


def load(backup: Backup, read: Read, server: Scratch, watcher: Watcher) -> None:
    """Load the backup into the scratch server's database `DATABASE`, which is made for it.

    Raises:
        BackupError: it is cut or changed, or cannot be loaded without an error.
        CannotDrillError: the scratch server lacks an extension or is too old.
    """
    if backup.format is Format.MYSQL:
        client: list[str | Path] = [
            server.programs / "mariadb",
            "--no-defaults",
            f"--socket={server.folder}/socket",
            "-u",
            "root",
            "--batch",
        ]
        _told([*client, "-e", f"CREATE DATABASE {DATABASE}"])
        _streamed(backup, [*client, "--binary-mode", DATABASE], watcher)
        return
    connect = ["-h", str(server.folder), "-U", "drill"]
    _told([server.programs / "createdb", *connect, DATABASE])
    psql: list[str | Path] = [server.programs / "psql", *connect, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", DATABASE]
    if backup.format is Format.PG_PLAIN:
        _make_roles(psql, read.roles)
        _streamed(backup, [*psql, "-1", "-o", os.devnull], watcher)
    else:
        _archive(backup, server, psql, watcher)


def _make_roles(psql: Sequence[str | Path], roles: Iterable[str]) -> None:
    """The roles of the source are no part of a dump, and one that is not there would end the restore."""
    for role in roles:
        if role != "drill":
            _told([*psql, "-c", f"CREATE ROLE {role}"])


def _archive(backup: Backup, server: Scratch, psql: Sequence[str | Path], watcher: Watcher) -> None:
    """`pg_restore` seeks in the file for two jobs at once, so that a packed one is unpacked first."""
    program = server.programs / "pg_restore"
    with tempfile.TemporaryDirectory(dir=server.folder) as unpacked:
        path = backup.path
        if backup.packed:
            path = Path(unpacked) / "archive"
            with path.open("wb") as file:
                file.writelines(Reading(backup, watcher).chunks())
        schema = _told([program, "--schema-only", "-f", "-", path])
        _make_roles(psql, sorted({role for line in schema.splitlines() for role in roles_in(line)}))
        words = ["--no-owner", "--no-privileges", "--exit-on-error", "-j", "2", "-d", DATABASE]
        _told([program, "-h", server.folder, "-U", "drill", *words, path])


def _streamed(backup: Backup, client: Sequence[str | Path], watcher: Watcher) -> None:
    """Feed the dump to the client's standard input; the client's last words are the finding when it fails."""
    with ExitStack() as stack:
        said = stack.enter_context(tempfile.TemporaryFile())
        source = subprocess.PIPE if backup.packed else stack.enter_context(backup.path.open("rb"))
        process = subprocess.Popen(  # noqa: S603 - the server's own program
            list(map(str, client)), stdin=source, stdout=subprocess.DEVNULL, stderr=said, cwd="/"
        )
        try:
            if process.stdin is not None:
                _feed(process.stdin, Reading(backup, watcher).chunks())
            code = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        said.seek(0)
        if code != 0:
            _refuse(said.read(64 * 1024).decode(errors="replace"), code)


def _feed(pipe: IO[bytes], chunks: Iterable[bytes]) -> None:
    """Write until the client gives up; its own words say why."""
    with suppress(BrokenPipeError):
        for chunk in chunks:
            pipe.write(chunk)
    with suppress(BrokenPipeError):
        pipe.close()


def _told(command: Sequence[str | Path]) -> bytes:
    done = subprocess.run(list(map(str, command)), capture_output=True, check=False, cwd="/")  # noqa: S603 - as above
    if done.returncode != 0:
        _refuse(done.stderr.decode(errors="replace"), done.returncode)
    return done.stdout


def _refuse(said: str, code: int) -> None:
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
    lead = "the archive is cut or changed" if _CUT.search(said) else "it does not load"
    words = " ".join(lines[0].split())[:_LONGEST] if lines else f"exit code {code}"
    if _TOO_OLD.search(said):
        raise CannotDrillError(f"the programs here are older than the dump: {words}", hint="install a newer server")
    raise BackupError(f"{lead}: {words}")
