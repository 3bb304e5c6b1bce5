"""Repairs UTF-8 that was once read as another encoding, sequence by sequence, so that good text beside it stays."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

#: Encodings that editors and consoles take UTF-8 for, by the name that people know them by.
MISREADINGS = {"Mac Roman": "mac_roman", "Windows-1252": "cp1252", "Latin-1": "latin_1"}
#: Text that was misread twice or thrice is repaired as often.
_ROUNDS = 3


#: Signs whose bytes Windows-1252 has no character for, as they stand when the byte was dropped.
_LOST = {"\u00e2\u0152": "\u274c", "\u00e2\u0161 \u00ef\u00b8": "\u26a0\ufe0f", "\u00e2\u009d\u0152": "\u274c"}


class Repair(NamedTuple):
    """The text as it was meant, how many sequences were mended, and as what they had been read."""

    text: str
    sequences: int
    misread_as: str


@cache
def _bytes_of(codec: str) -> dict[int, int]:
    """Every character of the codec from 0x80 on, and its byte; what a codec leaves open stands for itself."""
    table = {}
    for byte in range(0x80, 0x100):
        try:
            character = bytes([byte]).decode(codec)
        except UnicodeDecodeError:
            character = chr(byte)
        table[ord(character)] = byte
    return table


@cache
def _pattern(codec: str) -> re.Pattern[str]:
    """Characters that stand for the bytes of one or more UTF-8 sequences of the kinds that documents have.

    Two-byte sequences are taken for Latin-1 letters (lead bytes C2 and C3), and for Cyrillic only when two of them
    stand together: elsewhere a capital with an accent before a quotation mark is just that.
    """
    table = _bytes_of(codec)
    inverse = {byte: re.escape(chr(point)) for point, byte in table.items()}

    def some(first: int, last: int) -> str:
        return "[" + "".join(inverse[byte] for byte in range(first, last + 1)) + "]"

    tail = some(0x80, 0xBF)
    latin, cyrillic = some(0xC2, 0xC3) + tail, some(0xD0, 0xD1) + tail
    three, four = some(0xE1, 0xEF) + tail * 2, some(0xF0, 0xF4) + tail * 3
    return re.compile(f"{four}|{three}|(?:{cyrillic}){{2,}}|{latin}")


def repair(text: str) -> Repair:
    """The text with what was misread put right; `sequences` is 0 when nothing was."""
    total, misread_as = 0, ""
    for lost, meant in _LOST.items():
        if lost in text:
            total, misread_as = total + text.count(lost), "Windows-1252"
            text = text.replace(lost, meant)
    for _ in range(_ROUNDS):
        best = min((_round(text, name) for name in MISREADINGS), key=lambda found: len(found.text))
        if not best.sequences:
            break
        text, total, misread_as = best.text, total + best.sequences, misread_as or best.misread_as
    return Repair(text, total, misread_as)


def _round(text: str, name: str) -> Repair:
    codec = MISREADINGS[name]
    table = _bytes_of(codec)
    count = 0

    def decoded(match: re.Match[str]) -> str:
        nonlocal count
        try:
            meant = bytes(table[ord(character)] for character in match[0]).decode("utf-8")
        except UnicodeDecodeError:
            return match[0]
        count += 1
        return meant

    return Repair(_pattern(codec).sub(decoded, text), count, name)
