"""Questions to artefacts that a tool measured and left in the repository's work tree."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.model import Target


class Measurement(Struct, frozen=True):
    """One value, its unit, the format and file it comes from, and when it was measured (ISO 8601, empty if unknown).

    `newer_sources` counts source files that changed after it was measured.
    """

    value: float
    unit: str
    format: str
    path: str
    measured_at: str = ""
    newer_sources: int = 0


class Measurements(Struct, frozen=True):
    """What was measured, and the files that looked like a report and could not be read, with the reason."""

    found: tuple[Measurement, ...]
    unreadable: tuple[tuple[str, str], ...] = ()


class Coverage(Question[Measurements], frozen=True):
    """What line coverage do the reports of these patterns (the usual places when none is given) show, in percent?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = Measurements

    paths: tuple[str, ...] = ()
