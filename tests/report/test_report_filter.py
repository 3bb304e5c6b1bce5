from __future__ import annotations

import msgspec
import pytest
from support import cards

from readycheck import scorecard
from readycheck.errors import UsageError
from readycheck.report.filter import EVERYTHING, Filter
from readycheck.report.format import Format
from readycheck.report.render import render
from readycheck.report.view import page

NARROW = Filter(sections=("security",), verdicts=("contradicted",))


def test_a_filter_hides_rows_and_changes_no_number() -> None:
    card = cards.loan()
    whole, narrow = page(card), page(card, NARROW)
    assert narrow.numbers == whole.numbers
    assert narrow.rules == whole.rules
    assert [section.band for section in narrow.sections] == [section.band for section in whole.sections]
    shown = [item for section in narrow.sections for item in section.items]
    assert shown
    assert {(item.section, item.badge.name) for item in shown} == {("Security", "contradicted")}


@pytest.mark.parametrize("wanted", [Format.HTML, Format.MARKDOWN])
def test_a_filtered_report_says_so(wanted: Format) -> None:
    text = render(cards.loan(), wanted, show=NARROW)
    assert "4 of 78 lines shown (section security; verdict contradicted)" in text
    assert "This report is filtered" in text
    assert "This report is filtered" not in render(cards.loan(), wanted)


def test_hidden_contradictions_are_counted() -> None:
    assert page(cards.loan(), Filter(sections=("testing",))).contradictions.count == "1 of 12 shown"


def test_waived_is_a_verdict_to_filter_by() -> None:
    shown = page(cards.loan(), Filter(verdicts=("waived",)))
    assert [item.row.id for section in shown.sections for item in section.items] == ["compression"]


def test_a_phase_narrows_the_deployment_steps_only() -> None:
    shown = page(cards.loan(), Filter(phase="deployment"))
    assert [phase.title for phase in shown.written.phases] == ["Deployment"]
    assert sum(len(section.items) for section in shown.sections) == 78
    assert "phase deployment" in shown.filtered


@pytest.mark.parametrize(
    ("show", "message", "hint"),
    [
        (Filter(sections=("securty",)), "no section 'securty'", "security"),
        (Filter(verdicts=("contradict",)), "no verdict", "contradicted"),
        (Filter(items=("rate-limits",)), "no item", "rate-limiting"),
        (Filter(phase="zzz"), "no phase", "there are: deployment"),
        (Filter(sections=("database",), items=("rate-limiting",)), "no line", "leave out"),
    ],
)
@pytest.mark.parametrize("wanted", list(Format))
def test_a_filter_that_matches_nothing_is_a_mistake_in_every_format(
    wanted: Format, show: Filter, message: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        render(cards.loan(), wanted, show=show)
    assert hint in caught.value.hint


def test_json_is_whole_whatever_is_filtered() -> None:
    card = cards.loan()
    assert render(card, Format.JSON, show=NARROW) == scorecard.dump(card).decode()


def test_a_filter_of_nothing_shows_everything() -> None:
    assert not EVERYTHING.narrows
    assert str(EVERYTHING) == ""
    assert msgspec.structs.asdict(Filter()) == msgspec.structs.asdict(EVERYTHING)
