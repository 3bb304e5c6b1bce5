"""Compiles the regular expressions that checks carry, and refuses those that could search for ever."""

from __future__ import annotations

import re
from typing import Literal

from readycheck.model import Outcome
from readycheck.probes.probe import Judgement, failed, not_applicable, unknown

#: What a check can say of a repository that has nothing to look into.
Absent = Literal["fail", "unknown", "not_applicable", "pass"]

#: The longest pattern, in characters.
LONGEST_PATTERN = 1000
# A repeated group that ends in a repetition has exponentially many ways to match the same text (CWE-1333); up to nine
# times is bounded enough.
_NESTED = re.compile(r"(?<!\\)[+*]\)(?:[+*]|\{\d*,(?:\d\d+)?\})")


def require_regexes(patterns: tuple[str, ...], name: str) -> None:
    """Refuse expressions that are malformed, empty, or could take for ever on hostile text.

    Raises:
        ValueError: with the reason and the pattern.
    """
    for pattern in patterns:
        if not pattern or len(pattern) > LONGEST_PATTERN:
            raise ValueError(f"{name} must have from 1 to {LONGEST_PATTERN} characters each")
        if _NESTED.search(pattern):
            raise ValueError(f"{name}: a repetition inside a repetition can search for ever: {pattern!r}")
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{name}: {pattern!r} is no regular expression: {error}") from error


def nothing_there(absent: Absent, examined: str) -> Judgement:
    """The judgement where there is nothing to look into, as the check wants it."""
    outcome = Outcome(absent)
    if outcome is Outcome.FAIL:
        return failed(examined, ())
    if outcome is Outcome.PASS:
        return Judgement(Outcome.PASS, examined)
    return unknown(examined) if outcome is Outcome.UNKNOWN else not_applicable(examined)
