from __future__ import annotations

import os
from pathlib import Path

import pytest
from support import cards

from readycheck.report import words
from readycheck.report.filter import Filter
from readycheck.report.terminal import PLAIN, SHAPES, TONES, draw, render
from readycheck.scorecard import Scorecard

SNAPSHOTS = Path(__file__).parent / "snapshots"
CARDS = {"loan": cards.loan, "ready": cards.ready, "empty": cards.empty}
BADGES = [
    badge
    for table in (words.VERDICTS, words.OUTCOMES, words.READINESS, words.METRICS, words.STANDINGS, words.TARGETS)
    for badge in table.values()
]


@pytest.mark.parametrize("name", CARDS)
def test_a_card_reads_as_it_was_approved(name: str) -> None:
    path = SNAPSHOTS / f"{name}.txt"
    text = draw(CARDS[name](), verbose=True)
    if os.environ.get("READYCHECK_UPDATE_SNAPSHOTS"):
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text("utf-8")


def test_every_badge_has_a_shape_and_a_tone() -> None:
    for badge in (*BADGES, words.MET, words.NOT_MET):
        assert badge.shape in SHAPES
        assert badge.tone in TONES
    assert set(SHAPES) == set(PLAIN)


def test_no_colour_is_written_unless_it_is_wanted() -> None:
    assert "\x1b" not in draw(cards.loan())
    assert "\x1b[" in draw(cards.loan(), color=True)
    assert render(cards.loan()) == draw(cards.loan())


@pytest.mark.parametrize("width", [60, 80, 160])
def test_no_line_is_longer_than_the_terminal(width: int) -> None:
    assert max(map(len, draw(cards.loan(), width=width).split("\n"))) <= width


def test_a_terminal_without_unicode_gets_plain_shapes() -> None:
    drawn = draw(cards.ready(), unicode=False)
    assert not set(drawn) & set("█░✓✗○")


def test_hostile_text_cannot_steer_the_terminal() -> None:
    drawn = draw(cards.hostile(), verbose=True)
    assert not {letter for letter in drawn if ord(letter) < 32 and letter != "\n"}
    assert "\u202e" not in drawn


def test_a_filter_hides_lines_and_changes_no_number() -> None:
    card: Scorecard = cards.loan()
    section = card.sections[0]
    whole, part = draw(card, verbose=True), draw(card, Filter(sections=(section.id,)), verbose=True)
    other = card.sections[1].items[0].text
    assert other in whole
    assert other not in part
    assert f"score {card.tally.score:g}" in part
