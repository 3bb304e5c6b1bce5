"""Reads each file of an ecosystem once, imports before importers, and says what every signal shows in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from ast_grep_py import SgNode, SgRoot
from msgspec import Struct

from readycheck.facts.repository import LONGEST_EXCERPT, Pattern, Signal, Use
from readycheck.gather.code.constants import Constants
from readycheck.gather.code.flow import Follower, Place
from readycheck.gather.code.golang import go_links
from readycheck.gather.code.grammar import Grammar, grammar_of
from readycheck.gather.code.interest import Interest, from_exports, merged, passed_on
from readycheck.gather.code.javascript import javascript_links
from readycheck.gather.code.links import Import, Links, Passed
from readycheck.gather.code.matching import PatternError, matches, may_match, words_in
from readycheck.gather.code.python import python_links
from readycheck.gather.code.resolving import Resolver, by_folder, folder_files
from readycheck.gather.code.selection import SourceFiles, refusal
from readycheck.gather.code.shapes import elsewhere
from readycheck.gather.code.tracked import Exports, TooDeepError, Tracked
from readycheck.model import Strength
from readycheck.redact import redact

#: How many files may be open at once (an import chain that is longer is cut), and how often a cycle is gone through.
LONGEST_CHAIN, MOST_ROUNDS = 300, 3
#: The most files that a computed import is taken to load.
MOST_LOADED = 400


class Parsed(Struct):
    """A file while it is open: its text, words, tree and ties, and the project's files behind each of them."""

    path: str
    text: str
    words: frozenset[str]
    root: SgNode
    grammar: Grammar
    links: Links
    targets: dict[Import, tuple[str, ...]] = {}
    handed: dict[Passed, tuple[str, ...]] = {}
    waiting: list[str] = []


class Sight(NamedTuple):
    """A use that a signal (by its index) shows in one file."""

    signal: int
    use: Use


class Reader(Protocol):
    """Reads something else from each tree while it is there (routes)."""

    def wants(self, path: str, words: frozenset[str]) -> bool:
        """Is this file worth parsing for it?"""

    def read(self, parsed: Parsed, *, reached: bool) -> None:
        """Read the tree; it is dropped afterwards."""


