"""`readycheck ticks`: what evidence would change in the document's boxes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from readycheck.cli.audit import Request, judged
from readycheck.cli.inputs import load_inputs, read_bytes
from readycheck.cli.text import Printer
from readycheck.document.parse import parse
from readycheck.errors import UsageError
from readycheck.model import Verdict
from readycheck.report.text import visible
from readycheck.scorecard import Scorecard, load
from readycheck.ticking import Tick, patch, ticks


def run(scorecard: str, document: str, request: Request, *, patch: bool, color: bool) -> None:
    """Show each line whose mark evidence speaks against, or all of them as a patch; without a scorecard, audit first.

    Raises:
        ReadycheckError: the scorecard names no document, it cannot be read, or the audit cannot be made.
    """
    card = load(read_bytes(scorecard), scorecard) if scorecard else judged(request)
    name = document or _named(card, request, saved=bool(scorecard))
    if not name:
        what = "the scorecard" if scorecard else "the checklist"
        raise UsageError(f"{what} names no document", hint="--document CHECKLIST.md")
    data = read_bytes(name)
    try:
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8, so that no patch can be made of it: {error.reason}") from error
    bare = [line.removesuffix("\r") for line in lines]
    offered = ticks(parse(data, name), bare, card)
    if patch:
        sys.stdout.write(_patch(lines, offered, name))
        return
    _say(offered, name, Printer(color=color))


def _named(card: Scorecard, request: Request, *, saved: bool) -> str:
    """The document that the scorecard names; its path is told from the checklist's folder."""
    if saved or not card.document.path:
        return card.document.path
    folder = load_inputs(request.repository, request.checklist, request.checks).folder
    return os.path.relpath(folder / card.document.path).replace(os.sep, "/")


def _patch(lines: list[str], offered: tuple[Tick, ...], name: str) -> str:
    returns = [tick._replace(new=tick.new + "\r") if lines[tick.line - 1].endswith("\r") else tick for tick in offered]
    trimmed = lines[:-1] if lines and not lines[-1] else lines
    return patch(trimmed, returns, Path(name).as_posix())


def _say(offered: tuple[Tick, ...], name: str, printer: Printer) -> None:
    if not offered:
        printer.line(f"{name}: no tick is spoken against by evidence")
        return
    for tick in offered:
        what = "untick" if tick.verdict is Verdict.CONTRADICTED else "tick"
        word = printer.bad(what) if what == "untick" else printer.good(what)
        printer.line(f"{name}:{tick.line}: {word} {visible(tick.text)}: {visible(tick.reason)}")
    printer.line("nothing was changed: `readycheck ticks --patch | git apply` would")
