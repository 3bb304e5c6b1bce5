"""Questions to the environment that the application runs in; values never become facts."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.model import Target


class Variable(Struct, frozen=True):
    """What may be known of a variable: `entropy` is a class (`low`, `medium`, `high`), `expected` compares it unseen.

    `placeholder` says that it looks like an example ("changeme", "<new-secret>", "xxx"); `example` that it equals the
    value which the repository's own example file gives.
    """

    name: str
    present: bool
    length: int = 0
    entropy: str = "low"
    placeholder: bool = False
    example: bool = False
    expected: bool | None = None


class Variables(Struct, frozen=True):
    """The variables that were asked for, where they were read, and how many variables there are in all."""

    source: str
    variables: tuple[Variable, ...]
    total: int


class Environment(Question[Variables], frozen=True):
    """Are these variables set, how long and how random are they, and have they these expected values?"""

    target: ClassVar[Target] = Target.ENVIRONMENT
    answer: ClassVar[type] = Variables

    names: tuple[str, ...]
    expected: tuple[tuple[str, str], ...] = ()
