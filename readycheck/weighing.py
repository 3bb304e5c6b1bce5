"""Weighs decisions against the facts of the day: which hold, which have ended, and which nobody needs any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from readycheck.decisions import Attestation, DecisionsFile, Standing, Waiver
from readycheck.facts.history import CommitsSince
from readycheck.facts.question import FactUnavailable, Question
from readycheck.facts.repository import Digest
from readycheck.facts.store import Facts
from readycheck.model import Outcome, Overlay, Verdict
from readycheck.scorecard import EARNING, CheckRow, DecisionRow, ItemRow
from readycheck.verdict import Attested


class Weighed:
    """Decisions with their standing on the day of the judgement."""

    def __init__(self, decisions: DecisionsFile, standings: dict[str, tuple[Standing, str]], today: date) -> None:
        self.attestations = {attestation.item: attestation for attestation in decisions.attestations}
        self.waivers = {waiver.subject: waiver for waiver in decisions.waivers}
        self._standings = standings
        self._today = today

    @staticmethod
    def questions(decisions: DecisionsFile) -> list[Question[Any]]:
        """What tells whether attestations still hold: their evidence, and the paths that they are bound to."""
        asked: list[Question[Any]] = []
        for attestation in decisions.attestations:
            if attestation.evidence and attestation.evidence.path:
                asked.append(Digest(attestation.evidence.path))
            if attestation.binds:
                asked.append(CommitsSince(attestation.at, attestation.binds))
        return asked

    def attested(self, item: str) -> Attested:
        """How a person's word on this item stands."""
        attestation = self.attestations.get(item)
        if attestation is None:
            return Attested.NO
        if self._standings[item][0] is not Standing.VALID:
            return Attested.EXPIRED
        return Attested.YES if attestation.result == "pass" else Attested.DENIED

    def waives(self, fingerprint: str) -> bool:
        """Is this finding waived today?"""
        waiver = self.waivers.get(fingerprint)
        return waiver is not None and waiver.expires >= self._today

    def overlay(self, item: str, verdict: Verdict, rows: Sequence[CheckRow]) -> tuple[Overlay, str]:
        """What a waiver lays over this item; one that earns its weight is never waived, which would lower the score."""
        if verdict in EARNING or verdict is Verdict.NOT_APPLICABLE:
            return Overlay.NONE, ""
        waiver = self.waivers.get(item)
        if waiver is not None and waiver.expires >= self._today:
            return Overlay.WAIVED, f"waived until {waiver.expires} by {waiver.owner}: {waiver.reason}"
        failing = [finding for row in rows if row.outcome is Outcome.FAIL for finding in row.findings]
        if failing and all(finding.waived for finding in failing):
            return Overlay.WAIVED, "every finding is waived"
        if waiver is not None:
            return Overlay.WAIVER_EXPIRED, f"the waiver ended on {waiver.expires}: {waiver.reason}"
        return Overlay.NONE, ""

    def rows(self, items: Sequence[ItemRow], checks: dict[str, CheckRow]) -> tuple[DecisionRow, ...]:
        """The register of decisions, those that have ended first."""
        waived = {item.id for item in items if item.overlay is Overlay.WAIVED}
        seen = {finding.fingerprint for row in checks.values() for finding in row.findings}
        rows = [self._attestation_row(attestation) for attestation in self.attestations.values()]
        rows += [self._waiver_row(waiver, waiver.subject in waived | seen) for waiver in self.waivers.values()]
        return tuple(sorted(rows, key=lambda row: (row.days_left, row.kind, row.subject)))

    def _attestation_row(self, attestation: Attestation) -> DecisionRow:
        standing, reason = self._standings[attestation.item]
        return DecisionRow(
            kind="attestation",
            subject=attestation.item,
            text=attestation.statement,
            by=attestation.by,
            last_day=attestation.last_day.isoformat(),
            days_left=(attestation.last_day - self._today).days,
            standing=standing.value,
            reason=reason,
        )

    def _waiver_row(self, waiver: Waiver, used: bool) -> DecisionRow:
        ended = waiver.expires < self._today
        standing = Standing.EXPIRED if ended else Standing.VALID if used else Standing.UNUSED
        return DecisionRow(
            kind="waiver",
            subject=waiver.subject,
            text=waiver.reason,
            by=waiver.owner,
            last_day=waiver.expires.isoformat(),
            days_left=(waiver.expires - self._today).days,
            standing=standing.value,
            reason="nothing is left for it to waive" if standing is Standing.UNUSED else "",
        )


def weigh(decisions: DecisionsFile, facts: Facts, today: date) -> Weighed:
    """The decisions with their standing today."""
    standings = {attestation.item: _standing(attestation, facts, today) for attestation in decisions.attestations}
    return Weighed(decisions, standings, today)


def _standing(attestation: Attestation, facts: Facts, today: date) -> tuple[Standing, str]:
    if attestation.last_day < today:
        return Standing.EXPIRED, f"it held until {attestation.last_day}"
    try:
        reason = _void(attestation, facts)
    except FactUnavailable as error:
        reason = f"what it rests on could not be looked at: {error}"
    return (Standing.VOID, reason) if reason else (Standing.VALID, "")


def _void(attestation: Attestation, facts: Facts) -> str:
    evidence = attestation.evidence
    if evidence and evidence.path and facts[Digest(evidence.path)].sha256 != evidence.sha256:
        return f"{evidence.path} is not the file that was attested"
    if attestation.binds:
        changed = facts[CommitsSince(attestation.at, attestation.binds)]
        if changed.total:
            return f"{changed.total} later commits touched {', '.join(attestation.binds)}"
    return ""
