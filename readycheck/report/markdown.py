"""The Markdown report: what a reviewer needs fits a screen, and the rest unfolds beneath it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any

from jinja2 import Environment
from markupsafe import Markup
from msgspec import Struct

from readycheck.report.filter import EVERYTHING, Filter
from readycheck.report.rows import Run
from readycheck.report.templates import environment
from readycheck.report.text import html_line, inline_markdown, markdown_block, markdown_code, shortened, visible
from readycheck.report.view import Page, page
from readycheck.scorecard import Scorecard

#: The rows of each list that stand above the fold, so that it stays near sixty lines.
MOST_ABOVE = 7
#: The same when what changed since the baseline stands there too.
MOST_BESIDE = 5
#: How much of one text is shown: the first, or less where room is short.
LENGTHS = (280, 100, 30)

#: A sign for each shape; the word always stands beside it.
SIGNS = {
    "check": "✅",
    "cross": "❌",
    "ring": "⭕",
    "question": "❔",
    "person": "👤",
    "hourglass": "⌛",
    "up": "🔼",
    "vouched": "🤝",
    "pause": "⏸️",
    "dash": "➖",
    "dotted": "▫️",
    "alert": "⚠️",
}


class Fold(Struct, frozen=True):
    """A part that unfolds: whole, and without the findings where it has any."""

    title: str
    whole: str
    lean: str


def render(card: Scorecard, show: Filter = EVERYTHING) -> str:
    """The whole scorecard as GitHub-flavoured Markdown, however long."""
    shown = page(card, show)
    return "".join([above(shown, LENGTHS[0]), *(fold.whole for fold in folds(shown, LENGTHS[0]))])


def above(shown: Page, length: int) -> str:
    """What stands above the fold, no text of it longer than this."""
    return _write("above.md", shown, length)


def folds(shown: Page, length: int) -> Iterable[Fold]:
    """What unfolds beneath it, in order."""
    for section in shown.sections:
        if section.items:
            write = partial(_write, "section.md", shown, length, section=section)
            yield Fold(section.row.title, write(whole=True), write(whole=False))
    for title, name in (
        ("Critical actions", "actions.md"),
        ("Metrics", "metrics.md"),
        ("Deployment and rollback", "steps.md"),
        ("Contacts and review", "statements.md"),
        ("Decisions", "decisions.md"),
        ("What was not looked at", "unseen.md"),
    ):
        text = _write(name, shown, length)
        if text:
            yield Fold(title, text, text)


def _write(name: str, shown: Page, length: int, **others: Any) -> str:
    most = MOST_BESIDE if shown.changes else MOST_ABOVE
    return layout(length).get_template(name).render(page=shown, card=shown.card, most=most, **others)


@cache
def layout(length: int) -> Environment:
    """The environment of the Markdown templates, in which no text is longer than this."""

    def cut(write: Callable[[str], str]) -> Callable[[str], Markup]:
        return lambda text: Markup(write(shortened(visible(text), length)))  # noqa: S704 - `write` escapes

    made = environment("markdown", cut(inline_markdown), autoescape=False)
    made.filters["code"] = cut(markdown_code)
    made.filters["cell"] = lambda text: Markup(f"<code>{cut(inline_markdown)(text)}</code>") if text else Markup("")  # noqa: S704
    made.filters["block"] = lambda text, indent: Markup(markdown_block(shortened(text, 4 * length), indent))  # noqa: S704
    made.filters["html"] = cut(html_line)
    made.filters["prose"] = partial(_prose, length=length)
    made.filters["sign"] = lambda badge: Markup(SIGNS[badge.shape])  # noqa: S704 - our own sign
    made.filters["first"] = lambda rows, most: rows[:most]
    made.filters["left"] = lambda rows, most: f"and {len(rows) - most:,} more below" if len(rows) > most else ""
    return made


def _prose(runs: Sequence[Run], length: int) -> Markup:
    pieces, room = [], length
    for run in runs:
        if room > 0:
            text = shortened(visible(run.text), room)
            pieces.append(markdown_code(text) if run.code else _spaced(text))
            room -= len(text)
    return Markup("".join(pieces))  # noqa: S704 - every piece is escaped


def _spaced(text: str) -> str:
    # A space beside a code span belongs to the words, and escaping trims it.
    before, after = text[:1].isspace(), text[-1:].isspace()
    return f"{' ' * before}{inline_markdown(text)}{' ' * after}"
