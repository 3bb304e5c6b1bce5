"""Runs what a page of the documentation shows, as its reader would: commands, files and patches, from top to bottom."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[\w-]*)(?P<rest>[^\n]*)\n(?P<body>.*?)^(?P=indent)```", re.MULTILINE | re.DOTALL
)
_TITLE = re.compile(r'title="([^"]+)"')


class Shown(NamedTuple):
    """A fenced block: a command with what it prints, a file with its text, or a patch."""

    line: int
    kind: str
    what: str
    text: str


def blocks(page: str) -> Iterator[Shown]:
    """What the page shows to be done: `console` blocks, blocks with a `title` (files), and `diff` blocks (patches)."""
    for fence in _FENCE.finditer(page):
        line = page.count("\n", 0, fence.start()) + 1
        body = "".join(row.removeprefix(fence["indent"]) for row in fence["body"].splitlines(keepends=True))
        title = _TITLE.search(fence["rest"])
        if fence["language"] == "console":
            yield from _commands(body, line)
        elif fence["language"] == "diff":
            yield Shown(line, "patch", "", body)
        elif title:
            yield Shown(line, "file", title[1], body)


def _commands(body: str, line: int) -> Iterator[Shown]:
    for command, output in re.findall(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", body, re.MULTILINE):
        yield Shown(line, "command", command, output)


def languages(page: str) -> list[tuple[str, str]]:
    """The language and the text of every fenced block."""
    return [(fence["language"], fence["body"]) for fence in _FENCE.finditer(page)]


class Done(NamedTuple):
    """What one command printed, both streams in the order of the terminal, and how it left."""

    shown: Shown
    output: str
    code: int


def follow(page: str, folder: Path, environment: Mapping[str, str]) -> list[Done]:
    """Do everything that the page shows in one shell that starts in the folder."""
    shown = list(blocks(page))
    done = subprocess.run(
        ["bash", "-c", "\n".join(_script(shown, folder))],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    parts = re.split(r"^@@(\d+) (-?\d+)\n", done.stdout, flags=re.MULTILINE)
    results = [
        Done(shown[int(number)], output, int(code))
        for output, number, code in zip(parts[0::3], parts[1::3], parts[2::3], strict=False)
    ]
    assert len(results) == len(shown), done.stdout[-2000:]
    return results


def _script(shown: list[Shown], folder: Path) -> Iterator[str]:
    for number, one in enumerate(shown):
        if one.kind == "command":
            yield f"eval {shlex.quote(one.what)}"
        elif one.kind == "file":
            kept = folder / f".block-{number}"
            kept.write_text(one.text, "utf-8")
            yield f"mkdir -p {shlex.quote(str(Path(one.what).parent))} && cp {shlex.quote(str(kept))} {shlex.quote(one.what)}"
        else:
            kept = folder / f".block-{number}"
            kept.write_text(one.text, "utf-8")
            yield f"git apply --recount {shlex.quote(str(kept))}"
        yield f"printf '\\n@@{number} %d\\n' $?"


def fits(output: str, shown: str) -> bool:
    """Does the output say what the page shows? `...` stands for anything."""
    wanted = r"\s*".join(_line(row) for row in shown.strip().splitlines() if row.strip())
    return re.search(rf"\A\s*{wanted}\s*\Z", output, re.DOTALL) is not None


def _line(row: str) -> str:
    return ".*?".join(r"\s+".join(map(re.escape, part.split())) for part in row.split("..."))


def promised(shown: Shown) -> int:
    """The exit code that the page promises: that of the last line it shows, else success."""
    found = re.findall(r"exit=(\d+)", shown.text)
    return int(found[-1]) if found else 0
