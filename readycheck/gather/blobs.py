"""Reads blobs of a repository by their ids, through one `git cat-file --batch`."""

from __future__ import annotations

import subprocess
import threading
import weakref

from readycheck.gather.git import Git, GitError

#: A larger blob is not read, in bytes.
LARGEST_BLOB = 64 * 1024 * 1024


class Blobs:
    """The blobs of a repository. One process serves every read, started at the first; safe to share between threads.

    The process ends with this object, or when its `Git` is stopped.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, name: str) -> bytes:
        """The bytes of a blob by its id, never through a filter.

        Raises:
            OSError: the repository lacks it, it is no blob or too large, or git ended.
        """
        with self._lock:
            try:
                return self._read(name)
            except GitError as error:
                raise OSError(error.message) from error

    def _read(self, name: str) -> bytes:
        process = self._started()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes
        process.stdin.write(f"{name}\n".encode())
        process.stdin.flush()
        header = process.stdout.readline(200).split()
        if len(header) != 3 or not header[2].isdigit():  # noqa: PLR2004 - id, type and size, or a word of refusal
            raise OSError(f"git has no blob {name[:12]}")
        size = int(header[2])
        if header[1] != b"blob" or size > LARGEST_BLOB:
            # The object is on its way through the pipe: only a new process is in a known state.
            self._git.end(process)
            raise OSError(f"{name[:12]} is no blob, or larger than 64 MiB")
        data = process.stdout.read(size + 1)
        if len(data) != size + 1:
            raise OSError("git ended while it was read from")
        return data[:-1]

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = self._git.launch("cat-file", "--batch", stdin=subprocess.PIPE)
            weakref.finalize(self, self._git.end, self._process)
        return self._process
