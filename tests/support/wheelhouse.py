"""A package index that needs no network: the wheel of this project, and the installed distributions packed again."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
#: What the wheel is built from.
SOURCE = ("readycheck", "checks", "reports", "readiness.yaml", "pyproject.toml", "README.md", "LICENSE")


def environment(folder: Path) -> dict[str, str]:
    """What makes pip, pipx and uv install from the folder alone."""
    return {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(folder),
        "UV_OFFLINE": "1",
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_LINK_MODE": "copy",
    }


def fill(folder: Path) -> None:
    """Put the project's wheel and all that it needs into the folder, with what builds it."""
    build(folder)
    wanted = ["readycheck-audit[postgresql,mysql]", "hatchling", "editables", "pip"]
    for found in closure(wanted):
        if canonicalize_name(found.name) != "readycheck-audit":
            pack(found, folder)


def build(folder: Path) -> Path:
    """The wheel of this project, built from a copy of its source."""
    source = folder / ".source"
    source.mkdir(parents=True)
    for name in SOURCE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, source / name)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(source)
    (built,) = folder.glob("readycheck_audit-*.whl")
    return built


def closure(names: Iterable[str]) -> list[Distribution]:
    """The installed distributions that these requirements ask for, and those that they ask for."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(name) for name in names]
    seen = set()
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        installed = found.setdefault(key[0], distribution(requirement.name))
        for text in installed.requires or ():
            inner = Requirement(text)
            extras = requirement.extras or {""}
            if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in {*extras, ""}):
                waiting.append(inner)
    return list(found.values())


def pack(installed: Distribution, folder: Path) -> None:
    """The installed distribution as a wheel again (PEP 427), without its scripts, which installers make anew."""
    place = Path(str(installed.locate_file("")))
    files = [Path(str(file)) for file in installed.files or () if ".." not in Path(str(file)).parts]
    files = [file for file in files if "__pycache__" not in file.parts and (place / file).is_file()]
    record = next(file for file in files if file.name == "RECORD" and file.parent.suffix == ".dist-info")
    left_out = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "RECORD.jws"}
    kept = [file for file in files if not (file.parent == record.parent and file.name in left_out)]
    tags = [
        line.split(": ", 1)[1] for line in (installed.read_text("WHEEL") or "").splitlines() if line.startswith("Tag")
    ]
    name = record.parent.name.removesuffix(".dist-info")
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    with zipfile.ZipFile(folder / f"{name}-{tags[-1]}.whl", "w") as wheel:
        for file in sorted(kept):
            data = (place / file).read_bytes()
            wheel.writestr(file.as_posix(), data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            writer.writerow([file.as_posix(), f"sha256={digest}", len(data)])
        writer.writerow([record.as_posix(), "", ""])
        wheel.writestr(record.as_posix(), rows.getvalue())


def bare_environment() -> dict[str, str]:
    """This process's environment without what would lead a child back to this checkout."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "COV", "READYCHECK", "VIRTUAL_ENV", "GITHUB_", "PIP_", "UV_"))
    }
