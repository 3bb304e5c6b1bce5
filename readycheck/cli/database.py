"""`readycheck database`: what concerns a live database and is no audit; today, recording its catalogue."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

database_app = typer.Typer(
    help="Record a database's catalogue for a bug report, or list the rights that an audit needs.", no_args_is_help=True
)


@database_app.command()
def capture(
    url: Annotated[
        str,
        typer.Option("--database", help="The database's URL.", envvar="READYCHECK_DATABASE", show_default=False),
    ],
    output: Annotated[str, typer.Option("--output", "-o", help="Where to write; `-` for standard output.")] = "-",
) -> None:
    """Write what the database answers to every statement of an audit as JSON, so that it can be judged elsewhere.

    Read-only. Texts are redacted; the names of tables, columns and indexes are in it: read it before you send it.
    """
    import msgspec

    from readycheck.errors import UsageError
    from readycheck.gather.database.recording import Recording, record

    now = datetime.now(UTC).isoformat(timespec="seconds")
    answers, refused = 0, 0
    for part in record(url, _statements(url), now):
        if not isinstance(part, Recording):
            answers, refused = answers + 1, refused + bool(part.error)
            continue
        data = msgspec.json.format(msgspec.json.encode(part), indent=1) + b"\n"
        if output == "-":
            sys.stdout.write(data.decode())
            return
        try:
            Path(output).write_bytes(data)
        except OSError as error:
            raise UsageError(f"cannot write {output}: {error.strerror or error}") from error
        sys.stderr.write(f"{output}: {answers} answers, {refused} of them refusals; read it before you send it\n")


@database_app.command("grants")
def show_grants(
    dialect: Annotated[
        str, typer.Argument(help="postgresql, mysql, mariadb or mssql; all of them when not named.")
    ] = "",
) -> None:
    """Print the statements that let one login answer every question of an audit. None of them lets it write."""
    from readycheck.catalogue import load_catalogue
    from readycheck.errors import UsageError
    from readycheck.probes.grants import DIALECTS, grants

    if dialect and dialect not in DIALECTS:
        raise UsageError(f"{dialect}: there are no grants of that name", hint=f"one of {', '.join(DIALECTS)}")
    questions = [question for check in load_catalogue().checks.values() for question in check.probe.questions()]
    for name, given in grants(questions).items():
        if dialect in ("", name):
            sys.stdout.write(f"-- {name}: put your database for `name`\n")
            sys.stdout.writelines(f"{grant};\n" for grant in sorted(given))


def _statements(url: str) -> list[str]:
    """What the checks ask of a database of this dialect."""
    from readycheck.catalogue import load_catalogue
    from readycheck.facts.database import SqlRows
    from readycheck.gather.database.address import read_address

    dialect = read_address(url).dialect
    questions = {question for check in load_catalogue().checks.values() for question in check.probe.questions()}
    asked = [question.statement(dialect) for question in questions if isinstance(question, SqlRows)]
    return sorted(sql for sql in asked if sql)
