"""Weighs decisions against the facts of the day: which hold, which have ended, and which nobody needs any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, timedelta
from typing import Any

from readycheck.decisions import FILE, SIGN_OFF_LASTS, Attestation, DecisionsFile, SignOff, Standing, Waiver
from readycheck.facts.decisions import BoundFiles, ChangedSince
from readycheck.facts.history import CommitsSince
from readycheck.facts.question import FactUnavailable, Question
from readycheck.facts.repository import Digest
from readycheck.facts.store import Facts
from readycheck.model import Outcome, Overlay, Verdict
from readycheck.scorecard import EARNING, CheckRow, DecisionRow, ItemRow, SignOffRow
from readycheck.verdict import Attested

#: The words for decisions in the scorecard.
ATTESTATION, WAIVER, SIGN_OFF = "attestation", "waiver", "sign-off"

#: What a sign-off can decide: a check that failed or broke is not talked away.
_SIGNABLE = frozenset({Outcome.MANUAL, Outcome.UNKNOWN, Outcome.NOT_CHECKED})


class Weighed:
    """Decisions with their standing on the day of the judgement; without `waiving` no waiver counts."""

    def __init__(self, decisions: DecisionsFile, facts: Facts, today: date, *, waiving: bool = True) -> None:
        self.attestations = {attestation.item: attestation for attestation in decisions.attestations}
        self.waivers = {waiver.subject: waiver for waiver in decisions.waivers}
        self._standings = {a.item: standing_of(a, facts, today) for a in decisions.attestations}
        self._signed = {name: _sign_off_row(one, facts, today) for name, one in latest(decisions).items()}
        self._waiving = waiving
        self._today = today

    @staticmethod
    def questions(decisions: DecisionsFile) -> list[Question[Any]]:
        """What tells whether decisions still hold: evidence, the files that they are bound to, the commit signed for."""
        asked: list[Question[Any]] = []
        for attestation in decisions.attestations:
            if attestation.evidence and attestation.evidence.path:
                asked.append(Digest(attestation.evidence.path))
            if attestation.binds:
                asked.append(_bound(attestation))
        return [*asked, *(_changed(one) for one in latest(decisions).values())]

    def attested(self, item: str) -> Attested:
        """How a person's word on this item stands."""
        attestation = self.attestations.get(item)
        if attestation is None:
            return Attested.NO
        if self._standings[item][0] is not Standing.VALID:
            return Attested.EXPIRED
        return Attested.YES if attestation.result == "pass" else Attested.DENIED

    def word(self, item: str) -> str:
        """What a person said of this item, and how long or why no longer it counts."""
        attestation = self.attestations[item]
        ended = self._standings[item][1]
        return f"{attestation.by}: {attestation.statement} ({ended or f'until {attestation.last_day}'})"

    def signed(self, line: str, outcome: Outcome) -> tuple[SignOffRow | None, Outcome, str]:
        """The sign-off of a step, the step's outcome with it, and the reason where the sign-off is one."""
        row = self._signed.get(line)
        if row is None or row.standing != Standing.VALID or outcome not in _SIGNABLE:
            return row, outcome, ""
        verb = "signed off" if row.result == "pass" else "seen to fail"
        note = f": {row.note}" if row.note else ""
        return row, Outcome.PASS if row.result == "pass" else Outcome.FAIL, f"{verb} by {row.by} at {row.at}{note}"

    def waives(self, fingerprint: str) -> bool:
        """Is this finding waived today?"""
        waiver = self.waivers.get(fingerprint)
        return self._waiving and waiver is not None and waiver.expires >= self._today

    def overlay(self, item: str, verdict: Verdict, rows: Sequence[CheckRow]) -> tuple[Overlay, str]:
        """What a waiver lays over this item; one that earns its weight is never waived, which would lower the score."""
        if verdict in EARNING or verdict is Verdict.NOT_APPLICABLE or not self._waiving:
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
        verdicts = {item.id: item for item in items}
        used = {item.id for item in items if item.overlay is Overlay.WAIVED}
        used |= {found.fingerprint for row in checks.values() if row.outcome is Outcome.FAIL for found in row.findings}
        idle = _idle(checks.values())
        rows = [self._attestation_row(one, verdicts.get(one.item)) for one in self.attestations.values()]
        rows += [self._waiver_row(one, "" if one.subject in used else idle) for one in self.waivers.values()]
        return tuple(sorted(rows, key=lambda row: (row.days_left, row.kind, row.subject)))

    def register(self) -> tuple[DecisionRow, ...]:
        """Every decision as it stands without an audit: nothing is said of what it decides or covers."""
        rows = [self._attestation_row(one, None) for one in self.attestations.values()]
        rows += [self._waiver_row(one, "") for one in self.waivers.values()]
        rows += [_signed_row(step, row, self._today) for step, row in self._signed.items()]
        return tuple(
            sorted(rows, key=lambda row: (row.standing == Standing.VALID, row.days_left, row.kind, row.subject))
        )

    def _attestation_row(self, attestation: Attestation, item: ItemRow | None) -> DecisionRow:
        standing, reason = self._standings[attestation.item]
        return DecisionRow(
            kind=ATTESTATION,
            subject=attestation.item,
            text=attestation.statement,
            by=attestation.by,
            last_day=attestation.last_day.isoformat(),
            days_left=(attestation.last_day - self._today).days,
            standing=standing.value,
            reason=reason or _not_needed(item),
            ground=ground(attestation),
        )

    def _waiver_row(self, waiver: Waiver, idle: str) -> DecisionRow:
        ended = waiver.expires < self._today
        standing = Standing.EXPIRED if ended else Standing.UNUSED if idle else Standing.VALID
        reason = idle if standing is Standing.UNUSED else ""
        if not self._waiving:
            standing, reason = Standing.IGNORED, "this audit was asked to count no waiver"
        return DecisionRow(
            kind=WAIVER,
            subject=waiver.subject,
            text=waiver.reason,
            by=waiver.owner,
            last_day=waiver.expires.isoformat(),
            days_left=(waiver.expires - self._today).days,
            standing=standing.value,
            reason=reason,
            ground=waiver.ticket,
        )


