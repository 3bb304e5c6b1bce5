"""Runs git's plumbing on a repository that is not trusted: nothing that it configures can start a program."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

from msgspec import Struct

from readycheck.errors import TargetError

#: Settings of the repository's own configuration that would run a program, read a file elsewhere, or hide history.
_OVERRIDES = {
    "advice.graftFileDeprecated": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.excludesFile": os.devnull,
    "core.attributesFile": os.devnull,
    "core.pager": "",
    "core.commitGraph": "false",
    "core.quotePath": "false",
    "core.untrackedCache": "false",
    "diff.external": "",
    "diff.orderFile": os.devnull,
    "diff.relative": "false",
    "log.showSignature": "false",
    "log.showRoot": "true",
    "log.follow": "false",
    "protocol.allow": "never",
}
#: What of our own environment git needs; everything else, and `GIT_*` of a hook that we may run in, stays out.
_INHERITED = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # Before git 2.45 only this keeps a partial clone from asking its remote, which may be `ext::` and a command.
    "GIT_ALLOW_PROTOCOL": "none",
    # Replacements and grafts would let the audited side hide commits.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "LC_ALL": "C",
    "LANGUAGE": "C",
}
#: The most of an answer that is read whole, and of a complaint that is kept, in bytes.
MOST_OUTPUT, LONGEST_COMPLAINT = 256 * 1024 * 1024, 300

_STOPPED = "git was stopped: the deadline has passed"


class GitError(TargetError):
    """Git refused or was stopped; the message is its own first line of complaint."""


class GitPlace(Struct, frozen=True):
    """A repository on disk: its git folder, the top of its work tree (None when bare), and the audited folder in it."""

    git_dir: Path
    top: Path | None
    folder: Path

    @property
    def prefix(self) -> str:
        """The audited folder from the top of the work tree: `services/api/`, or empty for the top itself."""
        relative = self.folder.relative_to(self.top).as_posix() if self.top else "."
        return "" if relative == "." else f"{relative}/"


class Git:
    """Git on one repository. Safe to use from several threads; `stop` kills what runs and refuses what comes.

    `GIT_DIR` is always given, so git does not look for a repository and does not compare owners (`safe.directory`):
    that guard is there because a stranger's configuration can run programs, which here it cannot, and a checkout that
    another user owns is the rule in CI containers.
    """

    def __init__(self, place: GitPlace) -> None:
        self.place = place
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Was it told to stop?"""
        return self._stopped

    @contextmanager
    def start(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> Iterator[IO[bytes]]:
        """The output of a running git, read as it comes; git is killed when the block is left early.

        Raises:
            GitError: it ended with a complaint, and the block was not left by another error.
        """
        with tempfile.TemporaryFile() as complaint:
            process = self.launch(*arguments, stdin=stdin, stderr=complaint.fileno())
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            try:
                yield process.stdout
                process.stdout.close()
                status = process.wait()
            finally:
                self.end(process)
            if status != 0:
                complaint.seek(0)
                raise GitError(_complaint(arguments, complaint.read(LONGEST_COMPLAINT), stopped=self._stopped))

    def launch(
        self,
        *arguments: str,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.PIPE,
        stderr: int = subprocess.DEVNULL,
    ) -> subprocess.Popen[bytes]:
        """A git process whose end is the caller's to see to, with `end`.

        Raises:
            GitError: it may not be started any more.
            TargetError: there is no git.
        """
        executable, popen = _gitpython()
        settings = [part for name, value in _OVERRIDES.items() for part in ("-c", f"{name}={value}")]
        with self._lock:
            if self._stopped:
                raise GitError(_STOPPED)
            process: subprocess.Popen[bytes] = popen(
                [executable, "--no-pager", *settings, *arguments],
                cwd=self.place.folder,
                env=self._environment(),
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                bufsize=1024 * 1024,
            )
            self._running.add(process)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """See a process to its end: killed if it still runs, its pipes closed."""
        if process.poll() is None:
            process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):  # what was left to write has nobody to read it
                    stream.close()
        process.wait()
        with self._lock:
            self._running.discard(process)

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        where = {"GIT_DIR": str(self.place.git_dir)}
        if self.place.top:
            # Given outright because `core.worktree` of the repository may point anywhere.
            where["GIT_WORK_TREE"] = str(self.place.top)
        return {**inherited, **_ENVIRONMENT, **where}

    def run(self, *arguments: str) -> bytes:
        """The whole output of a command.

        Raises:
            GitError: git complained, or had more than `MOST_OUTPUT` to say.
        """
        with self.start(*arguments) as stream:
            output = stream.read(MOST_OUTPUT + 1)
            if len(output) > MOST_OUTPUT:
                raise GitError(f"git {arguments[0]} answered more than {MOST_OUTPUT // 1024 // 1024} MiB")
        return output

    def asked(self, *arguments: str) -> str:
        """The one line that a command answers; empty when git says no (no such ref, detached, unborn).

        Raises:
            GitError: it was stopped.
        """
        try:
            return self.run(*arguments).decode("utf-8", "replace").strip()
        except GitError:
            if self._stopped:
                raise
            return ""

    def records(self, *arguments: str) -> Iterator[bytes]:
        """The NUL-terminated records of a command (`-z`), as they come.

        Raises:
            GitError: git complained.
        """
        with self.start(*arguments) as stream:
            yield from split(stream)

    def stop(self) -> None:
        """Kill every git that runs for this repository, and start no more."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()


def split(stream: IO[bytes], size: int = 256 * 1024) -> Iterator[bytes]:
    """The NUL-terminated records of a stream, memory bounded by the longest record."""
    rest = b""
    while chunk := stream.read(size):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest:
        yield rest


def find_git(folder: Path) -> GitPlace | None:
    """The repository that this folder is, or is part of: by its own `.git`, as a bare one, or by a parent's `.git`."""
    folder = folder.resolve()
    own = _git_dir(folder)
    if own:
        return GitPlace(own, folder, folder)
    if _is_git_dir(folder):
        return GitPlace(folder, None, folder)
    for parent in folder.parents:
        found = _git_dir(parent)
        if found:
            return GitPlace(found, parent, folder)
    return None


