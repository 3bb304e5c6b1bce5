"""A history as a page in the report's look."""

from __future__ import annotations

from readycheck.report.html import laid_out
from readycheck.report.trend.view import HEIGHT, SMALL_HEIGHT, SMALL_WIDTH, WIDTH, TrendView


def render(shown: TrendView) -> str:
    """The trend as one self-contained page without a script."""
    large, small = f"0 0 {WIDTH:g} {HEIGHT:g}", f"0 0 {SMALL_WIDTH:g} {SMALL_HEIGHT:g}"
    return laid_out("trend.html", f"{shown.service}: {shown.headline}", shown=shown, large=large, small=small)
