"""Scans many objects of a repository with several workers, each with a git, a buffer and a scanner of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from readycheck.gather.git import Git, GitError
from readycheck.gather.secrets.listing import shared, size_of
from readycheck.gather.secrets.sift import Sifter, Site
from readycheck.gather.secrets.stream import BUFFER, Stream

#: More workers than this gain nothing: the rest waits for git.
MOST_WORKERS = 8
#: Work is handed out in runs of about so many bytes, so that no worker is left with the rest alone.
RUN = 128 * 1024 * 1024
#: From so many bytes on workers are processes, which cost more to start and judge side by side.
FORKED_FROM = 48 * 1024 * 1024
_PATIENCE = 0.5

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

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
    runs = shared(headers, max(jobs, -(-total // RUN)))
    jobs = min(jobs, max(1, len(runs)))
    task = _Task(git, headers, sifter, buffer)
    if jobs > 1 and total >= FORKED_FROM and sys.platform == "linux":
        done = _forked(task, runs, jobs, seen)
    else:
        done = _threaded(task, runs, jobs, seen)
    return Scanned(
        sorted({site for each in done for site in each.sites}), [name for each in done for name in each.unread]
    )


class _Task(NamedTuple):
    """What every worker is given."""

    git: Git
    headers: Sequence[bytes]
    sifter: Sifter
    buffer: int

    def do(self, first: int, last: int, seen: Seen | None) -> Scanned:
        stream = Stream(self.git, self.headers[first:last], first, self.buffer)
        sites: set[Site] = set()
        for batch in stream.batches():
            sites.update(self.sifter.sift(*batch))
            if seen:
                seen(batch.size)
        return Scanned(list(sites), stream.unread)


def _threaded(task: _Task, runs: Iterable[tuple[int, int]], jobs: int, seen: Seen | None) -> list[Scanned]:
    """Done by threads: hyperscan and the reading of pipes let each other go on, and judging does not."""
    waiting: SimpleQueue[tuple[int, int]] = SimpleQueue()
    for run in runs:
        waiting.put(run)

    def work(own: _Task) -> list[Scanned]:
        done: list[Scanned] = []
        with suppress(Empty):
            while True:
                done.append(own.do(*waiting.get_nowait(), seen))
        return done

    if jobs == 1:
        return work(task)
    with ThreadPoolExecutor(jobs, "secrets") as pool:
        crew = [pool.submit(work, task._replace(sifter=task.sifter.twin())) for _ in range(jobs)]
        return [each for worker in crew for each in worker.result()]


def _forked(task: _Task, runs: Sequence[tuple[int, int]], jobs: int, seen: Seen | None) -> list[Scanned]:
    """Done by processes that share the rules and the list with this one, as Linux lets a process fork."""
    import multiprocessing
    from multiprocessing.connection import Connection, wait

    context = multiprocessing.get_context("fork")
    waiting, done = list(reversed(runs)), list[Scanned]()
    crew: dict[Connection, Any] = {}
    try:
        for _ in range(jobs):
            here, there = context.Pipe()
            process = context.Process(target=_serve, args=(task, there, here), daemon=True)
            process.start()
            there.close()
            crew[here] = process
            here.send(waiting.pop())
        busy = set(crew)
        while busy:
            for each in wait(list(busy), timeout=_PATIENCE):
                assert isinstance(each, Connection)  # noqa: S101 - nothing else was given
                said = _heard(each, seen)
                if isinstance(said, Scanned):
                    done.append(said)
                    each.send(waiting.pop() if waiting else None)
                elif said:
                    busy.discard(each)
            if task.git.stopped:
                raise GitError("git was stopped")
    except EOFError:
        raise GitError("a worker that scanned the history was ended from outside") from None
    finally:
        for connection, process in crew.items():
            connection.close()
            process.terminate()
            process.join()
    return done


def _heard(worker: Connection, seen: Seen | None) -> Scanned | bool:
    """What a worker says: the outcome of a run, true at its end, false when it only told of progress.

    Raises:
        EOFError: it is no more.
        GitError: it could not go on.
    """
    said = worker.recv()
    if isinstance(said, GitError):
        raise said
    if isinstance(said, int):
        if seen:
            seen(said)
        return False
    return True if said is None else Scanned(*said)


def _serve(task: _Task, connection: Connection, other: Connection) -> None:
    """The life of a forked worker: it takes runs until it is given none."""
    other.close()
    own = task._replace(git=Git(task.git.place))
    with suppress(EOFError, BrokenPipeError):  # who gave the work is gone
        try:
            while (run := connection.recv()) is not None:
                connection.send(tuple(own.do(run[0], run[1], connection.send)))
            connection.send(None)
        except GitError as error:
            connection.send(error)
