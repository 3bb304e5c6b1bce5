"""The geometry of bars: positions from 0 to 100 as SVG percentages, computed here so that no template counts."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from readycheck.report import words
from readycheck.report.words import VERDICTS, Badge
from readycheck.scorecard import Tally


class Band(Struct, frozen=True, kw_only=True):
    """A bar from 0 to `filled`, a paler one on to `filled` + `possible`, and a tick where the gate stands.

    Lengths are SVG percentages. `tick` is empty where the gate asks for nothing; `anchor` keeps its label inside.
    `known` is false where nothing counts, and `label` says it all to those who cannot see it.
    """

    known: bool
    filled: str
    possible: str
    low: str
    high: str
    tick: str
    tick_label: str
    anchor: str
    label: str


class Part(Struct, frozen=True, kw_only=True):
    """A part of a whole bar: how many lines have this verdict, and where its piece lies (SVG percentages)."""

    badge: Badge
    number: int
    start: str
    length: str
    label: str


def score_band(tally: Tally, gate: float = 0.0) -> Band:
    """The band from score to ceiling, with the tick at the lowest score that the gate lets through (percent)."""
    score, ceiling = tally.score or 0.0, tally.ceiling or 0.0
    return Band(
        known=tally.score is not None,
        filled=_length(score),
        possible=_length(ceiling - score),
        low=words.percent(tally.score),
        high=words.percent(tally.ceiling),
        tick=_length(gate) if gate else "",
        tick_label=f"gate {gate:g}" if gate else "",
        anchor=_anchor(gate),
        label=_score_label(tally, gate),
    )


def coverage_band(tally: Tally, gate: float = 0.0) -> Band:
    """The bar of coverage; `gate` is the least share of 1 that must be decided."""
    covered = 100 * (tally.coverage or 0.0)
    known = tally.coverage is not None
    said = (
        f"{words.share(tally.coverage)} of the weight was decided" if known else "There is no coverage: nothing counts"
    )
    return Band(
        known=known,
        filled=_length(covered),
        possible=_length(0),
        low=words.share(tally.coverage),
        high=words.share(tally.coverage),
        tick=_length(100 * gate) if gate else "",
        tick_label=f"gate {gate:.0%}" if gate else "",
        anchor=_anchor(100 * gate),
        label=f"{said}; the gate asks for {gate:.0%}." if gate else f"{said}.",
    )


def parts(verdicts: Mapping[str, int]) -> tuple[Part, ...]:
    """Every verdict that occurs, the most urgent first, as a piece of one bar."""
    total = sum(verdicts.values())
    found = [(badge, verdicts[name]) for name, badge in VERDICTS.items() if verdicts.get(name)]
    starts = [sum(number for _, number in found[:index]) for index in range(len(found))]
    return tuple(
        Part(
            badge=badge,
            number=number,
            start=_length(100 * start / total),
            length=_length(100 * number / total),
            label=f"{number} {badge.word}",
        )
        for (badge, number), start in zip(found, starts, strict=True)
    )


def _score_label(tally: Tally, gate: float) -> str:
    if tally.score is None:
        return "There is no score: nothing counts."
    low, high = words.percent(tally.score), words.percent(tally.ceiling)
    asked = f" The gate asks for {gate:g}." if gate else ""
    if low == high:
        return f"Score {low} of 100.{asked}"
    return f"Score {low} of 100, and {high} if every unproven tick were true.{asked}"


def _length(percent: float) -> str:
    return f"{round(min(100.0, max(0.0, percent)), 3):g}%"


def _anchor(percent: float) -> str:
    # Within this many percent of an edge, a centred label would be cut off.
    edge = 12
    return "start" if percent < edge else "end" if percent > 100 - edge else "middle"
