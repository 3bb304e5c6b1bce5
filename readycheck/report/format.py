"""The names of the formats, and what their files are called."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """A face of the scorecard."""

    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "markdown"
    PULL_REQUEST = "pull-request"
    HTML = "html"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"
    GITLAB = "gitlab"
    CSV = "csv"
    BADGE = "badge"

    @property
    def file_name(self) -> str:
        """What its file is called in a folder of reports."""
        return _FILES[self.value]

    @property
    def meaning(self) -> str:
        """What it is for, in a few words."""
        return _MEANINGS[self.value]


_FILES = {
    "terminal": "scorecard.txt",
    "json": "scorecard.json",
    "markdown": "scorecard.md",
    "pull-request": "pull-request.md",
    "html": "scorecard.html",
    "sarif": "scorecard.sarif",
    "junit": "junit.xml",
    "github": "github.txt",
    "gitlab": "gl-code-quality-report.json",
    "csv": "scorecard.csv",
    "badge": "badge.svg",
}
_MEANINGS = {
    "terminal": "for a person at a terminal",
    "json": "everything, for programs",
    "markdown": "Markdown: the answer, then everything in details that unfold",
    "pull-request": "the same within what a comment takes: sixty lines, then details, 65,536 characters",
    "html": "one page for a reviewer, without a server",
    "sarif": "SARIF 2.1.0, for code scanning",
    "junit": "JUnit XML, for whatever shows tests",
    "github": "annotations of a GitHub workflow, and its step summary",
    "gitlab": "GitLab's code quality report",
    "csv": "a row a line, for a spreadsheet",
    "badge": "an SVG badge for a README",
}
