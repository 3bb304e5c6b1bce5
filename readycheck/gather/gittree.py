"""The files of one commit, read from git's objects: for bare repositories, and for commits that are not checked out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from readycheck.errors import TargetError
from readycheck.gather.blobs import Blobs
from readycheck.gather.disk import LINK, NESTED
from readycheck.gather.git import Git, find_git
from readycheck.gather.tree import Entry
from readycheck.gather.worktree import MOST_FILES, showable


class GitTree:
    """The tree of the commit that `ref` names; an unborn HEAD has no files.

    Raises:
        TargetError: it is no repository, or has no such commit.
    """

    def __init__(self, path: Path | str, ref: str = "HEAD") -> None:
        place = find_git(Path(path))
        if place is None:
            raise TargetError(
                f"{str(path)!r} is no git repository", hint="audit it without --ref, as a folder of files"
            )
        self.git = Git(place)
        self.commit = resolved(self.git, ref)
        self._blobs = Blobs(self.git)
        self._ids: dict[str, str] = {}
        self._skipped: dict[str, list[str]] = {}

    def entries(self) -> Iterator[Entry]:
        """Every file of the commit below the audited folder, with its size as git stores it.

        Raises:
            TargetError: git cannot list them, or there are more than `MOST_FILES`.
        """
        self._ids, self._skipped = {}, {}
        if not self.commit:
            return
        for record in self.git.records("ls-tree", "-r", "-l", "-z", self.commit):
            head, _, name = record.partition(b"\t")
            mode, _, blob, size = head.split()
            path = showable(os.fsdecode(name))
            if mode in (b"120000", b"160000"):
                self._skipped.setdefault(LINK if mode == b"120000" else NESTED, []).append(path)
            elif len(self._ids) >= MOST_FILES:
                raise TargetError(f"the repository has more than {MOST_FILES} files", hint="audit one folder of it")
            elif path not in self._ids:
                self._ids[path] = blob.decode()
                yield Entry(path, int(size) if size.isdigit() else 0)

    def skipped(self) -> Mapping[str, list[str]]:
        """The links and submodules of the last listing."""
        return self._skipped

    def unlisted(self, patterns: Sequence[str]) -> Iterable[str]:  # noqa: ARG002 - a commit holds what it lists
        """None: a commit has no ignored files."""
        return ()

    def read(self, path: str) -> bytes:
        """The blob's bytes.

        Raises:
            OSError: there is no such file, or its blob cannot be read.
        """
        if path in self._ids:
            return self._blobs.read(self._ids[path])
        if not self.commit or self._ids or "\n" in path:
            raise FileNotFoundError(path)
        return self._blobs.read(f"{self.commit}:{self.git.place.prefix}{path}")

    def modified_at(self, path: str) -> float | None:  # noqa: ARG002 - trees are not dated
        """Not known: a commit says when, a tree does not."""
        return None


def resolved(git: Git, ref: str) -> str:
    """The id of the commit that a name stands for; empty for HEAD before the first commit.

    Raises:
        TargetError: nothing is called that.
    """
    commit = "" if ref.startswith("-") else git.asked("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if not commit and ref != "HEAD":
        raise TargetError(f"the repository has no commit {ref!r}", hint="name a branch, a tag or a commit id")
    return commit
