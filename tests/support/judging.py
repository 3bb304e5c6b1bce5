"""Builds checklists whose checks have known outcomes, for tests of everything above the probes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from readycheck.catalogue import Check, Fix
from readycheck.checklist import Checklist, ChecklistFile, GateEntry, ItemEntry, SectionEntry
from readycheck.decisions import NO_DECISIONS, DecisionsFile
from readycheck.facts.question import FactUnavailable, Question, Unavailable
from readycheck.facts.store import Audited, Facts
from readycheck.judge import judge
from readycheck.model import Claim, Finding, Location, Outcome, Severity, Strength, Target
from readycheck.probes.probe import Judgement, Probe
from readycheck.scorecard import Scorecard

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NO_FACTS = Facts({}, collected_at=NOW.isoformat(timespec="seconds"))


class Told(Probe, frozen=True):
    """Judges as it was told."""

    name: ClassVar[str] = "told"
    target: ClassVar[Target] = Target.REPOSITORY

    outcome: Outcome
    strength: Strength | None = Strength.OBSERVED
    subject: str = "here"

    def questions(self) -> tuple[Question[Any], ...]:
        return ()

    def judge(self, facts: Facts) -> Judgement:
        if self.outcome is Outcome.NOT_CHECKED:
            raise FactUnavailable(Unavailable(Outcome.NOT_CHECKED, "no repository was given"))
        found = (Finding(f"wrong {self.subject}", Location("app.js", 3)),) if self.outcome is Outcome.FAIL else ()
        strength = self.strength if self.outcome is Outcome.PASS else None
        return Judgement(self.outcome, f"told {self.outcome}", found, strength)


class ToldOfDatabase(Told, frozen=True):
    """The same about a database."""

    name: ClassVar[str] = "told-of-database"
    target: ClassVar[Target] = Target.DATABASE


def told(name: str, outcome: Outcome, strength: Strength = Strength.OBSERVED, *, database: bool = False) -> Check:
    kind = ToldOfDatabase if database else Told
    return Check(
        id=name,
        title=f"{name} holds",
        severity=Severity.MEDIUM,
        why="because",
        probe=kind(outcome, strength, name),
        fix=Fix("mend it"),
        references=(),
        aliases=(),
        examples=(),
        family="test",
        source="test",
        text="",
    )


def item(name: str, claim: Claim = Claim.DONE, severity: Severity = Severity.MEDIUM, **fields: Any) -> ItemEntry:
    reason = "it cannot apply" if claim is Claim.NOT_APPLICABLE else ""
    return ItemEntry(id=name, text=f"The line {name}", claim=claim, severity=severity, reason=reason, **fields)


def checklist(items: list[tuple[ItemEntry, list[Check]]], gate: GateEntry | None = None, **fields: Any) -> Checklist:
    entries = tuple(entry for entry, _ in items)
    sections = (SectionEntry(title="One", items=entries[::2]), SectionEntry(title="Two", items=entries[1::2]))
    file = ChecklistFile(version=1, service="test", sections=sections, gate=gate or GateEntry(), **fields)
    return Checklist(file, {id(entry): tuple(checks) for entry, checks in items}, "readiness.yaml")


def judged(
    items: list[tuple[ItemEntry, list[Check]]],
    *,
    gate: GateEntry | None = None,
    decisions: DecisionsFile = NO_DECISIONS,
    scope: tuple[Target, ...] = (),
    facts: Facts = NO_FACTS,
) -> Scorecard:
    return judge(checklist(items, gate), facts, now=NOW, decisions=decisions, scope=scope)


def one(claim: Claim, outcome: Outcome | None, severity: Severity = Severity.MEDIUM, **fields: Any) -> Scorecard:
    checks = [] if outcome is None else [told("check", outcome)]
    return judged([(item("only", claim, severity, **fields), checks)])


EVERYTHING_GIVEN = Facts({}, collected_at="2026-03-01T12:00:00+00:00", audited=[Audited(t, "x") for t in Target])
