"""Makes a git repository of a list of commits, whatever git's configuration on this machine is."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from readycheck.demo.story import Change
from readycheck.errors import TargetError

_BRANCH = "main"

# Line endings stay as they were committed, also for whoever looks at the folder with a git of other habits.
_CONFIG = "[core]\n\tautocrlf = false\n\thooksPath = /dev/null\n[commit]\n\tgpgSign = false\n"


def make_repository(folder: Path, changes: Iterable[Change]) -> None:
    """A repository in this folder, which need not exist yet, its work tree at the last commit.

    Commit ids follow from the changes alone: users' and systems' settings, hooks, templates and signing are left out.

    Raises:
        TargetError: there is no git, or it refuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _git(folder, "init", "--quiet", "--template=", "--object-format=sha1", f"--initial-branch={_BRANCH}")
    with folder.joinpath(".git", "config").open("a", encoding="utf-8", newline="\n") as config:
        config.write(_CONFIG)
    _git(folder, "-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--done", given=b"".join(_stream(changes)))
    _git(folder, "reset", "--quiet", "--hard", _BRANCH)


def _stream(changes: Iterable[Change]) -> Iterator[bytes]:
    """The commits in the language of git-fast-import(1)."""
    for change in changes:
        signed = f"{change.author} {int(change.when.timestamp())} +0000\n"
        yield f"commit refs/heads/{_BRANCH}\nauthor {signed}committer {signed}".encode()
        yield _data(change.subject.encode() + b"\n")
        for path in change.deleted:
            yield f"D {path}\n".encode()
        for path, content in change.written.items():
            yield f"M 100644 inline {path}\n".encode() + _data(content)
    yield b"done\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _git(folder: Path, *words: str, given: bytes = b"") -> None:
    program = shutil.which("git")
    if program is None:
        raise TargetError("the demo makes a git repository and there is no git here", hint="install git")
    done = subprocess.run(  # noqa: S603 - our own words, no shell
        [program, *words], cwd=folder, env=_environment(folder), input=given, capture_output=True, check=False
    )
    if done.returncode:
        raise TargetError(f"git {words[0]} failed: {done.stderr.decode(errors='replace').strip()}")


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    nowhere = str(folder / ".git")
    return kept | {
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "HOME": nowhere,
        "LC_ALL": "C",
        "XDG_CONFIG_HOME": nowhere,
    }
