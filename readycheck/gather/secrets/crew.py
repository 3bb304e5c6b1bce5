"""Scans many objects of a repository with several workers, each with a git, a buffer and a scanner of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import NamedTuple

from readycheck.gather.git import Git
from readycheck.gather.secrets.listing import shared, size_of
from readycheck.gather.secrets.sift import Sifter, Site
from readycheck.gather.secrets.stream import BUFFER, Stream

#: More workers than this gain nothing: the rest waits for git.
MOST_WORKERS = 8
#: Work is handed out in runs of about so many bytes, so that no worker is left with the rest alone.
RUN = 256 * 1024 * 1024

Seen = Callable[[int], None]


class Scanned(NamedTuple):
    """The credentials that objects hold, by their numbers in the list, and the objects that could not be read."""

    sites: list[Site]
    unread: list[bytes]


def workers() -> int:
    """As many as there are processors that this process may use."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(MOST_WORKERS, count))


def scan(  # noqa: PLR0913 - all but the first three are choices
    git: Git,
    headers: Sequence[bytes],
    sifter: Sifter,
    *,
    jobs: int = 0,
    seen: Seen | None = None,
    buffer: int = BUFFER,
) -> Scanned:
    """The credentials of these objects (`ID TYPE SIZE`), each worker with a buffer of so many bytes.

    `seen` is told of bytes as they are through.

    Raises:
        GitError: git was stopped.
    """
    jobs = jobs or workers()
    total = sum(map(size_of, headers))
    runs: SimpleQueue[tuple[int, int]] = SimpleQueue()
    for run in shared(headers, max(jobs, -(-total // RUN))):
        runs.put(run)
    crew = [_Worker(git, headers, sifter.twin(), runs, seen, buffer) for _ in range(min(jobs, max(1, runs.qsize())))]
    for worker in crew:
        worker.start()
    for worker in crew:
        worker.join()
    for worker in crew:
        if worker.failure:
            raise worker.failure
    sites = sorted(site for worker in crew for site in worker.sites)
    return Scanned(sites, [name for worker in crew for name in worker.unread])


class _Worker(threading.Thread):
    """Takes runs of objects until none is left."""

    def __init__(
        self,
        git: Git,
        headers: Sequence[bytes],
        sifter: Sifter,
        runs: SimpleQueue[tuple[int, int]],
        seen: Seen | None,
        buffer: int,
    ) -> None:
        super().__init__(name="secrets", daemon=True)
        self._git, self._headers, self._sifter, self._runs, self._seen = git, headers, sifter, runs, seen
        self._buffer = buffer
        self.sites: set[Site] = set()
        self.unread: list[bytes] = []
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            while True:
                first, last = self._runs.get_nowait()
                stream = Stream(self._git, self._headers[first:last], first, self._buffer)
                for batch in stream.batches():
                    self.sites.update(self._sifter.sift(*batch))
                    if self._seen:
                        self._seen(batch.size)
                self.unread += stream.unread
        except Empty:
            return
        except Exception as error:  # noqa: BLE001 - raised again by the thread that waits
            self.failure = error
