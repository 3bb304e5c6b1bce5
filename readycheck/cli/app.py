"""Every command of `readycheck`, declared; each body imports what it needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from readycheck import __version__
from readycheck.cli.database import database_app
from readycheck.cli.deciding import register as register_deciding
from readycheck.cli.diff import register as register_diff
from readycheck.cli.document import register as register_document
from readycheck.cli.drill import drill_app
from readycheck.cli.fixing import register as register_fixing
from readycheck.cli.history import register as register_history
from readycheck.cli.man import register as register_man
from readycheck.cli.trend import register as register_trend
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
register_diff(app)
register_history(app)
register_trend(app)
register_man(app)
app.add_typer(database_app, name="database")
app.add_typer(drill_app, name="drill")
register_document(app)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"readycheck {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Ask the repository, its history, the database and the deployment whether a readiness checklist is true."""


_TARGETS, _CHECKS, _GATE, _OUTPUT, _PHASE, _RUN = "Targets", "Checklist", "Gate", "Output", "Deployment", "Run"


def _option(
    help_text: str,
    *names: str,
    panel: str,
    env: str = "",
    min: float | None = None,  # noqa: A002 - Typer's own names
    max: float | None = None,  # noqa: A002
) -> Any:
    return typer.Option(
        *names,
        help=help_text,
        rich_help_panel=panel,
        envvar=env or None,
        show_default=min is not None,
        min=min,
        max=max,
    )


Texts = Optional[list[str]]  # noqa: UP045 - Typer reads these at run time
Folders = Annotated[
    list[Path] | None, _option("A folder with checks of your own (repeatable).", "--checks", panel=_CHECKS)
]
Formats = Annotated[
    Texts,
    typer.Option(
        "--format",
        "-f",
        help=f"How to show the scorecard (repeatable): {', '.join(Format)}, or a template of --reports.",
        metavar="NAME",
        rich_help_panel=_OUTPUT,
        show_default=False,
        autocompletion=lambda: [(kind.value, kind.meaning) for kind in Format],
    ),
]
Reports = Annotated[
    str,
    _option(
        "A folder with templates of your own: each `NAME.EXT.jinja` is a format of that name.",
        "--reports",
        panel=_OUTPUT,
    ),
]
Output = Annotated[
    str, _option("A file, or with several formats a folder. Default: standard output.", "--output", "-o", panel=_OUTPUT)
]
Section = Annotated[Texts, _option("Show this section only (repeatable).", "--section", panel=_OUTPUT)]
Only = Annotated[Texts, _option("Show this item only (repeatable).", "--only", panel=_OUTPUT)]
Phase = Annotated[str, _option("Show the steps of this deployment phase only.", "--phase", panel=_OUTPUT)]
Verbose = Annotated[bool, _option("Every item and step, not only what needs a look.", "--verbose", "-v", panel=_OUTPUT)]
NoColor = Annotated[bool, _option("No colours, whatever the terminal can do.", "--no-color", panel=_OUTPUT)]
ChecklistFile = Annotated[
    str,
    _option(
        "The checklist. Default: readiness.yaml in the repository, else the shipped one.",
        "--checklist",
        panel=_CHECKS,
        env="READYCHECK_CHECKLIST",
    ),
]


