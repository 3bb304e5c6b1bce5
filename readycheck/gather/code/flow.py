"""Follows a value through one file: from the name that it is imported by to what is built of it, and where that goes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ast_grep_py import SgNode
from msgspec import Struct

from readycheck.facts.repository import Signal
from readycheck.gather.code.climb import Climb
from readycheck.gather.code.grammar import Grammar
from readycheck.gather.code.matching import contains
from readycheck.gather.code.tracked import Exports, TooDeepError, Tracked
from readycheck.model import Strength

#: Bounds for one signal in one file: names that are followed, places that are looked at, and levels that are climbed.
MOST_NAMES, MOST_PLACES, MOST_LEVELS = 40, 400, 60
#: A place nested deeper than this was not written by hand; climbing from many of them would never end.
DEEPEST = 1500


class Place(NamedTuple):
    """A node where the value shows, and how strongly."""

    node: SgNode
    strength: Strength


class Flow(Struct):
    """What came of following the value through one file."""

    places: list[Place]
    exports: Exports


class Follower:
    """Follows the values of one signal through one file."""

    def __init__(self, root: SgNode, grammar: Grammar, signal: Signal) -> None:
        self.root = root
        self.grammar = grammar
        self.signal = signal
        self.places: list[Place] = []
        self.exports: Exports = {}
        self._known: dict[Tracked, None] = {}
        self._waiting: list[Tracked] = []

    def follow(self, names: Iterable[Tracked], inline: Sequence[tuple[SgNode, Tracked]] = ()) -> Flow:
        """Where the values behind these names and nodes go.

        Raises:
            TooDeepError: the file is nested too deeply.
        """
        for name in names:
            self.track(name)
        for node, name in inline:
            self._climb(node, name)
        while self._waiting:
            name = self._waiting.pop()
            for node in self._occurrences(name):
                self._climb(node, name)
        for text in self._texts():
            self._climb(text, Tracked(""))
        return Flow(self.places, self.exports)

    def track(self, name: Tracked) -> None:
        """Follow this name too, unless it is known or there are too many."""
        if name.name and name not in self._known and len(self._known) < MOST_NAMES:
            self._known[name] = None
            self._waiting.append(name)

    def _occurrences(self, name: Tracked) -> list[SgNode]:
        pattern = f"^{re.escape(name.name)}$"
        if name.own:
            found = []
            for kind, (holder, member) in self.grammar.members.items():
                rule: Any = {"kind": kind, "has": {"field": member, "regex": pattern}}
                found += [node for node in self.root.find_all(**rule) if _is_self(node.field(holder))]
            return found[:MOST_PLACES]
        kinds: Any = [{"kind": kind} for kind in sorted(self.grammar.names)]
        return self.root.find_all(any=kinds, regex=pattern)[:MOST_PLACES]

    def _texts(self) -> list[SgNode]:
        if not self.signal.strings:
            return []
        wanted = "|".join(re.escape(text) for text in self.signal.strings)
        kinds: Any = [{"kind": kind} for kind in sorted(self.grammar.strings)]
        return self.root.find_all(any=kinds, regex=f"^[\"'](?:{wanted})[\"']$")[:MOST_PLACES]

    def _climb(self, node: SgNode, name: Tracked) -> None:
        ancestors = node.ancestors()
        if len(ancestors) > DEEPEST:
            raise TooDeepError
        climb = Climb(self, node, name, ancestors[:MOST_LEVELS])
        strength = climb.run()
        if strength is not None:
            self.places.append(Place(climb.marked, strength))

    def spoiled(self, node: SgNode) -> bool:
        """Is there something inside the node that makes it worthless?"""
        return any(contains(node, code, self.grammar) for code in self.signal.without)


def _is_self(node: SgNode | None) -> bool:
    return node is not None and node.text() in ("this", "self", "cls")
