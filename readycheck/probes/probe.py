"""What a probe is: parameters, the questions that they lead to, and a judgement over the facts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Outcome, Strength, Target


class Judgement(Struct, frozen=True):
    """What a probe says of the facts.

    `findings` are what is wrong for a fail, and what shows it to be right for a pass. `examined` says in words what was
    looked at, so that a reader can tell "nothing wrong" from "nothing seen"; `strength` is that of the evidence.
    """

    outcome: Outcome
    examined: str
    findings: tuple[Finding, ...] = ()
    strength: Strength | None = None


def passed(examined: str, strength: Strength, findings: Iterable[Finding] = ()) -> Judgement:
    """The check holds, on evidence of this strength."""
    return Judgement(Outcome.PASS, examined, tuple(findings), strength)


def failed(examined: str, findings: Iterable[Finding], strength: Strength | None = None) -> Judgement:
    """The check does not hold; there is at least one finding."""
    found = tuple(findings)
    return Judgement(Outcome.FAIL, examined, found or (Finding(examined),), strength)


def unknown(examined: str, findings: Iterable[Finding] = ()) -> Judgement:
    """It was looked at, and there was too little to tell."""
    return Judgement(Outcome.UNKNOWN, examined, tuple(findings))


def not_applicable(examined: str) -> Judgement:
    """It cannot apply to this target, and `examined` is the evidence for that."""
    return Judgement(Outcome.NOT_APPLICABLE, examined)


class Probe(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """A pure question-and-judgement whose fields are its parameters.

    A parameter that makes no sense raises `ValueError` in `__post_init__`, which the catalogue reports with its line.
    """

    #: The name that a check's `probe:` gives, such as `http.header`.
    name: ClassVar[str]
    #: What must be there for it to say anything.
    target: ClassVar[Target]

    @abstractmethod
    def questions(self) -> tuple[Question[Any], ...]:
        """What it needs to know."""

    @abstractmethod
    def judge(self, facts: Facts) -> Judgement:
        """What the facts say. Reading a fact that could not be had ends the judgement with that fact's outcome."""
