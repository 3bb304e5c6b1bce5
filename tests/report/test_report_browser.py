"""The HTML report in a real browser: read without scripts, worked with them, and found sound by axe-core."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Self

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from support import cards

from readycheck.report.html import render

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report")
    for name in ("loan", "compared", "hostile", "huge", "ready", "empty", "phase"):
        (made / f"{name}.html").write_text(render(getattr(cards, name)()), "utf-8")
    return made


class Visit:
    """A page of its own, and everything that it asked for or complained about."""

    def __init__(self, browser: Browser, file: Path, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(file.as_uri())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.mark.parametrize("name", ["loan", "hostile", "ready", "empty", "phase"])
def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(
    browser: Browser, folder: Path, name: str
) -> None:
    file = folder / f"{name}.html"
    with Visit(browser, file) as visit:
        visit.page.locator("#verdict").wait_for()
        assert visit.asked == [file.as_uri()]
        assert visit.complaints == []


def test_it_reads_whole_without_scripts(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html", java_script_enabled=False) as visit:
        page = visit.page
        expect(page.get_by_role("heading", name="NOT READY")).to_be_visible()
        expect(page.locator("form.filters")).to_be_hidden()
        expect(page.locator(".tools")).to_be_hidden()
        assert page.locator(".copy:visible").count() == 0
        item = page.locator("#item-sql-injection")
        expect(item.locator(".inside")).to_be_hidden()
        item.locator("summary").first.click()
        expect(item.get_by_text("Bind values instead of joining them.")).to_be_visible()


def test_filters_narrow_the_lines_and_say_how_many_match(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html") as visit:
        page = visit.page
        page.get_by_label("Verdict", exact=True).select_option("contradicted")
        expect(page.locator("#matches")).to_have_text("12 of 78 lines match")
        expect(page.locator(".item:visible")).to_have_count(12)
        page.get_by_label("Severity", exact=True).select_option("critical")
        expect(page.locator(".item:visible")).to_have_count(2)
        page.get_by_label("Section", exact=True).select_option("section-security")
        expect(page.locator("#matches")).to_have_text("1 of 78 lines match")
        expect(page.locator(".lines:visible")).to_have_count(1)
        page.get_by_role("button", name="Clear").click()
        expect(page.locator(".item:visible")).to_have_count(78)
        expect(page.locator("#matches")).to_be_empty()


def test_lines_are_filtered_by_owner_and_by_having_none(browser: Browser, folder: Path) -> None:
    loan = cards.loan()
    with Visit(browser, folder / "loan.html") as visit:
        for choice, owner in (("dba", "dba"), ("nobody", "")):
            wanted = sum(item.owner == owner for item in loan.items)
            visit.page.get_by_label("Owner", exact=True).select_option(choice)
            expect(visit.page.locator(".item:visible")).to_have_count(wanted)


def test_lines_are_grouped_by_severity_and_go_home_again(browser: Browser, folder: Path) -> None:
    order = "Array.from(document.querySelectorAll('.item'), (item) => item.id)"
    with Visit(browser, folder / "loan.html") as visit:
        page = visit.page
        before = page.evaluate(order)
        page.get_by_label("Group by").select_option("severity")
        assert page.locator("#grouped h3").all_inner_texts() == ["Critical", "High", "Medium", "Low"]
        expect(page.locator("#grouped .item")).to_have_count(78)
        expect(page.locator("section.lines:visible")).to_have_count(4)
        page.get_by_label("Verdict", exact=True).select_option("contradicted")
        expect(page.locator("#grouped .summary").first).to_have_text("2 contradicted")
        page.get_by_role("button", name="Clear").click()
        expect(page.locator("#grouped .item")).to_have_count(0)
        assert page.evaluate(order) == before


def test_lines_are_grouped_by_a_standard_and_stand_in_each_of_its_groups(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html") as visit:
        page = visit.page
        page.get_by_label("Group by").select_option("CWE")
        named = page.locator("#grouped h3").all_inner_texts()
        numbers = [int(name.removeprefix("CWE-")) for name in named[:-1]]
        assert numbers == sorted(numbers)
        assert named[-1] == "No reference to CWE"
        texts = page.locator("#grouped .item .text").all_inner_texts()
        assert set(texts) == {item.text for item in cards.loan().items}
        assert len(texts) > 78
        ids = page.evaluate("Array.from(document.querySelectorAll('[id]'), (element) => element.id)")
        assert len(ids) == len(set(ids))
        page.get_by_label("Verdict", exact=True).select_option("contradicted")
        expect(page.locator("#matches")).to_have_text("12 of 78 lines match")


def test_the_address_keeps_what_is_shown(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html") as visit:
        page = visit.page
        page.get_by_label("Owner", exact=True).select_option("platform")
        page.get_by_label("Group by").select_option("verdict")
        page.get_by_label("Search").fill("monitor")
        page.wait_for_url("**monitor**")
        shown = page.locator(".item:visible .text").all_inner_texts()
        address = page.url
        page.goto("about:blank")
        page.goto(address)
        assert page.get_by_label("Search").input_value() == "monitor"
        assert page.locator(".item:visible .text").all_inner_texts() == shown
        assert 0 < len(shown) < 78


def test_lines_are_filtered_by_how_they_changed_and_the_changes_lead_to_them(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "compared.html") as visit:
        page = visit.page
        page.get_by_label("Change", exact=True).select_option("any change")
        expect(page.locator("#matches")).to_have_text("4 of 78 lines match")
        page.get_by_label("Change", exact=True).select_option("fixed")
        expect(page.locator("#matches")).to_have_text("1 of 78 lines match")
        page.locator("#changes").get_by_role("link", name="Rate limiting enabled").click()
        expect(page.locator("#item-rate-limiting")).to_have_attribute("open", "")


def test_the_tally_of_a_verdict_leads_to_its_lines(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html") as visit:
        visit.page.get_by_role("link", name="3 understated").click()
        expect(visit.page.locator("#matches")).to_have_text("3 of 78 lines match")


def test_a_finding_can_be_linked_to(browser: Browser, folder: Path) -> None:
    finding = cards.loan().checks["sql-injection"].findings[0].fingerprint
    with Visit(browser, folder / "loan.html") as visit:
        visit.page.goto(f"{(folder / 'loan.html').as_uri()}#finding-{finding}")
        expect(visit.page.locator("#item-sql-injection")).to_have_attribute("open", "")
        expect(visit.page.locator(f"#finding-{finding}")).to_be_in_viewport()


def copied(page: Page, button: Locator) -> str:
    button.click()
    expect(button).to_contain_text("copied")
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_line_is_copied_as_an_issue_with_all_that_is_wrong(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html", permissions=["clipboard-read", "clipboard-write"]) as visit:
        button = visit.page.locator("#contradictions").get_by_role("button", name="SQL injection")
        written = copied(visit.page, button)
    first, *rest = written.splitlines()
    assert first == "## SQL injection prevention (Sequelize ORM): contradicted"
    assert "- Stands in `PRODUCTION_READINESS.md:11`" in rest
    assert any(
        line.startswith("- **a request's value is joined") and "`src/reports/overdue.js:73`" in line for line in rest
    )
    assert "**To mend:** Bind values instead of joining them." in rest
    assert "References: ASVS 5.0 1.2.4 · CWE-89 · CIS Controls 16.10 · SOC 2 CC6.1 · ISO 27001 A.8.28" in rest


def test_one_finding_is_copied_as_an_issue_without_its_siblings(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html", permissions=["clipboard-read", "clipboard-write"]) as visit:
        visit.page.locator("#item-database-indexes summary").first.click()
        button = visit.page.locator("#item-database-indexes .finding").nth(1).get_by_role("button", name="as an issue")
        written = copied(visit.page, button)
    assert "applicants.branch\\_id has no index" in written
    assert "repaymentTransactionsHistory" not in written.replace('ON "repaymentTransactionsHistory"', "")


def test_an_issue_from_hostile_text_links_mentions_and_renders_nothing(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "hostile.html", permissions=["clipboard-read", "clipboard-write"]) as visit:
        visit.page.get_by_role("button", name="Open all").click()
        written = copied(visit.page, visit.page.locator(".item .about .copy-issue").first)
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).disable("linkify").parse(written)
    kinds = {token.type for token in tokens} | {child.type for token in tokens for child in token.children or ()}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "table_open", "hr"}
    outside = "".join(child.content for token in tokens for child in token.children or () if child.type == "text")
    assert not re.search(r"@\w|#\d|://\w", outside)


def test_without_a_clipboard_the_issue_is_shown_to_be_copied_by_hand(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html") as visit:
        page = visit.page
        page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        page.locator("#contradictions .copy-issue").first.click()
        expect(page.get_by_role("dialog", name="Copy this")).to_be_visible()
        assert page.locator("#text-itself").input_value().startswith("## ")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()


def test_paper_says_when_a_filter_hides_lines(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html") as visit:
        page = visit.page
        page.emulate_media(media="print")
        expect(page.locator("#narrowed")).to_be_hidden()
        page.emulate_media(media="screen")
        page.get_by_label("Owner", exact=True).select_option("dba")
        page.emulate_media(media="print")
        expect(page.locator("#narrowed")).to_contain_text("14 of 78 lines match (owner dba)")


def test_search_looks_into_the_evidence(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html") as visit:
        visit.page.get_by_label("Search").fill("  TimingSafeEqual ")
        expect(visit.page.locator(".item:visible")).to_have_count(1)
        expect(visit.page.locator(".item:visible")).to_contain_text("Payment processing")


def test_all_lines_open_and_close_at_once(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html") as visit:
        visit.page.get_by_role("button", name="Open all").click()
        expect(visit.page.locator(".item[open]")).to_have_count(78)
        visit.page.get_by_role("button", name="Close all").click()
        expect(visit.page.locator(".item[open]")).to_have_count(0)


def test_a_link_to_a_line_opens_it_even_when_a_filter_hides_it(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html") as visit:
        page = visit.page
        page.get_by_label("Verdict", exact=True).select_option("verified")
        page.locator("#blockers").get_by_role("link", name="Runbook for operations").click()
        expect(page.locator("#item-runbook")).to_have_attribute("open", "")
        expect(page.locator("#item-runbook .inside")).to_be_visible()
        expect(page.locator("#item-runbook > summary")).to_be_focused()


def test_a_fingerprint_is_copied_or_selected(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html", permissions=["clipboard-read", "clipboard-write"]) as visit:
        button = visit.page.locator("#blockers .copy").first
        button.click()
        expect(button).to_have_text("copied")
        copied = visit.page.evaluate("navigator.clipboard.readText()")
        assert copied == visit.page.locator("#blockers .fingerprint code").first.inner_text()


def test_the_theme_follows_the_system_until_somebody_chooses(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html", color_scheme="dark") as visit:
        page = visit.page
        paper = "getComputedStyle(document.body).backgroundColor"
        switch = page.get_by_role("button", name="Dark")
        expect(switch).to_have_attribute("aria-pressed", "true")
        dark = page.evaluate(paper)
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "false")
        assert page.evaluate(paper) != dark
        page.reload()
        expect(switch).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["loan", "compared", "ready", "empty", "phase"])
def test_axe_finds_nothing(browser: Browser, folder: Path, name: str, scheme: Literal["light", "dark"]) -> None:
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    with Visit(browser, folder / f"{name}.html", color_scheme=scheme) as visit:
        visit.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        visit.page.evaluate(axe)
        assert violations(visit.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_groups_on_a_small_screen(
    browser: Browser, folder: Path, scheme: Literal["light", "dark"]
) -> None:
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    with Visit(browser, folder / "loan.html", color_scheme=scheme, viewport={"width": 360, "height": 800}) as visit:
        visit.page.get_by_label("Group by").select_option("CWE")
        visit.page.evaluate(axe)
        assert violations(visit.page) == []


def violations(page: Page) -> list[tuple[str, str, str]]:
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        (violation["id"], str(node["target"]), node["failureSummary"])
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def test_the_keyboard_reaches_the_lines_and_opens_them(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "ready.html") as visit:
        page = visit.page
        focused = "document.activeElement.className || document.activeElement.tagName"
        page.keyboard.press("Tab")
        assert page.evaluate(focused) == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "verdict"
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.parentElement.classList.contains('item')"):
                break
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        expect(page.locator(".item .inside")).to_be_visible()


def test_a_walk_with_the_keyboard_shows_where_it_is_and_comes_to_the_end(browser: Browser, folder: Path) -> None:
    seen = """() => {
      const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
      const after = getComputedStyle(one, '::after');
      return {key: one.outerHTML.slice(0, 200), tag: one.tagName, end: one === document.body,
              outlined: [style, after].some((each) => each.outlineStyle !== 'none'),
              inside: box.bottom > 0 && box.top < innerHeight && box.width > 0};
    }"""
    with Visit(browser, folder / "loan.html", reduced_motion="reduce") as visit:
        page = visit.page
        reachable = page.locator("a:visible, button:visible, input:visible, select:visible, summary:visible").count()
        walked = []
        for _ in range(reachable + 5):
            page.keyboard.press("Tab")
            step = page.evaluate(seen)
            if step["end"]:
                break
            walked.append(step)
        assert [step["key"] for step in walked if not step["outlined"] or not step["inside"]] == []
        assert len(walked) >= reachable


@pytest.mark.parametrize("width", [360, 768, 1280, 1600])
@pytest.mark.parametrize("name", ["loan", "compared", "hostile", "empty"])
def test_nothing_runs_over_the_side(browser: Browser, folder: Path, name: str, width: int) -> None:
    with Visit(browser, folder / f"{name}.html", viewport={"width": width, "height": 800}) as visit:
        visit.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


PROVEN = ("verified", "not_applicable")


def test_all_that_is_not_proven_is_open_on_paper(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html", java_script_enabled=False) as visit:
        visit.page.emulate_media(media="print")
        expect(visit.page.locator("form.filters")).to_be_hidden()
        expect(visit.page.locator("nav")).to_be_hidden()
        expect(visit.page.locator(".printed")).to_be_visible()
        for item in visit.page.locator(".item").all():
            seen = item.locator("> .inside").evaluate("(one) => one.checkVisibility({contentVisibilityAuto: false})")
            assert seen is (item.get_attribute("data-verdict") not in PROVEN)


def test_a_phone_shows_the_verdict_and_why_before_it_is_scrolled(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html", viewport={"width": 360, "height": 740}) as visit:
        box = visit.page.locator(".because").bounding_box()
        assert box
        assert box["y"] + 30 < 740


def test_printing_opens_what_was_closed_and_closes_it_again(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "loan.html") as visit:
        visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        verdicts = [line.get_attribute("data-verdict") for line in visit.page.locator("details:not([open])").all()]
        assert set(verdicts) == set(PROVEN)
        visit.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert visit.page.locator("details[open]").count() == 0


def test_hostile_text_runs_nothing(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "hostile.html") as visit:
        dialogs: list[str] = []
        visit.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        visit.page.get_by_role("button", name="Open all").click()
        assert visit.page.locator("script").count() == 1
        assert visit.page.locator("img").count() == 0
        assert visit.page.evaluate("getComputedStyle(document.body).marginTop") == "0px"
        assert dialogs == []


def test_a_thousand_lines_can_still_be_searched(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / "huge.html") as visit:
        visit.page.get_by_label("Search").fill("thing number 777 holds")
        # `expect` describes the whole page each time that it has to wait, which takes seconds on one of this size.
        visit.page.get_by_text("1 of 1000 lines match", exact=True).wait_for()
        assert visit.page.locator("#item-line-777").is_visible()
