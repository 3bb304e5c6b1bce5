"""Finds where in a large buffer a rule may match, for all rules at once.

Hyperscan (Vectorscan) where its wheel exists, else words that each match must contain, found with `re`. Both suspect every
place at which a rule's exact expression matches, and some more; judging them exactly gives the same credentials.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from readycheck.gather.secrets.rules import Rule

#: A place where the rule of this number may match: the offset behind a byte that is in the match, if there is one.
Suspicion = tuple[int, int]

#: From so many bytes on it pays to compile the expressions, which takes half a second, instead of looking for words.
MUCH = 512 * 1024


class Scanner(Protocol):
    """Looks for all rules at once. One scanner serves one thread; `twin` makes it one for another."""

    def suspicions(self, text: bytes | bytearray | memoryview) -> list[Suspicion]:
        """Where a rule may match, in the order of the places."""

    def twin(self) -> Scanner:
        """A scanner of the same rules for another thread."""


def scanner(rules: Sequence[Rule], *, expressions: bool = True) -> Scanner:
    """The fastest scanner that this machine has; without `expressions` the one that every machine has."""
    if expressions:
        try:
            return ExpressionScanner.of(rules)
        except ImportError:
            pass
    return WordScanner.of(rules)


class ExpressionScanner:
    """Scans with hyperscan, which gives Python's other threads way while it scans."""

    def __init__(self, database: Any, scratch: Any) -> None:
        self._database, self._scratch = database, scratch

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> ExpressionScanner:
        """A scanner of these rules.

        Raises:
            ImportError: there is no hyperscan for this machine.
        """
        import hyperscan

        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        expressions = [rule.scanned.encode() for rule in rules]
        database.compile(expressions=expressions, ids=list(range(len(rules))), flags=[0] * len(rules))
        return cls(database, hyperscan.Scratch(database))

    def suspicions(self, text: bytes | bytearray | memoryview) -> list[Suspicion]:
        """Where a rule may match, in the order of the places."""
        found: list[Suspicion] = []
        add = found.append

        def seen(rule: int, _start: int, end: int, _flags: int, _context: object) -> None:
            add((end, rule))

        self._database.scan(text, match_event_handler=seen, scratch=self._scratch)
        found.sort()
        return found

    def twin(self) -> ExpressionScanner:
        """A scanner with a scratch of its own."""
        return ExpressionScanner(self._database, self._scratch.clone())


class WordScanner:
    """Scans for words that each match must contain; what is scanned for by rules that have none is tried at every byte."""

    def __init__(
        self, words: re.Pattern[bytes], rules: dict[bytes, list[int]], others: list[tuple[int, re.Pattern[bytes]]]
    ) -> None:
        self._words, self._rules, self._others = words, rules, others
        self._sorted = sorted(rules)
        self._known: dict[bytes, list[int]] = {}

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> WordScanner:
        """A scanner of these rules."""
        words: dict[bytes, list[int]] = {}
        others = []
        for number, rule in enumerate(rules):
            own = rule.marks
            for word in own:
                words.setdefault(word, []).append(number)
            if not own:
                others.append((number, re.compile(b"(?=" + rule.scanned.encode() + b")")))
        return cls(re.compile(b"(?=(" + (_trie(words) or b"(?!)") + b"))"), words, others)

    def suspicions(self, text: bytes | bytearray | memoryview) -> list[Suspicion]:
        """Where a rule may match, in the order of the places."""
        plain = bytes(text)
        found = {
            (match.start() + len(match[1]), rule)
            for match in self._words.finditer(plain.lower())
            for rule in self._of(match[1])
        }
        for number, expression in self._others:
            found.update((match.start() + 1, number) for match in expression.finditer(plain))
        return sorted(found)

    def _of(self, word: bytes) -> list[int]:
        """The rules of the longest word at a place and of every shorter one that it starts with."""
        if word not in self._known:
            starts = [word[:size] for size in range(1, len(word) + 1)]
            self._known[word] = [rule for start in starts for rule in self._rules.get(start, ())]
        return self._known[word]

    def twin(self) -> WordScanner:
        """Itself: it holds nothing that two threads could spoil."""
        return self


def _trie(words: Iterable[bytes]) -> bytes:
    """An expression of the words that decides byte by byte: an alternation of hundreds would try them all."""
    ordered = sorted(set(words))
    return _branch(ordered, 0, len(ordered), 0)


def _branch(words: list[bytes], low: int, high: int, depth: int) -> bytes:
    ends = low < high and len(words[low]) == depth
    low += ends
    choices = []
    while low < high:
        head = words[low][: depth + 1]
        next_low = bisect_left(words, head[:-1] + bytes([head[-1] + 1]), low, high)
        choices.append(re.escape(head[-1:]) + _branch(words, low, next_low, depth + 1))
        low = next_low
    if not choices:
        return b""
    joined = choices[0] if len(choices) == 1 else b"(?:" + b"|".join(choices) + b")"
    return b"(?:" + joined + b")?" if ends else joined
