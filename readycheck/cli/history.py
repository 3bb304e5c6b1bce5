"""`readycheck history`: the runs that were recorded, and the care of them."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from readycheck.errors import UsageError

if TYPE_CHECKING:
    from readycheck.history.runs import Run

Url = Annotated[
    str,
    typer.Option("--history", help="The history: a file or a URL. Default: your own.", envvar="READYCHECK_HISTORY"),
]
Service = Annotated[str, typer.Option("--service", help="Only this service.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours, whatever the terminal can do.")]

history_app = typer.Typer(invoke_without_command=True, help="The runs that were recorded: list, read, add and forget.")


def register(app: typer.Typer) -> None:
    """Add the command and those below it."""
    app.add_typer(history_app, name="history")


@history_app.callback()
def history(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    context: typer.Context,
    url: Url = "",
    service: Service = "",
    most: Annotated[int, typer.Option("--last", help="How many runs.", min=1)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    no_color: NoColor = False,
) -> None:
    """List the runs that were recorded, the newest first."""
    context.obj = url
    if context.invoked_subcommand is None:
        _list(url, service, most, as_json=as_json, color=not no_color)


def _list(url: str, service: str, most: int, *, as_json: bool, color: bool) -> None:
    from readycheck.history.store import History

    with History(url) as kept:
        runs = kept.runs(service, most)
        place = kept.url.render_as_string(hide_password=True)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(runs), indent=1).decode() + "\n")
        return
    if not runs:
        sys.stderr.write(f"no runs in {place}; `readycheck audit --record` keeps one\n")
        return
    _table(runs, color=color)


def _table(runs: tuple[Run, ...], *, color: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from readycheck.cli.output import colours, width
    from readycheck.report import words
    from readycheck.report.terminal import TONES
    from readycheck.report.text import visible
    from readycheck.scorecard import Readiness

    table = Table(box=None, pad_edge=False, header_style="dim")
    for head in ("", "run", "judged", "service", "answer", "score", "commit"):
        table.add_column(head, no_wrap=head != "service", justify="right" if head == "score" else "left")
    for number, run in enumerate(runs, 1):
        badge = words.readiness(Readiness(run.readiness))
        scope = f" ({run.scope})" if run.scope else ""
        table.add_row(
            f"@{number}",
            run.id[:10],
            words.moment(run.judged_at),
            visible(run.service),
            Text(f"{badge.word}{scope}", style=TONES[badge.tone]),
            words.percent(run.score),
            f"{run.commit[:10]}{' dirty' if run.dirty else ''}",
        )
    shown = colours() and color
    console = Console(width=width(), force_terminal=shown, no_color=not shown, highlight=False, legacy_windows=False)
    console.print(table)


@history_app.command()
def show(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="`@1` for the last run, `@2` for the one before, or an id.")],
    service: Service = "",
) -> None:
    """Print the scorecard of a run as JSON; pipe it into `readycheck report -`."""
    from readycheck.history.store import History
    from readycheck.scorecard import dump

    with History(context.obj) as kept:
        sys.stdout.write(dump(kept.scorecard(run.removeprefix("@"), service)).decode())


@history_app.command()
def add(
    context: typer.Context,
    scorecards: Annotated[list[str], typer.Argument(help="Files with a scorecard, or `-` for standard input.")],
) -> None:
    """Record scorecards that were saved before."""
    from readycheck.cli.inputs import read_bytes
    from readycheck.history.store import History
    from readycheck.scorecard import load

    cards = [load(read_bytes(name), name) for name in scorecards]
    with History(context.obj) as kept:
        for card in cards:
            sys.stdout.write(kept.record(card) + "\n")


@history_app.command()
def prune(
    context: typer.Context,
    keep: Annotated[int, typer.Option("--keep", help="Keep this many of the newest runs of each service.", min=0)] = 0,
    older_than: Annotated[str, typer.Option("--older-than", help="Forget what is older: 90d, 12w, 6mo, 1y.")] = "",
    service: Service = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be forgotten.")] = False,
) -> None:
    """Forget old runs; the newest of each service always stays."""
    from readycheck.history.store import History

    if not keep and not older_than:
        raise UsageError("prune: nothing says what to forget", hint="give --keep, --older-than or both")
    before = datetime.now(UTC) - _age(older_than) if older_than else None
    with History(context.obj) as kept:
        gone = kept.prune(keep=keep, before=before, service=service, dry=dry_run)
    verb = "would be forgotten" if dry_run else "forgotten"
    sys.stdout.write(f"{len(gone)} run{'' if len(gone) == 1 else 's'} {verb}\n")


def _age(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,4})(d|w|mo|y)", text)
    if not match:
        raise UsageError(f"--older-than: {text!r} is no duration", hint="write 90d, 12w, 6mo or 1y")
    return timedelta(days=int(match[1]) * {"d": 1, "w": 7, "mo": 31, "y": 366}[match[2]])


@history_app.command()
def migrate(
    context: typer.Context,
    to: Annotated[str, typer.Option("--to", help="A revision, `head`, or `base`, which drops the tables.")] = "head",
    yes: Annotated[bool, typer.Option("--yes", help="Do it although every run would be lost.")] = False,
) -> None:
    """Bring the tables of a history to a revision. Opening a history does so by itself."""
    from readycheck.history.engine import address, default_url, open_engine
    from readycheck.history.migrating import HEAD, REVISIONS, bring

    revision = HEAD if to == "head" else to
    if revision not in (*REVISIONS, "base"):
        raise UsageError(f"--to {to}: there is no such revision", hint=f"one of base, {', '.join(REVISIONS)}, head")
    if revision == "base" and not yes:
        raise UsageError("--to base drops every run", hint="add --yes if that is meant")
    engine = open_engine(address(context.obj or default_url()))
    bring(engine, revision)
    engine.dispose()
    sys.stdout.write(f"the history is at revision {revision}\n")
