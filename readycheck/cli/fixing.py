"""The command `readycheck fix`, declared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from readycheck.remedy import Tool

_TARGETS, _PLAN, _OUTPUT = "Targets of a new audit", "Plan", "Output"


def register(app: typer.Typer) -> None:
    """Give the program this command."""
    app.command()(fix)


def fix(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    scorecard: Annotated[
        str,
        typer.Argument(
            help="A scorecard.json, or `-` for standard input. Without one an audit is made first.", show_default=False
        ),
    ] = "",
    tool: Annotated[
        Optional[Tool],  # noqa: UP045 - Typer reads these at run time
        typer.Option(
            "--tool", help="Print the script of this tool alone, to be piped and reviewed.", rich_help_panel=_PLAN
        ),
    ] = None,
    stack: Annotated[
        str,
        typer.Option(
            "--stack",
            help="Write headers for this stack, such as express, django or nginx. Default: the repository's.",
            rich_help_panel=_PLAN,
            show_default=False,
        ),
    ] = "",
    secrets_file: Annotated[
        str,
        typer.Option(
            "--secrets-file",
            help="Make a random value for every secret that needs one and write them to this new file, mode 600.",
            rich_help_panel=_PLAN,
            show_default=False,
        ),
    ] = "",
    repository: Annotated[
        str, typer.Option("--repository", help="A repository.", rich_help_panel=_TARGETS, show_default=False)
    ] = "",
    database: Annotated[
        str,
        typer.Option(
            "--database",
            help="A database's URL.",
            rich_help_panel=_TARGETS,
            envvar="READYCHECK_DATABASE",
            show_default=False,
        ),
    ] = "",
    deployment: Annotated[
        str,
        typer.Option(
            "--deployment",
            help="A deployment's URL.",
            rich_help_panel=_TARGETS,
            envvar="READYCHECK_DEPLOYMENT",
            show_default=False,
        ),
    ] = "",
    env_file: Annotated[
        str,
        typer.Option(
            "--env-file",
            help="The production environment: a dotenv file, or `process`.",
            rich_help_panel=_TARGETS,
            envvar="READYCHECK_ENV_FILE",
            show_default=False,
        ),
    ] = "",
    checklist: Annotated[
        str,
        typer.Option(
            "--checklist",
            help="The checklist.",
            rich_help_panel=_TARGETS,
            envvar="READYCHECK_CHECKLIST",
            show_default=False,
        ),
    ] = "",
    checks: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Option("--checks", help="A folder with checks of your own (repeatable).", rich_help_panel=_TARGETS),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The plan as JSON.", rich_help_panel=_OUTPUT)] = False,
    no_color: Annotated[
        bool, typer.Option("--no-color", help="No colours, whatever the terminal can do.", rich_help_panel=_OUTPUT)
    ] = False,
) -> None:
    """Plan what to mend, the heaviest first: scripts to review, and how to see that they worked. Applies nothing."""
    from readycheck.cli.audit import Request
    from readycheck.cli.fix import Wanted
    from readycheck.cli.fix import fix as run

    request = Request(
        repository=repository,
        database=database,
        deployment=deployment,
        environment=env_file,
        checklist=checklist,
        checks=tuple(map(str, checks or ())),
    )
    run(
        scorecard,
        request,
        Wanted(tool=tool, stack=stack, secrets_file=secrets_file, as_json=as_json, color=not no_color),
    )
