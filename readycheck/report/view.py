"""The page that every report lays out: a scorecard with all that it shows computed, sorted and put in words."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from msgspec import Struct

from readycheck import scorecard
from readycheck.checklist import slug
from readycheck.model import Outcome, Severity, Verdict
from readycheck.report import words
from readycheck.report.band import Band, Part, coverage_band, parts, score_band
from readycheck.report.changes.view import ChangesView
from readycheck.report.changes.view import view as changes
from readycheck.report.filter import EVERYTHING, Filter, shown_verdict
from readycheck.report.references import occurring
from readycheck.report.rows import (
    Anchors,
    CheckView,
    ItemView,
    LineView,
    check_view,
    item_views,
    line_view,
    most_urgent,
)
from readycheck.report.words import Badge
from readycheck.scorecard import (
    AuditedRow,
    DecisionRow,
    MetricRow,
    RuleRow,
    Scorecard,
    SectionRow,
    StatementRow,
)

#: From this many lines on a browser should lay out only those in sight.
MANY = 300


class RuleView(Struct, frozen=True, kw_only=True):
    """A rule of the gate; `decides` marks the first that is not met, which made the answer."""

    row: RuleRow
    badge: Badge
    decides: bool


class TargetView(Struct, frozen=True, kw_only=True):
    """A kind of target and how it stands."""

    row: AuditedRow
    badge: Badge


class SectionView(Struct, frozen=True, kw_only=True):
    """A section: its band, how many of its lines are verified, and those that the filter shows."""

    row: SectionRow
    anchor: str
    band: Band
    parts: tuple[Part, ...]
    verified: int
    total: int
    items: tuple[ItemView, ...]
    shown: str


class MetricView(Struct, frozen=True, kw_only=True):
    """A metric and how it stands."""

    row: MetricRow
    badge: Badge


class StatementView(Struct, frozen=True, kw_only=True):
    """A statement and its outcome."""

    row: StatementRow
    badge: Badge


class PhaseView(Struct, frozen=True, kw_only=True):
    """A phase of the deployment."""

    title: str
    steps: tuple[LineView, ...]


class DecisionView(Struct, frozen=True, kw_only=True):
    """A decision, how it stands, and its days in words."""

    row: DecisionRow
    badge: Badge
    days: str


class Group(Struct, frozen=True, kw_only=True):
    """Lines that belong together, and how many there are with the filter in mind (`4`, or `2 of 4 shown`)."""

    items: tuple[ItemView, ...]
    count: str


class Numbers(Struct, frozen=True, kw_only=True):
    """The score, how much was decided, what blocks, and the lines by verdict; `weight` is that of all that count."""

    band: Band
    coverage: Band
    parts: tuple[Part, ...]
    lines: str
    blockers: str
    blocking: str
    weights: str
    weight: str


class Written(Struct, frozen=True, kw_only=True):
    """What the document says besides its boxes."""

    actions: tuple[LineView, ...]
    metrics: tuple[MetricView, ...]
    phases: tuple[PhaseView, ...]
    rollback: tuple[LineView, ...]
    contacts: tuple[StatementView, ...]
    review: tuple[StatementView, ...]


class Page(Struct, frozen=True, kw_only=True):
    """Everything that a report shows, in its order. The numbers are the scorecard's; a filter has only hidden rows.

    `filtered` says in words what is hidden, empty when nothing is; `required` are the required checks that failed;
    `owners` and `standards` are what lines can be sorted by besides; `digest` is the SHA-256 of the scorecard's JSON, which
    binds a signature to it (empty where it cannot be written); `large` advises a browser to lay out only the lines in sight;
    `changes` is there when the gate had a baseline, and `anchors` leads from the id of a line to its place in the report;
    `bare` says that a phase was judged by its steps and no line of the checklist, so that there is no score to show.
    """

    card: Scorecard
    answer: Badge
    scope: str
    filtered: str
    collected: str
    judged: str
    commit: str
    targets: tuple[TargetView, ...]
    numbers: Numbers
    rules: tuple[RuleView, ...]
    contradictions: Group
    blockers: Group
    required: tuple[CheckView, ...]
    sections: tuple[SectionView, ...]
    written: Written
    decisions: tuple[DecisionView, ...]
    checks: tuple[CheckView, ...]
    verdicts: tuple[Badge, ...]
    severities: tuple[str, ...]
    owners: tuple[str, ...]
    standards: tuple[str, ...]
    digest: str
    large: bool
    changes: ChangesView | None
    anchors: dict[str, str]
    bare: bool


def page(card: Scorecard, show: Filter = EVERYTHING) -> Page:
    """The page of a scorecard, with the rows that the filter shows."""
    sections = _sections(card, show)
    every = [item for section in sections for item in section.items]
    contradicted = [item for item in card.items if shown_verdict(item) == Verdict.CONTRADICTED]
    others = [item for item in card.items if item.blocker and item.verdict is not Verdict.CONTRADICTED]
    required = _required(card)
    return Page(
        card=card,
        answer=words.readiness(card.decision.readiness),
        scope=_scope(card),
        filtered=_filtered(show, len(every), len(card.items)),
        collected=words.moment(card.collected_at),
        judged=words.moment(card.judged_at),
        commit=card.repository.commit[:12] if card.repository else "",
        targets=tuple(TargetView(row=row, badge=words.target(row.state)) for row in card.audited),
        numbers=_numbers(card, len(required)),
        rules=_rules(card),
        contradictions=_group(every, {id(item) for item in contradicted}),
        blockers=_group(every, {id(item) for item in others}, len(required)),
        required=required,
        sections=sections,
        written=_written(card, show),
        decisions=_decisions(card),
        checks=tuple(check_view(key, row) for key, row in card.checks.items()),
        verdicts=tuple(words.VERDICTS.values()),
        severities=tuple(severity.value for severity in Severity),
        owners=tuple(sorted({item.row.owner for item in every if item.row.owner}, key=str.casefold)),
        standards=occurring(reference for item in every for reference in item.references),
        digest=_digest(card),
        large=len(every) > MANY,
        changes=changes(card.comparison) if card.comparison else None,
        anchors={item.row.id: item.anchor for item in every},
        bare=bool(card.phase) and not card.sections,
    )


def _scope(card: Scorecard) -> str:
    targets = ", ".join(target.value for target in card.scope)
    return "; ".join([*([targets] if targets else []), *([f"phase {card.phase}"] if card.phase else [])])


def _digest(card: Scorecard) -> str:
    try:
        return sha256(scorecard.dump(card)).hexdigest()
    except UnicodeEncodeError:  # a text that no file of UTF-8 can hold: then there is no file to bind to
        return ""


def _numbers(card: Scorecard, required: int) -> Numbers:
    blocking = words.count(sum(item.blocker for item in card.items), "line")
    return Numbers(
        band=score_band(card.tally, card.decision.min_score),
        coverage=coverage_band(card.tally, card.decision.min_coverage),
        parts=parts(card.tally.verdicts),
        lines=words.count(card.tally.items, "line"),
        blockers=f"{len(card.decision.blockers):,}",
        blocking=f"{blocking} and {words.count(required, 'required check')}" if required else blocking,
        weights=", ".join(f"{severity} {severity.weight:g}" for severity in Severity),
        weight=f"{card.tally.weight:g}",
    )


def _written(card: Scorecard, show: Filter) -> Written:
    return Written(
        actions=tuple(line_view(card, row) for row in card.actions),
        metrics=tuple(MetricView(row=row, badge=words.metric(row.state)) for row in card.metrics),
        phases=_phases(card, show),
        rollback=tuple(line_view(card, row) for row in card.rollback),
        contacts=_statements(card.contacts),
        review=_statements(card.review),
    )


def _sections(card: Scorecard, show: Filter) -> tuple[SectionView, ...]:
    anchors = Anchors()
    views = []
    for section in card.sections:
        rows = item_views(card, section, anchors)
        shown = tuple(view for view in rows if show.shows(section, view.row))
        views.append(_section(section, anchors.take(f"section-{slug(section.id)}"), shown))
    return tuple(views)


def _section(section: SectionRow, anchor: str, shown: tuple[ItemView, ...]) -> SectionView:
    total = section.tally.items
    return SectionView(
        row=section,
        anchor=anchor,
        band=score_band(section.tally),
        parts=parts(section.tally.verdicts),
        verified=section.tally.verdicts.get(Verdict.VERIFIED.value, 0),
        total=total,
        items=shown,
        shown="" if len(shown) == total else f"{len(shown)} of {total} lines shown",
    )


def _group(every: Sequence[ItemView], members: set[int], others: int = 0) -> Group:
    shown = most_urgent(item for item in every if id(item.row) in members)
    total, left = len(members) + others, len(shown) + others
    return Group(items=shown, count=f"{total:,}" if left == total else f"{left:,} of {total:,} shown")


def _required(card: Scorecard) -> tuple[CheckView, ...]:
    # The gate names the lines that block first, then the required checks that failed.
    named = card.decision.blockers[sum(item.blocker for item in card.items) :]
    failed = ((key, row) for key, row in card.checks.items() if row.outcome is Outcome.FAIL and row.id in named)
    return tuple(check_view(key, row) for key, row in failed)


def _rules(card: Scorecard) -> tuple[RuleView, ...]:
    first = next((rule for rule in card.decision.rules if not rule.met), None)
    return tuple(
        RuleView(row=rule, badge=words.MET if rule.met else words.NOT_MET, decides=rule is first)
        for rule in card.decision.rules
    )


def _phases(card: Scorecard, show: Filter) -> tuple[PhaseView, ...]:
    return tuple(
        PhaseView(title=phase.title, steps=tuple(line_view(card, step) for step in phase.steps))
        for phase in card.phases
        if not show.phase or phase.id == show.phase
    )


def _decisions(card: Scorecard) -> tuple[DecisionView, ...]:
    # What no longer counts needs somebody first, whether it ended or was overtaken.
    order = ("expired", "void", "soon")
    views = [DecisionView(row=row, badge=words.standing(row), days=words.days(row.days_left)) for row in card.decisions]
    return tuple(
        sorted(views, key=lambda view: order.index(view.badge.name) if view.badge.name in order else len(order))
    )


def _statements(rows: Sequence[StatementRow]) -> tuple[StatementView, ...]:
    return tuple(StatementView(row=row, badge=words.outcome(row.outcome)) for row in rows)


def _filtered(show: Filter, shown: int, total: int) -> str:
    if not show.narrows:
        return ""
    return f"{shown:,} of {words.count(total, 'line')} shown ({show}). Every number is that of the whole audit."
