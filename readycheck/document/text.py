"""Turns the bytes of a document into clean lines, within bounds, and says what it had to mend."""

from __future__ import annotations

import re
from typing import NamedTuple

from readycheck.document.mojibake import repair
from readycheck.errors import UsageError

#: A checklist is written by people: what is larger than this (in bytes) is none.
LARGEST = 4 * 1024 * 1024
#: A longer line (in characters) is kept and not read: no item is that long, and none of our patterns meets it.
LONGEST_LINE = 4000

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)|[@-Z\\-_])")
# Control characters, and those that turn the direction of text around (Unicode 9, UAX #9 §2; CVE-2021-42574).
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]")
_BREAKS = re.compile("\r\n|\r|\u2028|\u2029")


class Note(NamedTuple):
    """Something about the document that its reader should know, and the line (from 1) where it is; 0 for all of it."""

    line: int
    text: str


class Text(NamedTuple):
    """A document's lines, without their ends, and what was mended on the way."""

    lines: tuple[str, ...]
    notes: tuple[Note, ...]


def read_text(data: bytes, source: str) -> Text:
    """The lines of a document.

    Raises:
        UsageError: it is larger than `LARGEST`, or is no text.
    """
    if len(data) > LARGEST:
        raise UsageError(f"{source} is larger than {LARGEST // 1024 // 1024} MiB, which no checklist is")
    text, notes = _decoded(data, source)
    mended = repair(_BREAKS.sub("\n", text))
    if mended.sequences:
        times = "once" if mended.sequences == 1 else f"{mended.sequences} times"
        notes.append(Note(0, f"UTF-8 that was read as {mended.misread_as} was put right {times}"))
    lines = mended.text.split("\n")
    return Text(tuple(_cleaned(lines, notes)), tuple(notes))


def _decoded(data: bytes, source: str) -> tuple[str, list[Note]]:
    for mark, codec in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(codec), [Note(0, "it is UTF-16, which git and GitHub take for a binary file")]
            except UnicodeDecodeError as error:
                raise UsageError(f"{source} is no text: {error.reason}") from error
    if b"\0" in data[:8192]:
        raise UsageError(f"{source} is no text: it holds zero bytes")
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return data.decode("cp1252", "replace"), [Note(line, "it is not UTF-8; it was read as Windows-1252")]


def _cleaned(lines: list[str], notes: list[Note]) -> list[str]:
    cleaned = []
    for number, line in enumerate(lines, 1):
        plain = line
        if not line.isascii() or not line.isprintable():
            plain = _CONTROLS.sub("", _ESCAPES.sub("", line))
        if plain != line:
            notes.append(Note(number, "control characters were taken out"))
        if len(plain) > LONGEST_LINE:
            notes.append(Note(number, f"the line has {len(plain)} characters: it is kept as prose and not read"))
        cleaned.append(plain)
    while cleaned and not cleaned[-1].strip():
        cleaned.pop()
    return cleaned
