"""The names of the formats."""

from __future__ import annotations

from enum import StrEnum


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
