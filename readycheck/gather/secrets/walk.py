"""Walks the history once, beside the scan: which commits brought a blob, under which paths, and what a clone lacks."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from tempfile import TemporaryFile
from typing import NamedTuple, Self

from readycheck.gather.git import Git, GitError
from readycheck.gather.secrets.listing import revisions_file

#: The most paths that are kept of one blob.
MOST_PATHS = 20
_CHUNK = 2 * 1024 * 1024
_SUBMODULE = b"160000"
_ARGUMENTS = (
    "log", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-mailmap", "--root",
    "--no-show-signature", "-c", "--format=%H %aI",
)  # fmt: skip
_ESCAPE = re.compile(rb'\\([abtnvfr"\\]|[0-7]{3})')
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


class Commit(NamedTuple):
    """A commit's id and its author's date (ISO 8601)."""

    id: str
    date: str


class Origin(NamedTuple):
    """Where a blob comes from: the oldest and the newest commit that brought it, and its paths."""

    first: Commit
    last: Commit
    paths: tuple[bytes, ...]


def merged(old: Origin, new: Origin) -> Origin:
    """The origin of a blob that a later walk met again."""
    return Origin(old.first, new.last, tuple(dict.fromkeys((*old.paths, *new.paths)))[:MOST_PATHS])


class Walked(NamedTuple):
    """What a walk saw of the blobs that were asked for, of all blobs, of all commits and their dates, and of all paths.

    A path leads to the newest commit that touched it.
    """

    origins: dict[bytes, Origin]
    blobs: set[bytes]
    commits: dict[bytes, str]
    paths: dict[bytes, Commit]


class Walk:
    """A `git log` that runs while something else is done. Use it as a context: leaving it ends git.

    Of a merge it tells what is as no parent has it: all else came with a parent.
    """

    def __init__(self, git: Git, revisions: Sequence[str]) -> None:
        self._git = git
        self._said, self._complaint = TemporaryFile(), TemporaryFile()  # noqa: SIM115 - closed with the context
        with revisions_file(revisions) as given:
            self._process = git.launch(
                *_ARGUMENTS,
                "--stdin",
                stdin=given.fileno(),
                stdout=self._said.fileno(),
                stderr=self._complaint.fileno(),
            )

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End git, and throw away what it said."""
        self._git.end(self._process)
        self._said.close()
        self._complaint.close()

    def read(self, wanted: Container[bytes]) -> Walked:
        """What it saw, once it is through; origins for the wanted blobs alone.

        Raises:
            GitError: git could not walk the whole history.
        """
        if self._process.wait() != 0:
            self._complaint.seek(0)
            said = self._complaint.read(300).decode("utf-8", "replace").strip() or "it was stopped"
            raise GitError(f"the history cannot be walked whole: {said.splitlines()[0]}")
        self._said.seek(0)
        first: dict[bytes, tuple[bytes, list[bytes]]] = {}
        last: dict[bytes, bytes] = {}
        walked = Walked({}, set(), {}, {})
        touched: dict[bytes, bytes] = {}
        commit = b""
        for line in self._lines():
            if not line.startswith(b":"):
                if line:
                    commit = line
                    name, _, date = line.partition(b" ")
                    walked.commits[name] = date.decode("ascii", "replace")
                continue
            head, _, path = line.partition(b"\t")
            mode, blob = _brought(head)
            if mode == _SUBMODULE or not blob.strip(b"0"):
                continue
            walked.blobs.add(blob)
            touched.setdefault(path, commit)
            if blob in wanted:
                paths = first[blob][1] if blob in first else []
                paths.append(path)
                del paths[:-MOST_PATHS]
                first[blob] = (commit, paths)
                last.setdefault(blob, commit)
        walked.paths.update((unquoted(path), _commit(commit)) for path, commit in touched.items())
        for blob, (commit, paths) in first.items():
            names = tuple(dict.fromkeys(map(unquoted, reversed(paths))))
            walked.origins[blob] = Origin(_commit(commit), _commit(last[blob]), names)
        return walked

    def _lines(self) -> Iterator[bytes]:
        rest = b""
        while chunk := self._said.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            yield from lines
        if rest:
            yield rest


def _brought(head: bytes) -> tuple[bytes, bytes]:
    """The mode and the id that a line of a raw diff says a path has now, whatever number of parents it is held against."""
    parts = head.split(b" ")
    parents = len(parts) // 2 - 1
    return parts[parents], parts[2 * parents + 1]


def _commit(line: bytes) -> Commit:
    name, _, date = line.decode("ascii", "replace").partition(" ")
    return Commit(name, date)


def unquoted(path: bytes) -> bytes:
    """A path as git quotes it, in C's manner, as it is."""
    if not path.startswith(b'"'):
        return path
    return _ESCAPE.sub(_unescaped, path[1:-1])


def _unescaped(match: re.Match[bytes]) -> bytes:
    letter = match[1]
    if len(letter) > 1:
        return bytes([int(letter, 8) & 0xFF])
    return _ESCAPES.get(letter, letter)