@app.command(epilog=f"Exit codes:\n\n{_EXITS}")
def audit(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    repository: Annotated[
        str,
        typer.Argument(
            help="A work tree, a bare repository or a plain folder. Default: the checklist's, else here.",
            show_default=False,
        ),
    ] = "",
    ref: Annotated[
        str, _option("Read this commit, branch or tag instead of the work tree.", "--ref", panel=_TARGETS)
    ] = "",
    database: Annotated[
        str, _option("The database's URL.", "--database", panel=_TARGETS, env="READYCHECK_DATABASE")
    ] = "",
    deployment: Annotated[
        str, _option("The deployment's URL.", "--deployment", panel=_TARGETS, env="READYCHECK_DEPLOYMENT")
    ] = "",
    env_file: Annotated[
        str,
        _option(
            "The production environment: a dotenv file, or `process` for this process's own.",
            "--env-file",
            panel=_TARGETS,
            env="READYCHECK_ENV_FILE",
        ),
    ] = "",
    ca_file: Annotated[
        str,
        _option(
            "A PEM file with a CA to trust besides the system's.", "--ca-file", panel=_TARGETS, env="READYCHECK_CA_FILE"
        ),
    ] = "",
    profile: Annotated[
        str,
        _option(
            "What the deployment is: `web` or `api`. Default: what its front page looks like.",
            "--profile",
            panel=_TARGETS,
        ),
    ] = "",
    resolve: Annotated[
        Texts, _option("Ask this address for the deployment's host: HOST:ADDRESS.", "--resolve", panel=_TARGETS)
    ] = None,
    header: Annotated[
        Texts,
        _option(
            "Send this header to the deployment, its value by reference: 'Authorization: ${TOKEN}' (repeatable).",
            "--header",
            panel=_TARGETS,
        ),
    ] = None,
    prometheus: Annotated[
        str,
        _option(
            "A Prometheus server that counts the deployment's requests.",
            "--prometheus",
            panel=_TARGETS,
            env="READYCHECK_PROMETHEUS",
        ),
    ] = "",
    image: Annotated[
        str,
        _option("What `docker image inspect` says of the deployed image: a file.", "--image", panel=_TARGETS),
    ] = "",
    probe_rate_limit: Annotated[
        bool,
        _option(
            "Send a burst of at most 200 requests, to see whether a rate limit answers.",
            "--probe-rate-limit",
            panel=_RUN,
        ),
    ] = False,
    max_requests: Annotated[
        int, _option("The most HTTP requests to the deployment, a burst aside.", "--max-requests", panel=_RUN, min=1)
    ] = 120,
    checklist: ChecklistFile = "",
    decisions: Annotated[
        str, _option("The decisions. Default: decisions.yaml beside the checklist.", "--decisions", panel=_CHECKS)
    ] = "",
    checks: Folders = None,
    scope: Annotated[
        Texts,
        _option(
            "Judge only what these targets can prove, such as `repository,database`; the verdict names them.",
            "--scope",
            panel=_GATE,
        ),
    ] = None,
    fail_on: Annotated[Severity | None, _option("The lowest severity that blocks.", "--fail-on", panel=_GATE)] = None,
    min_score: Annotated[
        Optional[float],  # noqa: UP045
        _option("The least score, in percent.", "--min-score", panel=_GATE, min=0, max=100),
    ] = None,
    min_coverage: Annotated[
        Optional[float],  # noqa: UP045
        _option("The least share of the weight that must be decided.", "--min-coverage", panel=_GATE, min=0, max=1),
    ] = None,
    max_waived_weight: Annotated[
        Optional[float],  # noqa: UP045
        _option(
            "The most that waivers may cover, as a share of the weight.", "--max-waived", panel=_GATE, min=0, max=1
        ),
    ] = None,
    required: Annotated[
        Texts, _option("A check that must hold, and must have run (repeatable).", "--require", panel=_GATE)
    ] = None,
    section_min: Annotated[
        Texts, _option("The least score of a section: SECTION=SCORE (repeatable).", "--section-min", panel=_GATE)
    ] = None,
    require_metrics: Annotated[
        bool, _option("Every metric must be measured and meet its target.", "--require-metrics", panel=_GATE)
    ] = False,
    baseline: Annotated[
        str,
        _option(
            "Hold back only what is worse than in this scorecard.json, or in this commit, branch or tag.",
            "--baseline",
            panel=_GATE,
            env="READYCHECK_BASELINE",
        ),
    ] = "",
    no_waivers: Annotated[bool, _option("Judge as if nothing were waived.", "--no-waivers", panel=_GATE)] = False,
    exit_zero: Annotated[bool, _option("Leave with 0 whatever the verdict.", "--exit-zero", panel=_GATE)] = False,
    formats: Formats = None,
    reports: Reports = "",
    output: Output = "",
    section: Section = None,
    only: Only = None,
    record: Annotated[bool, _option("Keep this run in the history.", "--record", panel=_OUTPUT)] = False,
    history: Annotated[
        str,
        _option(
            "Keep this run in the history of that URL: a file, postgresql://…, mysql://….",
            "--history",
            panel=_OUTPUT,
            env="READYCHECK_HISTORY",
        ),
    ] = "",
    quiet: Annotated[bool, _option("One line: the verdict.", "--quiet", "-q", panel=_OUTPUT)] = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
    phase: Annotated[
        str,
        _option(
            "Ask what one phase needs and judge its steps: pre-deploy, deploy, post-deploy, rollback, or the document's.",
            "--phase",
            panel=_PHASE,
        ),
    ] = "",
    wait: Annotated[
        str,
        _option("Wait so long for the deployment's health check to pass first: 90s, 5m, 1h.", "--wait", panel=_PHASE),
    ] = "",
    notify: Annotated[
        str,
        _option(
            "Post the verdict to this webhook (JSON as Slack takes it).",
            "--notify",
            panel=_PHASE,
            env="READYCHECK_NOTIFY",
        ),
    ] = "",
    facts: Annotated[str, _option("Judge these saved facts; nothing is gathered.", "--facts", panel=_RUN)] = "",
    save_facts: Annotated[str, _option("Save the facts to this file (redacted).", "--save-facts", panel=_RUN)] = "",
    now: Annotated[
        str, _option("Judge as if it were this moment, such as 2026-12-31 or 2026-12-31T09:00Z.", "--now", panel=_RUN)
    ] = "",
    timeout: Annotated[float, _option("Seconds for each gatherer.", "--timeout", panel=_RUN, min=0.1)] = 60.0,
    jobs: Annotated[int, _option("Gatherers at work at once.", "--jobs", "-j", panel=_RUN, min=1)] = 8,
) -> None:
    """Audit a checklist: gather evidence, judge every line, print the scorecard, leave with the gate's exit code."""
    from readycheck.cli.audit import Request
    from readycheck.cli.audit import audit as run

    request = Request(
        repository=repository,
        ref=ref,
        database=database,
        deployment=deployment,
        environment=env_file,
        ca_file=ca_file,
        profile=profile,
        resolve=tuple(resolve or ()),
        headers=tuple(header or ()),
        prometheus=prometheus,
        image=image,
        probe_rate_limit=probe_rate_limit,
        most_requests=max_requests,
        checklist=checklist,
        decisions=decisions,
        checks=tuple(map(str, checks or ())),
        scope=tuple(scope or ()),
        sections=tuple(section or ()),
        items=tuple(only or ()),
        phase=phase,
        wait=wait,
        notify=notify,
        facts=facts,
        save_facts=save_facts,
        now=now,
        formats=tuple(formats or ()),
        reports=reports,
        output=output,
        fail_on=fail_on,
        min_score=min_score,
        min_coverage=min_coverage,
        max_waived_weight=max_waived_weight,
        required=tuple(required or ()),
        section_min=tuple(section_min or ()),
        require_metrics=require_metrics,
        baseline=baseline,
        waivers=not no_waivers,
        exit_zero=exit_zero,
        timeout=timeout,
        jobs=jobs,
        record=record,
        history=history,
        quiet=quiet,
        verbose=verbose,
        color=not no_color,
    )
    raise typer.Exit(run(request))


