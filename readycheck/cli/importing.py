"""`readycheck import` and `readycheck export`: from a Markdown checklist to readiness.yaml, and back."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from readycheck.catalogue import Catalogue, load_catalogue
from readycheck.cli.inputs import CHECKLIST, load_inputs, read_bytes
from readycheck.cli.text import Printer
from readycheck.document.parse import parse
from readycheck.errors import UsageError
from readycheck.importing import Imported, ImportedItem, imported
from readycheck.mirroring import mirrored
from readycheck.reading import nearest
from readycheck.report.text import visible
from readycheck.writing import to_yaml

#: The most lines of one kind that the summary shows.
_SHOWN = 20
_HEAD = """\
# {document} line by line, as `readycheck import` read it: what it claims, and the checks that can prove it. The document stays
# the source: edit it, then `readycheck sync`. Choose checks by hand where the mapping is unsure, and drop its `mapping:` line.
"""


class Importing(Struct, frozen=True, kw_only=True):
    """What to import, and where to."""

    document: str
    output: str = ""
    force: bool = False
    service: str = ""
    choose: tuple[str, ...] = ()
    explain: bool = False
    as_json: bool = False
    checks: tuple[str, ...] = ()
    color: bool = True


def run(request: Importing) -> None:
    """Import a document, and say what was found, what needs a person, and what should be looked at.

    Raises:
        UsageError: it cannot be read, the checklist is there already, or an item or check does not exist.
    """
    # A run of a second makes many small objects that live to its end: nothing is gained by looking for cycles.
    gc.disable()
    catalogue = load_catalogue([_folder(name) for name in request.checks])
    found = read_document(request.document, catalogue, service=request.service, beside=_target(request))
    found = _chosen(found, request.choose, catalogue)
    if request.as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(_as_json(found)), indent=1).decode() + "\n")
        return
    values = found.values | _settings(request.checks)
    text = _HEAD.format(document=_named(request.document)) + to_yaml(values)
    printer = Printer(color=request.color)
    if request.output == "-":
        sys.stdout.write(text)
        return
    path = _target(request)
    if path.exists() and not request.force:
        raise UsageError(
            f"{path} is there already",
            hint="`readycheck sync` updates it, --force overwrites it, --output - prints instead",
        )
    write(path, text)
    _say(found, path, printer)
    if request.explain:
        explain(found.items, printer)


def _target(request: Importing) -> Path:
    if request.output not in ("", "-"):
        return Path(request.output)
    return (Path(request.document).parent if request.document != "-" else Path()) / CHECKLIST


def _named(name: str) -> str:
    return re.sub(r"[^\w./ -]", "", Path(name).name) if name != "-" else "A document"


def _folder(name: str) -> Path:
    path = Path(name)
    if not path.is_dir():
        raise UsageError(f"there is no folder of checks {path}")
    return path


def read_document(name: str, catalogue: Catalogue, *, service: str, beside: Path) -> Imported:
    """A document, imported; its path is told from the checklist's folder.

    Raises:
        UsageError: it cannot be read, is no text, or is too large.
    """
    data = read_bytes(name)
    folder = beside.resolve().parent
    own = "" if name == "-" else os.path.relpath(Path(name).resolve(), folder).replace(os.sep, "/")
    given = service or re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name).strip("-") or "service"
    return imported(parse(data, name), catalogue, service=given, path=own)


def _settings(folders: Iterable[str]) -> dict[str, Any]:
    return {"checks": list(folders)} if folders else {}


def _chosen(found: Imported, choices: Iterable[str], catalogue: Catalogue) -> Imported:
    """The import with the checks that the user chose for some items."""
    known = {item["id"]: item for section in found.values["sections"] for item in section.get("items", ())}
    for choice in choices:
        name, equals, checks = choice.partition("=")
        names = [check.strip() for check in checks.split(",") if check.strip()]
        if not equals or name not in known:
            near = nearest(name, list(known))
            raise UsageError(
                f"--map {choice}: there is no item {name!r}",
                hint=f"did you mean {near!r}?" if near else "write ITEM=CHECK,CHECK",
            )
        for check in names:
            catalogue.check(check)
        item = known[name]
        for key in ("checks", "with", "mapping"):
            item.pop(key, None)
        if names:
            item["checks"] = names
    return found


def write(path: Path, text: str) -> None:
    """Write a file of ours.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def _say(found: Imported, path: Path, printer: Printer) -> None:
    values = found.values
    counts = [f"{len(found.items)} items"]
    names = {
        "actions": "actions",
        "metrics": "metrics",
        "deployment_steps": "phases",
        "contacts": "contacts",
        "rollback": "rollback steps",
    }
    counts += [f"{len(values[part])} {name}" for part, name in names.items() if values.get(part)]
    printer.title(f"{path}: {', '.join(counts)}")
    mapped = len(found.items) - len(found.manual)
    printer.term("mapped", f"{mapped} items have checks that can prove them; `--explain` says why")
    if found.manual:
        printer.term("manual", f"{len(found.manual)} items are left to people:")
        _list((f"line {item.line}: {visible(item.text)}" for item in found.manual), printer)
    for note in found.notes[:_SHOWN]:
        printer.term("note", f"line {note.line}: {note.text}" if note.line else note.text)
    if len(found.notes) > _SHOWN:
        printer.term("", f"and {len(found.notes) - _SHOWN} more notes")
    printer.line("next: readycheck audit")


def _list(lines: Iterable[str], printer: Printer) -> None:
    for line in lines:
        printer.term("", line)


def explain(items: Iterable[ImportedItem], printer: Printer) -> None:
    """Say of every item by which phrase it was mapped, how sure that is, and what came next."""
    for item in items:
        mapped = item.mapped
        printer.title(f"{visible(item.text)}  ({item.id}, line {item.line})")
        if mapped.checks:
            best = mapped.checks[0]
            printer.term("checks", f"{', '.join(match.check for match in mapped.checks)}: {best.confidence:.0%} sure")
            printer.term("because", f"{best.phrase!r} speaks of {', '.join(best.words)}")
        else:
            printer.term("checks", f"none: {mapped.reason}")
        if mapped.runner_up:
            printer.term(
                "runner-up",
                f"{mapped.runner_up.check}, {mapped.runner_up.confidence:.0%}, by {mapped.runner_up.phrase!r}",
            )


def _as_json(found: Imported) -> dict[str, Any]:
    return {
        "items": [
            {
                "id": item.id,
                "line": item.line,
                "section": item.section,
                "text": item.text,
                "claim": item.claim.value,
                "checks": [match.check for match in item.mapped.checks],
                "confidence": item.mapped.confidence,
                "because": item.mapped.checks[0].phrase if item.mapped.checks else item.mapped.reason,
                "runner_up": item.mapped.runner_up.check if item.mapped.runner_up else "",
            }
            for item in found.items
        ],
        "notes": [{"line": note.line, "text": note.text} for note in found.notes],
        "checklist": found.values,
    }


def export(output: str, checklist: str, folders: tuple[str, ...]) -> None:
    """Write the document that a checklist mirrors."""
    text = mirrored(load_inputs("", checklist, folders).checklist.file)
    if output == "-":
        sys.stdout.write(text)
    else:
        write(Path(output), text)
