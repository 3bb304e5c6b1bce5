"""Reads what is known already, so that only what is new counts: earlier reports of ours, and fingerprints of gitleaks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from readycheck.cli.inputs import read_text
from readycheck.errors import UsageError
from readycheck.facts.secrets import Leak

_OURS = re.compile(r"[0-9a-f]{16}\Z")
#: `COMMIT:PATH:RULE:LINE`, or without the commit for what was found in a folder; a path may have colons of its own.
_GITLEAKS = re.compile(r"(?:(?P<commit>[0-9a-f]{40,64}):)?(?P<path>.+):(?P<rule>[\w-]+):(?P<line>\d+)\Z")


class Gitleaks(NamedTuple):
    """A fingerprint of gitleaks: the commit (empty for a folder), the path and the line. Its rules have names of their own."""

    commit: str
    path: str
    line: int


class Baseline(NamedTuple):
    """Fingerprints of leaks that are known."""

    ours: frozenset[str]
    gitleaks: frozenset[Gitleaks]

    def knows(self, leak: Leak) -> bool:
        """Is the leak known? One of gitleaks's is by its path and commit, in a folder by its path and line."""
        if leak.fingerprint in self.ours:
            return True
        lines = {leak.path: leak.line, leak.first_path: leak.first_line}
        return any(
            each.path in lines
            and (each.commit in (leak.commit, leak.last_commit) if each.commit else each.line == lines[each.path])
            for each in self.gitleaks
        )


def path_fingerprint(path: str) -> str:
    """The name of a path that should not be tracked: sixteen hexadecimal digits."""
    return hashlib.sha256(f"tracked\0{path}".encode()).hexdigest()[:16]


def read_baseline(names: Sequence[str]) -> Baseline:
    """What these files know: JSON of `readycheck secrets`, JSON of gitleaks, or a fingerprint a line (`#` starts a comment).

    Raises:
        UsageError: one cannot be read, or a line is no fingerprint.
    """
    ours: set[str] = set()
    gitleaks: set[Gitleaks] = set()
    for name in names:
        for place, text in _fingerprints(name):
            match = _GITLEAKS.match(text)
            if _OURS.match(text):
                ours.add(text)
            elif match:
                gitleaks.add(Gitleaks(match["commit"] or "", match["path"], int(match["line"])))
            else:
                raise UsageError(
                    f"{place}: {text[:80]!r} is no fingerprint",
                    hint="one is 16 hexadecimal digits, as `readycheck secrets` shows them, or COMMIT:PATH:RULE:LINE",
                )
    return Baseline(frozenset(ours), frozenset(gitleaks))


def _fingerprints(name: str) -> Sequence[tuple[str, str]]:
    text = read_text(name)
    if text.lstrip()[:1] in ("{", "["):
        try:
            rows = _rows(msgspec.json.decode(text))
        except msgspec.DecodeError as error:
            raise UsageError(f"{name} is not JSON: {error}") from error
        return [(name, row) for row in rows]
    lines = ((number, line.partition("#")[0].strip()) for number, line in enumerate(text.splitlines(), 1))
    return [(f"{name}:{number}", line) for number, line in lines if line]


def _rows(read: Any) -> list[str]:
    leaks = [*read.get("leaks", ()), *read.get("known", ())] if isinstance(read, dict) else read
    paths = read.get("tracked", ()) if isinstance(read, dict) else ()
    return [
        *(str(leak.get("fingerprint") or leak.get("Fingerprint") or "") for leak in leaks if isinstance(leak, dict)),
        *(path_fingerprint(str(row.get("path", ""))) for row in paths if isinstance(row, dict)),
    ]