def _git_dir(top: Path) -> Path | None:
    """The git folder of a work tree: `.git`, or (linked work trees, submodules) where the file `.git` points."""
    dot = top / ".git"
    try:
        if dot.is_file():
            target = dot.read_text("utf-8", "replace")[:4096].strip()
            dot = (top / target.removeprefix("gitdir:").strip()).resolve() if target.startswith("gitdir:") else dot
    except OSError:
        return None
    return dot if _is_git_dir(dot) else None


def _is_git_dir(folder: Path) -> bool:
    try:
        shared = (folder / "commondir").is_file() or ((folder / "objects").is_dir() and (folder / "refs").is_dir())
        return shared and (folder / "HEAD").is_file()
    except OSError:
        return False


@cache
def _gitpython() -> tuple[str, Any]:
    """The git that GitPython finds, and its way to start it: on Windows never a `git.exe` of the audited folder.

    GitPython's own calls inherit our whole environment; these must not.
    """
    try:
        from git.cmd import Git as GitPython
        from git.cmd import safer_popen
    except ImportError as error:
        raise TargetError(
            "git is not installed", hint="install git, or audit a folder that is no repository"
        ) from error
    return str(GitPython.GIT_PYTHON_GIT_EXECUTABLE or "git"), safer_popen


def _complaint(arguments: Sequence[str], said: bytes, *, stopped: bool) -> str:
    if stopped:
        return _STOPPED
    told = said.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
    first = next((line for line in told if line.startswith(("fatal:", "error:"))), told[0])
    return f"git {arguments[0]} failed: {first.removeprefix('fatal: ')}"
