"""Scans the files of a folder as they lie on disk, untracked ones among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from readycheck.gather.secrets.fold import Known, Place
from readycheck.gather.secrets.hunt import Hunted
from readycheck.gather.secrets.sift import Sifter, Span
from readycheck.gather.secrets.stream import BUFFER
from readycheck.gather.secrets.walk import Commit, Origin
from readycheck.gather.worktree import WorkTree

#: A larger file is not read, in bytes; the answer says so.
LARGEST_FILE = 256 * 1024 * 1024
_NOBODY = Commit("", "")


def hunt_files(folder: Path, sifter: Sifter, seen: Callable[[int], None] | None = None) -> Hunted:
    """The credentials in the files that git tracks here or would track.

    Raises:
        TargetError: there is no such folder, or its files cannot be listed.
    """
    incomplete: list[str] = []
    places: list[Place] = []
    paths: list[str] = []
    size = 0
    for buffer, spans in _batches(folder, paths, incomplete):
        size += len(buffer)
        places += [
            Place(site.rule, site.secret, paths[site.number], "file", site.line)
            for site in sifter.sift(buffer, len(buffer), spans)
        ]
        if seen:
            seen(len(buffer))
    known = Known(
        {path: Origin(_NOBODY, _NOBODY, (path.encode(),)) for path in {place.object for place in places}}, {}, {}
    )
    return Hunted(places, known, len(paths), size, problems=incomplete)


def _batches(folder: Path, paths: list[str], incomplete: list[str]) -> Iterator[tuple[bytes, list[Span]]]:
    tree = WorkTree(folder)
    texts: list[bytes] = []
    spans: list[Span] = []
    filled = 0
    for entry in tree.entries():
        if entry.size > LARGEST_FILE:
            incomplete.append(f"{entry.path} is larger than {LARGEST_FILE // 1024 // 1024} MiB")
            continue
        try:
            text = tree.read(entry.path)
        except OSError as error:
            incomplete.append(f"{entry.path} cannot be read: {error.strerror or error}")
            continue
        spans.append(Span(len(paths), filled, filled + len(text)))
        paths.append(entry.path)
        texts += [text, b"\n"]
        filled += len(text) + 1
        if filled >= BUFFER:
            yield b"".join(texts), spans
            texts, spans, filled = [], [], 0
    if spans:
        yield b"".join(texts), spans
