"""A comparison as a page in the report's look."""

from __future__ import annotations

from readycheck.changes import Comparison
from readycheck.report.changes.view import view
from readycheck.report.html import laid_out


def render(found: Comparison) -> str:
    """The comparison as one self-contained page without a script."""
    shown = view(found)
    return laid_out("diff.html", f"{found.after.service}: {shown.headline}", shown=shown)
