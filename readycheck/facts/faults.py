"""Questions and facts on whether a project can be built and started at all."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.model import Target


class Fault(Struct, frozen=True):
    """One thing because of which it cannot be built or started, where that stands, and the line (redacted)."""

    message: str
    path: str
    line: int
    text: str = ""


class FaultsFound(Struct, frozen=True):
    """The faults (at most `MOST_FAULTS` of `total`), and what was examined; nothing examined says nothing."""

    faults: tuple[Fault, ...]
    examined: tuple[str, ...]
    total: int = 0


class CodeAspect(StrEnum):
    """What of the code may be broken."""

    IMPORTS = "imports"
    NAMES = "names"


class ProjectAspect(StrEnum):
    """What of the files around the code may be broken."""

    LOCKS = "locks"
    FILES = "files"
    TESTS = "tests"


class CodeFaults(Question[FaultsFound], frozen=True):
    """Which imports of the project's own files lead nowhere, or which names does nothing define?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = FaultsFound

    about: CodeAspect


class ProjectFaults(Question[FaultsFound], frozen=True):
    """Where do lock files, named files or the configuration of tests contradict what is there?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = FaultsFound

    about: ProjectAspect


#: The most faults that one answer carries.
MOST_FAULTS = 50
