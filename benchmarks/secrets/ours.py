"""Scans the files of a folder with the project's rules and judgement, and tells how often each rule is suspected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import hyperscan

from readycheck.gather.secrets.judge import AFTER, BEFORE, matches
from readycheck.gather.secrets.paths import set_aside
from readycheck.gather.secrets.rules import Rule, load_rules


class Alarm(NamedTuple):
    path: str
    line: int
    rule: str
    secret: bytes
    aside: str


class Scanner:
    """One hyperscan pass over each file; the places that it suspects are judged."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self.rules = rules or load_rules().rules
        self.suspicions: Counter[str] = Counter()
        self.bytes = 0
        self._database = hyperscan.Database()
        self._database.compile(
            expressions=[rule.scanned.encode() for rule in self.rules],
            ids=list(range(len(self.rules))),
            flags=[hyperscan.HS_FLAG_DOTALL] * len(self.rules),
        )

    def alarms(self, path: str, text: bytes) -> Iterator[Alarm]:
        places: dict[int, set[tuple[int, int]]] = {}

        def suspect(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            self.suspicions[self.rules[number].id] += 1
            places.setdefault(number, set()).add(_piece(text, end, lines=self.rules[number].text.lines))

        self.bytes += len(text)
        self._database.scan(text, match_event_handler=suspect)
        for number, spans in places.items():
            rule = self.rules[number]
            found = {found[:2] for start, end in spans for found in matches(rule, text[start:end], start)}
            for start, end in found:
                yield Alarm(path, text.count(b"\n", 0, start) + 1, rule.id, text[start:end], set_aside(path, rule))


def _piece(text: bytes, at: int, *, lines: bool) -> tuple[int, int]:
    if lines:
        stop = text.find(b"\n", min(len(text), at + AFTER))
        return max(0, at - BEFORE), len(text) if stop < 0 else stop
    stop = text.find(b"\n", at - 1)
    return text.rfind(b"\n", 0, max(0, at - 1)) + 1, len(text) if stop < 0 else stop


def files(folder: Path) -> Iterable[tuple[str, bytes]]:
    """The text files of a folder by their paths in it."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and ".git" not in path.parts:
            text = path.read_bytes()
            if b"\0" not in text[:8000]:
                yield str(path.relative_to(folder)), text
