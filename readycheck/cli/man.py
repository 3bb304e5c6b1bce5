"""`readycheck man`: the manual page, made from the commands themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import typer

from readycheck import __version__
from readycheck.model import EXIT_MEANING

#: Click's own classes: newer versions of Typer carry them inside, under a private name.
Command: TypeAlias = Any
Parameter: TypeAlias = Any

_FILES = (
    ("readiness.yaml", "The checklist: the document's lines, what each claims, and the checks that can prove it."),
    ("decisions.yaml", "Beside the checklist: attestations and waivers."),
)
_ENVIRONMENT = (
    ("NO_COLOR", "No colours when it is set."),
    ("FORCE_COLOR", "Colours although the output is no terminal."),
    ("COLUMNS", "The width to fill."),
    ("CI", "When it is set, audited text in reports cannot speak to the runner that reads the log."),
    ("GITHUB_STEP_SUMMARY", "Where --format github adds the Markdown report."),
)


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def man() -> None:
        """Print the manual page; read it with `readycheck man | man -l -`."""
        sys.stdout.write(page(typer.main.get_command(app)))


def page(command: Command) -> str:
    """The manual page of a command and those below it, in the language of man(7)."""
    context = typer.Context(command, info_name="readycheck")
    lines = [f'.TH READYCHECK 1 "" "readycheck {__version__}" "User Commands"', ".SH NAME"]
    lines += ["readycheck \\- audit a production readiness checklist against the systems that it speaks of"]
    lines += [".SH SYNOPSIS", ".B readycheck", "\\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]"]
    lines += [".SH DESCRIPTION", _text(command.help or "")]
    lines += [".SH COMMANDS", *_commands(command, context)]
    lines += [".SH EXIT STATUS", *_terms((str(code.value), meaning) for code, meaning in EXIT_MEANING.items())]
    lines += [".SH ENVIRONMENT", *_terms((*_variables(command, context), *_ENVIRONMENT))]
    lines += [".SH FILES", *_terms(_FILES)]
    return "\n".join(lines) + "\n"


def _commands(command: Command, context: typer.Context) -> Iterator[str]:
    for name, inner in _below(command, context):
        usage = " ".join(["[OPTIONS]", *(one.name.upper() for one in _arguments(inner))])
        yield f".SS {_text(name)}"
        yield f".B {_text(name)}"
        yield _text(usage)
        yield ".PP"
        yield _text(inner.help or "")
        for parameter in inner.params:
            yield from _parameter(parameter)


def _arguments(command: Command) -> list[Parameter]:
    return [parameter for parameter in command.params if parameter.param_type_name == "argument"]


def _below(command: Command, context: typer.Context) -> Iterator[tuple[str, Command]]:
    """Every command below this one, under the words that call it."""
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        if inner.hidden:
            continue
        below = typer.Context(inner, info_name=name, parent=context)
        words = below.command_path.removeprefix("readycheck ")
        if not hasattr(inner, "commands") or inner.invoke_without_command:
            yield words, inner
        yield from _below(inner, below)


def _parameter(parameter: Parameter) -> Iterator[str]:
    help_text = getattr(parameter, "help", None) or ""
    if parameter.name == "help" or not help_text or getattr(parameter, "hidden", False):
        return
    name = (parameter.name or "").upper()
    option = parameter.param_type_name == "option"
    names = ", ".join(parameter.opts) if option else name
    takes = option and not getattr(parameter, "is_flag", False)
    value = f" \\fI{_text(parameter.metavar or name)}\\fR" if takes else ""
    yield ".TP"
    yield f"\\fB{_text(names)}\\fR{value}"
    yield _text(help_text)


def _variables(command: Command, context: typer.Context) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for _, inner in _below(command, context):
        for parameter in inner.params:
            name = getattr(parameter, "envvar", None)
            if isinstance(name, str) and name not in seen:
                seen.add(name)
                yield name, f"As {parameter.opts[0]} of {inner.name}."


def _terms(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, meaning in rows:
        yield from (".TP", f".B {_text(name)}", _text(meaning))


def _text(text: str) -> str:
    """The text as roff takes it: ASCII alone, backslashes and hyphens escaped, no line that begins like a request."""
    escaped = " ".join(text.replace("`", "").split()).replace("\\", "\\e").replace("-", "\\-")
    escaped = "".join(letter if letter.isascii() else f"\\[u{ord(letter):04X}]" for letter in escaped)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
