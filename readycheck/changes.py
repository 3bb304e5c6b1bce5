"""What changed between two scorecards: the words for it, and the rows."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from readycheck.model import Claim, Location, Severity

#: The version of the comparison file that this program writes.
SCHEMA = 1


class Change(StrEnum):
    """How a line, a finding or a metric stands beside what it was, the most urgent first."""

    WORSE = "worse"
    NEW = "new"
    UNDECIDED = "undecided"
    WAIVED = "waived"
    RESTATED = "restated"
    BETTER = "better"
    FIXED = "fixed"
    GONE = "gone"
    UNCHANGED = "unchanged"


class LineChange(Struct, frozen=True, kw_only=True):
    """A line of the checklist in both: its verdicts as shown (empty where there was no such line), and its claims."""

    id: str
    section: str
    text: str
    severity: Severity
    change: Change
    before: str
    after: str
    before_claim: Claim | None
    after_claim: Claim | None
    reason: str


class FindingChange(Struct, frozen=True, kw_only=True):
    """A finding of a failing check in one of the two; `lines` are the ids of the items that it bears on."""

    check: str
    title: str
    severity: Severity
    change: Change
    message: str
    location: Location
    fingerprint: str
    waived: bool
    lines: tuple[str, ...]


class MetricChange(Struct, frozen=True, kw_only=True):
    """A metric whose standing changed."""

    id: str
    name: str
    change: Change
    before: str
    after: str
    measured: str


class Side(Struct, frozen=True, kw_only=True):
    """One of the two scorecards in short; `name` is the file, commit or run that the reader asked for."""

    name: str
    service: str
    commit: str
    judged_at: str
    readiness: str
    score: float | None
    ceiling: float | None
    coverage: float | None
    blockers: int
    verdicts: dict[str, int]


class Comparison(Struct, frozen=True, kw_only=True):
    """Everything that differs, the most urgent first, and how much does not."""

    schema: int
    before: Side
    after: Side
    lines: tuple[LineChange, ...]
    unchanged_lines: int
    findings: tuple[FindingChange, ...]
    unchanged_findings: int
    metrics: tuple[MetricChange, ...]

    @property
    def worse(self) -> bool:
        """Is anything worse than it was: a line, a metric, or a finding that nobody waives?"""
        bad = (Change.WORSE, Change.UNDECIDED)
        return (
            any(line.change in bad or (line.change is Change.NEW and line.after in FAILING) for line in self.lines)
            or any(metric.change in bad for metric in self.metrics)
            or any(found.change is Change.NEW and not found.waived for found in self.findings)
        )


#: Verdicts, as shown, that say no.
FAILING = frozenset({"contradicted", "open"})
