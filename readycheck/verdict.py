"""One outcome for an item from those of its checks, and one verdict from its claim and that outcome."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from readycheck.model import Claim, Outcome, Severity, Strength, Verdict
from readycheck.scorecard import CheckRow

#: When several checks bear on one item, the first of these that any of them has is the item's outcome.
PRECEDENCE = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.MANUAL, Outcome.NOT_CHECKED, Outcome.PASS)

_TICKED = {
    Outcome.PASS: Verdict.VERIFIED,
    Outcome.FAIL: Verdict.CONTRADICTED,
    Outcome.MANUAL: Verdict.UNATTESTED,
}


class Attested(Enum):
    """How a person's word on an item stands."""

    NO = "no"
    YES = "yes"
    DENIED = "denied"
    EXPIRED = "expired"


class Ruling(NamedTuple):
    """A verdict, the reason for it where that is a decision, and whether an attestation decided it."""

    verdict: Verdict
    reason: str = ""
    by_attestation: bool = False


def combine(
    rows: Sequence[CheckRow], severity: Severity, *, attestable: bool = False, prompt: str = ""
) -> tuple[Outcome, Strength | None, str]:
    """The outcome of several checks together, the strength of a pass, and the sentence that says why.

    Checks that do not apply are left aside unless none applies. Evidence weaker than `wired` cannot pass a critical or
    high item. Where no check decided and the item can be attested, it is a person's turn: `manual`.
    """
    applying = [row for row in rows if row.outcome is not Outcome.NOT_APPLICABLE]
    if rows and not applying:
        return Outcome.NOT_APPLICABLE, None, rows[0].examined
    outcome = next(
        (outcome for outcome in PRECEDENCE if any(row.outcome is outcome for row in applying)), Outcome.MANUAL
    )
    reason = next(
        (_reason(row) for row in applying if row.outcome is outcome),
        prompt or "only a person can say: no check proves this line",
    )
    if outcome is Outcome.PASS:
        return _strong_enough(applying, severity, reason)
    if attestable and outcome in (Outcome.UNKNOWN, Outcome.NOT_CHECKED):
        return Outcome.MANUAL, None, prompt
    return outcome, None, reason


def _strong_enough(rows: Sequence[CheckRow], severity: Severity, reason: str) -> tuple[Outcome, Strength | None, str]:
    strengths = [row.strength for row in rows if row.strength is not None]
    strongest = max(strengths, key=lambda strength: strength.rank, default=None)
    enough = not severity.at_least(Severity.HIGH) or (strongest is not None and strongest.rank >= Strength.WIRED.rank)
    if enough:
        return Outcome.PASS, strongest, reason
    shown = strongest.value if strongest else "without a place"
    return Outcome.UNKNOWN, strongest, f"the evidence is only {shown}, and a {severity} line needs it wired: {reason}"


def _reason(row: CheckRow) -> str:
    if row.outcome is Outcome.FAIL and row.findings:
        first = row.findings[0]
        place = str(first.location)
        return f"{first.message} ({place})" if place and place not in first.message else first.message
    return row.examined


def rule(claim: Claim, outcome: Outcome, attested: Attested = Attested.NO) -> Ruling:
    """The verdict: the table of the design, claim by outcome."""
    if claim is Claim.NOT_APPLICABLE or outcome is Outcome.NOT_APPLICABLE:
        return Ruling(Verdict.NOT_APPLICABLE)
    if outcome is Outcome.MANUAL and attested is Attested.DENIED:
        verdict = Verdict.CONTRADICTED if claim.ticked else Verdict.OPEN
        return Ruling(verdict, "attested that it does not hold", by_attestation=True)
    if not claim.ticked:
        return Ruling(Verdict.UNDERSTATED if outcome is Outcome.PASS else Verdict.OPEN)
    if outcome is Outcome.MANUAL and attested is Attested.YES:
        return Ruling(Verdict.ATTESTED, by_attestation=True)
    if outcome is Outcome.MANUAL and attested is Attested.EXPIRED:
        return Ruling(Verdict.ATTESTATION_EXPIRED)
    return Ruling(_TICKED.get(outcome, Verdict.UNVERIFIED))
