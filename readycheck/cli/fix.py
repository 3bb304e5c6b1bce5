"""`readycheck fix`: a plan of what to mend, printed and never applied."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from readycheck.catalogue import load_catalogue
from readycheck.cli.audit import Request, judged
from readycheck.cli.inputs import load_inputs, read_bytes
from readycheck.cli.text import Printer
from readycheck.errors import UsageError
from readycheck.fixing.headers import DIALECTS
from readycheck.fixing.plan import Kind, Plan, Step, plan
from readycheck.model import EXIT_MEANING, Exit
from readycheck.reading import nearest
from readycheck.remedy import Tool
from readycheck.report import words
from readycheck.report.text import visible
from readycheck.scorecard import Scorecard, load

#: Bytes of randomness in a new secret: 256 bits, as RFC 7518 §3.2 asks of a key for HS256.
RANDOM_BYTES = 32
#: How many lines a step names before it says how many more there are.
_MOST = 6


class Wanted(Struct, frozen=True, kw_only=True):
    """What of the plan is wanted, and how."""

    tool: Tool | None = None
    stack: str = ""
    secrets_file: str = ""
    as_json: bool = False
    color: bool = True


def fix(source: str, request: Request, wanted: Wanted) -> None:
    """Print the plan for a scorecard, or for an audit made now.

    Raises:
        UsageError: no such stack, no script for the tool that was asked for, or a file for secrets that is there.
    """
    if wanted.stack and wanted.stack not in DIALECTS:
        near = nearest(wanted.stack, list(DIALECTS))
        hint = f"did you mean {near!r}?" if near else f"one of {', '.join(DIALECTS)}"
        raise UsageError(f"--stack {wanted.stack}: headers are not written for it", hint=hint)
    card = load(read_bytes(source), source) if source else judged(request)
    catalogue = load_inputs(request.repository, request.checklist, request.checks).catalogue if not source else None
    checks = catalogue or load_catalogue([Path(folder) for folder in request.checks])
    made = plan(card, checks.checks, stack=wanted.stack)
    if wanted.secrets_file:
        _write_secrets(Path(wanted.secrets_file), made)
    elif wanted.tool is not None:
        sys.stdout.write(_script(made, wanted.tool))
    elif wanted.as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(made), indent=1).decode() + "\n")
    else:
        _show(made, card, Printer(color=wanted.color))


def _script(made: Plan, tool: Tool) -> str:
    found = next((step for step in made.steps if step.kind is Kind.SCRIPT and step.tool == tool), None)
    if found is None:
        there = ", ".join(step.tool for step in made.steps if step.kind is Kind.SCRIPT)
        raise UsageError(f"--tool {tool}: the plan has no script for it", hint=f"it has: {there or 'none'}")
    # A configuration begins with a comment of its own language.
    mark = "--" if tool.is_sql else found.script.split(" ", 1)[0] if tool is Tool.HEADERS else "#"
    first = "".join(f"{mark} FIRST: {line}\n" for line in found.first)
    return first + found.script


def _write_secrets(path: Path, made: Plan) -> None:
    names = tuple(dict.fromkeys(name for step in made.steps for name in step.names))
    if not names:
        raise UsageError("--secrets-file: no secret needs a new value", hint="audit the environment: --env-file FILE")
    text = "".join(f"{name}={secrets.token_hex(RANDOM_BYTES)}\n" for name in names)
    try:
        # Made with its mode and only where nothing is: nobody reads it in between, and no link leads elsewhere.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already", hint="name a new file: none is overwritten") from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    sys.stdout.write(f"{path} (mode 600): new values for {', '.join(names)}\n")
    sys.stdout.write(
        "next: put them into the secrets manager, restart what reads them, delete the file; never commit it\n"
    )


def _show(made: Plan, card: Scorecard, printer: Printer) -> None:
    if not made.steps:
        printer.line(printer.good("Nothing to mend: every line that counts is shown to hold."))
        return
    commit = f"  {made.commit[:12]}" if made.commit else ""
    printer.title(f"{visible(made.service)}{commit}")
    now = "no score" if made.score is None else f"score {made.score:g}"
    left = round(sum(step.gain for step in made.steps), 1)
    printer.line(
        f"{now}; {words.count(len(made.steps), 'step')} are worth {left:g} of {made.weight:g} of the weight. "
        "Review each: nothing is applied."
    )
    for number, step in enumerate(made.steps, 1):
        _step(number, step, printer)
    printer.line()
    if card.tally.waived:
        printer.line(printer.faint(f"a weight of {card.tally.waived:g} is waived and left alone"))
    ready = EXIT_MEANING[Exit.READY].partition(" ")[0]
    again = f"readycheck audit --baseline scorecard.json   # leaves with 0 when it is {ready}"
    printer.line(printer.faint(f"then: {again}"))


def _step(number: int, step: Step, printer: Printer) -> None:
    printer.line()
    gain = [f"+{step.gain:g} of the weight, {step.points:g} points"] if step.gain else []
    needed = ["the gate requires it"] if step.required else []
    printer.title(f"{number}. {visible(step.title)}")
    printer.line(printer.faint(f"   {', '.join([*gain, *needed]) or 'no line of weight rests on it'}"))
    if step.lines:
        printer.term("lines", _few(step.lines))
    for line in step.first:
        printer.term("first", line)
    if step.places:
        printer.term("where", _few(step.places))
    if step.advice:
        printer.term("do", step.advice)
    if step.script:
        printer.line()
        for line in visible(step.script).splitlines():
            printer.line(f"    {line}")
        printer.line()
    for index, command in enumerate(step.verify):
        printer.term("verify" if index == 0 else "", command)
    if step.kind in (Kind.SCRIPT, Kind.HAND) and step.checks:
        printer.term("checks", _few(step.checks))


def _few(texts: Sequence[str]) -> str:
    more = f", and {len(texts) - _MOST} more" if len(texts) > _MOST else ""
    return ", ".join(texts[:_MOST]) + more
