"""Lays the files of a repository's HEAD into a folder, without its history and without what a partial clone lacks."""

from __future__ import annotations

import subprocess
from pathlib import Path


def lay(repository: Path, folder: Path) -> Path:
    """The folder with the regular files of HEAD."""
    git = ["git", "-C", str(repository)]
    listed = subprocess.run([*git, "ls-tree", "-rz", "HEAD"], capture_output=True, check=True).stdout
    entries = [entry.split(b"\t", 1) for entry in listed.split(b"\0") if entry.startswith(b"100")]
    process = subprocess.Popen([*git, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    for about, path in entries:
        process.stdin.write(about.split()[2] + b"\n")
        process.stdin.flush()
        header = process.stdout.readline().split()
        if header[-1] == b"missing":
            continue
        text = process.stdout.read(int(header[2]) + 1)[:-1]
        place = folder / path.decode("utf-8", "surrogateescape")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text)
    process.stdin.close()
    process.wait()
    return folder
