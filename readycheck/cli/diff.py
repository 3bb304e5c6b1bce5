"""`readycheck diff`: what changed between two scorecards, commits or runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from readycheck.model import Exit


class Face(StrEnum):
    """How to show a comparison."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"


_SUFFIXES = {".md": Face.MARKDOWN, ".json": Face.JSON, ".html": Face.HTML, ".htm": Face.HTML}


class Asked(Struct, frozen=True, kw_only=True):
    """What to compare and how to show it; empty where the command line said nothing."""

    before: str
    after: str
    repository: str
    checklist: str
    history: str
    face: Face | None
    output: str
    color: bool


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=None)(diff)


def diff(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    before: Annotated[
        str, typer.Argument(help="A scorecard.json, `-`, a run of the history (`@1` is the last), or a commit.")
    ],
    after: Annotated[str, typer.Argument(help="The same; a commit is audited on the spot.")],
    repository: Annotated[str, typer.Option("--repository", "-C", help="Where commits are looked for.")] = ".",
    checklist: Annotated[str, typer.Option("--checklist", help="The checklist that commits are held to.")] = "",
    history: Annotated[
        str, typer.Option("--history", help="The history that runs are looked for in.", envvar="READYCHECK_HISTORY")
    ] = "",
    face: Annotated[Face | None, typer.Option("--format", "-f", help="How to show it.")] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="A file. Default: standard output.")] = "",
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Leave with 1 when anything is worse.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours, whatever the terminal can do.")] = False,
) -> None:
    """Say what changed between two scorecards: lines worse, fixed and new, findings by fingerprint."""
    asked = Asked(
        before=before,
        after=after,
        repository=repository,
        checklist=checklist,
        history=history,
        face=face,
        output=output,
        color=not no_color,
    )
    worse = run(asked)
    raise typer.Exit(Exit.NOT_READY if exit_code and worse else Exit.READY)


def run(asked: Asked) -> bool:
    """Show the comparison, and say whether anything is worse.

    Raises:
        ReadycheckError: one of the two cannot be found, or the output not be written.
    """
    from readycheck.cli.output import save, show
    from readycheck.cli.sources import scorecards
    from readycheck.comparison import compare

    old, new = scorecards((asked.before, asked.after), asked.repository, asked.checklist, asked.history)
    found = compare(old, new, (asked.before, asked.after))
    face = asked.face or _SUFFIXES.get(Path(asked.output).suffix.lower(), Face.TERMINAL)
    if face is Face.TERMINAL and not asked.output:
        from readycheck.cli.output import colours, encodes, width
        from readycheck.report.changes.terminal import draw

        show(draw(found, color=asked.color and colours(), width=width(), unicode=encodes("✓→–")))
        return found.worse
    text = msgspec.json.format(msgspec.json.encode(found), indent=1).decode() + "\n" if face is Face.JSON else ""
    text = text or _renderer(face)(found)
    if asked.output:
        save(Path(asked.output), text)
    else:
        sys.stdout.write(text)
    return found.worse


def _renderer(face: Face) -> Callable[..., str]:
    from readycheck.report.changes import html, markdown, terminal

    return {Face.TERMINAL: terminal.draw, Face.MARKDOWN: markdown.render, Face.HTML: html.render}[face]
