"""`readycheck trend`: how a service came to stand where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from readycheck.errors import UsageError

if TYPE_CHECKING:
    from readycheck.history.runs import Run


class Face(StrEnum):
    """How to show a trend."""

    TERMINAL = "terminal"
    JSON = "json"
    HTML = "html"


_SUFFIXES = {".json": Face.JSON, ".html": Face.HTML, ".htm": Face.HTML}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(trend)


def trend(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    service: Annotated[
        str, typer.Argument(help="The service. Default: the only one, or the last that was audited.")
    ] = "",
    history: Annotated[
        str,
        typer.Option("--history", help="The history: a file or a URL. Default: your own.", envvar="READYCHECK_HISTORY"),
    ] = "",
    branch: Annotated[str, typer.Option("--branch", help="Only runs of this branch.")] = "",
    scope: Annotated[str, typer.Option("--scope", help="Only runs of this scope. Default: that of the last run.")] = "",
    most: Annotated[int, typer.Option("--last", help="How many runs.", min=1)] = 500,
    face: Annotated[Face | None, typer.Option("--format", "-f", help="How to show it.")] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="A file. Default: standard output.")] = "",
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours, whatever the terminal can do.")] = False,
) -> None:
    """Show the score band, verified and contradicted lines, and every section over time."""
    from readycheck.cli.output import save

    runs = _found(service, history, branch, scope, most)
    kind = face or _SUFFIXES.get(Path(output).suffix.lower(), Face.TERMINAL)
    text = _text(runs, kind, color=not no_color and not output, screen=not output)
    if output:
        save(Path(output), text)
    else:
        from readycheck.cli.output import show

        show(text, harmless=kind is Face.TERMINAL)


def _found(service: str, url: str, branch: str, scope: str, most: int) -> list[Run]:
    """The runs of one service and one scope, the newest first.

    Raises:
        UsageError: there is none.
    """
    from readycheck.history.store import History
    from readycheck.reading import nearest

    with History(url) as kept:
        newest = kept.runs(service, 1, branch)
        if not newest:
            known = kept.services()
            near = nearest(service, list(known)) if service else ""
            hint = f"did you mean {near!r}?" if near else "`readycheck audit --record` keeps one"
            what = f" of {service}" if service else ""
            raise UsageError(f"the history has no run{what}{f' on {branch}' if branch else ''}", hint=hint)
        wanted = scope or newest[0].scope
        runs = [run for run in kept.runs(newest[0].service, 0, branch, sections=True) if run.scope == wanted]
    if not runs:
        raise UsageError(f"the history has no run of the scope {scope}", hint="`readycheck history` lists them")
    return runs[:most]


def _text(runs: Sequence[Run], kind: Face, *, color: bool, screen: bool) -> str:
    if kind is Face.JSON:
        return msgspec.json.format(msgspec.json.encode(runs), indent=1).decode() + "\n"
    from readycheck.cli.output import colours, encodes, width
    from readycheck.report.trend.view import view

    if kind is Face.HTML:
        from readycheck.report.trend.html import render

        return render(view(runs))
    from readycheck.report.trend.terminal import draw

    unicode = encodes("▁█–") if screen else True
    return draw(view(runs), color=color and colours(), width=width() if screen else 100, unicode=unicode)
