"""Rows of a scorecard as reports show them: each beside its badge, its anchor, its evidence and its checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from readycheck.changes import LineChange
from readycheck.checklist import slug
from readycheck.decisions import Standing
from readycheck.model import Outcome, Overlay, Verdict
from readycheck.report import words
from readycheck.report.references import Reference, known
from readycheck.report.words import Badge
from readycheck.scorecard import CheckRow, FindingRow, ItemRow, LineRow, Scorecard, SectionRow

#: The most findings that a report shows of one check; the JSON has them all.
MOST_FINDINGS = 12


class FindingView(Struct, frozen=True, kw_only=True):
    """A finding, its place in words, and where it has a name of its own in the report, that name."""

    row: FindingRow
    place: str
    anchor: str


class Run(Struct, frozen=True):
    """A piece of prose: plain words, or code where the author put it between backticks."""

    text: str
    code: bool


class CheckView(Struct, frozen=True, kw_only=True):
    """A check with its first findings; `more` says how many are left out, `advice` is the fix for the stack."""

    key: str
    row: CheckRow
    badge: Badge
    strength: str
    seconds: str
    findings: tuple[FindingView, ...]
    more: str
    why: tuple[Run, ...]
    fix: tuple[Run, ...]
    advice: str


class ItemView(Struct, frozen=True, kw_only=True):
    """A line of the checklist.

    `anchor` is unique in the report; `line` is the line of the document (`PRODUCTION_READINESS.md:12`, empty when it
    was not found) and `source` that of the checklist; `place` and `strength` are those of the evidence that decided
    (`place_short` leaves a URL's host out); `said` is the reason without that place, or an attestation's own words;
    `notes` are short marks such as "its waiver has ended" or "was verified"; `change` is how it stands beside the baseline, by
    its word (empty without one, or where nothing changed); `references` are those of its checks to known standards.
    """

    row: ItemRow
    section: str
    anchor: str
    badge: Badge
    box: str
    box_words: str
    line: str
    source: str
    place: str
    place_short: str
    strength: str
    said: str
    weight: str
    notes: tuple[str, ...]
    change: str
    references: tuple[Reference, ...]
    checks: tuple[CheckView, ...]

    @property
    def found(self) -> str:
        """What shows it to be wrong, in a sentence; the reason where no check does."""
        shown = next((check for check in self.failing if check.findings), None)
        return shown.findings[0].row.message if shown else self.said

    @property
    def failing(self) -> tuple[CheckView, ...]:
        """The checks that show it to be wrong."""
        return tuple(check for check in self.checks if check.row.outcome is Outcome.FAIL)


class LineView(Struct, frozen=True, kw_only=True):
    """A step or an action; `said` is its reason, empty where nothing was asked of it and nobody signed it off."""

    row: LineRow
    badge: Badge
    said: str
    checks: tuple[CheckView, ...]


def check_view(key: str, row: CheckRow, anchors: Anchors | None = None) -> CheckView:
    """A check as shown; with `anchors` its findings can be linked to."""
    fix, _, advice = row.fix.replace("\r\n", "\n").partition("\n")
    findings = tuple(_finding_view(found, anchors) for found in row.findings[:MOST_FINDINGS])
    return CheckView(
        key=key,
        row=row,
        badge=words.outcome(row.outcome),
        strength=row.strength.value if row.strength else "",
        seconds=words.seconds(row.seconds),
        findings=findings,
        more=_more(row),
        why=runs(row.why),
        fix=runs(fix),
        advice=advice.strip(),
    )


def _finding_view(row: FindingRow, anchors: Anchors | None) -> FindingView:
    anchor = anchors.take(f"finding-{slug(row.fingerprint)}") if anchors else ""
    return FindingView(row=row, place=str(row.location), anchor=anchor)


def runs(prose: str) -> tuple[Run, ...]:
    """Prose cut at its backticks; one without a partner is a backtick and no more."""
    pieces = prose.split("`")
    if len(pieces) % 2 == 0:
        pieces[-2:] = [f"{pieces[-2]}`{pieces[-1]}"]
    return tuple(Run(piece, index % 2 == 1) for index, piece in enumerate(pieces) if piece)


def _more(row: CheckRow) -> str:
    left = len(row.findings) - MOST_FINDINGS
    return f"{words.count(left, 'more finding')} in the JSON scorecard" if left > 0 else ""


def item_views(card: Scorecard, section: SectionRow, anchors: Anchors) -> tuple[ItemView, ...]:
    """The lines of a section, in its order."""
    lines = card.comparison.lines if card.comparison else ()
    changed = {line.id: line for line in lines}
    return tuple(_item_view(card, section, item, anchors, changed.get(item.id)) for item in section.items)


def line_view(card: Scorecard, row: LineRow) -> LineView:
    """A step or an action as shown."""
    said = row.reason if row.checks or row.sign_off else "nobody has signed it off" if card.phase else ""
    if row.sign_off and row.sign_off.standing != Standing.VALID:
        said = f"{said}; {row.sign_off.by} signed it off at {row.sign_off.at}, but {row.sign_off.reason}"
    return LineView(row=row, badge=words.outcome(row.outcome), said=said, checks=_check_views(card, row.checks))


def most_urgent(items: Iterable[ItemView]) -> tuple[ItemView, ...]:
    """The lines by weight, the heaviest first; lines of one weight stay in the document's order."""
    return tuple(sorted(items, key=lambda item: -item.row.weight))


class Anchors:
    """Gives every row a name of its own to link to."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        """The wanted name, or the first free one after it."""
        name, number = wanted, 2
        while name in self._taken:
            name, number = f"{wanted}-{number}", number + 1
        self._taken.add(name)
        return name


def _item_view(
    card: Scorecard, section: SectionRow, row: ItemRow, anchors: Anchors, change: LineChange | None
) -> ItemView:
    anchor = anchors.take(f"item-{slug(row.id)}")
    checks = tuple(check_view(key, card.checks[key], anchors) for key in row.checks)
    decisive = _decisive(row, checks)
    place = _place(decisive)
    box, box_words = words.box(row.claim)
    return ItemView(
        row=row,
        section=section.title,
        anchor=anchor,
        badge=words.verdict(row),
        box=box,
        box_words=box_words,
        line=f"{card.document.path}:{row.document_line}" if row.document_line else "",
        source=f"{card.checklist}:{row.checklist_line}" if row.checklist_line else card.checklist,
        place=place,
        place_short=_without_host(place),
        strength=row.strength.value if row.strength else decisive.strength if decisive else "",
        said=_said(card, row, place),
        weight=f"{row.weight:g}",
        notes=(*_notes(row), *_changes(change)),
        change=change.change.value if change else "",
        references=known(text for check in checks for text in check.row.references),
        checks=checks,
    )


def _said(card: Scorecard, row: ItemRow, place: str) -> str:
    attested = row.verdict in (Verdict.ATTESTED, Verdict.ATTESTATION_EXPIRED) and row.overlay is Overlay.NONE
    for word in card.decisions:
        if attested and word.kind == "attestation" and word.subject == row.id:
            return f"{word.by}: {word.text} ({word.reason or words.days(word.days_left)})"
    return row.reason.removesuffix(f" ({place})") if place else row.reason


def _decisive(row: ItemRow, checks: Sequence[CheckView]) -> CheckView | None:
    # Weak evidence leaves a heavy line unknown although its checks pass: then what passed is what there is to see.
    for wanted in (row.outcome, Outcome.PASS):
        found = [check for check in checks if check.row.outcome is wanted]
        if found:
            return max(found, key=_rank) if wanted is Outcome.PASS else found[0]
    return None


def _rank(check: CheckView) -> int:
    return check.row.strength.rank if check.row.strength else -1


def _place(check: CheckView | None) -> str:
    return next((finding.place for finding in check.findings if finding.place), "") if check else ""


def _without_host(place: str) -> str:
    scheme, mark, rest = place.partition("://")
    path = rest.partition("/")[2]
    if not mark or scheme not in ("http", "https"):
        return place
    return f"/{path}" if path else rest


def _notes(row: ItemRow) -> Iterable[str]:
    if row.overlay is Overlay.WAIVER_EXPIRED:
        yield "its waiver has ended"
    if not row.counted and row.overlay is not Overlay.WAIVED and row.verdict is not Verdict.NOT_APPLICABLE:
        yield "outside the scope, not counted"


def _changes(change: LineChange | None) -> Iterable[str]:
    if change is None:
        return
    was = words.VERDICTS.get(change.before)
    yield f"{words.change(change.change).word}: was {was.word}" if was else words.change(change.change).word


def _check_views(card: Scorecard, keys: Iterable[str]) -> tuple[CheckView, ...]:
    return tuple(check_view(key, card.checks[key]) for key in keys)
