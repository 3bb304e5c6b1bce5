"""The Markdown report as a comment of a pull request: sixty lines, then details, and never more than GitHub takes."""

from __future__ import annotations

from collections.abc import Sequence

from readycheck.report.filter import EVERYTHING, Filter
from readycheck.report.markdown import LENGTHS, Fold, above, folds
from readycheck.report.text import inline_markdown, shortened
from readycheck.report.view import page
from readycheck.scorecard import Scorecard

#: The longest comment that GitHub takes, in characters; bytes are counted here so that any way of counting is met.
LONGEST = 65_536


def render(card: Scorecard, show: Filter = EVERYTHING) -> str:
    """The Markdown report in at most `LONGEST` characters; it says what it had to leave out.

    Texts are cut to the first of `LENGTHS` at which the part above the fold takes no more than half of the room.
    """
    shown = page(card, show)
    length = next(most for most in LENGTHS if most == LENGTHS[-1] or _size(above(shown, most)) <= LONGEST // 2)
    return _fitted(above(shown, length), tuple(folds(shown, length)))


def _fitted(head: str, folds: Sequence[Fold]) -> str:
    room = LONGEST - _size(head) - _size(_left_out(folds, folds))
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
    return "".join([head, *texts, _left_out(leaner, gone)])


def _left_out(leaner: Sequence[Fold], gone: Sequence[Fold]) -> str:
    said = [f"the findings of {_named(leaner)}"] if leaner else []
    said += [f"all of {_named(gone)}"] if gone else []
    if not said:
        return ""
    return f"\n**Left out** to fit {LONGEST:,} characters: {'; '.join(said)}. The HTML and JSON reports have it all.\n"


def _named(folds: Sequence[Fold]) -> str:
    few = 10
    names = ", ".join(inline_markdown(shortened(fold.title, 40)) for fold in folds[:few])
    return f"{names} and {len(folds) - few} more" if len(folds) > few else names


def _size(text: str) -> int:
    return len(text.encode())
