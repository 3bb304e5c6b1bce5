"""Prints short styled texts: headings, terms and paragraphs, with colours only where they may be shown."""

from __future__ import annotations

import sys
import textwrap

from readycheck.cli.output import colours, width
from readycheck.report.text import visible


class Printer:
    """Writes to standard output, as wide as the terminal (100 columns at most)."""

    def __init__(self, *, color: bool = True) -> None:
        self._color = color and colours()
        self._width = width(100)

    def title(self, text: str) -> None:
        """A heading."""
        self._write(self._styled(text, "1"))

    def term(self, name: str, text: str) -> None:
        """A name and what is to be said of it, wrapped and hanging; nothing when there is nothing to say."""
        lines = [line for paragraph in visible(text).splitlines() for line in self._wrapped(paragraph)]
        for index, line in enumerate(lines):
            label = f"{name if index == 0 else '':<13}"
            self._write(f"  {self._styled(label, '2')}{line}")

    def line(self, text: str = "") -> None:
        """A line as it is."""
        self._write(text)

    def faint(self, text: str) -> str:
        """The text for an aside."""
        return self._styled(text, "2")

    def good(self, text: str) -> str:
        """The text for something that holds."""
        return self._styled(text, "32")

    def bad(self, text: str) -> str:
        """The text for something that does not."""
        return self._styled(text, "31")

    def _wrapped(self, text: str) -> list[str]:
        if text.startswith(" "):
            return [text]
        return textwrap.wrap(text, self._width - 15, break_long_words=False, break_on_hyphens=False) or [""]

    def _styled(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._color else text

    def _write(self, text: str) -> None:
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
