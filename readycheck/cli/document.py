"""The commands on the document itself, declared: import, export, sync, ticks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Folders = Annotated[list[Path] | None, typer.Option("--checks", help="A folder with checks of your own (repeatable).")]
_TARGETS = "Targets of a new audit"
Checklist = Annotated[
    str, typer.Option("--checklist", help="The checklist. Default: readiness.yaml here.", envvar="READYCHECK_CHECKLIST")
]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours, whatever the terminal can do.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("import")(import_)
    app.command()(export)
    app.command()(sync)
    app.command()(ticks)


def import_(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    document: Annotated[str, typer.Argument(help="The Markdown checklist, or `-` for standard input.")],
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            help="Where to write; `-` for standard output. Default: readiness.yaml beside the document.",
        ),
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite a checklist that is there.")] = False,
    service: Annotated[str, typer.Option(help="The name of the service. Default: that of the folder.")] = "",
    choose: Annotated[
        list[str] | None,
        typer.Option("--map", help="Choose an item's checks, `ITEM=CHECK,CHECK` or `ITEM=` for none (repeatable)."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say of every item why it has its checks, and the runner-up.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="The items and their mappings as JSON, and write nothing.")
    ] = False,
    checks: Folders = None,
    no_color: NoColor = False,
) -> None:
    """Write a readiness.yaml with everything that a Markdown checklist says, each item with the checks that can prove it."""
    from readycheck.cli.importing import Importing, run

    run(
        Importing(
            document=document,
            output=output,
            force=force,
            service=service,
            choose=tuple(choose or ()),
            explain=explain,
            as_json=as_json,
            checks=tuple(map(str, checks or ())),
            color=not no_color,
        )
    )


def export(
    output: Annotated[str, typer.Option("--output", "-o", help="Where to write. Default: standard output.")] = "-",
    checklist: Checklist = "",
    checks: Folders = None,
) -> None:
    """Write the Markdown document that a checklist mirrors."""
    from readycheck.cli.importing import export as run

    run(output, checklist, tuple(map(str, checks or ())))


def sync(
    document: Annotated[str, typer.Argument(help="The document. Default: the one that the checklist names.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Write nothing; leave with 1 when the two differ.")] = False,
    checklist: Checklist = "",
    checks: Folders = None,
    no_color: NoColor = False,
) -> None:
    """Bring the checklist in step with its document: ids, parameters and decisions stay."""
    from readycheck.cli.syncing import run

    raise typer.Exit(run(document, checklist, tuple(map(str, checks or ())), check=check, color=not no_color))


def ticks(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    scorecard: Annotated[
        str,
        typer.Argument(
            help="A scorecard.json of an audit, or `-` for standard input. Without one an audit is made first.",
            show_default=False,
        ),
    ] = "",
    document: Annotated[
        str, typer.Option("--document", help="The document. Default: the one that the scorecard names.")
    ] = "",
    patch: Annotated[bool, typer.Option("--patch", help="As a unified diff, for `git apply`.")] = False,
    repository: Annotated[
        str, typer.Option("--repository", help="A repository.", rich_help_panel=_TARGETS, show_default=False)
    ] = "",
    database: Annotated[
        str,
        typer.Option(
            help="A database's URL.", rich_help_panel=_TARGETS, envvar="READYCHECK_DATABASE", show_default=False
        ),
    ] = "",
    deployment: Annotated[
        str,
        typer.Option(
            help="A deployment's URL.", rich_help_panel=_TARGETS, envvar="READYCHECK_DEPLOYMENT", show_default=False
        ),
    ] = "",
    env_file: Annotated[
        str,
        typer.Option(
            help="The production environment: a dotenv file, or `process`.",
            rich_help_panel=_TARGETS,
            envvar="READYCHECK_ENV_FILE",
            show_default=False,
        ),
    ] = "",
    checklist: Checklist = "",
    checks: Folders = None,
    no_color: NoColor = False,
) -> None:
    """Show the ticks that evidence supports or contradicts; the document itself is not touched."""
    from readycheck.cli.audit import Request
    from readycheck.cli.ticking import run

    request = Request(
        repository=repository,
        database=database,
        deployment=deployment,
        environment=env_file,
        checklist=checklist,
        checks=tuple(map(str, checks or ())),
    )
    run(scorecard, document, request, patch=patch, color=not no_color)