class Scan:
    """One walk through the code of one ecosystem, from its entry points."""

    def __init__(
        self, sources: SourceFiles, interest: Interest, resolver: Resolver | None, paths: Iterable[str]
    ) -> None:
        self.sources = sources
        self.interest = interest
        self.resolver = resolver
        self.folders = by_folder(paths)
        self.paths = {path for inside in self.folders.values() for path in inside}
        self.sights: dict[str, list[Sight]] = {}
        self.unread: dict[str, list[str]] = defaultdict(list)
        self.files = 0
        self.reached: dict[str, bool] = {}
        self._exports: dict[str, dict[int, Exports]] = {}
        self._early: dict[str, set[str]] = defaultdict(set)
        self.problems: dict[Signal, str] = {}
        self.stopped: Callable[[], bool] = lambda: False
        self._constants = Constants(sources, self.folders)
        #: Told of every file that is reached while its tree is there; says what is broken in it.
        self.inspect: Callable[[Parsed], None] = lambda _: None

    def walk(self, starts: Iterable[str], *, reached: bool, readers: Sequence[Reader] = ()) -> None:
        """Read these files and all that they import; what was read before is not read again."""
        queue = list(starts)
        while queue and not self.stopped():
            self._descend(queue.pop(0), reached, readers, queue)

    def _descend(self, start: str, reached: bool, readers: Sequence[Reader], later: list[str]) -> None:
        stack = [parsed for parsed in [self._opened(start, readers, reached=reached)] if parsed]
        while stack and not self.stopped():
            top = stack[-1]
            while top.waiting and top.waiting[-1] in self.reached:
                self._seen(top.waiting.pop(), top.path)
            if not top.waiting:
                self._close(stack.pop(), readers)
            elif len(stack) >= LONGEST_CHAIN:
                later += top.waiting
                top.waiting.clear()
            elif (below := self._opened(top.waiting.pop(), readers, reached=reached)) is not None:
                stack.append(below)

    def _seen(self, target: str, importer: str) -> None:
        if target not in self._exports:
            self._early[target].add(importer)

    def _opened(self, path: str, readers: Sequence[Reader], *, reached: bool) -> Parsed | None:
        if path in self.reached or path not in self.paths:
            return None
        self.reached[path] = reached
        text = self.sources.text(path)
        if text is None:
            return None
        if reason := refusal(text):
            self.unread[reason].append(path)
            return None
        self.files += 1
        words = words_in(text)
        wanted = self.resolver or self.interest.by_words(words) or any(reader.wants(path, words) for reader in readers)
        return self._parsed(path, text, words) if wanted else None

    def _parsed(self, path: str, text: str, words: frozenset[str]) -> Parsed:
        known = grammar_of(path)
        assert known is not None  # noqa: S101 - only files with a grammar are code
        language, grammar = known
        root = SgRoot(text, language).root()
        parsed = Parsed(path, text, words, root, grammar, _links(root, path, grammar))
        if self.resolver is not None:
            self._tie(parsed, self.resolver)
        return parsed

    def _tie(self, parsed: Parsed, resolver: Resolver) -> None:
        links, path = parsed.links, parsed.path
        for one in links.imports:
            found = resolver.submodule(one.module, one.imported, path) or resolver.files(one.module, path)
            if found:
                parsed.targets[one] = found
        waiting = [target for found in parsed.targets.values() for target in found]
        for passed in links.passed:
            parsed.handed[passed] = resolver.files(passed.module, path)
            waiting += parsed.handed[passed]
        for module in links.named:
            waiting += resolver.files(module, path)
        for start in links.computed:
            waiting += folder_files(self.folders, start, path)[:MOST_LOADED]
        for module in [name for name in links.named if "." in name and self.interest.ecosystem == "python"]:
            # `"shop.views.index"` names something in a module, `"shop.apps.ShopConfig"` too.
            waiting += resolver.files(module.rpartition(".")[0], path)
        parsed.waiting = [target for target in dict.fromkeys(waiting) if target != path][::-1]

    def _close(self, parsed: Parsed, readers: Sequence[Reader]) -> None:
        reached = self.reached[parsed.path]
        elsewhere.find = lambda text: self._constants.behind(
            text, parsed.path, parsed.links.imports, parsed.targets, parsed.grammar
        )
        try:
            self.sights[parsed.path], self._exports[parsed.path] = self._look(parsed, reached=reached)
            for reader in readers:
                reader.read(parsed, reached=reached)
            if reached:
                self.inspect(parsed)
        except TooDeepError:
            self._refuse(parsed.path, "nested too deeply")
        except (IndexError, KeyError, AttributeError, ValueError) as error:
            # One strange file must not hide what stands in all the others.
            self._refuse(parsed.path, f"not understood ({type(error).__name__})")

    def _refuse(self, path: str, reason: str) -> None:
        self.unread[reason].append(path)
        self.sights.setdefault(path, [])
        self._exports.setdefault(path, {})

    def _look(self, parsed: Parsed, *, reached: bool) -> tuple[list[Sight], dict[int, Exports]]:
        seeds, inline = self._seeds(parsed)
        by_words = self.interest.by_words(parsed.words)
        sights: list[Sight] = []
        exports = self._handed_on(parsed)
        for index in sorted(by_words | seeds.keys() | inline.keys()):
            signal = self.interest.signals[index]
            places = self._patterns(parsed, signal) if index in by_words else []
            if index in seeds or index in inline or signal.strings:
                flow = Follower(parsed.root, parsed.grammar, signal).follow(seeds[index], inline[index])
                places += flow.places
                exports[index] = merged([exports.get(index, {}), flow.exports])
            sights += [Sight(index, use) for use in self._uses(parsed, places, reached=reached)]
        return sights, {index: found for index, found in exports.items() if found}

    def _seeds(self, parsed: Parsed) -> tuple[dict[int, list[Tracked]], dict[int, list[tuple[SgNode, Tracked]]]]:
        seeds: dict[int, list[Tracked]] = defaultdict(list)
        inline: dict[int, list[tuple[SgNode, Tracked]]] = defaultdict(list)
        for one in parsed.links.imports:
            for index, name in self._followed(one, parsed):
                if one.node is not None:
                    inline[index].append((one.node, name))
                else:
                    seeds[index].append(name)
        return seeds, inline

    def _followed(self, one: Import, parsed: Parsed) -> Iterator[tuple[int, Tracked]]:
        targets = parsed.targets.get(one)
        if not targets:
            yield from self.interest.by_import(one)
            return
        whole = self.resolver is not None and bool(self.resolver.submodule(one.module, one.imported, parsed.path))
        # A Python import also runs the packages on the way; only the last file is what the name means.
        meant = targets if self.interest.ecosystem == "go" else targets[:1]
        indexes = {index for target in meant for index in self._exports.get(target, ())}
        for index in indexes:
            exports = merged(self._exports.get(target, {}).get(index, {}) for target in meant)
            yield from ((index, name) for name in from_exports(one, exports, whole=whole))

    def _handed_on(self, parsed: Parsed) -> dict[int, Exports]:
        """Exports that this file passes on from others; in Python every name that is imported is one."""
        found: dict[int, Exports] = defaultdict(dict)
        for passed, targets in parsed.handed.items():
            for target in targets:
                for index, exports in self._exports.get(target, {}).items():
                    found[index].update(passed_on(passed.exported, passed.imported, exports))
        if self.interest.ecosystem == "python":
            for one in parsed.links.imports:
                for index, name in self._followed(one, parsed):
                    found[index].setdefault((name.name, *name.reach), name.value)
        return found

    def _patterns(self, parsed: Parsed, signal: Signal) -> list[Place]:
        places: list[Place] = []
        spoiled = Follower(parsed.root, parsed.grammar, signal).spoiled
        for patterns, strength in ((signal.wired, Strength.WIRED), (signal.constructed, Strength.CONSTRUCTED)):
            for pattern in patterns:
                if may_match(pattern, parsed.words):
                    places += self._matched(parsed, signal, pattern, strength)
        return [place for place in places if not spoiled(place.node)]

    def _matched(self, parsed: Parsed, signal: Signal, pattern: Pattern, strength: Strength) -> list[Place]:
        try:
            return [Place(node, strength) for node in matches(parsed.root, pattern, parsed.grammar)]
        except PatternError as error:
            self.problems[signal] = str(error)
            return []

    def _uses(self, parsed: Parsed, places: list[Place], *, reached: bool) -> Iterator[Use]:
        strongest: dict[int, Strength] = {}
        for place in places:
            line = place.node.range().start.line
            if line not in strongest or place.strength.rank > strongest[line].rank:
                strongest[line] = place.strength
        lines = parsed.text.split("\n") if strongest else []
        for line, strength in sorted(strongest.items()):
            shown = redact(lines[line].strip())[:LONGEST_EXCERPT] if line < len(lines) else ""
            # What nothing reaches is dead: connected to something that never runs.
            actual = strength if reached else Strength.CONSTRUCTED
            yield Use(parsed.path, line + 1, shown, self.interest.ecosystem, actual, reached)

    def settle(self) -> None:
        """Read files again that were read before what they import, because the imports go in a circle."""
        settled: dict[str, int] = {}
        for _ in range(MOST_ROUNDS):
            stale = {
                importer
                for target, importers in self._early.items()
                if self._exports.get(target) and settled.get(target) != len(self._exports[target])
                for importer in importers
            }
            settled = {target: len(self._exports.get(target, ())) for target in self._early}
            if not stale or self.stopped():
                return
            for path in sorted(stale):
                self._again(path)

    def _again(self, path: str) -> None:
        text = self.sources.text(path)
        if text is not None and not refusal(text):
            self.inspect = lambda _: None
            self._close(self._parsed(path, text, words_in(text)), ())


def _links(root: SgNode, path: str, grammar: Grammar) -> Links:
    if grammar.ecosystem == "javascript":
        return javascript_links(root)
    if grammar.ecosystem == "python":
        # Django names modules as texts in its settings and its URL configuration.
        return python_links(
            root, texts="settings" in path or path.endswith(("urls.py", "manage.py", "apps.py", "sgi.py"))
        )
    return go_links(root) if grammar.ecosystem == "go" else Links()
