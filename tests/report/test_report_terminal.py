from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from support import cards
from support.judging import NOW, item, judged, told

from readycheck.decisions import DecisionsFile, Waiver
from readycheck.model import Claim, Outcome, Severity
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


def test_lines_that_wait_for_the_same_target_are_told_together_and_singly_when_asked() -> None:
    lines = [
        (item(name, Claim.TODO, Severity.HIGH), [told(f"of-{name}", Outcome.NOT_CHECKED)]) for name in ("a", "b", "c")
    ]
    failing = (item("d", Claim.TODO, Severity.HIGH), [told("of-d", Outcome.FAIL)])
    card = judged([*lines, failing])
    drawn = draw(card)
    assert "Open, and it blocks (4)" in drawn
    assert "○ 3 lines: no repository was given" in drawn
    assert "The line a (high), The line c (high), The line b (high)" in drawn
    assert drawn.index("The line d") < drawn.index("3 lines:")
    assert "3 lines:" not in draw(card, verbose=True)
    two = judged([*lines[:2], failing])
    assert "2 lines:" not in draw(two)


def test_decisions_that_ended_or_cover_nothing_are_shown_with_their_old_text() -> None:
    waivers = (
        Waiver(item="a", reason="waits for the new cluster", owner="Bob", expires=NOW.date() - timedelta(1)),
        Waiver(item="b", reason="mended in the meantime", owner="Bob", expires=NOW.date() + timedelta(90)),
        Waiver(item="c", reason="accepted until summer", owner="Bob", expires=NOW.date() + timedelta(90)),
    )
    outcomes = {"a": Outcome.FAIL, "b": Outcome.PASS, "c": Outcome.FAIL}
    lines = [(item(name), [told(f"of-{name}", outcome)]) for name, outcome in outcomes.items()]
    card = judged(lines, decisions=DecisionsFile(version=1, waivers=waivers))
    drawn = draw(card)
    shown = drawn[drawn.index("Decisions that need a look") :]
    assert "⌛ ended  waiver a  2026-02-28, ended 1 day ago" in shown
    assert "Bob: waits for the new cluster" in shown
    assert "– unused  waiver b" in shown
    assert "nothing is left for it to waive" in shown
    assert "waiver c" not in shown
    assert "waiver c" in draw(card, verbose=True)


def test_a_waiver_finds_the_fingerprint_of_a_finding() -> None:
    card = judged([(item("d", severity=Severity.HIGH), [told("of-d", Outcome.FAIL)])])
    name = card.checks["of-d"].findings[0].fingerprint
    assert f"fingerprint {name}" in draw(card, verbose=True)
    assert name not in draw(card)
