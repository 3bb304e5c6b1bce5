"""Reads what the user wrote, within bounds: folders of checks, the checklist, the decisions."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from readycheck import decisions
from readycheck.catalogue import Catalogue, load_catalogue
from readycheck.checklist import Checklist, load_checklist, read_folders
from readycheck.content import content
from readycheck.decisions import NO_DECISIONS, DecisionsFile, load_decisions
from readycheck.errors import TargetError, UsageError

#: The most that is read of a facts, scorecard or YAML file, in bytes.
LARGEST_INPUT = 256 * 1024 * 1024

#: What the checklist and the decisions are called.
CHECKLIST, DECISIONS = "readiness.yaml", decisions.FILE
#: How the checklist is called that is held to when a repository has none.
SHIPPED = "the shipped readiness.yaml"

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}\Z")


class Inputs(NamedTuple):
    """The catalogue and the checklist, where the checklist lies, and whether it is the shipped one."""

    catalogue: Catalogue
    checklist: Checklist
    folder: Path
    shipped: bool


def read_bytes(name: str) -> bytes:
    """The bytes of a file, or of standard input for `-`.

    Raises:
        UsageError: it cannot be read, or is too large.
    """
    try:
        if name == "-":
            data = sys.stdin.buffer.read(LARGEST_INPUT + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(LARGEST_INPUT + 1)
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror or error}") from error
    if len(data) > LARGEST_INPUT:
        raise UsageError(f"{name} is larger than {LARGEST_INPUT // 1024 // 1024} MiB")
    return data


def read_text(name: str) -> str:
    """The UTF-8 text of a file, or of standard input for `-`.

    Raises:
        UsageError: it cannot be read or is not UTF-8.
    """
    try:
        return read_bytes(name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8: {error.reason} at byte {error.start}") from error


def load_inputs(repository: str, checklist: str, folders: Sequence[str]) -> Inputs:
    """The checklist (the one named, the repository's own, or the shipped one) and the catalogue that it is held to.

    Raises:
        UsageError: a file or folder cannot be read.
        ContentError: the checklist or a check has mistakes.
    """
    beside = Path(repository or ".") / CHECKLIST
    source = checklist or (str(beside) if beside.is_file() else "")
    text = read_text(source) if source else content(CHECKLIST).read_text("utf-8")
    name = "standard input" if source == "-" else shown(source) or SHIPPED
    folder = Path(source).resolve().parent if source and source != "-" else Path(repository or ".").resolve()
    own = [_folder(folder / path) for path in read_folders(text, name)]
    given = [_folder(Path(path)) for path in folders]
    catalogue = load_catalogue([*own, *given])
    return Inputs(catalogue, load_checklist(text, name, catalogue), folder, shipped=not source)


def shown(source: str) -> str:
    """The file as seen from here, when that is below here."""
    try:
        relative = os.path.relpath(source) if source else ""
    except ValueError:  # another drive
        return source
    return source if relative.startswith("..") else relative


def _folder(path: Path) -> Traversable:
    if not path.is_dir():
        raise UsageError(f"there is no folder of checks {path}")
    return path


def load_decisions_file(name: str, inputs: Inputs, today: date) -> DecisionsFile:
    """The decisions of the file named, else of decisions.yaml beside the checklist, else none.

    Raises:
        UsageError: the file that was named cannot be read.
        ContentError: a decision breaks a rule.
    """
    source = decisions_path(name, inputs)
    if not name and not source.is_file():
        return NO_DECISIONS
    items = [item.id for item in inputs.checklist.items]
    return load_decisions(read_text(str(source)), name or shown(str(source)), items, today, inputs.checklist.step_ids)


def decisions_path(name: str, inputs: Inputs) -> Path:
    """The decisions file: the one named, else decisions.yaml beside the checklist."""
    return Path(name) if name else inputs.folder / DECISIONS


def expand(value: str, what: str) -> str:
    """A target as the checklist writes it, or the environment variable that it names whole (empty when not set).

    Raises:
        UsageError: the reference is part of a larger text. Only whole values are expanded, so that a checklist cannot
            send a variable of this process to a host of its choice.
    """
    match = _REFERENCE.match(value)
    if match:
        return os.environ.get(match[1], "")
    if "${" in value:
        raise UsageError(f"targets.{what}: a reference must be the whole value, such as ${{DATABASE_URL}}")
    return value


def service_name(repository: str | Path) -> str:
    """What to call the service of a repository: the name of its folder."""
    name = Path(repository).resolve().name.removesuffix(".git")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-") or "service"


def require_folder(name: str) -> None:
    """Refuse a repository that is not there.

    Raises:
        TargetError: it is no folder.
    """
    if name and not Path(name).is_dir():
        raise TargetError(
            f"there is no folder {name}", hint="give the path of a repository, or run readycheck inside one"
        )


def moment(text: str) -> datetime:
    """The moment that `--now` names; the present without one.

    Raises:
        UsageError: it is no moment.
    """
    if not text:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--now: {text!r} is no moment", hint="write 2026-12-31 or 2026-12-31T09:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
