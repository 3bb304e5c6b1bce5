from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError
from support import cards

from readycheck.model import Target
from readycheck.report.html import render
from readycheck.report.templates import environment
from readycheck.report.text import visible
from readycheck.scorecard import Scorecard

VARIETY = ["loan", "compared", "phase", "ready", "not_ready", "inconclusive", "empty", "hostile"]
VOID = {"meta", "input", "wbr", "br"}


class Reading(HTMLParser):
    """What a browser would make of the page: its elements, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.headings: list[int] = []
        self.words = ""
        self.raw: dict[str, str] = {}
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script"):
            self.raw[self.open[-1]] = self.raw.get(self.open[-1], "") + data
        else:
            self.words += data

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]


def collapsed(text: str) -> str:
    return " ".join(text.split())


def card(name: str) -> Scorecard:
    found: Scorecard = getattr(cards, name)()
    return found


@pytest.fixture(params=VARIETY)
def reading(request: pytest.FixtureRequest) -> Reading:
    return Reading(render(card(request.param)))


def test_every_element_is_closed_and_every_id_unique(reading: Reading) -> None:
    assert reading.open == []
    ids = reading.values("id")
    assert len(set(ids)) == len(ids)


def test_every_link_leads_to_a_place_in_the_page(reading: Reading) -> None:
    ids = set(reading.values("id"))
    links = reading.values("href") + reading.values("xlink:href")
    assert links
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    named = [part for name in ("aria-labelledby", "for") for value in reading.values(name) for part in value.split()]
    assert set(named) <= ids


def test_nothing_can_be_fetched(reading: Reading) -> None:
    assert not {"img", "iframe", "link", "object", "embed", "base", "video", "audio", "source"} & set(reading.tags)
    assert not {"src", "srcset", "action", "style", "background", "poster", "ping"} & {
        name for _, name, _ in reading.attributes
    }
    assert "url(" not in reading.raw["style"]
    assert "@import" not in reading.raw["style"]


def test_no_attribute_runs_a_script(reading: Reading) -> None:
    assert not [name for _, name, _ in reading.attributes if name.startswith("on")]
    assert reading.tags["script"] == 1
    assert reading.tags["style"] == 1


def test_the_policy_names_the_hashes_of_the_only_style_and_script(reading: Reading) -> None:
    policy = next(value for value in reading.values("content") if value.startswith("default-src"))
    for kind in ("style", "script"):
        digest = b64encode(sha256(reading.raw[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_headings_descend_one_step_at_a_time(reading: Reading) -> None:
    assert reading.headings[0] == 1
    assert reading.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(reading.headings, reading.headings[1:], strict=False))


def test_colour_never_stands_alone() -> None:
    page = render(cards.loan())
    badges = re.findall(r'<span class="badge tone-\w+[^"]*"[^>]*>(.*?)</span></span>', page)
    assert len(badges) > 150
    assert all("<use " in badge and re.search(r"<span>[^<]", badge) for badge in badges)


def test_hostile_text_is_shown_whole_and_means_nothing() -> None:
    page = render(cards.hostile())
    reading = Reading(page)
    shown = collapsed(reading.words)
    assert shown.count(collapsed(visible(cards.HOSTILE))) > 300
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert "49" not in re.findall(r"\{\{ (.*?) \}\}", shown)


@pytest.mark.parametrize(
    "text", ["</title><script>", "'; alert(1); '", 'a" onclick="b', "<!--", "]]>", "\ud800", "&amp;lt;"]
)
def test_the_service_is_shown_as_it_is_named(text: str) -> None:
    reading = Reading(render(msgspec.structs.replace(cards.empty(), service=text)))
    assert visible(text) in reading.words
    assert reading.tags["script"] == 1


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(codec=None), min_size=1, max_size=80))
def test_any_text_comes_back_from_the_page(text: str) -> None:
    reading = Reading(render(msgspec.structs.replace(cards.empty(), service=f"[{text}]", checklist=f"[{text}]")))
    assert collapsed(reading.words).count(collapsed(f"[{visible(text)}]")) >= 3
    assert reading.open == []


@pytest.mark.parametrize("name", VARIETY)
def test_the_same_card_gives_the_same_bytes(name: str) -> None:
    assert render(card(name)) == render(card(name))


def test_a_rich_report_stays_small() -> None:
    assert len(render(cards.loan()).encode()) < 600_000


def test_a_thousand_lines_are_all_there() -> None:
    page = render(cards.huge())
    assert page.count('class="item"') == 1000
    assert len(page.encode()) < 4_000_000
    assert '<body class="answer-bad large">' in page


def test_everything_of_the_loan_is_in_the_report() -> None:
    loan = cards.loan()
    words = collapsed(Reading(render(loan)).words)
    wanted = [item.text for item in loan.items] + [section.title for section in loan.sections]
    wanted += [finding.fingerprint for row in loan.checks.values() for finding in row.findings]
    wanted += [row.title for row in loan.checks.values()] + [row.name for row in loan.metrics]
    wanted += [row.value for row in loan.contacts] + [row.text for row in loan.decisions]
    wanted += [row.reason for row in loan.unseen] + [rule.rule for rule in loan.decision.rules]
    wanted += [code.text for action in loan.actions for code in action.code]
    assert [text for text in wanted if collapsed(text) not in words] == []


def test_what_changed_since_the_baseline_is_in_the_report() -> None:
    words = collapsed(Reading(render(cards.compared())).words)
    assert "Since last-week.json 2 lines worse, 1 line new, 1 line fixed, 1 line gone, 1 finding new." in words
    assert "worse: was verified" in words
    assert "Since" not in Reading(render(cards.loan())).words


def test_the_parts_come_in_their_order() -> None:
    page = render(cards.loan())
    order = ["verdict", "score-heading", "decided", "contradictions", "blockers", "sections", "actions", "metrics"]
    order += ["deployment", "rollback", "contacts", "review", "decisions", "unseen", "appendix"]
    places = [page.index(f' id="{name}"') for name in order]
    assert places == sorted(places)


def test_a_run_that_left_nothing_out_says_that_everything_ran() -> None:
    assert "Everything ran." in Reading(render(cards.ready())).words
    assert "Everything ran." not in Reading(render(cards.loan())).words


def test_a_partial_run_names_its_scope_beside_the_verdict() -> None:
    words = collapsed(Reading(render(cards.loan(scope=(Target.REPOSITORY,)))).words)
    assert "NOT READY (scope: repository)" in words


def test_a_phase_that_has_no_lines_shows_its_steps_and_no_empty_part() -> None:
    read = Reading(render(cards.phase()))
    words = collapsed(read.words)
    places = [
        words.rindex(part) for part in ("Verdict: ", "Post-deployment", "Verify health checks", "How this was decided")
    ]
    assert places == sorted(places)
    assert [
        part for part in ("Contradictions", "Other blockers", "How the score is made", " – ") if part in words
    ] == []
    assert not {"#contradictions", "#blockers", "#sections"} & set(read.values("href"))


def test_a_template_that_writes_nothing_readable_fails_loudly() -> None:
    made = environment("html", visible, autoescape=True)
    for value in (None, True, [], {}, object()):
        with pytest.raises(TypeError, match="no reader should see"):
            made.from_string("{{ value }}").render(value=value)
    with pytest.raises(UndefinedError, match="'missing' is undefined"):
        made.from_string("{{ missing }}").render()


def test_a_contradiction_shows_what_each_of_its_checks_found() -> None:
    told = [
        {"id": f"check-{n}", "title": "It holds", "outcome": "fail", "findings": [{"message": f"wrong in way {n}"}]}
        for n in range(6)
    ]
    told[0]["findings"] = [{"message": f"place {n}"} for n in range(5)]
    page = render(cards.card(cards.checklist(cards.simple("fail", say=told))))
    shown = page.partition('id="contradictions"')[2].partition('id="blockers"')[0]
    assert [f"wrong in way {n}" in shown for n in range(1, 6)] == [True] * 5
    assert [f"place {n}" in shown for n in range(5)] == [True, True, True, False, False]
    assert "and more of the kind, below" in shown
