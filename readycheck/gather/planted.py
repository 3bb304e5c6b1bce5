"""Builds a small repository out of commits, for the examples of checks."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from readycheck.gather.git import Git, GitError, GitPlace

#: The first planted commit is of 2025-01-01; each one after it is a day younger.
_FIRST, _DAY = 1735689600, 86400


def plant(folder: Path, commits: Iterable[Mapping[str, str | None]]) -> Path:
    """A bare repository in the folder whose branch `main` has these commits; None as a text removes the file.

    Raises:
        GitError: git refuses a path.
    """
    git = Git(GitPlace(folder, None, folder))
    git.run("init", "--quiet", "--bare", "--initial-branch=main")
    process = git.launch("fast-import", "--quiet", "--done", stdin=subprocess.PIPE)
    try:
        process.communicate(b"".join(_commit(number, files) for number, files in enumerate(commits)) + b"done\n")
        if process.returncode != 0:
            raise GitError("git fast-import refuses these commits")
    finally:
        git.end(process)
    return folder


def _commit(number: int, files: Mapping[str, str | None]) -> bytes:
    when = _FIRST + number * _DAY
    subject = f"Commit {number + 1}\n".encode()
    lines = [
        b"commit refs/heads/main\n",
        f"committer Example <example@example.org> {when} +0000\n".encode(),
        b"data %d\n%s\n" % (len(subject), subject),
    ]
    for path, text in files.items():
        name = b'"%s"' % path.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
        if text is None:
            lines.append(b"D %s\n" % name)
        else:
            data = text.encode()
            lines.append(b"M 100644 inline %s\ndata %d\n%s\n" % (name, len(data), data))
    return b"".join(lines)
