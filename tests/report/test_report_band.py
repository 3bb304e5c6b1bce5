from __future__ import annotations

from readycheck.report.band import coverage_band, parts, score_band
from readycheck.scorecard import Tally


def tally(score: float | None, ceiling: float | None, coverage: float | None) -> Tally:
    return Tally(score=score, ceiling=ceiling, coverage=coverage, weight=10.0, items=3, verdicts={})


def test_the_band_runs_from_the_score_to_the_ceiling_with_a_tick_at_the_gate() -> None:
    band = score_band(tally(61.2, 74.0, 0.8), 80)
    assert (band.filled, band.possible, band.tick, band.anchor) == ("61.2%", "12.8%", "80%", "middle")
    assert band.label == "Score 61.2 of 100, and 74.0 if every unproven tick were true. The gate asks for 80."


def test_the_label_of_a_gate_near_an_edge_stays_inside() -> None:
    assert score_band(tally(10, 10, 1), 5).anchor == "start"
    assert score_band(tally(10, 10, 1), 95).anchor == "end"


def test_a_gate_that_asks_for_nothing_draws_no_tick() -> None:
    band = score_band(tally(100.0, 100.0, 1.0))
    assert (band.tick, band.label) == ("", "Score 100.0 of 100.")


def test_a_section_in_which_nothing_counts_has_no_score() -> None:
    band = score_band(tally(None, None, None), 80)
    assert (band.known, band.low, band.label) == (False, "\u2013", "There is no score: nothing counts.")
    assert coverage_band(tally(None, None, None), 0.8).label.startswith("There is no coverage: nothing counts")


def test_coverage_is_a_share_drawn_in_percent() -> None:
    band = coverage_band(tally(50.0, 60.0, 0.72), 0.8)
    assert (band.filled, band.tick, band.low) == ("72%", "80%", "72%")
    assert coverage_band(tally(50.0, 60.0, 0.72)).label == "72% of the weight was decided."


def test_the_pieces_follow_each_other_from_the_most_urgent_on() -> None:
    pieces = parts({"verified": 2, "contradicted": 1, "waived": 1, "open": 0})
    assert [(piece.badge.name, piece.start, piece.length) for piece in pieces] == [
        ("contradicted", "0%", "25%"),
        ("verified", "25%", "50%"),
        ("waived", "75%", "25%"),
    ]
    assert parts({}) == ()
