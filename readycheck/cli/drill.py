"""`readycheck drill`: restore a backup, walk the migrations back; on a scratch server, asked for by name."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from readycheck.model import Exit

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from readycheck.drill.outcome import Watcher
    from readycheck.facts.drills import DrillRecord

drill_app = typer.Typer(
    help="Prove a backup by restoring it, and a way back by walking it; on a scratch server.", no_args_is_help=True
)
_OUTPUT = "Where the record goes: a file or a folder. Default: .readycheck/drills in the repository."


@drill_app.command()
def restore(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    backup: Annotated[
        str, typer.Option("--backup", help="A file, a pattern (its newest file), or a command named in the checklist.")
    ],
    database: Annotated[
        str,
        typer.Option("--database", help="The URL of the source to compare with.", envvar="READYCHECK_DATABASE"),
    ],
    repository: Annotated[Path, typer.Option("--repository", help="Whose record this is.")] = Path(),
    output: Annotated[str, typer.Option("--output", "-o", help=_OUTPUT)] = "",
    tolerance: Annotated[
        float, typer.Option(help="How far a table may be behind the source, in percent.", min=0, max=100)
    ] = 10.0,
    static: Annotated[Optional[list[str]], typer.Option(help="A table that must be equal (repeatable).")] = None,  # noqa: UP045
    checklist: Annotated[str, typer.Option("--checklist", help="The checklist that names backup commands.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the record.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="One line: the verdict.")] = False,
) -> None:
    """Restore a backup into a scratch server of its own, compare it with its source, and write down what came of it.

    The source is only read. Exit codes: 0 it can be restored, 1 it cannot, 3 the drill could not be held here.
    """
    from readycheck.drill.backup import chosen
    from readycheck.drill.restore import Drill
    from readycheck.drill.restore import restore as run
    from readycheck.drill.scratch import folder

    now = datetime.now(UTC)
    with _inconclusive(), folder() as scratch, _watching(show=not quiet) as watcher:
        path = chosen(backup, _commands(repository, checklist), scratch)
        drill = Drill(backup=path, source=database, tolerance=tolerance, static=tuple(static or ()))
        record = run(drill, scratch, watcher, now)
    _finish(record, _place(output, repository, record), as_json=as_json, quiet=quiet)


@drill_app.command()
def migrations(  # noqa: PLR0913, PLR0917
    run: Annotated[
        str,
        typer.Option("--run", help="The tool that migrates, such as `npx sequelize-cli`; it runs on this machine."),
    ],
    repository: Annotated[Path, typer.Option("--repository", help="Where to run it.")] = Path(),
    dialect: Annotated[str, typer.Option(help="The scratch server: postgresql, mysql or sqlite.")] = "postgresql",
    up: Annotated[str, typer.Option(help="The words that go up. Default: the tool's own.")] = "",
    down: Annotated[str, typer.Option(help="The words that go down all the way. Default: the tool's own.")] = "",
    output: Annotated[str, typer.Option("--output", "-o", help=_OUTPUT)] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the record.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="One line: the verdict.")] = False,
) -> None:
    """Run a repository's own migrations up, down and up again on a scratch database, and compare what each step left.

    This runs the project's code, with DATABASE_URL (and the variables of the tool's client) set to the scratch database.
    """
    from readycheck.drill.migrations import Walk, walk
    from readycheck.drill.scratch import folder

    now = datetime.now(UTC)
    with _inconclusive(), folder() as scratch, _watching(show=not quiet) as watcher:
        record = walk(Walk(run=run, repository=repository, dialect=dialect, up=up, down=down), scratch, watcher, now)
    _finish(record, _place(output, repository, record), as_json=as_json, quiet=quiet)


@contextmanager
def _inconclusive() -> Iterator[None]:
    """A drill that cannot be held here says nothing of the backup, and leaves with its own exit code."""
    from readycheck.drill.outcome import CannotDrillError

    try:
        yield
    except CannotDrillError as error:
        hint = f"\n  {error.hint}" if error.hint else ""
        sys.stderr.write(f"the drill could not be held: {error.message}{hint}\nverdict=INCONCLUSIVE exit=3\n")
        raise typer.Exit(Exit.INCONCLUSIVE) from error


def _commands(repository: Path, checklist: str) -> dict[str, tuple[str, ...]]:
    """The commands of the checklist that fetch a backup, by name."""
    from readycheck.cli.inputs import load_inputs

    inputs = load_inputs(str(repository), checklist, ())
    return {} if inputs.shipped else dict(inputs.checklist.file.backups)


def _place(output: str, repository: Path, record: DrillRecord) -> Path:
    name = f"{record.kind}-{record.at[:19].replace(':', '')}Z.json"
    if not output:
        return repository / ".readycheck" / "drills" / name
    return Path(output) / name if Path(output).is_dir() or output.endswith("/") else Path(output)


def _finish(record: DrillRecord, place: Path, *, as_json: bool, quiet: bool) -> None:
    from readycheck.errors import UsageError
    from readycheck.facts.drills import write_record

    data = write_record(record)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    except OSError as error:
        raise UsageError(f"cannot write {place}: {error.strerror or error}") from error
    if as_json:
        sys.stdout.write(data.decode())
    elif not quiet:
        _tell(record, place)
    code = Exit.READY if record.passed else Exit.NOT_READY
    verdict = "PASSED" if record.passed else "FAILED"
    sys.stderr.write(f"verdict={verdict} exit={code.value} seconds={record.restore_seconds} record={place}\n")
    raise typer.Exit(code)


def _tell(record: DrillRecord, place: Path) -> None:
    from readycheck.cli.text import Printer

    printer = Printer()
    printer.title(f"{'Restored' if record.kind == 'restore' else 'Walked'}: {record.subject}")
    for step in record.steps:
        mark = printer.good("✓") if step.held else printer.bad("✗")
        printer.line(f"  {mark} {step.name:<18} {step.seconds:>7.1f} s  {step.seen}")
    for problem in record.problems:
        printer.line(f"    {printer.bad('-')} {problem}")
    if record.restore_seconds:
        lost = f", the backup was {_span(record.lost_seconds)} old (RPO)" if record.lost_seconds is not None else ""
        printer.line(f"  restored in {record.restore_seconds:.1f} s (RTO){lost}")
    printer.line(printer.faint(f"  {place}"))


def _span(seconds: float) -> str:
    for size, word in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {word}"
    return f"{seconds:.0f} seconds"


@contextmanager
def _watching(*, show: bool) -> Iterator[Watcher]:
    """Progress on standard error: a bar on a terminal, a line for each step elsewhere."""
    if not show:
        yield _Lines(silent=True)
    elif not sys.stderr.isatty():
        yield _Lines(silent=False)
    else:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            yield _Bars(bars)


class _Lines:
    """A line when a step begins, the counting of single tables aside."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent
        self._start = time.monotonic()

    def step(self, name: str, total: int = 0) -> None:
        """Say it."""
        if not self._silent and not name.startswith("count "):
            size = f" ({total:,} bytes)" if total else ""
            sys.stderr.write(f"{time.monotonic() - self._start:6.1f} s  {name}{size}\n")

    def read(self, count: int) -> None:
        """Say nothing."""


class _Bars:
    """A bar for the step under way."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def step(self, name: str, total: int = 0) -> None:
        """Begin a new bar; one without an end pulses."""
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(name[:60], total=total or None)

    def read(self, count: int) -> None:
        """Move it."""
        if self._task is not None:
            self._bars.advance(self._task, count)
