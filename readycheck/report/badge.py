"""The SVG badge: the answer and the score, in words as well as in colour."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment
from msgspec import Struct

from readycheck.report import words
from readycheck.report.templates import environment
from readycheck.report.text import visible
from readycheck.scorecard import Readiness, Scorecard

#: Dark enough for white text at 4.5 to 1 (WCAG 1.4.3).
COLORS = {Readiness.READY: "#1b7f3b", Readiness.NOT_READY: "#c0291f", Readiness.INCONCLUSIVE: "#6d5bb5"}
#: Widths at 11 px, and the space beside a text.
_NARROW, _WIDE, _USUAL, _SIDE = 4, 9, 7, 6


class _Badge(Struct, frozen=True, kw_only=True):
    """Two boxes and their texts, in pixels."""

    label: str
    said: str
    color: str
    left: int
    right: int
    width: int
    left_text: int
    right_text: int
    left_middle: str
    right_middle: str


def render(card: Scorecard) -> str:
    """A badge such as `readiness | NOT READY 61.2`; a partial audit names its scope."""
    scope = f" ({', '.join(card.scope)})" if card.scope else ""
    score = f" {words.percent(card.tally.score)}" if card.tally.score is not None else ""
    made = _badge("readiness", f"{words.readiness(card.decision.readiness).word}{score}{scope}", card)
    return _environment().get_template("badge.svg").render(badge=made)


def _badge(label: str, said: str, card: Scorecard) -> _Badge:
    left_text, right_text = _width(label), _width(said)
    left, right = left_text + 2 * _SIDE, right_text + 2 * _SIDE
    return _Badge(
        label=label,
        said=said,
        color=COLORS[card.decision.readiness],
        left=left,
        right=right,
        width=left + right,
        left_text=left_text,
        right_text=right_text,
        left_middle=f"{left / 2:g}",
        right_middle=f"{left + right / 2:g}",
    )


def _width(text: str) -> int:
    return sum(
        _NARROW if letter in " .,:()filjtI1" else _WIDE if letter.isupper() or letter in "mw" else _USUAL
        for letter in text
    )


@cache
def _environment() -> Environment:
    return environment("badge", visible, autoescape=True)
