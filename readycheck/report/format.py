"""The names of the formats, and what a reader asked to see."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Format(StrEnum):
    """A face of the scorecard."""

    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"

    @property
    def file_name(self) -> str:
        """What its file is called in a folder of reports."""
        return {
            "terminal": "scorecard.txt",
            "json": "scorecard.json",
            "markdown": "scorecard.md",
            "html": "scorecard.html",
        }[self]


class Filter(Struct, frozen=True, kw_only=True):
    """What to show: sections by id, items by id, one phase. It changes no number and no exit code."""

    sections: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    phase: str = ""

    def __bool__(self) -> bool:
        """Is anything left out?"""
        return bool(self.sections or self.items or self.phase)
