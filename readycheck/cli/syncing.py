"""`readycheck sync`: the checklist in step with its document."""

from __future__ import annotations

import sys
from pathlib import Path

from readycheck.catalogue import Catalogue
from readycheck.checklist import load_checklist, read_checklist
from readycheck.cli.importing import read_document, write
from readycheck.cli.inputs import CHECKLIST, DECISIONS, load_inputs, read_text
from readycheck.cli.text import Printer
from readycheck.errors import UsageError
from readycheck.reading import compose, plain
from readycheck.syncing import Change, Synced, synced
from readycheck.writing import to_yaml

_SIGNS = {"added": "+", "gone": "-", "changed": "~", "moved": ">"}


def run(document: str, checklist: str, folders: tuple[str, ...], *, check: bool, color: bool) -> int:
    """Show what differs; write the checklist unless only asked. 1 when asked and they differ.

    Raises:
        UsageError: there is no checklist, it names no document, or one of them cannot be read.
    """
    path = Path(checklist or CHECKLIST)
    if not path.is_file():
        raise UsageError(f"there is no {path}", hint="`readycheck import CHECKLIST.md` writes one")
    text = read_text(str(path))
    file = read_checklist(text, str(path))
    named = file.document.path
    if not document and not named:
        raise UsageError(
            f"{path} names no document", hint="name it: readycheck sync CHECKLIST.md, or `document: {path: …}`"
        )
    # Which checks prove a line is no part of what the two can disagree on; without them a hook answers at once.
    catalogue = Catalogue((), {}) if check else load_inputs("", str(path), folders).catalogue
    source = document or str(path.resolve().parent / named)
    new = read_document(source, catalogue, service=file.service, beside=path)
    found = synced(plain(compose(text, str(path))), new.values)
    printer = Printer(color=color)
    if not found.changes:
        printer.line(f"{path} is in step with {named or document}")
        return 0
    _show(found, path, printer)
    if check:
        printer.line(f"{path} and {named or document} differ; `readycheck sync` brings them in step")
        return 1
    written = _comments(text) + to_yaml(found.values)
    load_checklist(written, str(path), catalogue)
    write(path, written)
    printer.line(f"{path} is in step with {named or document} now")
    return 0


def _comments(text: str) -> str:
    """The comments at the head of the file; those further down do not outlive a rewrite."""
    lines = []
    for line in text.split("\n"):
        if line and not line.startswith("#"):
            break
        lines.append(line)
    return "\n".join(lines).rstrip("\n") + "\n" if any(lines) else ""


def _show(found: Synced, path: Path, printer: Printer) -> None:
    for change in found.changes:
        printer.line(_line(change, printer))
    decisions = path.parent / DECISIONS
    orphaned = [name for name in found.gone if decisions.is_file() and name in decisions.read_text("utf-8", "replace")]
    for name in orphaned:
        sys.stderr.write(
            f"{decisions} still decides on {name}, which the document no longer has: take the decision out\n"
        )


def _line(change: Change, printer: Printer) -> str:
    from readycheck.report.text import visible

    sign = _SIGNS[change.kind]
    styled = {"+": printer.good, "-": printer.bad}.get(sign, printer.faint)(sign)
    return f"{styled} {visible(change.what)}: {visible(change.text)}"
