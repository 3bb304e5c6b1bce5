"""Renders a scorecard in the format that is asked for; only that format's modules are imported."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from readycheck import scorecard
from readycheck.report.filter import EVERYTHING, Filter
from readycheck.report.format import Format
from readycheck.scorecard import Scorecard

#: Formats whose module cannot have their name.
_MODULES = {Format.CSV: "spreadsheet", Format.PULL_REQUEST: "pull_request"}


def render(card: Scorecard, format: Format, *, show: Filter = EVERYTHING) -> str:  # noqa: A002 - the option's name
    """The scorecard in this format: the same card and filter give the same text, byte for byte.

    JSON is always the whole scorecard, since other programs compute from it, and a badge has room for the answer only.

    Raises:
        UsageError: the filter names something that the scorecard does not have, or leaves no line.
    """
    show.check(card)
    if format is Format.JSON:
        return scorecard.dump(card).decode()
    if format is Format.BADGE:
        from readycheck.report import badge

        return badge.render(card)
    # jinja2 and rich cost start-up time that other formats and commands should not pay.
    renderer: Callable[[Scorecard, Filter], str] = import_module(
        f"readycheck.report.{_MODULES.get(format, format)}"
    ).render
    return renderer(card, show)
