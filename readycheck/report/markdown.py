"""The Markdown report: what a reviewer needs fits a screen of a pull request, and the rest unfolds beneath it."""

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

#: The longest comment that GitHub takes, in characters; bytes are counted here so that any way of counting is met.
LONGEST = 65_536
#: The rows of each list that stand above the fold, so that it stays near sixty lines.
MOST_ABOVE = 7
#: The same when what changed since the baseline stands there too.
MOST_BESIDE = 5
#: How much of one text is shown, the first at which the part above the fold takes no more than half of the room.
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


class _Fold(Struct, frozen=True):
    """A part that unfolds: whole, and without the findings where it has any."""

    title: str
    whole: str
    lean: str


def render(card: Scorecard, show: Filter = EVERYTHING) -> str:
    """The scorecard as GitHub-flavoured Markdown of at most `LONGEST` characters; it says what it had to leave out."""
    shown = page(card, show)
    length = next(most for most in LENGTHS if most == LENGTHS[-1] or _size(_above(shown, most)) <= LONGEST // 2)
    return _fitted(_above(shown, length), tuple(_folds(shown, length)))


def _above(shown: Page, length: int) -> str:
    return _write("above.md", shown, length)


def _folds(shown: Page, length: int) -> Iterable[_Fold]:
    for section in shown.sections:
        if section.items:
            write = partial(_write, "section.md", shown, length, section=section)
            yield _Fold(section.row.title, write(whole=True), write(whole=False))
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
            yield _Fold(title, text, text)


def _fitted(above: str, folds: Sequence[_Fold]) -> str:
    room = LONGEST - _size(above) - _size(_left_out(folds, folds))
    kept = list(folds)
    while kept and sum(_size(fold.lean) for fold in kept) > room:
        # One long section goes before many short parts do.
        kept.remove(max(kept, key=lambda fold: _size(fold.lean)))
    room -= sum(_size(fold.lean) for fold in kept)
    texts, leaner = [], []
    for fold in kept:
        more = _size(fold.whole) - _size(fold.lean)
        fits = more <= room
        texts.append(fold.whole if fits else fold.lean)
        room -= more if fits else 0
        leaner += [] if fits else [fold]
    gone = [fold for fold in folds if all(fold is not other for other in kept)]
    return "".join([above, *texts, _left_out(leaner, gone)])


def _left_out(leaner: Sequence[_Fold], gone: Sequence[_Fold]) -> str:
    said = [f"the findings of {_named(leaner)}"] if leaner else []
    said += [f"all of {_named(gone)}"] if gone else []
    if not said:
        return ""
    return f"\n**Left out** to fit {LONGEST:,} characters: {'; '.join(said)}. The HTML and JSON reports have it all.\n"


def _named(folds: Sequence[_Fold]) -> str:
    few = 10
    names = ", ".join(inline_markdown(shortened(fold.title, 40)) for fold in folds[:few])
    return f"{names} and {len(folds) - few} more" if len(folds) > few else names


def _write(name: str, shown: Page, length: int, **others: Any) -> str:
    most = MOST_BESIDE if shown.changes else MOST_ABOVE
    return layout(length).get_template(name).render(page=shown, card=shown.card, most=most, **others)


def _size(text: str) -> int:
    return len(text.encode())


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
