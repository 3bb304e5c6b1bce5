"""How much weight the score gains when a check passes: a line's weight, shared by all that keeps it from counting."""

from __future__ import annotations

from collections.abc import Iterable

from readycheck.model import Outcome
from readycheck.scorecard import EARNING, ItemRow, Scorecard

#: Outcomes that decide nothing: mending makes no difference to them, looking does.
UNDECIDED = frozenset({Outcome.ERROR, Outcome.UNKNOWN, Outcome.NOT_CHECKED})


class Worth:
    """What every check that keeps a line from counting is worth."""

    def __init__(self, card: Scorecard) -> None:
        self._card = card
        self._gain: dict[str, float] = {}
        self._texts: dict[str, list[str]] = {}
        self._ids: dict[str, list[str]] = {}
        self.words: list[ItemRow] = []
        for item in card.items:
            if item.counted and item.verdict not in EARNING:
                self._share(item)
        named = card.decision.blockers[sum(item.blocker for item in card.items) :]
        self.required = {key for key, row in card.checks.items() if row.id in named and row.outcome is Outcome.FAIL}
        rows = (*card.actions, *(step for phase in card.phases for step in phase.steps), *card.rollback)
        self._used = {key for row in rows for key in row.checks}
        for row in rows:
            for key in row.checks:
                self._texts.setdefault(key, []).append(row.text)

    def _share(self, item: ItemRow) -> None:
        against = [key for key in item.checks if self._card.checks[key].outcome is Outcome.FAIL]
        against += [key for key in item.checks if self._card.checks[key].outcome in UNDECIDED]
        if item.outcome is Outcome.MANUAL or not against:
            self.words.append(item)
            return
        for key in against:
            self._gain[key] = self._gain.get(key, 0.0) + item.weight / len(against)
            self._texts.setdefault(key, []).append(item.text)
            self._ids.setdefault(key, []).append(item.id)

    def of(self, key: str) -> float:
        """The weight that is gained when this check passes."""
        return round(self._gain.get(key, 0.0), 2)

    def used(self, key: str) -> bool:
        """Does an action or a step of a procedure rest on it?"""
        return key in self._used

    def lines(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The lines that these checks keep from counting, then the actions and steps that rest on them."""
        return tuple(dict.fromkeys(text for key in keys for text in self._texts.get(key, ())))

    def items(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The ids of these lines."""
        return tuple(dict.fromkeys(name for key in keys for name in self._ids.get(key, ())))

    def points(self, gain: float) -> float:
        """A gain in points of the score, to one decimal."""
        whole = self._card.tally.weight
        return round(100 * gain / whole, 1) if whole else 0.0
