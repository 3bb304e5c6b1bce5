"""Questions and facts on the environment variables that code reads and documents name."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.model import Target


class Named(Struct, frozen=True):
    """A variable and the first place that names it."""

    name: str
    path: str
    line: int


class VariablesFound(Struct, frozen=True):
    """What the code reads and what example files set.

    `described` are names that are read and stand in documents, `spare` examples that no code mentions.
    """

    read: tuple[Named, ...]
    examples: tuple[Named, ...]
    described: tuple[str, ...]
    spare: tuple[str, ...]
    documents: tuple[str, ...]
    files: int


class EnvironmentVariables(Question[VariablesFound], frozen=True):
    """Which environment variables does the project's own code (tests aside) read, and which are documented?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = VariablesFound

    #: Files that set example values, and documents in which the name of a variable counts.
    examples: tuple[str, ...]
    documents: tuple[str, ...]