_SECRETS_EXITS = """  0  no credential

  1  a credential that no baseline knows

  2  usage or configuration error

  3  none in what could be read, and not all could"""


@app.command(epilog=f"Exit codes:\n\n{_SECRETS_EXITS}")
def secrets(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    repository: Annotated[str, typer.Argument(help="A work tree or a bare repository.")] = ".",
    revisions: Annotated[
        str, _option("Only what these revisions bring, such as `main..HEAD`.", "--range", panel="Scope")
    ] = "",
    staged: Annotated[
        bool, _option("Only what is staged: for a hook before a commit.", "--staged", panel="Scope")
    ] = False,
    files: Annotated[
        bool, _option("The files as they lie on disk, untracked ones among them.", "--files", panel="Scope")
    ] = False,
    all_objects: Annotated[bool, _option("Also what no ref reaches any more.", "--all-objects", panel="Scope")] = False,
    rules: Annotated[
        list[Path] | None, _option("A folder with rules of your own (repeatable).", "--rules", panel="Scope")
    ] = None,
    baseline: Annotated[
        Texts,
        _option(
            "What is known already: JSON of an earlier run, a file of fingerprints, a .gitleaksignore (repeatable).",
            "--baseline",
            panel=_GATE,
        ),
    ] = None,
    exit_zero: Annotated[bool, _option("Leave with 0 whatever is found.", "--exit-zero", panel=_GATE)] = False,
    as_json: Annotated[bool, _option("As JSON.", "--json", panel=_OUTPUT)] = False,
    output: Annotated[str, _option("Write the JSON to this file.", "--output", "-o", panel=_OUTPUT)] = "",
    aside: Annotated[
        bool, _option("Also show what was set aside: in tests, examples, lock files.", "--aside", panel=_OUTPUT)
    ] = False,
    quiet: Annotated[bool, _option("One line: how many.", "--quiet", "-q", panel=_OUTPUT)] = False,
    no_color: NoColor = False,
    cache: Annotated[
        str,
        _option("The folder that remembers what was scanned.", "--cache", panel=_RUN, env="READYCHECK_CACHE_DIR"),
    ] = "",
    no_cache: Annotated[bool, _option("Remember nothing, and look at everything.", "--no-cache", panel=_RUN)] = False,
    jobs: Annotated[int, _option("Workers. Default: one a processor.", "--jobs", "-j", panel=_RUN, min=0)] = 0,
) -> None:
    """Find credentials in every version of every file of a repository, and in its messages."""
    from readycheck.cli.secrets import Hunting
    from readycheck.cli.secrets import secrets as run

    hunting = Hunting(
        repository=repository,
        revisions=revisions,
        staged=staged,
        files=files,
        unreachable=all_objects,
        rules=tuple(map(str, rules or ())),
        baseline=tuple(baseline or ()),
        exit_zero=exit_zero,
        as_json=as_json,
        output=output,
        aside=aside,
        quiet=quiet,
        color=not no_color,
        cache=cache,
        remember=not no_cache,
        jobs=jobs,
    )
    raise typer.Exit(run(hunting))


