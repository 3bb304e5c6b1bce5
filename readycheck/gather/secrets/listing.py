"""Lists the objects that may hold a credential: blobs, and the messages of commits and tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO

from readycheck.gather.git import Git

_LINE = "%(objectname) %(objecttype) %(objectsize) %(deltabase)"
_ALL = ("cat-file", f"--batch-check={_LINE}", "--batch-all-objects", "--unordered", "--buffer")
#: How much of a listing is taken in at once, in bytes.
_CHUNK = 4 * 1024 * 1024


def every_object(git: Git) -> list[bytes]:
    """`ID TYPE SIZE` of every object but trees that the repository and its alternates hold, each behind the base of its delta.

    In that order git reads them fastest, and an object stands beside those that are most like it. Objects that no ref reaches
    are among them: whether one is reached is asked only of those that hold a credential.

    Raises:
        GitError: git cannot list them.
    """
    found: dict[bytes, bytes] = {}
    deltas: dict[bytes, list[bytes]] = {}
    roots: list[bytes] = []
    rest = b""
    with git.start(*_ALL) as stream:
        while chunk := stream.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                header, _, base = line.rpartition(b" ")
                if b" tree " in header:
                    continue
                name = header[: header.index(b" ")]
                found[name] = header
                if base.strip(b"0"):
                    deltas.setdefault(base, []).append(name)
                else:
                    roots.append(name)
    return list(_families(found, deltas, roots))


def _families(
    found: Mapping[bytes, bytes], deltas: Mapping[bytes, list[bytes]], roots: Iterable[bytes]
) -> Iterator[bytes]:
    """Each object followed by those that are deltas against it, and they by theirs."""
    for root in roots:
        yield found[root]
        waiting = list(reversed(deltas.get(root, ())))
        while waiting:
            name = waiting.pop()
            yield found[name]
            if name in deltas:
                waiting += reversed(deltas[name])


def sized(git: Git, ids: Iterable[bytes]) -> tuple[list[bytes], list[bytes]]:
    """`ID TYPE SIZE` of those ids that are there and no trees, and the ids that are missing.

    Raises:
        GitError: git was stopped.
    """
    with TemporaryFile() as wanted:
        wanted.write(b"".join(each + b"\n" for each in ids))
        wanted.seek(0)
        process = git.launch("cat-file", "--batch-check", "--buffer", stdin=wanted.fileno())
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            lines = process.stdout.read().split(b"\n")
        finally:
            git.end(process)
    missing = [line.partition(b" ")[0] for line in lines if line.endswith(b" missing")]
    return [line for line in lines if line and b" tree " not in line and not line.endswith(b" missing")], missing


def reached(git: Git, revisions: Sequence[str]) -> tuple[dict[bytes, bytes], list[bytes]]:
    """Every object that these revisions reach, with a path that it has, and the ids that this clone lacks.

    Raises:
        GitError: git knows no such revision, or lacks a commit or tree.
    """
    found: dict[bytes, bytes] = {}
    missing: list[bytes] = []
    with (
        revisions_file(revisions) as given,
        git.start("rev-list", "--objects", "--missing=print", "--stdin", stdin=given.fileno()) as stream,
    ):
        for line in stream:
            name, _, path = line.rstrip(b"\n").partition(b" ")
            if name.startswith(b"?"):
                missing.append(name[1:])
            else:
                found[name] = path
    return found, missing


@contextmanager
def revisions_file(revisions: Iterable[str]) -> Iterator[IO[bytes]]:
    """Revisions for git's standard input: a repository can have more refs than a command line can hold."""
    with TemporaryFile() as file:
        file.write("".join(f"{each}\n" for each in revisions).encode())
        file.seek(0)
        yield file


def size_of(header: bytes) -> int:
    """The size in bytes that a line of a listing gives."""
    return int(header[header.rindex(b" ") :])


def shared(headers: Sequence[bytes], parts: int) -> list[tuple[int, int]]:
    """The list cut into so many runs of about equal bytes, as first and last index; fewer when it is short."""
    total = sum(map(size_of, headers))
    runs: list[tuple[int, int]] = []
    first = held = 0
    for index, header in enumerate(headers):
        held += size_of(header)
        if held * parts >= total * (len(runs) + 1):
            runs.append((first, index + 1))
            first = index + 1
    if first < len(headers):
        runs.append((first, len(headers)))
    return runs
