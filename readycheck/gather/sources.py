"""The files of one audited tree for every gatherer of an audit: found by pattern, read once while memory lasts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from readycheck.facts.repository import Skipped
from readycheck.gather.aside import Aside
from readycheck.gather.patterns import PathIndex
from readycheck.gather.text import LARGEST_TEXT, Unreadable, decode
from readycheck.gather.tree import Tree

#: The most characters of text that are kept at once; what falls out is read again when it is asked for again.
CACHED_CHARACTERS = 64 * 1024 * 1024
#: How many paths are shown for each reason of skipping.
SHOWN = 5


class Sources:
    """The project's own files: vendored, generated, linked and nested ones are set aside and counted in `skipped`.

    Safe to share between threads. The tree is listed at the first question, not before.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._lock = threading.RLock()
        self._paths: tuple[str, ...] | None = None
        self._every: frozenset[str] = frozenset()
        self._aside: dict[str, _Count] = {}
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._problems: dict[str, str] = {}
        self._characters = 0
        self._matches: dict[str, frozenset[str]] = {}
        self._index: PathIndex | None = None

    def paths(self) -> tuple[str, ...]:
        """Every file of the project, sorted; from the root with `/`.

        Raises:
            ReadycheckError: the tree cannot be listed.
        """
        with self._lock:
            if self._paths is None:
                self._paths = self._listed()
            return self._paths

    def every(self) -> frozenset[str]:
        """Every path that is there, those set aside and links included: what is not among them is missing."""
        self.paths()
        return self._every

    def _listed(self) -> tuple[str, ...]:
        aside = Aside(self._attributes())
        own, every = [], set[str]()
        for entry in self.tree.entries():
            every.add(entry.path)
            reason = aside.reason(entry.path)
            if reason:
                self._set_aside(reason, entry.path)
                continue
            own.append(entry.path)
            if entry.size > LARGEST_TEXT:
                self._problems[entry.path] = "larger than 2 MiB"
                self._set_aside("larger than 2 MiB: its text was not read", entry.path)
        for reason, paths in self.tree.skipped().items():
            every.update(paths)
            for path in paths:
                self._set_aside(reason, path)
        self._every = frozenset(every)
        return tuple(sorted(set(own)))

    def _attributes(self) -> str:
        try:
            return decode(self.tree.read(".gitattributes"))
        except (OSError, Unreadable):
            return ""

    def _set_aside(self, reason: str, path: str) -> None:
        self._aside.setdefault(reason, _Count([], [0])).add(path)

    def text(self, path: str) -> str | None:
        """The file's text (UTF-8, UTF-16 with its mark, else Latin-1), or None; `problem` then says why."""
        with self._lock:
            if path in self._texts:
                self._texts.move_to_end(path)
                return self._texts[path]
            if path in self._problems:
                return None
            return self._read(path)

    def _read(self, path: str) -> str | None:
        try:
            text = decode(self.tree.read(path))
        except Unreadable as error:
            self._problems[path] = str(error)
            return None
        except OSError:
            self._problems[path] = "cannot be read"
            return None
        self._texts[path] = text
        self._characters += len(text)
        while self._characters > CACHED_CHARACTERS and len(self._texts) > 1:
            self._characters -= len(self._texts.popitem(last=False)[1])
        return text

    def problem(self, path: str) -> str:
        """Why `text` had nothing to give for this path; empty when it had."""
        return "" if self.text(path) is not None else self._problems[path]

    def data(self, path: str) -> bytes:
        """The file's bytes, whatever they are; not kept.

        Raises:
            OSError: there is no such file, or it cannot be read.
        """
        with self._lock:
            return self.tree.read(path)

    def match(self, patterns: Sequence[str]) -> list[str]:
        """The project's files that these patterns select, sorted.

        Patterns are gitignore's (relative to the root, `!` takes away); the last one that matches a file decides.

        Raises:
            ValueError: a pattern is not one.
        """
        chosen: set[str] = set()
        for pattern in patterns:
            matched = self._matched(pattern.removeprefix("!"))
            chosen = chosen - matched if pattern.startswith("!") else chosen | matched
        return sorted(chosen)

    def _matched(self, pattern: str) -> frozenset[str]:
        paths = self.paths()
        with self._lock:
            if self._index is None:
                self._index = PathIndex(paths)
            if pattern not in self._matches:
                self._matches[pattern] = self._index.matching(pattern)
            return self._matches[pattern]

    def skipped(self) -> tuple[Skipped, ...]:
        """What was set aside, by reason: how many files, and a few of them."""
        self.paths()
        return tuple(
            Skipped(reason, count.total[0], tuple(count.shown)) for reason, count in sorted(self._aside.items())
        )


class _Count(NamedTuple):
    """How many paths there were for a reason, and the first few."""

    shown: list[str]
    total: list[int]

    def add(self, path: str) -> None:
        self.total[0] += 1
        if len(self.shown) < SHOWN:
            self.shown.append(path)
