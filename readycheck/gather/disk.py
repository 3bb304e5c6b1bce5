"""Reads a folder on disk without ever following a link, waiting on a pipe, or leaving the folder."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from readycheck.gather.aside import VENDORED, Aside
from readycheck.gather.patterns import hostile_matcher
from readycheck.gather.text import Unreadable, decode
from readycheck.gather.tree import Entry

#: A larger file is not read, in bytes.
LARGEST_FILE = 64 * 1024 * 1024
#: How many folders are looked into for files that the project ignores.
MOST_FOLDERS = 20_000

LINK, SPECIAL, NESTED = "a symbolic link: not followed", "no regular file", "a nested repository or submodule"

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Disk:
    """Files below one folder, by their paths from it with `/`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._plain: dict[str, bool] = {"": True}

    def look(self, path: str) -> os.stat_result | None:
        """What stands at this path itself; None when there is nothing, or a folder on the way to it is a link."""
        # Joining an absolute path, or one with a drive, would leave the root.
        if Path(path).anchor or not self._reached(path.rpartition("/")[0]):
            return None
        try:
            return os.lstat(self.root / path)
        except (OSError, ValueError):
            return None

    def _reached(self, folder: str) -> bool:
        """Is every folder on the way a real one inside the root?"""
        if folder not in self._plain:
            parent, _, name = folder.rpartition("/")
            self._plain[folder] = name not in ("", ".", "..") and self._reached(parent) and self._is_folder(folder)
        return self._plain[folder]

    def _is_folder(self, folder: str) -> bool:
        try:
            return stat.S_ISDIR(os.lstat(self.root / folder).st_mode)
        except (OSError, ValueError):
            return False

    def read(self, path: str) -> bytes:
        """The bytes of a regular file.

        Raises:
            OSError: there is none, it is no regular file or too large, or it may not be read.
        """
        if self.look(path) is None:
            raise FileNotFoundError(errno.ENOENT, "no such file in the audited folder", path)
        with os.fdopen(os.open(self.root / path, _FLAGS), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
                raise OSError(errno.EINVAL, "no regular file, or larger than 64 MiB", path)
            # A file may grow while it is read.
            return file.read(LARGEST_FILE)


class Rule(NamedTuple):
    """A line of a `.gitignore`: the folder that it stands in, whether it takes back, and what it matches below that."""

    base: str
    negated: bool
    applies: Callable[[str], bool]


class Walk:
    """The files of a folder that is no repository, as git would list them: its `.gitignore` files are honoured.

    `skipped` is filled on the way. Folders of vendored code are not entered.
    """

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._aside = Aside()
        self.skipped: dict[str, list[str]] = {}

    def entries(self) -> Iterator[Entry]:
        """Every file, folder by folder."""
        waiting: list[tuple[str, tuple[Rule, ...]]] = [("", ())]
        while waiting:
            folder, rules = waiting.pop()
            rules += self._rules(folder)
            for found in self._scan(folder):
                path = f"{folder}{found.name}"
                if found.is_symlink():
                    self._skip(LINK, path)
                elif found.is_dir(follow_symlinks=False):
                    if not _ignored(f"{path}/", rules) and self._enters(path):
                        waiting.append((f"{path}/", rules))
                elif not found.is_file(follow_symlinks=False):
                    self._skip(SPECIAL, path)
                elif not _ignored(path, rules):
                    yield Entry(path, found.stat(follow_symlinks=False).st_size)

    def _scan(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self._disk.root / folder) as found:
                return sorted(found, key=lambda entry: entry.name)
        except OSError:
            self._skip("cannot be read", folder)
            return []

    def _enters(self, path: str) -> bool:
        if path == ".git" or path.endswith("/.git"):
            return False
        if (self._disk.root / path / ".git").exists():
            self._skip(NESTED, f"{path}/")
            return False
        if self._aside.reason(f"{path}/.") == VENDORED:
            self._skip(VENDORED, f"{path}/")
            return False
        return True

    def _rules(self, folder: str) -> tuple[Rule, ...]:
        try:
            text = decode(self._disk.read(f"{folder}.gitignore"))
        except (OSError, Unreadable):
            return ()
        rules = []
        for line in text.splitlines()[:2000]:
            applies = hostile_matcher(line.removeprefix("!")) if line.strip() and not line.startswith("#") else None
            if applies:
                rules.append(Rule(folder, line.startswith("!"), applies))
        return tuple(rules)

    def _skip(self, reason: str, path: str) -> None:
        self.skipped.setdefault(reason, []).append(path)


def _ignored(path: str, rules: tuple[Rule, ...]) -> bool:
    """Does the last rule that matches ignore it? Every rule stands in a folder above the path."""
    for rule in reversed(rules):
        if rule.applies(path[len(rule.base) :]):
            return not rule.negated
    return False


def every_file(disk: Disk) -> Iterator[str]:
    """Every regular file below the folder, ignored or not; `.git`, links and vendored folders are not entered."""
    aside = Aside()
    waiting = [""]
    for _ in range(MOST_FOLDERS):
        if not waiting:
            return
        folder = waiting.pop()
        try:
            with os.scandir(disk.root / folder) as scan:
                found = list(scan)
        except OSError:
            continue
        for entry in found:
            path = f"{folder}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if entry.name != ".git" and aside.reason(f"{path}/.") != VENDORED:
                    waiting.append(f"{path}/")
            elif entry.is_file(follow_symlinks=False):
                yield path
