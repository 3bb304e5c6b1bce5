"""A comparison as GitHub-flavoured Markdown that fits a comment."""

from __future__ import annotations

from readycheck.changes import Comparison
from readycheck.report.changes.view import view
from readycheck.report.markdown import LENGTHS, layout
from readycheck.report.pull_request import LONGEST

#: How many rows of each list are shown, the first at which all of it fits.
MOST = (200, 60, 20)


def render(found: Comparison) -> str:
    """The comparison in at most `LONGEST` bytes; it says how many rows it had to leave out."""
    shown = view(found)
    texts = (
        layout(length).get_template("diff.md").render(shown=shown, most=most)
        for length, most in zip(LENGTHS, MOST, strict=True)
    )
    return next((text for text in texts if len(text.encode()) <= LONGEST), _shortest(found))


def _shortest(found: Comparison) -> str:
    return layout(LENGTHS[-1]).get_template("diff.md").render(shown=view(found), most=MOST[-1])
