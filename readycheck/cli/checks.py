"""`readycheck checks`: list them, show one, try their examples, begin a new one."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from readycheck.catalogue import Catalogue, Check, load_catalogue, load_folder
from readycheck.cli.text import Printer
from readycheck.errors import UsageError
from readycheck.probes.registry import probes
from readycheck.reading import nearest

_DRAFT = """\
id: {id}
title: Say the good state in a sentence
severity: medium                      # critical | high | medium | low | info
why: Say what happens to whom when this does not hold.
probe: {probe}
# What follows until the fix, and the examples, are those of `{lent}`: make them yours.
{parameters}fix:
  text: Say what to do, as an order.
  by_stack: {{express: "and how, in this stack"}}
references: []
# Tiny targets: `readycheck checks test {folder}` tries them.
{examples}"""
_BLOCK = r"^{name}:.*?(?=^\S|\Z)"


def _catalogue(folders: Sequence[str]) -> Catalogue:
    missing = next((folder for folder in folders if not Path(folder).is_dir()), None)
    if missing is not None:
        raise UsageError(f"there is no folder of checks {missing}")
    return load_catalogue([Path(folder) for folder in folders])


def list_checks(folders: Sequence[str], family: str, *, as_json: bool, color: bool) -> None:
    """Every check by family, or one family.

    Raises:
        UsageError: there is no such family.
    """
    families = _catalogue(folders).families
    if family and family not in families:
        near = nearest(family, list(families))
        raise UsageError(
            f"there is no family {family!r}",
            hint=f"did you mean {near!r}?" if near else f"one of {', '.join(families)}",
        )
    shown = {name: checks for name, checks in families.items() if family in ("", name)}
    if as_json:
        rows = [_row(check) for checks in shown.values() for check in checks]
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode() + "\n")
        return
    printer = Printer(color=color)
    for name, checks in shown.items():
        printer.title(f"{name} ({len(checks)})")
        for check in checks:
            printer.line(f"  {check.id:<32}{printer.faint(f'{check.severity.value:<9}')} {check.title}")
    total = sum(len(checks) for checks in shown.values())
    used = len({check.probe.name for checks in shown.values() for check in checks})
    printer.line(printer.faint(f"{total} checks on {used} probes; `readycheck explain ID` says more"))


def _row(check: Check) -> dict[str, object]:
    return {
        "id": check.id,
        "family": check.family,
        "title": check.title,
        "severity": check.severity,
        "target": check.target,
        "probe": check.probe.name,
        "references": check.references,
    }


def show_check(name: str, folders: Sequence[str]) -> None:
    """The YAML of a check, as its author wrote it."""
    check = _catalogue(folders).check(name)
    sys.stdout.write(check.text)


def test_checks(folder: Path | None, only: Sequence[str]) -> int:
    """Try the examples; 0 when all come out as promised, else 1.

    Raises:
        UsageError: the folder or a check of that name does not exist, or there is nothing to try.
    """
    from readycheck.examples import trials

    if folder is not None and not folder.is_dir():
        raise UsageError(f"there is no folder of checks {folder}")
    catalogue = load_folder(folder) if folder else load_catalogue()
    checks = [catalogue.check(name) for name in only] or list(catalogue.checks.values())
    if not checks:
        raise UsageError(f"there are no checks in {folder}")
    printer, tried, broken = Printer(), 0, 0
    for trial in trials(checks):
        tried += 1
        if not trial.held:
            broken += 1
            seen = trial.observation
            printer.line(
                f"{printer.bad('✗')} {trial.check.source}:{trial.example.line}: "
                f"promised {trial.example.outcome}, came out {seen.outcome}: {seen.examined}"
            )
            for finding in seen.findings:
                printer.line(f"    {finding.message} {finding.location}".rstrip())
    state = printer.bad(f"{broken} broken") if broken else printer.good("all as promised")
    printer.line(f"{_count(len(checks), 'check')}, {_count(tried, 'example')}: {state}")
    return 1 if broken else 0


def new_check(name: str, folder: Path, probe: str) -> None:
    """Write the draft of a check.

    Raises:
        UsageError: a bad id, an unknown probe, or a file that is there already.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise UsageError(f"{name!r} is no id: lower-case words joined by hyphens")
    kind = probes().get(probe)
    if kind is None:
        near = nearest(probe, list(probes()))
        raise UsageError(
            f"there is no probe {probe!r}", hint=f"did you mean {near!r}?" if near else f"one of {', '.join(probes())}"
        )
    path = folder / f"{name}.yaml"
    text = _draft(name, folder, probe)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already") from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    sys.stdout.write(f"{path}\n")


def _draft(name: str, folder: Path, probe: str) -> str:
    """The draft: what a shipped check on the same probe asks, so that it can be tried as it is, and changed from there."""
    kind = probes()[probe]
    users = [check for check in load_catalogue().checks.values() if type(check.probe) is kind]
    lent = min(users, key=lambda check: (bool(check.tried), len(check.text), check.id))
    return _DRAFT.format(
        id=name,
        probe=probe,
        folder=folder,
        lent=lent.id,
        parameters=_block("with", lent.text),
        examples=_block("examples", lent.text),
    )


def _block(name: str, text: str) -> str:
    found = re.search(_BLOCK.format(name=name), text, re.MULTILINE | re.DOTALL)
    return found[0].rstrip("\n") + "\n" if found else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
