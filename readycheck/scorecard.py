"""The scorecard: the one product of an audit, from which every report, gate and history is made."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from math import floor

import msgspec
from msgspec import Struct

from readycheck.changes import Comparison
from readycheck.errors import FactsError
from readycheck.model import Claim, Location, Outcome, Overlay, Severity, Strength, Target, Verdict

#: The version of the scorecard file that this program reads and writes.
SCHEMA = 1

#: Verdicts that count as yes in the score.
EARNING = frozenset({Verdict.VERIFIED, Verdict.UNDERSTATED, Verdict.ATTESTED})
#: Verdicts of ticked items on which nothing decided: they count as yes in the ceiling.
POSSIBLE = frozenset({Verdict.UNVERIFIED, Verdict.UNATTESTED, Verdict.ATTESTATION_EXPIRED})


class Readiness(StrEnum):
    """The answer."""

    READY = "READY"
    NOT_READY = "NOT_READY"
    INCONCLUSIVE = "INCONCLUSIVE"


class FindingRow(Struct, frozen=True, kw_only=True):
    """One thing wrong (or, for a pass, one thing that shows it is right), where, and the name that waivers use."""

    message: str
    location: Location
    excerpt: str
    fingerprint: str
    waived: bool = False


class CheckRow(Struct, frozen=True, kw_only=True):
    """What one check found, with everything that a reader needs to understand and mend it."""

    id: str
    title: str
    family: str
    target: Target
    severity: Severity
    outcome: Outcome
    examined: str
    findings: tuple[FindingRow, ...]
    strength: Strength | None
    why: str
    fix: str
    references: tuple[str, ...]
    seconds: float


class ItemRow(Struct, frozen=True, kw_only=True):
    """A line with a box, its claim and its verdict.

    `checks` are keys of the scorecard's `checks`; `counted` says that it is in A, the set that the score is over;
    `decided` that evidence or an attestation decided it. `document_line` is 0 where the document was not found.
    """

    id: str
    text: str
    claim: Claim
    severity: Severity
    weight: float
    owner: str
    outcome: Outcome
    strength: Strength | None
    verdict: Verdict
    overlay: Overlay
    reason: str
    drift: str
    counted: bool
    decided: bool
    blocker: bool
    checks: tuple[str, ...]
    document_line: int
    checklist_line: int


class Tally(Struct, frozen=True, kw_only=True):
    """The score band and coverage of some items; None where no item of weight is counted.

    `score` and `ceiling` are percentages rounded down to one decimal, `coverage` a share of 1 rounded down to two.
    """

    score: float | None
    ceiling: float | None
    coverage: float | None
    weight: float
    items: int
    verdicts: dict[str, int]


class SectionRow(Struct, frozen=True, kw_only=True):
    """A section and its items in the document's order."""

    id: str
    title: str
    tally: Tally
    items: tuple[ItemRow, ...]


class CodeRow(Struct, frozen=True, kw_only=True):
    """A code block of the document."""

    language: str
    text: str


class LineRow(Struct, frozen=True, kw_only=True):
    """A step, an action or another line that checks bear on and that has no box."""

    id: str
    text: str
    outcome: Outcome
    reason: str
    checks: tuple[str, ...]
    code: tuple[CodeRow, ...] = ()


class PhaseRow(Struct, frozen=True, kw_only=True):
    """A phase of the deployment."""

    id: str
    title: str
    steps: tuple[LineRow, ...]


class MetricState(StrEnum):
    """How a metric stands: measured against its target, typed without a source, or not known."""

    MET = "met"
    MISSED = "missed"
    UNSOURCED = "unsourced"
    UNMEASURED = "unmeasured"


class MetricRow(Struct, frozen=True, kw_only=True):
    """A metric: its target, what the document says, what was measured, by what, and how they compare."""

    id: str
    name: str
    target: str
    documented: str
    measured: str
    source: str
    state: MetricState
    reason: str


class StatementRow(Struct, frozen=True, kw_only=True):
    """A statement of the document that is judged by itself: a contact, a date, a reviewer."""

    label: str
    value: str
    outcome: Outcome
    reason: str


class DecisionRow(Struct, frozen=True, kw_only=True):
    """A decision and how it stands today; `days_left` is negative once it has ended."""

    kind: str
    subject: str
    text: str
    by: str
    last_day: str
    days_left: int
    standing: str
    reason: str


class AuditedRow(Struct, frozen=True, kw_only=True):
    """A kind of target: what was given, or that nothing was, and what stood in the way."""

    target: Target
    name: str
    state: str
    problem: str


class UnseenRow(Struct, frozen=True, kw_only=True):
    """Something that was not looked at, and why."""

    what: str
    reason: str


