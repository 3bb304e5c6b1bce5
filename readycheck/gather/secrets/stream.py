"""Streams the objects of a repository through one large buffer, as whole texts where they fit in it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple

from readycheck.gather.git import Git
from readycheck.gather.secrets.judge import AFTER, BEFORE, OVERLAP
from readycheck.gather.secrets.sift import Span

#: The size of the buffer, in bytes. An object that does not fit goes through it in parts.
BUFFER = 8 * 1024 * 1024
#: What two parts of one object share, so that no credential is cut in two: rules over lines need the most.
SHARED = BEFORE + AFTER + OVERLAP
#: Git ends at an object that it cannot read; it is started again behind it so many times.
MOST_RESTARTS = 50
#: What a pipe should hold (Linux), so that git need not wait for each 64 KiB to be taken.
_PIPE = 1024 * 1024


class Batch(NamedTuple):
    """Texts in the first `size` bytes of a buffer that the next batch overwrites."""

    buffer: bytearray
    size: int
    spans: list[Span]


class Stream:
    """The objects of these ids. An item of `headers` is `ID TYPE SIZE`, as `git cat-file --batch-check` prints it.

    Numbers of spans count from `first`. `unread` are the objects that git could not give, by their ids.
    """

    def __init__(self, git: Git, headers: Sequence[bytes], first: int = 0, size: int = BUFFER) -> None:
        self._git, self._headers, self._first = git, headers, first
        self._buffer = bytearray(size)
        self._next = 0
        self.unread: list[bytes] = []

    def batches(self) -> Iterator[Batch]:
        """Every text that can be read, in the order of the ids.

        Raises:
            GitError: git was stopped.
        """
        for restart in range(MOST_RESTARTS):
            with TemporaryFile() as ids:
                ids.write(b"".join(header.partition(b" ")[0] + b"\n" for header in self._headers[self._next :]))
                ids.seek(0)
                # What git still buffers is lost when it ends at a broken object; then it must not buffer.
                buffering = () if restart else ("--buffer",)
                process = self._git.launch("cat-file", "--batch", *buffering, stdin=ids.fileno())
                try:
                    yield from self._read(process)
                finally:
                    self._git.end(process)
            if self._next >= len(self._headers):
                return
            if restart:
                self._skip()
        self.unread += [header.partition(b" ")[0] for header in self._headers[self._next :]]

    def _skip(self) -> None:
        self.unread.append(self._headers[self._next].partition(b" ")[0])
        self._next += 1

    def _read(self, process: subprocess.Popen[bytes]) -> Iterator[Batch]:
        source: Any = process.stdout
        _widen(source)
        buffer, filled = self._buffer, 0
        while True:
            with memoryview(buffer) as view, view[filled:] as rest:
                got = source.readinto(rest)
            filled += got or 0
            used, spans = self._whole(filled)
            if spans:
                yield Batch(buffer, used, spans)
            if self._next >= len(self._headers) or not got:
                return
            if not used and filled == len(buffer):
                yield from self._parts(source)
                filled = 0
            elif used:
                with memoryview(buffer) as view:
                    view[: filled - used] = view[used:filled]
                filled -= used

    def _whole(self, filled: int) -> tuple[int, list[Span]]:
        """How far whole objects reach in what the buffer holds, and their texts."""
        buffer, headers = self._buffer, self._headers
        spans, at, index = [], 0, self._next
        while index < len(headers):
            header = headers[index]
            start = at + len(header) + 1
            if not buffer.startswith(header, at):
                end = self._absent(at, filled, header)
                if not end:
                    break
                at, index = end, index + 1
                continue
            end = start + int(header[header.rindex(b" ") :])
            if end + 1 > filled:
                break
            spans.append(Span(self._first + index, start, end))
            at, index = end + 1, index + 1
        self._next = index
        return at, spans

    def _absent(self, at: int, filled: int, header: bytes) -> int:
        """Where the line ends by which git says that it lacks an object; 0 when the buffer has no such line here."""
        name = header.partition(b" ")[0]
        line = name + b" missing\n"
        if at + len(line) <= filled and self._buffer.startswith(line, at):
            self.unread.append(name)
            return at + len(line)
        return 0

    def _parts(self, source: IO[bytes]) -> Iterator[Batch]:
        """An object larger than the buffer, which holds its beginning, in parts that share some bytes."""
        buffer, header = self._buffer, self._headers[self._next]
        number = self._first + self._next
        start, filled, lines = len(header) + 1, len(buffer), 0
        left = int(header[header.rindex(b" ") :]) - (filled - start)
        while True:
            yield Batch(buffer, filled, [Span(number, start, filled, lines)])
            if left <= 0:
                break
            keep = buffer.rfind(b"\n", start, filled - SHARED) + 1 or filled - SHARED
            lines += buffer.count(b"\n", start, keep)
            with memoryview(buffer) as view:
                view[: filled - keep] = view[keep:filled]
            start, filled = 0, filled - keep
            wanted = min(left, len(buffer) - filled)
            got = _fill(source, buffer, filled, wanted)
            if got < wanted:
                return
            filled, left = filled + got, left - got
        if source.read(1):
            self._next += 1


def _fill(source: Any, buffer: bytearray, at: int, wanted: int) -> int:
    got = 0
    while got < wanted:
        with memoryview(buffer) as view, view[at + got : at + wanted] as rest:
            read = source.readinto(rest)
        if not read:
            break
        got += read
    return got


def _widen(pipe: IO[bytes]) -> None:
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE)
