"""Every command of `readycheck`, declared; each body imports what it needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from readycheck import __version__
from readycheck.model import EXIT_MEANING, Severity
from readycheck.report.format import Format

_EXITS = "\n\n".join(f"  {code.value}  {meaning}" for code, meaning in EXIT_MEANING.items())

app = typer.Typer(
    help="Ask the repository, its history, the database and the deployment whether a readiness checklist is true.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
checks_app = typer.Typer(help="Look at the checks, try their examples, write a new one.", no_args_is_help=True)
app.add_typer(checks_app, name="checks")


def _version(value: bool) -> None:  # noqa: FBT001 - Typer's signature
    if value:
        typer.echo(f"readycheck {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Ask the repository, its history, the database and the deployment whether a readiness checklist is true."""


_TARGETS, _CHECKS, _GATE, _OUTPUT, _RUN = "Targets", "Checklist", "Gate", "Output", "Run"

Repository = Annotated[
    Optional[Path],  # noqa: UP045 - Typer reads it at run time
    typer.Argument(
        help="The repository: a work tree, a bare repository or a plain folder. Default: the checklist's, else here."
    ),
]
Checks = Annotated[
    Optional[list[Path]],  # noqa: UP045
    typer.Option("--checks", help="A folder with checks of your own (repeatable).", rich_help_panel=_CHECKS),
]
NoColor = Annotated[
    bool, typer.Option("--no-color", help="No colours, whatever the terminal can do.", rich_help_panel=_OUTPUT)
]


@app.command(epilog=f"Exit codes:\n\n{_EXITS}")
def audit(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    repository: Repository = None,
    ref: Annotated[
        str, typer.Option(help="Read this commit, branch or tag instead of the work tree.", rich_help_panel=_TARGETS)
    ] = "",
    database: Annotated[
        str,
        typer.Option(
            help="The database's URL.", envvar="READYCHECK_DATABASE", show_envvar=True, rich_help_panel=_TARGETS
        ),
    ] = "",
    deployment: Annotated[
        str, typer.Option(help="The deployment's URL.", envvar="READYCHECK_DEPLOYMENT", rich_help_panel=_TARGETS)
    ] = "",
    env_file: Annotated[
        str,
        typer.Option(
            help="The production environment: a dotenv file, or `process` for this process's own.",
            envvar="READYCHECK_ENV_FILE",
            rich_help_panel=_TARGETS,
        ),
    ] = "",
    ca_file: Annotated[
        str,
        typer.Option(
            help="A PEM file with a CA to trust besides the system's.",
            envvar="READYCHECK_CA_FILE",
            rich_help_panel=_TARGETS,
        ),
    ] = "",
    checklist: Annotated[
        str,
        typer.Option(
            help="The checklist. Default: readiness.yaml in the repository.",
            envvar="READYCHECK_CHECKLIST",
            rich_help_panel=_CHECKS,
        ),
    ] = "",
    decisions: Annotated[
        str,
        typer.Option(help="The decisions file. Default: decisions.yaml beside the checklist.", rich_help_panel=_CHECKS),
    ] = "",
    checks: Checks = None,
    scope: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            help="Judge only what these targets can prove, such as `repository,database`; the verdict names them.",
            rich_help_panel=_GATE,
        ),
    ] = None,
    section: Annotated[Optional[list[str]], typer.Option(help="Show this section only (repeatable).")] = None,  # noqa: UP045
    only: Annotated[Optional[list[str]], typer.Option(help="Show this item only (repeatable).")] = None,  # noqa: UP045
    phase: Annotated[str, typer.Option(help="Show the steps of this phase and the items they rest on.")] = "",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Every item and check.")] = False,
    no_color: NoColor = False,
) -> None:
    """Show a saved scorecard again, in any format, without auditing."""
    from readycheck.cli.report import Shown, report as run  # noqa: PLC0415

    run(
        scorecard,
        Shown(
            formats=tuple(formats or ()),
            output=output,
            sections=tuple(section or ()),
            items=tuple(only or ()),
            phase=phase,
            verbose=verbose,
            color=not no_color,
        ),
    )


@app.command()
def demo(
    folder: Annotated[
        Optional[Path], typer.Argument(help="Where to build it. Default: a new temporary folder.")
    ] = None,  # noqa: UP045
    no_color: NoColor = False,
) -> None:
    """Audit a small loan service whose checklist is partly false: a repository, a database and an HTTPS server made here."""
    from readycheck.cli.demo import demo as run  # noqa: PLC0415

    run(folder, color=not no_color)


@app.command()
def schema(
    name: Annotated[str, typer.Argument(help="checklist, check, decisions, facts or scorecard.")],
) -> None:
    """Print the JSON Schema of a file that readycheck reads or writes."""
    from readycheck.schema import schema_text  # noqa: PLC0415

    typer.echo(schema_text(name), nl=False)


@checks_app.command("list")
def checks_list(
    checks: Checks = None,
    family: Annotated[str, typer.Option(help="Only this family.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    no_color: NoColor = False,
) -> None:
    """List every check by family."""
    from readycheck.cli.checks import list_checks  # noqa: PLC0415

    list_checks(tuple(map(str, checks or ())), family, as_json=as_json, color=not no_color)


@checks_app.command("show")
def checks_show(name: Annotated[str, typer.Argument(help="The id of a check.")], checks: Checks = None) -> None:
    """Print a check's YAML."""
    from readycheck.cli.checks import show_check  # noqa: PLC0415

    show_check(name, tuple(map(str, checks or ())))


@checks_app.command("test")
def checks_test(
    folder: Annotated[Optional[Path], typer.Argument(help="A folder of checks. Default: the shipped ones.")] = None,  # noqa: UP045
    only: Annotated[Optional[list[str]], typer.Option(help="Only this check (repeatable).")] = None,  # noqa: UP045
) -> None:
    """Put every check to its own examples; leaves with 1 when one does not come out as promised."""
    from readycheck.cli.checks import test_checks  # noqa: PLC0415

    raise typer.Exit(test_checks(folder, tuple(only or ())))


@checks_app.command("new")
def checks_new(
    name: Annotated[str, typer.Argument(help="The id: lower-case words joined by hyphens.")],
    folder: Annotated[Path, typer.Option(help="Where to write it.")] = Path("checks"),
    probe: Annotated[str, typer.Option(help="The probe that judges it.")] = "file.present",
) -> None:
    """Write the first draft of a check of your own."""
    from readycheck.cli.checks import new_check  # noqa: PLC0415

    new_check(name, folder, probe)