@app.command()
def init(
    repository: Annotated[Path, typer.Argument(help="The repository to fit the checklist to.")] = Path(),
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", help="Where to write; `-` for standard output. Default: readiness.yaml in the repository."
        ),
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite a checklist that is there.")] = False,
) -> None:
    """Write a readiness.yaml fitted to a repository: nothing is ticked, checks that cannot apply are left out."""
    from readycheck.cli.init import init as run

    run(repository, output, force=force)


@app.command()
def explain(
    name: Annotated[str, typer.Argument(help="The id of a check, or of an item of the checklist.")],
    checklist: ChecklistFile = "",
    checks: Folders = None,
    no_color: NoColor = False,
) -> None:
    """Say what a check or an item means, what proves it and how to mend it."""
    from readycheck.cli.explain import explain as run

    run(name, checklist, tuple(map(str, checks or ())), color=not no_color)


@app.command()
def report(  # noqa: PLR0913, PLR0917
    scorecard: Annotated[str, typer.Argument(help="A scorecard.json, or `-` for standard input.")],
    formats: Formats = None,
    reports: Reports = "",
    output: Output = "",
    section: Section = None,
    only: Only = None,
    phase: Phase = "",
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Show a saved scorecard again, in any format, without auditing."""
    from readycheck.cli.report import Shown
    from readycheck.cli.report import report as run

    shown = Shown(
        formats=tuple(formats or ()),
        reports=reports,
        output=output,
        sections=tuple(section or ()),
        items=tuple(only or ()),
        phase=phase,
        verbose=verbose,
        color=not no_color,
    )
    run(scorecard, shown)


@app.command()
def demo(
    folder: Annotated[Path | None, typer.Argument(help="Where to build it. Default: a new temporary folder.")] = None,
    no_color: NoColor = False,
) -> None:
    """Audit a small loan service, made on the spot, whose checklist is partly false."""
    from readycheck.cli.demo import demo as run

    run(folder, color=not no_color)


@app.command()
def schema(
    name: Annotated[str, typer.Argument(help="checklist, check, decisions, facts, scorecard or comparison.")],
) -> None:
    """Print the JSON Schema of a file that readycheck reads or writes."""
    from readycheck.schema import schema_text

    typer.echo(schema_text(name), nl=False)


register_deciding(app)
register_fixing(app)


@checks_app.command("list")
def checks_list(
    checks: Folders = None,
    family: Annotated[str, typer.Option(help="Only this family.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    no_color: NoColor = False,
) -> None:
    """List every check by family."""
    from readycheck.cli.checks import list_checks

    list_checks(tuple(map(str, checks or ())), family, as_json=as_json, color=not no_color)


@checks_app.command("show")
def checks_show(name: Annotated[str, typer.Argument(help="The id of a check.")], checks: Folders = None) -> None:
    """Print a check's YAML."""
    from readycheck.cli.checks import show_check

    show_check(name, tuple(map(str, checks or ())))


@checks_app.command("test")
def checks_test(
    folder: Annotated[Optional[Path], typer.Argument(help="A folder of checks. Default: the shipped ones.")] = None,  # noqa: UP045
    only: Annotated[Optional[list[str]], typer.Option(help="Only this check (repeatable).")] = None,  # noqa: UP045
) -> None:
    """Put every check to its own examples; leaves with 1 when one does not come out as promised."""
    from readycheck.cli.checks import test_checks

    raise typer.Exit(test_checks(folder, tuple(only or ())))


@checks_app.command("new")
def checks_new(
    name: Annotated[str, typer.Argument(help="The id: lower-case words joined by hyphens.")],
    folder: Annotated[Path, typer.Option(help="Where to write it.")] = Path("checks"),
    probe: Annotated[str, typer.Option(help="The probe that judges it.")] = "file.present",
) -> None:
    """Write the first draft of a check of your own."""
    from readycheck.cli.checks import new_check

    new_check(name, folder, probe)