def ground(attestation: Attestation) -> str:
    """What an attestation rests on, in a few words."""
    evidence = attestation.evidence
    named = [evidence.path or evidence.url] if evidence else []
    return ", ".join([*named, *([f"bound to {' '.join(attestation.binds)}"] if attestation.binds else [])])


def _idle(checks: Iterable[CheckRow]) -> str:
    """Why a waiver that met nothing may have met nothing: what was not looked at cannot be said to be mended."""
    blind = sum(row.outcome in (Outcome.ERROR, Outcome.UNKNOWN, Outcome.NOT_CHECKED) for row in checks)
    return "nothing is left for it to waive" + (
        f", as far as was seen: {blind} checks decided nothing" if blind else ""
    )


def _not_needed(item: ItemRow | None) -> str:
    if item is None or item.verdict in (Verdict.ATTESTED, Verdict.ATTESTATION_EXPIRED):
        return ""
    if item.outcome is not Outcome.MANUAL:
        return f"checks speak for this line ({item.outcome.value}): a word counts only where none can"
    return "" if item.claim.ticked else "it proves nothing while the line is not ticked"


def latest(decisions: DecisionsFile) -> dict[str, SignOff]:
    """The last sign-off of each step, by the step's id; an earlier one is overtaken."""
    return {signed.step: signed for signed in sorted(decisions.sign_offs, key=lambda signed: signed.at)}


def _sign_off_row(signed: SignOff, facts: Facts, today: date) -> SignOffRow:
    standing, reason = sign_off_standing(signed, facts, today)
    at = signed.at.astimezone(UTC)
    return SignOffRow(
        by=signed.by,
        at=f"{at:%Y-%m-%d %H:%M} UTC",
        commit=signed.commit,
        result=signed.result,
        note=signed.note,
        standing=standing.value,
        reason=reason,
    )


def _signed_row(step: str, row: SignOffRow, today: date) -> DecisionRow:
    last = date.fromisoformat(row.at[:10]) + timedelta(days=SIGN_OFF_LASTS)
    return DecisionRow(
        kind=SIGN_OFF,
        subject=step,
        text=row.note or ("done" if row.result == "pass" else "it failed"),
        by=row.by,
        last_day=last.isoformat(),
        days_left=(last - today).days,
        standing=row.standing,
        reason=row.reason,
        ground=f"commit {row.commit[:12]}",
    )


def sign_off_standing(signed: SignOff, facts: Facts, today: date) -> tuple[Standing, str]:
    """Does a sign-off count today, for the audited commit? What it was given for must be what is audited."""
    if signed.last_day < today:
        return Standing.EXPIRED, f"it counted until {signed.last_day}"
    try:
        changed = facts[_changed(signed)]
    except FactUnavailable as error:
        return Standing.VOID, f"it is for {signed.commit[:12]}, and {error}"
    if changed.total:
        files = f"{changed.total} file{'' if changed.total == 1 else 's'}"
        return (
            Standing.VOID,
            f"it is for {signed.commit[:12]}, and {files} changed since: {', '.join(changed.paths[:3])}",
        )
    return Standing.VALID, ""


def standing_of(attestation: Attestation, facts: Facts, today: date) -> tuple[Standing, str]:
    """Does an attestation count today? What it rests on must be there, unchanged."""
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
    if not attestation.binds:
        return ""
    files = ", ".join(attestation.binds)
    if attestation.bound_sha256:
        now = facts[BoundFiles(attestation.binds)]
        return "" if now.sha256 == attestation.bound_sha256 else f"{files} changed since it was attested"
    changed = facts[CommitsSince(attestation.at, attestation.binds)]
    return f"{changed.total} later commits touched {files}" if changed.total else ""


def _bound(attestation: Attestation) -> Question[Any]:
    if attestation.bound_sha256:
        return BoundFiles(attestation.binds)
    return CommitsSince(attestation.at, attestation.binds)


def _changed(signed: SignOff) -> ChangedSince:
    return ChangedSince(signed.commit, (FILE,))
