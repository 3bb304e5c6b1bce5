"""Puts a check to the facts and says what came of it."""

from __future__ import annotations

from msgspec import Struct

from readycheck.catalogue import Check
from readycheck.facts.question import FactUnavailable
from readycheck.facts.store import Facts
from readycheck.model import Finding, Outcome, Strength


class Observation(Struct, frozen=True):
    """What one check found. `examined` says what was looked at, or why it could not be; `seconds` what that took."""

    outcome: Outcome
    examined: str
    findings: tuple[Finding, ...] = ()
    strength: Strength | None = None
    seconds: float = 0.0


def evaluate(check: Check, facts: Facts) -> Observation:
    """The check's outcome on these facts; a fact that could not be had decides the outcome, never a pass."""
    seconds = facts.seconds(check.probe.questions())
    try:
        judgement = check.probe.judge(facts)
    except FactUnavailable as error:
        return Observation(error.unavailable.outcome, error.unavailable.reason, seconds=seconds)
    return Observation(judgement.outcome, judgement.examined, judgement.findings, judgement.strength, seconds)
