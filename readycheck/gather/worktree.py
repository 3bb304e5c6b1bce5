"""The files of a folder as they stand on disk: what git tracks or would track, or what `.gitignore` files leave."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from readycheck.errors import TargetError
from readycheck.gather.blobs import Blobs
from readycheck.gather.disk import LINK, NESTED, SPECIAL, Disk, Walk, every_file
from readycheck.gather.git import Git, GitPlace, find_git
from readycheck.gather.patterns import select
from readycheck.gather.tree import Entry

#: More files than this are not audited: the list of their names alone would fill the memory.
MOST_FILES = 2_000_000

_SYMLINK, _GITLINK, _SPARSE = b"120000", b"160000", b"S"
_SECOND_OF_NAME = "another name reads the same once what is not UTF-8 in it is replaced"


class WorkTree:
    """A folder on disk: a git work tree, a folder in one, or just files.

    Files that a sparse checkout leaves out are read from the index. Names that are not UTF-8 are shown with a
    replacement character and still read.

    Raises:
        TargetError: there is no such folder.
    """

    def __init__(self, path: Path | str) -> None:
        root = Path(path)
        if not root.is_dir():
            raise TargetError(f"there is no folder {str(path)!r}", hint="name the root of the repository to audit")
        self._disk = Disk(root.resolve())
        place = find_git(self._disk.root)
        self.git = Git(place) if place and place.top and _belongs(place) else None
        self._blobs = Blobs(self.git) if self.git else None
        self._sparse: dict[str, str] = {}
        self._raw: dict[str, str] = {}
        self._skipped: dict[str, list[str]] = {}
        self.untracked = False

    def entries(self) -> Iterator[Entry]:
        """Every file that git tracks, or would track were it added.

        Raises:
            TargetError: git cannot list them, or there are more than `MOST_FILES`.
        """
        self._skipped = {}
        for number, entry in enumerate(self._tracked(self.git) if self.git else self._walked()):
            if number >= MOST_FILES:
                raise TargetError(f"the repository has more than {MOST_FILES} files", hint="audit one folder of it")
            yield entry

    def _walked(self) -> Iterator[Entry]:
        walk = Walk(self._disk)
        for entry in walk.entries():
            yield from self._named(entry)
        self._skipped |= walk.skipped

    def _tracked(self, git: Git) -> Iterator[Entry]:
        last = ""
        for record in git.records("ls-files", "-z", "-t", "-s"):
            head, _, name = record.partition(b"\t")
            tag, mode, blob, _ = head.split()
            path = os.fsdecode(name)
            if path != last:
                yield from self._entry(path, mode, blob.decode() if tag == _SPARSE else "")
            last = path
        for record in git.records("ls-files", "-z", "--others", "--exclude-standard"):
            path = os.fsdecode(record)
            if path.endswith("/"):
                self._skip(NESTED, path)
            else:
                self.untracked = True
                yield from self._entry(path, b"", "")

    def _entry(self, path: str, mode: bytes, sparse: str) -> Iterator[Entry]:
        status = self._disk.look(path)
        if mode == _GITLINK:
            self._skip(NESTED, path)
        elif mode == _SYMLINK or (status and stat.S_ISLNK(status.st_mode)):
            self._skip(LINK, path)
        elif status is None and sparse:
            self._sparse[path] = sparse
            yield from self._named(Entry(path, 0))
        elif status is None:
            self._skip("tracked, and not on disk", path)
        elif not stat.S_ISREG(status.st_mode):
            self._skip(SPECIAL, path)
        else:
            yield from self._named(Entry(path, status.st_size))

    def _named(self, entry: Entry) -> Iterator[Entry]:
        """The entry under a name that can be shown; `_raw` leads from there to the name on disk."""
        shown = showable(entry.path)
        if shown == entry.path:
            yield entry
        elif shown in self._raw:
            self._skip(_SECOND_OF_NAME, shown)
        else:
            self._raw[shown] = entry.path
            yield Entry(shown, entry.size)

    def _skip(self, reason: str, path: str) -> None:
        self._skipped.setdefault(reason, []).append(showable(path))

    def skipped(self) -> Mapping[str, list[str]]:
        """What the last listing left out."""
        return {reason: [showable(path) for path in paths] for reason, paths in self._skipped.items()}

    def unlisted(self, patterns: Sequence[str]) -> Iterable[str]:
        """Files on disk that match, ignored or not; vendored folders and links are not entered."""
        return sorted(select(filter(_is_showable, every_file(self._disk)), patterns))

    def read(self, path: str) -> bytes:
        """The file's bytes from disk, as they are: no filter of git's runs.

        Raises:
            OSError: it cannot be read, is no regular file, or lies behind a link.
        """
        raw = self._raw.get(path, path)
        if raw in self._sparse and self._blobs:
            return self._blobs.read(self._sparse[raw])
        return self._disk.read(raw)

    def modified_at(self, path: str) -> float | None:
        """The file's modification time; a checkout sets it, so it is never older than the file's last commit here."""
        status = self._disk.look(self._raw.get(path, path))
        return status.st_mtime if status else None


def showable(path: str) -> str:
    """The name with whatever is not UTF-8 in it replaced, so that it can become JSON."""
    return path if _is_showable(path) else os.fsencode(path).decode("utf-8", "replace")


def _is_showable(path: str) -> bool:
    return not any("\udc80" <= letter <= "\udcff" for letter in path) if not path.isascii() else True


def _belongs(place: GitPlace) -> bool:
    """Is the folder part of the repository? One that a parent's repository merely contains, ignored, is not."""
    if not place.prefix:
        return True
    return next(iter(Git(place).records("ls-files", "-z")), None) is not None
