"""Judges exactly what the scan only suspects: which credentials a piece of text holds, by one rule.

What is found does not depend on how it was suspected. `everything` is the plain definition, one rule after another over a
whole text; the fast way judges the same pieces and must come to the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from readycheck.gather.secrets import loose
from readycheck.gather.secrets.harmless import bits, is_harmless
from readycheck.gather.secrets.rules import Rule

#: A longer line is cut into pieces of this size, in bytes, that overlap by `OVERLAP`.
LONGEST_LINE, OVERLAP = 8 * 1024, 2 * 1024
#: Rules over several lines see at most so many bytes before the place and after it, up to the next line's end.
BEFORE, AFTER = 512, 16 * 1024
#: So much of what stands before a loose rule's match says what its name is about, in bytes.
NAME = 24


class Match(NamedTuple):
    """A credential in a text: where it starts and ends, in bytes, and the rule that knows it."""

    start: int
    end: int
    rule: Rule


def matches(rule: Rule, piece: bytes, offset: int = 0) -> Iterator[Match]:
    """The credentials that a rule finds in a piece of text that starts at this offset."""
    if rule.text.loose and not rule.text.lines and len(piece) > loose.LONGEST_LINE:
        return
    for match in rule.exact.finditer(piece):
        if is_credential(rule, match):
            start, end = match.span("secret")
            yield Match(offset + start, offset + end, rule)


def is_credential(rule: Rule, match: re.Match[bytes]) -> bool:
    """Could somebody log in with what the rule takes for its secret?"""
    secret = match["secret"]
    if is_harmless(secret) or bits(secret) < rule.text.entropy:
        return False
    if not rule.text.loose:
        return True
    start = match.start()
    if rule.text.entropy < loose.MADE and loose.is_usage(
        match.string[match.string.rfind(b"\n", 0, start) + 1 : start + NAME]
    ):
        return False
    before = match.string[max(0, start - NAME) : start]
    return loose.is_plausible(rule.text.entropy, secret, before, sure="sure" in match.re.groupindex)


def chosen(found: Iterable[Match]) -> list[Match]:
    """Of matches that share bytes the one that says most: by a strict rule, then the longest; in the order of a text."""
    kept: list[Match] = []
    for match in sorted(
        found, key=lambda match: (match.rule.text.loose, match.start - match.end, match.start, match.rule.id)
    ):
        if all(match.end <= other.start or other.end <= match.start for other in kept):
            kept.append(match)
    return sorted(kept, key=lambda match: match.start)


def everything(rules: Sequence[Rule], text: bytes) -> list[Match]:
    """Every credential in a text, by every rule."""
    found = set[Match]()
    for rule in rules:
        if rule.text.lines:
            found.update(matches(rule, text))
        else:
            for start, end in pieces(text):
                found.update(matches(rule, text[start:end], start))
    return chosen(found)


def pieces(text: bytes) -> Iterator[tuple[int, int]]:
    """The lines of a text as spans of bytes; a long line in pieces that overlap."""
    start = 0
    while start < len(text):
        end = text.find(b"\n", start)
        end = len(text) if end < 0 else end
        yield from line_pieces(start, end)
        start = end + 1


def pieces_at(start: int, end: int, place: int) -> Iterator[tuple[int, int]]:
    """Those pieces of the line from `start` to `end` that hold the byte before `place`: one or two, however long it is."""
    step = LONGEST_LINE - OVERLAP
    last = max(0, -(-(end - start - LONGEST_LINE) // step))
    nearest = min(last, (place - 1 - start) // step)
    for number in (nearest - 1, nearest):
        low = start + number * step
        high = end if number == last else low + LONGEST_LINE
        if number >= 0 and low < place <= high:
            yield low, high


def line_pieces(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The pieces of one line."""
    while end - start > LONGEST_LINE:
        yield start, start + LONGEST_LINE
        start += LONGEST_LINE - OVERLAP
    yield start, end