class RuleRow(Struct, frozen=True, kw_only=True):
    """A rule of the gate: what it requires, what was there, and whether it is met."""

    rule: str
    required: str
    actual: str
    met: bool


class Decision(Struct, frozen=True, kw_only=True):
    """The gate's answer, the sentence that explains it, its exit code, and every rule in the order of judgement.

    `min_score` (percent) and `min_coverage` (a share of 1) are the gate's thresholds as numbers, for reports to draw.
    """

    readiness: Readiness
    exit_code: int
    why: str
    rules: tuple[RuleRow, ...]
    blockers: tuple[str, ...]
    min_score: float = 0.0
    min_coverage: float = 0.0


class RepositoryRow(Struct, frozen=True, kw_only=True):
    """The audited commit."""

    commit: str
    branch: str
    dirty: bool
    files: int
    stacks: tuple[str, ...]


class DocumentRow(Struct, frozen=True, kw_only=True):
    """The document that the checklist mirrors; `found` says that the repository has it."""

    path: str
    title: str
    found: bool


class Scorecard(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The result of an audit. Every number in it can be recomputed from its rows.

    `comparison` is there when the gate was asked to hold the audit against a baseline.
    """

    schema: int
    readycheck: str
    service: str
    checklist: str
    collected_at: str
    judged_at: str
    scope: tuple[Target, ...]
    audited: tuple[AuditedRow, ...]
    repository: RepositoryRow | None
    document: DocumentRow
    decision: Decision
    tally: Tally
    sections: tuple[SectionRow, ...]
    actions: tuple[LineRow, ...]
    metrics: tuple[MetricRow, ...]
    phases: tuple[PhaseRow, ...]
    contacts: tuple[StatementRow, ...]
    rollback: tuple[LineRow, ...]
    review: tuple[StatementRow, ...]
    decisions: tuple[DecisionRow, ...]
    unseen: tuple[UnseenRow, ...]
    checks: dict[str, CheckRow]
    comparison: Comparison | None = None

    @property
    def items(self) -> tuple[ItemRow, ...]:
        """Every item, in the order of the document."""
        return tuple(item for section in self.sections for item in section.items)

    def of(self, row: ItemRow | LineRow) -> tuple[CheckRow, ...]:
        """The checks of a row."""
        return tuple(self.checks[key] for key in row.checks)


def tally(items: Iterable[ItemRow]) -> Tally:
    """The score band and coverage of these items.

    score = 100 · Σ weight of counted items that earn / Σ weight of counted items; the ceiling adds ticked items on
    which nothing decided; coverage is the share of the weight that evidence or an attestation decided.
    """
    rows = list(items)
    counted = [row for row in rows if row.counted]
    weight = sum((row.weight for row in counted), 0.0)
    earned = sum((row.weight for row in counted if row.verdict in EARNING), 0.0)
    possible = sum((row.weight for row in counted if row.verdict in POSSIBLE), 0.0)
    decided = sum((row.weight for row in counted if row.decided), 0.0)
    shown = [row.overlay.value if row.overlay is Overlay.WAIVED else row.verdict.value for row in rows]
    return Tally(
        score=_floor(100 * earned, weight, 10),
        ceiling=_floor(100 * (earned + possible), weight, 10),
        coverage=_floor(decided, weight, 100),
        weight=weight,
        items=len(rows),
        verdicts={name: shown.count(name) for name in (*Verdict, Overlay.WAIVED) if name in shown},
    )


def _floor(part: float, whole: float, steps: int) -> float | None:
    # Weights are multiples of 2.5, so sums are exact; the division is floored in whole steps to stay exact too.
    return floor(part * 2 * steps // (whole * 2)) / steps if whole else None


def dump(card: Scorecard) -> bytes:
    """The scorecard as JSON."""
    return msgspec.json.format(msgspec.json.encode(card), indent=1) + b"\n"


def load(data: bytes, source: str) -> Scorecard:
    """A scorecard from a file's bytes.

    Raises:
        FactsError: it is no scorecard of this version.
    """
    try:
        card = msgspec.json.decode(data, type=Scorecard)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise FactsError(
            f"{source} is not a scorecard: {error}", hint="write one with `readycheck audit --format json`"
        ) from error
    if card.schema != SCHEMA:
        raise FactsError(f"{source} is a scorecard of version {card.schema}, and this program reads version {SCHEMA}")
    steps = [step for phase in card.phases for step in phase.steps]
    rows: list[ItemRow | LineRow] = [*card.items, *card.actions, *card.rollback, *steps]
    unknown = next((key for row in rows for key in row.checks if key not in card.checks), None)
    if unknown is not None:
        raise FactsError(f"{source} is not a scorecard: a row names the check {unknown!r}, which it does not have")
    return card
