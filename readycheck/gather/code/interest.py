"""Which signals may show in which file: found by words and imports, so that the number of signals hardly matters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from readycheck.facts.repository import Signal
from readycheck.gather.code.links import EVERYTHING, WHOLE, Import
from readycheck.gather.code.matching import needed_words, words_in
from readycheck.gather.code.tracked import Exports, Tracked, better


def normal(module: str, ecosystem: str) -> str:
    """A module's or package's name as it is compared: `Flask-Limiter` is `flask_limiter`, `node:crypto` is `crypto`."""
    if ecosystem == "python":
        return module.lower().replace("-", "_")
    return module.removeprefix("node:")


def _prefixes(module: str, ecosystem: str) -> Iterator[str]:
    separator = "." if ecosystem == "python" else "/"
    parts = module.split(separator)
    for size in range(1, len(parts) + 1):
        yield separator.join(parts[:size])


class Interest:
    """The signals of one ecosystem, indexed by what makes a file worth a look."""

    def __init__(self, ecosystem: str, signals: Sequence[Signal]) -> None:
        self.ecosystem = ecosystem
        self.signals = tuple(signals)
        self._packages: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
        self._words: dict[str, set[int]] = defaultdict(set)
        self._always: set[int] = set()
        for index, signal in enumerate(self.signals):
            for package in signal.packages:
                name, _, export = package.partition(":")
                self._packages[normal(name, ecosystem)].append((index, name, export))
            for words in _triggers(signal):
                self._enter(index, words)

    def _enter(self, index: int, words: frozenset[str]) -> None:
        if words:
            # The longest word of a pattern is the rarest, more often than not.
            self._words[max(words, key=lambda word: (len(word), word))].add(index)
        else:
            self._always.add(index)

    def by_words(self, words: frozenset[str]) -> set[int]:
        """The signals that have a pattern or a text that may match in a file with these words."""
        found = set(self._always)
        for word in words & self._words.keys():
            found |= self._words[word]
        return found

    def by_import(self, imported: Import) -> Iterator[tuple[int, Tracked]]:
        """The signals whose package this import is of, each with the name to follow."""
        module = normal(imported.module, self.ecosystem)
        for prefix in _prefixes(module, self.ecosystem):
            for index, package, export in self._packages.get(prefix, ()):
                yield from ((index, name) for name in _followed(imported, package, export, whole=prefix == module))
        if self.ecosystem == "python" and imported.imported not in (WHOLE, EVERYTHING):
            for index, _, export in self._packages.get(normal(f"{module}.{imported.imported}", "python"), ()):
                yield index, Tracked(imported.local, reach=(export,) if export else ())


def _triggers(signal: Signal) -> Iterator[frozenset[str]]:
    for pattern in (*signal.constructed, *signal.wired):
        if pattern.words and not pattern.code:
            yield from (frozenset({word}) for word in pattern.words)
        else:
            yield needed_words(pattern.code)
    yield from (words_in(text) for text in signal.strings)


def _followed(imported: Import, package: str, export: str, *, whole: bool) -> Iterator[Tracked]:
    """The names to follow for an import of a package, or of one export of it."""
    local, last = imported.local, imported.reach[-1] if imported.reach else imported.imported
    named = imported.imported not in (WHOLE, EVERYTHING, "default", "")
    if not export:
        # `import a.b.c` binds `a`; what belongs to the package `a.b` is behind `a.b`.
        reach = tuple(package.split(".")[1:]) if imported.imported == WHOLE and imported.reach else ()
        yield Tracked(local, origin=last if named else "", reach=reach)
    elif named:
        if last == export:
            yield Tracked(local, origin=export)
    elif imported.imported == EVERYTHING:
        yield Tracked(export, origin=export)
    elif whole:
        yield Tracked(local, reach=(*imported.reach, export))


def from_exports(imported: Import, exports: Exports, *, whole: bool) -> Iterator[Tracked]:
    """The names to follow for an import of another file of the project; `whole` when the name is the file itself."""
    for path, value in exports.items():
        if imported.imported == EVERYTHING:
            if path:
                yield Tracked(path[0], value, path[-1], path[1:])
        elif whole or imported.imported in (WHOLE, "default"):
            reach = () if whole and imported.imported != WHOLE else imported.reach
            yield Tracked(imported.local, value, path[-1] if path else "", (*reach, *path))
        else:
            wanted = (imported.imported, *imported.reach)
            if not path:
                yield Tracked(imported.local, value, wanted[-1])
            elif path[: len(wanted)] == wanted:
                yield Tracked(imported.local, value, path[-1], path[len(wanted) :])


def passed_on(exported: tuple[str, ...], imported: str, exports: Exports) -> Exports:
    """What a file exports by handing on the exports of another."""
    found: Exports = {}
    for path, value in exports.items():
        if imported in (EVERYTHING, WHOLE, "default"):
            found[(*exported, *path)] = value
        elif path[:1] == (imported,):
            found[(*exported, *path[1:])] = value
    return found


def merged(every: Iterable[Exports]) -> Exports:
    """Exports of several files that are imported under one name."""
    found: Exports = {}
    for exports in every:
        for path, value in exports.items():
            found[path] = better(value, found.get(path))
    return found
