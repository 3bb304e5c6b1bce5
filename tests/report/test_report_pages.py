"""The pages of `diff` and `trend`: sound in a real browser at every width, and safe whatever was audited."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, sync_playwright
from support import cards

from readycheck.comparison import compare
from readycheck.history.runs import new_rows, run_of, section_of
from readycheck.model import Outcome
from readycheck.report.changes import html as changes_html
from readycheck.report.changes import markdown as changes_markdown
from readycheck.report.changes.terminal import draw as draw_changes
from readycheck.report.pull_request import LONGEST
from readycheck.report.trend import html as trend_html
from readycheck.report.trend.terminal import draw as draw_trend
from readycheck.report.trend.view import TrendView, sampled, view
from readycheck.scorecard import Scorecard

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def trend(*shown: Scorecard) -> TrendView:
    runs = []
    for card in shown:
        row, sections = new_rows(card)
        runs.append(run_of(row, tuple(section_of(section) for section in sections)))
    return view(runs)


def dated(card: Scorecard, day: int) -> Scorecard:
    return msgspec.structs.replace(card, judged_at=f"2025-02-{day:02}T10:00:00+00:00")


def turned(card: Scorecard) -> Scorecard:
    """The same with every failing check passing and the other way round, so that everything changes."""
    other = {Outcome.PASS: Outcome.FAIL, Outcome.FAIL: Outcome.PASS}
    rows = {
        key: msgspec.structs.replace(row, outcome=other.get(row.outcome, row.outcome))
        for key, row in card.checks.items()
    }
    return msgspec.structs.replace(card, checks=rows, sections=card.sections[1:], metrics=card.metrics[::-1])


PAGES: dict[str, Callable[[], str]] = {
    "diff-loan": lambda: changes_html.render(compare(cards.loan(), turned(cards.loan()), ("main", "change"))),
    "diff-hostile": lambda: changes_html.render(
        compare(cards.hostile(), turned(cards.hostile()), (cards.HOSTILE, "x"))
    ),
    "diff-same": lambda: changes_html.render(compare(cards.ready(), cards.ready())),
    "trend-loan": lambda: trend_html.render(trend(*(dated(cards.loan(), day) for day in (1, 3, 9)))),
    "trend-hostile": lambda: trend_html.render(trend(cards.hostile())),
    "trend-one": lambda: trend_html.render(trend(cards.ready())),
    "trend-nothing": lambda: trend_html.render(trend(cards.empty(), cards.empty())),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pages")
    for name, page in PAGES.items():
        (made / f"{name}.html").write_text(page(), "utf-8")
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


def noting(seen: list[str], field: str) -> Callable[[Any], None]:
    """A listener that keeps this field of every event."""
    return lambda event: seen.append(getattr(event, field))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_overflows(browser: Browser, folder: Path, name: str, scheme: str) -> None:
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    file = folder / f"{name}.html"
    for width in (360, 1280):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            bypass_csp=True,
        )
        page = context.new_page()
        asked: list[str] = []
        page.on("request", noting(asked, "url"))
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate(axe)
        found = page.evaluate("axe.run()")
        assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]] == []
        assert asked == [file.as_uri()]
        context.close()


def test_its_policy_lets_nothing_run_and_nothing_be_fetched(browser: Browser, folder: Path) -> None:
    for name in PAGES:
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", noting(complaints, "text"))
        page.goto((folder / f"{name}.html").as_uri())
        assert complaints == []
        assert page.locator("script").count() == 0
        page.close()


@pytest.mark.parametrize("name", PAGES)
def test_no_audited_text_becomes_markup(folder: Path, name: str) -> None:
    text = (folder / f"{name}.html").read_text("utf-8")
    assert "<script" not in text
    assert "<img" not in text
    text = unescape(text)
    assert re.search(r"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-", text)


def test_a_comparison_in_markdown_fits_a_comment_and_holds_no_markup_but_its_own() -> None:
    huge = compare(cards.huge(3000), turned(cards.huge(3000)))
    for found in (huge, compare(cards.hostile(), turned(cards.hostile()))):
        text = changes_markdown.render(found)
        assert len(text.encode()) <= LONGEST
        tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
        kinds = {inner.type for token in tokens for inner in (token, *(token.children or ()))}
        assert not kinds & {"link_open", "image", "autolink", "html_inline", "html_block"}
    assert "more below" in changes_markdown.render(huge)


def test_a_terminal_shows_hostile_text_as_letters() -> None:
    hostile = cards.hostile()
    for text in (draw_changes(compare(hostile, turned(hostile), (cards.HOSTILE, "x"))), draw_trend(trend(hostile))):
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_ascii_alone_is_enough_for_both() -> None:
    ready = cards.ready()
    assert draw_changes(compare(ready, cards.not_ready()), unicode=False).isascii()
    assert draw_trend(trend(ready, cards.empty()), unicode=False).isascii()


def test_a_sparkline_of_many_runs_keeps_the_first_and_the_last() -> None:
    values = [float(number) for number in range(1000)]
    chosen = sampled(values, 20)
    assert len(chosen) == 20
    assert (chosen[0], chosen[-1]) == (0.0, 999.0)
    assert chosen == sorted(chosen, key=lambda value: value or 0)


def test_a_comparison_is_json_all_the_way() -> None:
    found = compare(cards.loan(), turned(cards.loan()))
    assert json.loads(msgspec.json.encode(found))["schema"] == 1
