"""What a mapping is: the checks of a line, how sure they are, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Match(NamedTuple):
    """A check that a phrase speaks for: how sure (0 to 1), by which phrase, and the words that both have."""

    check: str
    confidence: float
    phrase: str
    words: tuple[str, ...]


class Mapped(NamedTuple):
    """The checks of a line (none when no phrase is near enough), and the best of those that were not taken.

    `parameters` are those of a check that the line itself names: the variables that it wants set.
    """

    checks: tuple[Match, ...]
    runner_up: Match | None
    parameters: Mapping[str, Mapping[str, object]] = {}
    reason: str = ""

    @property
    def confidence(self) -> float:
        """How sure the mapping is."""
        return self.checks[0].confidence if self.checks else 0.0
