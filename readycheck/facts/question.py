"""What a question is, and what stands in for an answer that could not be had."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from msgspec import Struct

from readycheck.model import Outcome, Target

A = TypeVar("A")


class Question(Struct, Generic[A], frozen=True, cache_hash=True):
    """Something to ask of a target. Equal questions are asked once; the answer is a value of the type `answer`."""

    target: ClassVar[Target]
    answer: ClassVar[type]


class Unavailable(Struct, frozen=True, omit_defaults=True):
    """Why a question has no answer: the outcome that this gives to every check that asked."""

    outcome: Outcome
    reason: str


class FactUnavailable(Exception):  # noqa: N818 - not an error: the honest answer of a target
    """Raised when a probe reads a fact that could not be gathered; evaluation turns it into the check's outcome."""

    def __init__(self, unavailable: Unavailable) -> None:
        super().__init__(unavailable.reason)
        self.unavailable = unavailable
