"""What a user can do wrong, each with the advice that mends it."""

from __future__ import annotations

from typing import NamedTuple


class ReadycheckError(Exception):
    """A mistake that its reader can mend: shown as a sentence and a hint, never as a traceback (exit code 2)."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ReadycheckError):
    """An option, a filter or an argument that makes no sense."""


class TargetError(ReadycheckError):
    """A target that was named and cannot be audited at all: no such folder, an unreadable URL."""


class FactsError(ReadycheckError):
    """A facts or scorecard file that is not one, or is of another version."""


class Mistake(NamedTuple):
    """One thing wrong in a YAML file: where it is, what stands there, and the nearest thing that would be right."""

    source: str
    line: int
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        advice = f" (did you mean {self.suggestion!r}?)" if self.suggestion else ""
        return f"{self.source}:{self.line}: {self.message}{advice}"


class ContentError(ReadycheckError):
    """A checklist, a check or a decisions file with mistakes: all of them, in the order of the file."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        count = len(self.mistakes)
        lead = f"{count} mistake{'s' if count > 1 else ''} to mend:"
        super().__init__("\n  ".join([lead, *map(str, self.mistakes)]))
