"""The commands with which people decide: attest, waive, sign, decisions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

_SUBJECT, _FILES = "Decision", "Files"

By = Annotated[
    str,
    typer.Option("--by", help="Who says so.", rich_help_panel=_SUBJECT, envvar="READYCHECK_BY", show_default=False),
]
Renew = Annotated[bool, typer.Option("--renew", help="Replace the decision that is there.", rich_help_panel=_SUBJECT)]
Repository = Annotated[
    Path, typer.Option("--repository", help="The repository that it is about.", rich_help_panel=_FILES)
]
Checklist = Annotated[
    str,
    typer.Option(
        "--checklist",
        help="The checklist. Default: readiness.yaml in the repository, else the shipped one.",
        rich_help_panel=_FILES,
        envvar="READYCHECK_CHECKLIST",
        show_default=False,
    ),
]
Folders = Annotated[
    Optional[list[Path]],  # noqa: UP045 - Typer reads these at run time
    typer.Option("--checks", help="A folder with checks of your own (repeatable).", rich_help_panel=_FILES),
]
Decisions = Annotated[
    str,
    typer.Option(
        "--decisions",
        help="The decisions. Default: decisions.yaml beside the checklist.",
        rich_help_panel=_FILES,
        show_default=False,
    ),
]
Now = Annotated[
    str,
    typer.Option(
        "--now", help="As if it were this moment, such as 2026-12-31.", rich_help_panel=_FILES, show_default=False
    ),
]


def register(app: typer.Typer) -> None:
    """Give the program these commands."""
    for command in (attest, waive, sign, decisions):
        app.command(rich_help_panel="What people decide")(command)


def attest(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    item: Annotated[str, typer.Argument(help="The id of an item.")],
    statement: Annotated[
        str, typer.Option("--statement", help="What you know of it, in a sentence.", rich_help_panel=_SUBJECT)
    ],
    by: By,
    expires: Annotated[
        str,
        typer.Option(
            "--expires",
            help="Its last day: 2026-12-31, or 90d, 6mo, 1y from today.",
            rich_help_panel=_SUBJECT,
            show_default=False,
        ),
    ] = "",
    every: Annotated[
        str,
        typer.Option(
            "--every",
            help="How long it holds from today: 90d, 6mo, 1y.",
            rich_help_panel=_SUBJECT,
            show_default=False,
        ),
    ] = "",
    evidence: Annotated[
        str,
        typer.Option(
            "--evidence",
            help="A file of the repository (its SHA-256 is kept), or a URL.",
            rich_help_panel=_SUBJECT,
            show_default=False,
        ),
    ] = "",
    binds: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--binds",
            help="Files that it is about, such as 'infra/**': when they change it is void (repeatable).",
            rich_help_panel=_SUBJECT,
        ),
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="You know that it does NOT hold.", rich_help_panel=_SUBJECT)
    ] = False,
    renew: Renew = False,
    repository: Repository = Path(),
    checklist: Checklist = "",
    checks: Folders = None,
    decisions: Decisions = "",
    now: Now = "",
) -> None:
    """Stand for an item that no check can see: who says so, until when, and what the word rests on."""
    from readycheck.cli.decide import Desk
    from readycheck.cli.decide import attest as run

    desk = Desk(str(repository), checklist, tuple(map(str, checks or ())), decisions, now)
    run(
        desk,
        item,
        statement=statement,
        by=by,
        expires=expires,
        every=every,
        evidence=evidence,
        binds=tuple(binds or ()),
        failed=failed,
        renew=renew,
    )


def waive(  # noqa: PLR0913, PLR0917
    subject: Annotated[str, typer.Argument(help="The id of an item, or the fingerprint of one finding.")],
    reason: Annotated[
        str, typer.Option("--reason", help="Why it is accepted, in a sentence.", rich_help_panel=_SUBJECT)
    ],
    owner: Annotated[str, typer.Option("--owner", help="Who answers for it.", rich_help_panel=_SUBJECT)],
    expires: Annotated[
        str,
        typer.Option("--expires", help="Its last day: 2026-12-31, or 30d, 3mo from today.", rich_help_panel=_SUBJECT),
    ],
    ticket: Annotated[
        str,
        typer.Option("--ticket", help="Where the mending is planned.", rich_help_panel=_SUBJECT, show_default=False),
    ] = "",
    renew: Renew = False,
    repository: Repository = Path(),
    checklist: Checklist = "",
    checks: Folders = None,
    decisions: Decisions = "",
    now: Now = "",
) -> None:
    """Accept a known fault until a day: a line of the checklist, or one finding of a check."""
    from readycheck.cli.decide import Desk
    from readycheck.cli.decide import waive as run

    desk = Desk(str(repository), checklist, tuple(map(str, checks or ())), decisions, now)
    run(desk, subject, reason=reason, owner=owner, expires=expires, ticket=ticket, renew=renew)


def sign(  # noqa: PLR0913, PLR0917
    steps: Annotated[list[str], typer.Argument(help="Ids of steps or actions; `audit --phase` names them.")],
    by: By,
    note: Annotated[
        str, typer.Option("--note", help="What was done or seen.", rich_help_panel=_SUBJECT, show_default=False)
    ] = "",
    failed: Annotated[bool, typer.Option("--failed", help="The step failed.", rich_help_panel=_SUBJECT)] = False,
    ref: Annotated[
        str,
        typer.Option(
            "--ref",
            help="The commit that is released. Default: the one checked out.",
            rich_help_panel=_SUBJECT,
            show_default=False,
        ),
    ] = "",
    repository: Repository = Path(),
    checklist: Checklist = "",
    checks: Folders = None,
    decisions: Decisions = "",
    now: Now = "",
) -> None:
    """Sign off steps of a deployment for the commit that is released: who did them, and when."""
    from readycheck.cli.decide import Desk
    from readycheck.cli.decide import sign as run

    desk = Desk(str(repository), checklist, tuple(map(str, checks or ())), decisions, now)
    run(desk, tuple(steps), by=by, note=note, failed=failed, ref=ref)


def decisions(  # noqa: PLR0913, PLR0917
    repository: Annotated[Path, typer.Argument(help="The repository that they are about.")] = Path(),
    checklist: Checklist = "",
    checks: Folders = None,
    decisions: Decisions = "",
    now: Now = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Leave with 1 when one no longer counts.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours, whatever the terminal can do.")] = False,
) -> None:
    """List what people decided, with the days left and what has made a word void; the most urgent first."""
    from readycheck.cli.decide import Desk
    from readycheck.cli.decide import decisions as run

    desk = Desk(str(repository), checklist, tuple(map(str, checks or ())), decisions, now)
    raise typer.Exit(run(desk, as_json=as_json, check=check, color=not no_color))
