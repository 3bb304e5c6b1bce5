"""Wall time, processor time and memory of `readycheck secrets` beside git's own reading and the peers, on whole histories.

`python benchmarks/secrets/speed.py REPOSITORY... [--peers FOLDER]`: FOLDER holds `kingfisher` and `gitleaks`, which install
from PyPI. The limit is two `git cat-file --batch` that read the same blobs and do nothing else. Every command runs once.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple


class Cost(NamedTuple):
    wall: float
    processor: float


def timed(command: list[str] | str, **environment: str) -> Cost:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(
        command, shell=isinstance(command, str), check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )  # fmt: skip
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def limit(repository: str, folder: str) -> Cost:
    listed = subprocess.run(
        ["git", "-C", repository, "cat-file", "--batch-check", "--batch-all-objects", "--unordered"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    blobs = [(line.split()[0], int(line.split()[2])) for line in listed.splitlines() if " blob " in line]
    half, held = sum(size for _, size in blobs) / 2, 0
    files = [Path(folder, name) for name in ("a", "b")]
    texts = ["", ""]
    for name, size in blobs:
        texts[held >= half] += f"{name}\n"
        held += size
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    read = " & ".join(f"git -C {repository} cat-file --batch --buffer < {file} > /dev/null" for file in files)
    return timed(f"{read} & wait")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+")
    parser.add_argument("--peers", default="")
    options = parser.parse_args()
    print("| history | git alone, s | readycheck, s | × git | again, s | Kingfisher, s | gitleaks, s |")
    print("|---|---|---|---|---|---|---|")
    for repository in options.repositories:
        with TemporaryDirectory() as folder:
            alone = limit(repository, folder)
            ours = [sys.executable, "-m", "readycheck", "secrets", repository, "--cache", folder, "--quiet"]
            first, again = timed(ours), timed(ours)
            peers = []
            if options.peers:
                kingfisher = [
                    f"{options.peers}/kingfisher",
                    "scan",
                    repository,
                    "--no-validate",
                    "--no-update-check",
                    "--turbo",
                ]
                peers = [timed(kingfisher), timed([f"{options.peers}/gitleaks", "git", repository, "--no-banner"])]
        told = [f"{cost.wall:.1f} ({cost.processor:.1f})" for cost in (alone, first)]
        others = " | ".join(f"{cost.wall:.1f} ({cost.processor:.1f})" for cost in peers) or "– | –"
        ratio = first.wall / alone.wall
        name = Path(repository).parent.name
        print(f"| {name} | {' | '.join(told)} | {ratio:.1f} | {again.wall:.2f} | {others} |", flush=True)


if __name__ == "__main__":
    main()
