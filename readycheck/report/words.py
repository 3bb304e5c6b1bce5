"""How reports say things: a word, a shape, a tone and a meaning for every verdict, outcome and standing."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct

from readycheck.changes import Change
from readycheck.decisions import ENDING_SOON, Standing
from readycheck.model import Claim, Outcome, Overlay
from readycheck.report.filter import shown_verdict
from readycheck.scorecard import DecisionRow, ItemRow, MetricState, Readiness


class Badge(Struct, frozen=True):
    """A state as readers meet it. `shape` names its icon, so that `tone` never carries it alone (WCAG 1.4.1)."""

    name: str
    word: str
    shape: str
    tone: str
    meaning: str


def _badges(*rows: tuple[str, str, str, str, str]) -> dict[str, Badge]:
    return {row[0]: Badge(*row) for row in rows}


#: Every verdict, and `waived`, the most urgent first.
VERDICTS = _badges(
    ("contradicted", "contradicted", "cross", "bad", "ticked, and evidence shows that it is not so"),
    ("open", "open", "ring", "warn", "not ticked, and nothing shows that it is done"),
    ("unverified", "unverified", "question", "doubt", "ticked, and nothing decided whether it is so"),
    ("unattested", "unattested", "person", "doubt", "ticked, only a person can say, and nobody has"),
    ("attestation_expired", "attestation ended", "hourglass", "doubt", "ticked, and the person's word has lapsed"),
    ("understated", "understated", "up", "info", "not ticked, and evidence shows that it is done"),
    ("attested", "attested", "vouched", "good", "ticked, and a person stands for it"),
    ("verified", "verified", "check", "good", "ticked, and evidence shows that it is so"),
    ("waived", "waived", "pause", "calm", "a known fault that somebody accepts until a day"),
    ("not_applicable", "not applicable", "dash", "mute", "does not apply here, with a reason"),
)

#: Every outcome of a check.
OUTCOMES = _badges(
    ("pass", "pass", "check", "good", "it holds"),
    ("fail", "fail", "cross", "bad", "it does not hold"),
    ("error", "error", "alert", "bad", "it could not be finished"),
    ("unknown", "unknown", "question", "doubt", "it was looked at, and there was too little to tell"),
    ("manual", "manual", "person", "doubt", "only a person can say"),
    ("not_applicable", "not applicable", "dash", "mute", "it cannot apply to this target"),
    ("not_checked", "not checked", "dotted", "mute", "no such target was given, or it was left out"),
)

#: The three answers.
READINESS = _badges(
    ("READY", "READY", "check", "good", "the gate lets this release through"),
    ("NOT_READY", "NOT READY", "cross", "bad", "the gate holds this release back, on evidence"),
    ("INCONCLUSIVE", "INCONCLUSIVE", "question", "doubt", "too little was decided to say either"),
)

#: How metrics stand.
METRICS = _badges(
    ("met", "met", "check", "good", "measured, and it meets its target"),
    ("missed", "missed", "cross", "bad", "measured, and it misses its target"),
    ("unsourced", "unsourced", "question", "doubt", "typed into the document, and nothing measured it"),
    ("unmeasured", "unmeasured", "dotted", "mute", "nobody knows"),
)

#: How decisions stand.
STANDINGS = _badges(
    ("valid", "valid", "check", "good", "it counts today"),
    ("expired", "ended", "hourglass", "bad", "its last day has passed"),
    ("void", "void", "cross", "bad", "what it rests on has changed"),
    ("unused", "unused", "dash", "mute", "nothing is left for it to waive"),
    ("ignored", "ignored", "dash", "mute", "this audit was asked to count no waiver"),
)

#: How targets stand.
TARGETS = _badges(
    ("audited", "audited", "check", "good", "it was asked"),
    ("failed", "failed", "alert", "bad", "it could not be asked"),
    ("not given", "not given", "dotted", "mute", "nobody named one"),
    ("out of scope", "out of scope", "dash", "mute", "this audit was not about it"),
)

#: How lines, findings and metrics stand beside what they were, the most urgent first.
CHANGES = _badges(
    ("worse", "worse", "cross", "bad", "it says no, and did not before"),
    ("new", "new", "alert", "warn", "it was not there before, or did not count"),
    ("undecided", "no longer decided", "question", "doubt", "evidence decided it before, and nothing does now"),
    ("waived", "waived now", "pause", "calm", "a waiver lies over it since"),
    ("restated", "restated", "dotted", "mute", "the document says something else, and it stands as it stood"),
    ("better", "better", "up", "info", "it is better than it was, and not done"),
    ("fixed", "fixed", "check", "good", "it holds, and did not before"),
    ("gone", "gone", "dash", "mute", "it is not in the checklist any more, or does not count"),
    ("unchanged", "unchanged", "dash", "mute", "it stands as it stood"),
)

#: A rule of the gate.
MET = Badge("met", "met", "check", "good", "the rule is met")
NOT_MET = Badge("not_met", "not met", "cross", "bad", "the rule is not met")

_BOXES = {
    Claim.DONE: ("[x]", "ticked"),
    Claim.TODO: ("[ ]", "not ticked"),
    Claim.IN_PROGRESS: ("[/]", "marked as in progress"),
    Claim.PARTIAL: ("[~]", "marked as partly done"),
    Claim.FAILED: ("[!]", "marked as failed"),
    Claim.NOT_APPLICABLE: ("[–]", "marked as not applicable"),
}


def verdict(item: ItemRow) -> Badge:
    """The verdict of a line; under a waiver the word says what the waiver covers."""
    badge = VERDICTS[shown_verdict(item)]
    if item.overlay is Overlay.WAIVED:
        return Badge(
            badge.name, f"waived ({VERDICTS[item.verdict.value].word})", badge.shape, badge.tone, badge.meaning
        )
    return badge


def outcome(value: Outcome) -> Badge:
    """The outcome of a check or a line."""
    return OUTCOMES[value.value]


def readiness(value: Readiness) -> Badge:
    """The answer."""
    return READINESS[value.value]


def metric(value: MetricState) -> Badge:
    """How a metric stands."""
    return METRICS[value.value]


def standing(row: DecisionRow) -> Badge:
    """How a decision stands; one that ends within two weeks says so."""
    badge = STANDINGS.get(row.standing, Badge(row.standing, row.standing, "question", "doubt", ""))
    if row.standing == Standing.VALID and row.days_left <= ENDING_SOON and row.kind != "sign-off":
        return Badge("soon", "ends soon", "hourglass", "warn", f"it ends within {ENDING_SOON} days")
    return badge


def change(value: Change) -> Badge:
    """How something changed."""
    return CHANGES[value.value]


def target(state: str) -> Badge:
    """How a target stands."""
    return TARGETS.get(state, Badge(state, state, "question", "doubt", ""))


def box(claim: Claim) -> tuple[str, str]:
    """The box as a document would write it, and the same in words."""
    return _BOXES[claim]


def days(left: int) -> str:
    """Days to a last day that is inclusive, in words."""
    if left == 0:
        return "today is its last day"
    count = f"{abs(left)} day{'' if abs(left) == 1 else 's'}"
    return f"{count} left" if left > 0 else f"ended {count} ago"


def count(number: int, noun: str) -> str:
    """A number with its noun, in the plural where it needs one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def percent(score: float | None) -> str:
    """A score as shown: one decimal, or a dash where there is none."""
    return "–" if score is None else f"{score:.1f}"


def share(value: float | None) -> str:
    """A share of 1 as a whole percentage, or a dash."""
    return "–" if value is None else f"{value:.0%}"


def moment(stamp: str) -> str:
    """A time stamp as a reader likes it, in UTC; one that cannot be read is shown as it is."""
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    if found.tzinfo is None:
        return stamp
    return f"{found.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def seconds(value: float) -> str:
    """A duration: milliseconds under a second, else seconds."""
    if value <= 0:
        return "0 ms"
    return f"{max(1, round(value * 1000))} ms" if value < 1 else f"{value:.1f} s"
