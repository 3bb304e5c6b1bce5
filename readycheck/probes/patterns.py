"""Regular expressions from checks: refused when hostile text could make them slow, and tried line by line."""

from __future__ import annotations

import re
from functools import lru_cache

#: Bounds on a pattern: its characters, and its unbounded repetitions.
LONGEST, MOST_REPETITIONS = 1000, 4

#: The most characters of a line that is searched.
LONGEST_LINE = 4000

_UNBOUNDED = re.compile(r"[*+]|\{\d*,\}")
_QUANTIFIER = re.compile(r"[*+?]|\{\d*,?\d*\}")


@lru_cache(maxsize=500)
def compiled(text: str) -> re.Pattern[str]:
    """The pattern.

    Raises:
        ValueError: it is none, or a repeated group in it repeats or chooses inside, which can take exponential time
            (CWE-1333).
    """
    if len(text) > LONGEST:
        raise ValueError(f"a pattern may have {LONGEST} characters, not {len(text)}")
    try:
        found = re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
    if _may_explode(text):
        raise ValueError(
            f"{text!r} could take for ever: it repeats a group that repeats or chooses, or repeats too often"
        )
    return found


def first_line(pattern: str, text: str) -> str | None:
    """The first line of the text on which the pattern is found, or None."""
    search = compiled(pattern).search
    return next((line for line in text.splitlines() or [""] if search(line[:LONGEST_LINE])), None)


def _may_explode(text: str) -> bool:
    open_groups = [False]
    repetitions = place = 0
    while place < len(text):
        letter = text[place]
        if letter == "\\":
            place += 2
        elif letter == "[":
            place = _class_end(text, place)
        elif letter == "(":
            open_groups.append(False)
            place += 1
        elif letter == ")":
            varies = open_groups.pop()
            if varies and _UNBOUNDED.match(text, place + 1):
                return True
            open_groups[-1] = open_groups[-1] or varies
            place += 1
        else:
            varies = letter == "|" or (letter in "*+?{" and text[place - 1 : place] != "(")
            repetitions += _UNBOUNDED.match(text, place) is not None
            open_groups[-1] = open_groups[-1] or varies
            place += len(found[0]) if letter in "*+?{" and (found := _QUANTIFIER.match(text, place)) else 1
    return repetitions > MOST_REPETITIONS


def _class_end(text: str, start: int) -> int:
    place = start + 1 + text.startswith("^", start + 1)
    place += text.startswith("]", place)
    while place < len(text) and text[place] != "]":
        place += 2 if text[place] == "\\" else 1
    return place + 1
