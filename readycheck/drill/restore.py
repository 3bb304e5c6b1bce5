"""The restore drill: read a backup whole, load it into a scratch server, hold it against the source, write down what came."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from readycheck import __version__
from readycheck.drill import comparing
from readycheck.drill.backup import Backup, Format, Reading, identified, made_at
from readycheck.drill.loading import DATABASE, load, needed_version, read_whole
from readycheck.drill.outcome import BackupError, CannotDrillError, Watcher
from readycheck.drill.scratch import scratch
from readycheck.drill.sqlite import checked
from readycheck.facts.drills import DrillRecord, DrillStep, TableCount, sealed
from readycheck.gather.database.address import read_address
from readycheck.redact import redact_url

#: How many problems a record carries.
MOST_PROBLEMS = 50


class Drill(Struct, frozen=True, kw_only=True):
    """What to restore and hold against what.

    `tolerance` is how far the rows of a table may be behind the source, in percent; `static` are tables that must be
    equal to the last byte.
    """

    backup: Path
    source: str
    tolerance: float = 10.0
    static: tuple[str, ...] = ()


class _Course:
    """A drill under way: the steps that were taken, what was wrong in them, and what was learned."""

    def __init__(self, drill: Drill, folder: Path, watcher: Watcher) -> None:
        self.drill, self.folder, self.watcher = drill, folder, watcher
        self.steps: list[DrillStep] = []
        self.problems: list[str] = []
        self.backup: Backup | None = None
        self.made: datetime | None = None
        self.server = self.sha256 = ""
        self.seconds = 0.0
        self.tables: tuple[TableCount, ...] = ()

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], None]]:
        """A step; what is said of it last is kept, and a backup that proves bad ends the drill."""
        words = [""]
        start, before = time.monotonic(), len(self.problems)
        try:
            yield words.append
        except BackupError as error:
            self.problems.append(str(error))
            words.append(str(error))
            raise
        finally:
            held = len(self.problems) == before
            self.steps.append(DrillStep(name, held, words[-1], round(time.monotonic() - start, 2)))

    def run(self) -> None:
        """Take every step.

        Raises:
            BackupError: a step proves the backup bad.
            CannotDrillError: a step cannot be taken here.
        """
        with self.step("identify") as say:
            self.backup = backup = identified(self.drill.backup)
            self.made = backup.made
            say(f"{backup.format.value}, {backup.size:,} bytes")
            _require_same_kind(backup, self.drill.source)
        with ExitStack() as stack:
            url = self._copied(backup) if backup.format is Format.SQLITE else self._restored(backup, stack)
            self._compared(url, stack)

    def _restored(self, backup: Backup, stack: ExitStack) -> str:
        """Load it into a scratch server; the URL of the restored database."""
        with self.step("read") as say:
            self.watcher.step("read the backup", backup.size)
            read = read_whole(backup, self.watcher)
            self.sha256, self.made = read.sha256, made_at(backup, read.tail)
            say(f"SHA-256 {read.sha256[:16]}…")
        with self.step("scratch server") as say:
            self.watcher.step("start a scratch server")
            server = stack.enter_context(scratch(backup.format.dialect, self.folder, needed_version(backup)))
            self.server = f"{backup.format.dialect} {server.version}"
            say(server.version)
        with self.step("restore") as say:
            self.watcher.step("restore")
            start = time.monotonic()
            load(backup, read, server, self.watcher)
            self.seconds = round(time.monotonic() - start, 2)
            say("loaded without an error")
        return server.url(DATABASE)

    def _copied(self, backup: Backup) -> str:
        """Copy a SQLite file, which is its restore; the URL of the copy."""
        copy = self.folder / "restored.sqlite"
        source = Path(read_address(self.drill.source).url.database or "")
        if source.resolve() == backup.path.resolve():
            raise CannotDrillError("the backup is the source itself", hint="name a copy: VACUUM INTO 'copy.sqlite'")
        with self.step("restore") as say:
            self.watcher.step("restore", backup.size)
            start = time.monotonic()
            reading = Reading(backup, self.watcher)
            with copy.open("wb") as file:
                file.writelines(reading.chunks())
            self.seconds, self.sha256 = round(time.monotonic() - start, 2), reading.sha256
            say("copied")
        with self.step("integrity") as say:
            self.watcher.step("check the integrity")
            say(checked(copy, source))
        return f"sqlite:///{copy}"

    def _compared(self, url: str, stack: ExitStack) -> None:
        self.watcher.step("compare the structure")
        source = comparing.opened(self.drill.source, stack, "the source")
        with self.step("structure") as say:
            restored = _opened(url, stack)
            differences = comparing.structure(source, restored)
            self.problems += differences
            say(f"{len(source.inventory.tables)} tables compared, {len(differences)} differences")
        with self.step("rows") as say:
            counted = comparing.counts(source, restored, lambda name: self.watcher.step(f"count {name}"))
            self.tables = tuple(counted)
            self.problems += _short(self.tables, self.drill)
            say(_rows(self.tables))

    def record(self, now: datetime) -> DrillRecord:
        """What came of it, sealed."""
        lost = None if self.made is None else round((now - self.made).total_seconds(), 1)
        record = DrillRecord(
            kind="restore",
            at=now.astimezone(UTC).isoformat(timespec="seconds"),
            passed=not self.problems,
            readycheck=__version__,
            subject=self.drill.backup.name,
            source=redact_url(self.drill.source),
            dialect=self.backup.format.dialect if self.backup else "",
            scratch=self.server,
            sha256=self.sha256,
            bytes=self.backup.size if self.backup else 0,
            backup_at=self.made.isoformat(timespec="seconds") if self.made else "",
            restore_seconds=self.seconds,
            lost_seconds=lost,
            steps=tuple(self.steps),
            problems=tuple(self.problems[:MOST_PROBLEMS]),
            tables=self.tables,
        )
        return sealed(record)


def restore(drill: Drill, folder: Path, watcher: Watcher, now: datetime) -> DrillRecord:
    """The record of a restore drill in this temporary folder; a bad backup makes a record too, which did not pass.

    Raises:
        CannotDrillError: the drill cannot be held here.
    """
    course = _Course(drill, folder, watcher)
    with suppress(BackupError):
        course.run()
    return course.record(now)


def _require_same_kind(backup: Backup, source: str) -> None:
    dialect = read_address(source).dialect
    if dialect != backup.format.dialect:
        raise BackupError(f"it is a {backup.format.value}, and the source is {dialect}")


def _opened(url: str, stack: ExitStack) -> comparing.Side:
    """The restored database. One without a table, which MariaDB shows as one without rights, is a bad backup."""
    try:
        return comparing.opened(url, stack, "the restored database")
    except CannotDrillError as error:
        if "sees no table" in error.message:
            raise BackupError("nothing was restored: the database is empty") from error
        raise


def _short(tables: tuple[TableCount, ...], drill: Drill) -> Iterator[str]:
    """What the counts prove to be lost. A source that grew since the backup is behind by its growth and no more."""
    if not any(table.restored for table in tables):
        yield "no table of the restored database has a row"
        return
    for table in tables:
        behind = 100.0 * (table.source - table.restored) / table.source if table.source else 0.0
        if table.source and not table.restored:
            yield f"{table.table} is empty, and the source has {table.source:,} rows"
        elif behind > drill.tolerance:
            yield f"{table.table} has {table.restored:,} rows, and the source {table.source:,}: {behind:.1f} % are missing"
        if table.table in drill.static and table.same is not True:
            yield f"{table.table} is to be static, and its contents differ or could not be compared"
    missing = set(drill.static) - {table.table for table in tables}
    yield from (f"{name} is to be static, and is not among the tables" for name in sorted(missing))


def _rows(tables: tuple[TableCount, ...]) -> str:
    equal = sum(table.same is True for table in tables)
    changed = sum(table.same is False or table.source != table.restored for table in tables)
    rows = sum(table.restored for table in tables)
    return f"{rows:,} rows in {len(tables)} tables; {equal} equal in contents, {changed} changed since the backup"
