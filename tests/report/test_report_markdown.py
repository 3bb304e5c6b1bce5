from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from support import cards

from readycheck.checklist import GateEntry
from readycheck.gate import against
from readycheck.model import Outcome, Verdict
from readycheck.report import markdown
from readycheck.report.pull_request import LONGEST, render
from readycheck.scorecard import Scorecard

VARIETY = ["loan", "phase", "ready", "not_ready", "inconclusive", "empty", "hostile", "huge"]
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
OURS = re.compile(r"</?details>|</?summary>|<br>|</?code>")


def card(name: str) -> Scorecard:
    found: Scorecard = getattr(cards, name)()
    return found


def flat(text: str) -> list[Token]:
    return [inner for token in MARKDOWN.parse(text) for inner in (token, *(token.children or ()))]


@pytest.fixture(params=VARIETY)
def text(request: pytest.FixtureRequest) -> str:
    return render(card(request.param))


def test_it_fits_a_comment_and_a_screen(text: str) -> None:
    assert len(text) <= LONGEST
    assert len(text.encode()) <= LONGEST
    assert text.split("<details>", maxsplit=1)[0].count("\n") <= 60


def test_it_has_no_link_no_picture_and_no_markup_but_ours(text: str) -> None:
    tokens = flat(text)
    assert not {"link_open", "image", "autolink"} & {token.type for token in tokens}
    markup = "".join(token.content for token in tokens if token.type in ("html_inline", "html_block"))
    assert "<" not in OURS.sub("", markup)


def test_it_mentions_nobody_outside_code(text: str) -> None:
    outside = "".join(token.content for token in flat(text) if token.type in ("text", "html_block"))
    assert not re.search(r"@(?!\u200b)\S", outside)
    assert "://" not in outside.replace("://\u200b", "")


def test_every_row_of_a_table_has_the_columns_of_its_head(text: str) -> None:
    widths: list[int] = []
    for token in MARKDOWN.parse(text):
        if token.type == "table_open":
            widths = []
        elif token.type == "tr_open":
            widths.append(0)
        elif token.type in ("th_open", "td_open"):
            widths[-1] += 1
        elif token.type == "table_close":
            assert len(set(widths)) == 1


def test_what_unfolds_is_folded_again(text: str) -> None:
    assert text.count("<details>") == text.count("</details>")


def test_hostile_text_never_starts_a_fence_or_leaves_one() -> None:
    tokens = MARKDOWN.parse(render(cards.hostile()))
    assert not [token for token in tokens if token.type == "code_block"]
    headings = [token for token in tokens if token.type == "heading_open"]
    assert [token.tag for token in headings] == ["h2", "h3", "h3"]


def test_what_does_not_fit_is_named() -> None:
    text = render(cards.huge())
    last = text.rstrip().splitlines()[-1]
    assert last.startswith("**Left out** to fit 65,536 characters: ")
    assert "all of Section" in last
    assert "What was not looked at" in text
    assert "**Left out**" not in render(cards.loan())


def test_a_text_of_any_length_is_cut_until_the_top_fits() -> None:
    text = render(cards.hostile("&" * 5000))
    assert len(text.encode()) <= LONGEST
    assert "&amp;…" in text


def test_a_long_fix_is_cut_where_the_room_ends() -> None:
    told = {"id": "long", "title": "Long", "outcome": "fail", "fix": f"{'word ' * 60}`code` and more"}
    text = render(cards.card(cards.checklist(cards.simple("fail", say=[told]))))
    assert "word…" in text
    assert "and more" not in text


def test_the_most_urgent_stands_above_the_fold() -> None:
    above = render(cards.loan()).split("<details>")[0]
    assert above.startswith("## ❌ NOT READY: minibusiness-loan\n")
    wanted = ["`PRODUCTION_READINESS.md:11`", "**44.1** of 100", "exit code 1", "(gate 80)", "**(decides)**"]
    wanted += ["No secret is reachable in the history", "and 5 more below", "| Security | 45.0 → 52.5 | 4 of 12 |"]
    assert [part for part in wanted if part not in above] == []


def test_everything_unfolds_in_order() -> None:
    text = render(cards.loan())
    order = ["Security:", "Business Features:", "Critical actions", "Metrics", "Deployment steps", "Emergency contacts"]
    order += ["Decisions", "What was not looked at", "How the score is made"]
    places = [text.index(f"<summary>{title}") for title in order]
    assert places == sorted(places)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None), max_size=60) | st.text(st.sampled_from("`|\\*_[]()<>~$&#@:!-+= \n")))
def test_any_service_leaves_one_heading_and_no_markup(service: str) -> None:
    text = render(msgspec.structs.replace(cards.empty(), service=service, checklist=service))
    assert next(token.type for token in MARKDOWN.parse(text)) == "heading_open"
    markup = "".join(token.content for token in flat(text) if token.type in ("html_inline", "html_block"))
    assert "<" not in OURS.sub("", markup)


@pytest.mark.parametrize("name", VARIETY)
def test_the_same_card_gives_the_same_text(name: str) -> None:
    assert render(card(name)) == render(card(name))


def test_an_empty_run_is_not_dressed_up() -> None:
    text = render(cards.empty())
    assert text.startswith("## ❔ INCONCLUSIVE: ledger\n")
    assert "**\u2013** of 100" in text


def test_a_ready_audit_with_contradictions_does_not_look_like_plain_success() -> None:
    told = {"id": "other", "title": "Other", "outcome": "fail", "findings": [{"message": "wrong", "at": "a.js:1"}]}
    low = {"id": "low", "text": "Low", "claim": "done", "severity": "low", "say": [told]}
    text = render(cards.card(cards.checklist(cards.simple("pass"), low)))
    assert text.startswith("## ⚠️ READY with contradictions: ledger")
    assert render(cards.ready()).startswith("## ✅ READY: ledger")


@pytest.mark.parametrize("name", ["loan", "huge"])
def test_what_changed_since_the_baseline_stands_above_the_fold_and_still_fits(name: str) -> None:
    now = card(name)
    rows = {key: msgspec.structs.replace(row, outcome=Outcome.PASS) for key, row in now.checks.items()}
    sections = tuple(
        msgspec.structs.replace(
            section, items=tuple(msgspec.structs.replace(item, verdict=Verdict.VERIFIED) for item in section.items)
        )
        for section in now.sections
    )
    before = msgspec.structs.replace(now, checks=rows, sections=sections)
    text = render(against(now, before, "main", GateEntry()))
    above = text.split("<details>", maxsplit=1)[0]
    assert above.count("\n") <= 60
    assert "(beside `main`)" in above
    assert "### Since `main`: " in above
    assert len(text.encode()) <= LONGEST


def test_markdown_for_a_file_leaves_nothing_out_and_says_the_same_above_the_fold() -> None:
    huge = cards.huge()
    whole, comment = markdown.render(huge), render(huge)
    assert len(whole) > LONGEST
    assert "**Left out**" not in whole
    assert whole.split("<details>")[0] == comment.split("<details>")[0]
    assert all(item.text in whole for item in huge.items)


@pytest.mark.parametrize("name", ["loan", "ready", "empty", "phase"])
def test_what_fits_a_comment_is_the_whole_report(name: str) -> None:
    assert render(card(name)) == markdown.render(card(name))


def test_a_phase_without_lines_shows_its_steps_and_no_score() -> None:
    above = render(cards.phase()).split("<details>")[0]
    assert "### Post-deployment" in above
    assert [part for part in ("of 100", "Contradictions", "Nothing else holds") if part in above] == []
