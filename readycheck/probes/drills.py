"""Judgements on drills: was the backup really restored, and lately?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from readycheck.facts.drills import DrillRecord, Drills, Kind
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown


class DrillPassed(Probe, frozen=True):
    """The newest drill of this kind passed, at most `days` ago.

    `hours_lost` and `minutes` bound what would be lost (RPO) and how long the restore took (RTO), where they are given.
    """

    name: ClassVar[str] = "measured.drill"
    target: ClassVar[Target] = Target.REPOSITORY

    kind: Kind
    days: float = 90.0
    hours_lost: float | None = None
    minutes: float | None = None
    paths: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse bounds that nothing can keep."""
        bounds = [self.days, self.hours_lost, self.minutes]
        if any(bound is not None and bound <= 0 for bound in bounds):
            raise ValueError("days, hours_lost and minutes must be above 0")

    def questions(self) -> tuple[Question[Any], ...]:
        """The records."""
        return (Drills(self.kind, self.paths),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail when the newest drill failed, whatever its age; an old one that passed proves nothing any more."""
        drills = facts[Drills(self.kind, self.paths)]
        problems = [Finding(reason, Location(path)) for path, reason in drills.unreadable]
        if not drills.found:
            return unknown(f"no record of a drill was found: run `readycheck drill {self.kind}`", problems)
        path, newest = max(drills.found, key=lambda pair: pair[1].at)
        at, now = datetime.fromisoformat(newest.at), datetime.fromisoformat(facts.collected_at)
        examined = f"{path}: {newest.subject}, {newest.at[:10]}"
        if at > now + timedelta(days=1):
            return unknown(f"{examined} lies in the future")
        if not newest.passed:
            return failed(examined, [Finding(problem, Location(path)) for problem in newest.problems])
        late = list(self._late(newest, path))
        if late:
            return failed(examined, late)
        if now - at > timedelta(days=self.days):
            return unknown(f"{examined}: {(now - at).days} days ago, and it is good for {self.days:g}")
        return passed(examined, Strength.OBSERVED, [Finding(_said(newest), Location(path))])

    def _late(self, record: DrillRecord, path: str) -> list[Finding]:
        found = []
        if (
            self.hours_lost is not None
            and record.lost_seconds is not None
            and record.lost_seconds > 3600 * self.hours_lost
        ):
            found.append(Finding(f"the backup was {record.lost_seconds / 3600:.1f} hours old", Location(path)))
        if self.minutes is not None and record.restore_seconds > 60 * self.minutes:
            found.append(Finding(f"the restore took {record.restore_seconds / 60:.1f} minutes", Location(path)))
        return found


def _said(record: DrillRecord) -> str:
    if record.kind == "migrations":
        return f"up, down and up again left the same schema ({record.subject})"
    rows = sum(table.restored for table in record.tables)
    lost = "" if record.lost_seconds is None else f", {record.lost_seconds / 3600:.1f} hours old"
    return f"{rows:,} rows of {len(record.tables)} tables restored in {record.restore_seconds:.1f} s{lost}"
