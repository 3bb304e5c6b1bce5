"""Says at which commit a repository stands, and whether what lies on disk is that commit."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator

from msgspec import Struct

from readycheck.gather.disk import Disk
from readycheck.gather.git import Git
from readycheck.gather.gittree import GitTree
from readycheck.gather.tree import Tree
from readycheck.gather.worktree import WorkTree

#: So many files whose time stamps differ from the index are compared by content; with more the tree counts as changed.
MOST_COMPARED = 20_000


class State(Struct, frozen=True):
    """The audited commit (empty outside a repository and before the first commit) and its circumstances."""

    commit: str = ""
    branch: str = ""
    dirty: bool = False
    bare: bool = False
    shallow: bool = False


def state(tree: Tree) -> State:
    """The state of a tree whose files have been listed; a tree without a repository has none.

    Raises:
        TargetError: git cannot tell.
    """
    if isinstance(tree, GitTree):
        return State(
            tree.commit, _branch(tree.git), dirty=False, bare=tree.git.place.top is None, shallow=is_shallow(tree.git)
        )
    if isinstance(tree, WorkTree) and tree.git:
        git = tree.git
        commit = git.asked("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return State(commit, _branch(git), dirty=_dirty(tree, git, commit), shallow=is_shallow(git))
    return State()


def is_shallow(git: Git) -> bool:
    """Is the history cut off?"""
    return git.asked("rev-parse", "--is-shallow-repository") == "true"


def _branch(git: Git) -> str:
    return git.asked("symbolic-ref", "--quiet", "--short", "HEAD")


def _dirty(tree: WorkTree, git: Git, commit: str) -> bool:
    """Do the files on disk differ from the commit?

    `git status` would run the repository's clean filters, so content is compared here: as it is, and with the line ends
    that a checkout may have changed.
    """
    if tree.untracked or not commit:
        return True
    staged = git.records("diff-index", "--cached", "--raw", "-z", "--no-renames", "--ignore-submodules=all", commit)
    if next(staged, None) is not None:
        return True
    disk = Disk(git.place.folder)
    try:
        return any(_differs(disk, path, mode, blob) for path, mode, blob in _suspects(git, disk))
    except (_TooManyError, FileNotFoundError):  # without an index, nothing says what was checked out
        return True


class _TooManyError(Exception):
    """More files look changed than are worth comparing."""


_DEBUGGED = re.compile(rb"(?P<tag>\S) (?P<mode>\d+) (?P<blob>[0-9a-f]+) \d\t(?P<path>.+)\Z", re.DOTALL)
_STAMPED = re.compile(rb"\s*ctime: \d+:\d+\s+mtime: (\d+):(\d+)\s+dev:.*?size: (\d+)\s+flags: \w+\s?\n", re.DOTALL)


def _suspects(git: Git, disk: Disk) -> Iterator[tuple[str, str, str]]:
    """Files whose time stamp or size differs from the index, or is too young to tell, with their mode and blob there.

    `git diff-files` would do the same, and run the repository's filters on files that were written after the index.
    """
    written = (git.place.git_dir / "index").stat().st_mtime_ns
    number = 0
    for path, mode, blob, stamp in _indexed(git):
        status = disk.look(path)
        same = status is not None and (status.st_mtime_ns, status.st_size) == stamp and stamp[0] < written
        if not same:
            number += 1
            if number > MOST_COMPARED:
                raise _TooManyError
            yield path, mode, blob


def _indexed(git: Git) -> Iterator[tuple[str, str, str, tuple[int, int]]]:
    """Each file of the index: path, mode, blob, and its time in nanoseconds and size; those not checked out aside."""
    records = git.records("ls-files", "-z", "-t", "-s", "--debug")
    head = next(records, b"")
    for record in records:
        stamp, entry = _STAMPED.match(record), _DEBUGGED.match(head)
        head = record[stamp.end() :] if stamp else b""
        if entry and stamp and entry["tag"] != b"S" and entry["mode"] != b"160000":
            seconds, nanoseconds, size = map(int, stamp.groups())
            when = (seconds * 10**9 + nanoseconds, size)
            yield os.fsdecode(entry["path"]), entry["mode"].decode(), entry["blob"].decode(), when


def _differs(disk: Disk, path: str, mode: str, blob: str) -> bool:
    status = disk.look(path)
    if mode == "120000":
        return status is None or not stat.S_ISLNK(status.st_mode)
    if status is None or not stat.S_ISREG(status.st_mode):
        return True
    try:
        data = disk.read(path)
    except OSError:
        return True
    return blob not in (_blob_id(data, len(blob)), _blob_id(data.replace(b"\r\n", b"\n"), len(blob)))


def _blob_id(data: bytes, digits: int) -> str:
    """The id that git gives to a blob of these bytes: SHA-1 or, with 64 digits, SHA-256."""
    content = b"blob %d\0" % len(data) + data
    if digits == 64:  # noqa: PLR2004 - of a SHA-256 in hexadecimal
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
