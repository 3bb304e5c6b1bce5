from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from readycheck.report.text import (
    css_string,
    html_line,
    inline_markdown,
    markdown_block,
    markdown_code,
    shortened,
    visible,
)

ANY_TEXT = st.text(st.characters(codec=None), max_size=60) | st.text(
    st.sampled_from("`|\\*_[]()<>~$&#@:!-+=1.) \n\tax/")
)
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")


def collapsed(text: str) -> str:
    return " ".join(visible(text).split())


def said(tokens: list[Token]) -> str:
    """The words that a reader sees, without the breaks that we put in."""
    words = ""
    for token in tokens:
        if token.children:
            words += said(token.children)
        elif token.type in ("text", "code_inline", "fence", "text_special"):
            words += token.content
    return words.replace("\u200b", "")


def test_text_that_hides_nothing_stays_as_it_is() -> None:
    assert visible("naïve 日本語 👩\u200d💻 a\tb\nc") == "naïve 日本語 👩\u200d💻 a\tb\nc"


@pytest.mark.parametrize(
    "hidden", ["\x00", "\x1b", "\x7f", "\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\U000e0041", "\ud800"]
)
def test_a_character_that_cannot_be_seen_is_written_as_its_code_point(hidden: str) -> None:
    assert visible(f"a{hidden}b") == f"a\u2039U+{ord(hidden):04X}\u203ab"


@given(ANY_TEXT)
def test_visible_text_can_be_encoded_and_is_its_own_visible_form(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert visible(text).encode().decode() == visible(text)


@given(ANY_TEXT)
def test_markdown_prose_says_exactly_the_text_and_makes_nothing_of_it(text: str) -> None:
    tokens = MARKDOWN.parse(f"- **x**: {inline_markdown(text)}")
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {"text", "text_special", "strong_open", "strong_close"}
    assert said(tokens) == f"x: {collapsed(text)}".rstrip()


@given(ANY_TEXT)
def test_a_text_alone_in_a_list_item_opens_no_list_heading_or_quote(text: str) -> None:
    tokens = MARKDOWN.parse(f"- {inline_markdown(text)}")
    assert [token.type for token in tokens if token.nesting == 1] in (
        ["bullet_list_open", "list_item_open", "paragraph_open"],
        ["bullet_list_open", "list_item_open"],
    )


@given(ANY_TEXT)
def test_a_text_in_a_table_stays_in_its_cell(text: str) -> None:
    tokens = MARKDOWN.parse(f"| a | b |\n|---|---|\n| {inline_markdown(text)} | end |\n")
    cells = [token for token in tokens if token.type == "inline"]
    assert [said([cell]) for cell in cells] == ["a", "b", collapsed(text), "end"]


@given(ANY_TEXT)
def test_a_code_span_holds_the_whole_text(text: str) -> None:
    tokens = MARKDOWN.parse(f"x {markdown_code(text)} y")
    assert [child.type for child in tokens[1].children or ()] == ["text", "code_inline", "text"]
    assert (tokens[1].children or [])[1].content.strip() == collapsed(text)


@given(ANY_TEXT)
def test_a_fenced_block_holds_every_line(text: str) -> None:
    tokens = MARKDOWN.parse(f"- x\n{markdown_block(text, '  ')}\nafter\n")
    fences = [token for token in tokens if token.type == "fence"]
    assert len(fences) == 1
    assert [line.strip() for line in fences[0].content.split("\n")][:-1] == [
        line.strip() for line in visible(text).split("\n")
    ]


@pytest.mark.parametrize(
    "text",
    ["@octocat", "a@b.org", "#12", "GH-12", "https://evil.example", "www.evil.example", "deadbeefcafe", ":tada:"],
)
def test_what_github_would_link_is_broken_by_an_unseen_space(text: str) -> None:
    for written in (inline_markdown(text), html_line(text)):
        assert "\u200b" in written
        assert written.replace("\u200b", "").lstrip("\\") == text


@given(ANY_TEXT)
def test_a_line_of_html_has_no_tag(text: str) -> None:
    assert "<" not in html_line(text)
    assert "\n" not in html_line(text)


@given(ANY_TEXT)
def test_a_css_string_has_nothing_but_letters_digits_spaces_and_escapes(text: str) -> None:
    assert re.fullmatch(r'"(?:[A-Za-z0-9 ]|\\[0-9a-f]{1,6} )*"', css_string(text))


def test_a_css_string_cannot_be_ended_from_inside() -> None:
    assert css_string('a"}</style>') == '"a\\22 \\7d \\3c \\2f style\\3e "'


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"
