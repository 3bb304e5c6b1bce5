from __future__ import annotations

import re
from enum import StrEnum

import msgspec
import pytest
from support import cards

from readycheck.decisions import Standing
from readycheck.model import Claim, Outcome, Overlay, Verdict
from readycheck.report import words
from readycheck.report.markdown import SIGNS
from readycheck.report.templates import source
from readycheck.scorecard import MetricState, Readiness

TABLES: list[tuple[dict[str, words.Badge], type[StrEnum]]] = [
    (words.OUTCOMES, Outcome),
    (words.READINESS, Readiness),
    (words.METRICS, MetricState),
    (words.STANDINGS, Standing),
]


@pytest.mark.parametrize(("badges", "kind"), TABLES)
def test_every_state_has_a_word_and_no_word_is_without_a_state(
    badges: dict[str, words.Badge], kind: type[StrEnum]
) -> None:
    assert set(badges) == {member.value for member in kind}


def test_every_verdict_and_waived_has_a_word() -> None:
    assert set(words.VERDICTS) == {*(verdict.value for verdict in Verdict), Overlay.WAIVED.value}


def test_every_claim_has_a_box() -> None:
    assert {words.box(claim) for claim in Claim} == set(words._BOXES.values())
    assert len(set(words._BOXES.values())) == len(Claim)


def test_no_two_verdicts_share_a_shape() -> None:
    shapes = [badge.shape for badge in words.VERDICTS.values()]
    assert len(set(shapes)) == len(shapes)


def test_every_shape_has_an_icon_and_a_sign() -> None:
    tables = [words.VERDICTS, words.OUTCOMES, words.READINESS, words.METRICS, words.STANDINGS, words.TARGETS]
    shapes = {badge.shape for table in tables for badge in table.values()}
    drawn = set(re.findall(r'id="i-(\w+)"', source("html", "icons.html")))
    assert shapes <= drawn
    assert drawn - {"chevron"} == set(SIGNS)


def test_a_waived_line_says_what_is_waived() -> None:
    item = next(item for item in cards.loan().items if item.overlay is Overlay.WAIVED)
    assert words.verdict(item).word == "waived (contradicted)"


def test_a_decision_that_ends_within_two_weeks_says_so() -> None:
    row = next(row for row in cards.loan().decisions if row.standing == "valid")
    assert words.standing(msgspec.structs.replace(row, days_left=14)).name == "soon"
    assert words.standing(msgspec.structs.replace(row, days_left=15)).name == "valid"


def test_a_state_that_nobody_knows_is_shown_as_it_is() -> None:
    row = msgspec.structs.replace(cards.loan().decisions[0], standing="suspended")
    assert words.standing(row).word == "suspended"
    assert words.target("lost").word == "lost"


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (0, "today is its last day"),
        (1, "1 day left"),
        (30, "30 days left"),
        (-1, "ended 1 day ago"),
        (-9, "ended 9 days ago"),
    ],
)
def test_days_are_put_in_words(left: int, said: str) -> None:
    assert words.days(left) == said


@pytest.mark.parametrize(
    ("stamp", "said"),
    [
        ("2025-01-20T09:30:00+00:00", "2025-01-20 09:30 UTC"),
        ("2025-01-20T09:30:00+05:30", "2025-01-20 04:00 UTC"),
        ("2025-01-20T09:30:00", "2025-01-20T09:30:00"),
        ("yesterday", "yesterday"),
    ],
)
def test_moments_are_shown_in_utc_and_nothing_is_guessed(stamp: str, said: str) -> None:
    assert words.moment(stamp) == said


@pytest.mark.parametrize(("value", "said"), [(0.0, "0 ms"), (0.0001, "1 ms"), (0.412, "412 ms"), (6.44, "6.4 s")])
def test_durations_are_short(value: float, said: str) -> None:
    assert words.seconds(value) == said


def test_no_score_is_a_dash_and_never_a_zero() -> None:
    assert words.percent(None) == words.share(None) == "\u2013"
    assert words.percent(0.0) == "0.0"
    assert words.share(0.83) == "83%"
