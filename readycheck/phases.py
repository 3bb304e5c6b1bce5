"""A phase of a deployment as a gate of its own: what it needs to ask, and whether each of its steps is shown or signed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from readycheck.checklist import ROLLBACK, Checklist, PhaseEntry
from readycheck.errors import UsageError
from readycheck.model import Exit, Outcome
from readycheck.reading import nearest
from readycheck.scorecard import Decision, LineRow, PhaseRow, Readiness, RuleRow, SectionRow

#: The names that the command line has for phases, and the words by which a document's own are known for them.
NAMES = {
    "pre-deploy": r"\b(?:pre|before|prior|preparation|prepare)\b",
    "post-deploy": r"\b(?:post|after|verification|verify|follow)\b",
    "deploy": r"\b(?:deploy\w*|release|rollout|during|launch|go live)\b",
    ROLLBACK: r"\b(?:rollback|roll back|revert)\b",
}
_DONE = (Outcome.PASS, Outcome.NOT_APPLICABLE)


def find_phase(name: str, checklist: Checklist) -> str:
    """The id of the phase that is meant: the document's own id, or one of `NAMES`.

    Raises:
        UsageError: the document has no such phase.
    """
    phases = checklist.file.deployment_steps
    ids = [phase.id for phase in phases]
    if name in ids:
        return name
    meant = [phase.id for phase in phases if _kind(phase) == name]
    if meant:
        return meant[0]
    if name == ROLLBACK and checklist.file.rollback:
        return ROLLBACK
    known = [*ids, *([ROLLBACK] if checklist.file.rollback else [])]
    near = nearest(name, [*known, *NAMES])
    hint = f"did you mean {near!r}?" if near and near != name else f"there are: {', '.join(known) or 'none'}"
    raise UsageError(f"--phase {name}: the checklist has no such phase", hint=hint)


def _kind(phase: PhaseEntry) -> str:
    words = " ".join(re.split(r"[^a-z0-9]+", f"{phase.title} {phase.id}".lower()))
    return next((name for name, pattern in NAMES.items() if re.search(pattern, words)), "")


def needs_everything(phase: str, checklist: Checklist) -> bool:
    """Does the phase stand before the deployment, so that it needs every line and action of the document?"""
    return any(entry.id == phase and _kind(entry) == "pre-deploy" for entry in checklist.file.deployment_steps)


def narrow(checklist: Checklist, phase: str) -> Checklist:
    """What a phase needs of a checklist: its steps alone, and before a deployment every line and action besides."""
    file = checklist.file
    kept = tuple(entry for entry in file.deployment_steps if entry.id == phase)
    rollback = file.rollback if phase == ROLLBACK and not kept else ()
    if needs_everything(phase, checklist):
        return checklist.narrowed(deployment_steps=kept, rollback=rollback)
    return checklist.narrowed(sections=(), actions=(), metrics=(), deployment_steps=kept, rollback=rollback)


def decide_phase(
    whole: Decision, sections: Sequence[SectionRow], phases: Sequence[PhaseRow], rollback: Sequence[LineRow]
) -> Decision:
    """The answer for a phase: a step that failed holds back (1), one that nobody vouched for leaves it open (3).

    Before a deployment the gate's answer on every line (`whole`) counts as well; elsewhere there are no lines.
    """
    steps = [*(step for phase in phases for step in phase.steps), *rollback]
    failed = [step for step in steps if step.outcome is Outcome.FAIL]
    waiting = [step for step in steps if step.outcome not in _DONE and step not in failed]
    rules = (_rule("No step fails", failed, steps), _rule("Every step is shown or signed off", waiting, steps))
    before = whole.rules if sections else ()
    code = _exit_code(whole.exit_code if sections else Exit.READY, failed, waiting, steps)
    why = whole.why if sections and whole.exit_code == code != Exit.READY else _why(failed, waiting, steps)
    return msgspec.structs.replace(
        whole,
        readiness={0: Readiness.READY, 1: Readiness.NOT_READY}.get(code, Readiness.INCONCLUSIVE),
        exit_code=int(code),
        why=why,
        rules=(*before, *rules),
        blockers=(*whole.blockers, *(step.id for step in failed)),
    )


def _exit_code(lines: int, failed: Sequence[LineRow], waiting: Sequence[LineRow], steps: Sequence[LineRow]) -> Exit:
    if failed or lines == Exit.NOT_READY:
        return Exit.NOT_READY
    return Exit.INCONCLUSIVE if waiting or not steps or lines != Exit.READY else Exit.READY


def _rule(rule: str, against: Sequence[LineRow], steps: Sequence[LineRow]) -> RuleRow:
    actual = ", ".join(step.text for step in against) or f"{len(steps)} of {len(steps)}"
    return RuleRow(rule=rule, required=f"{len(steps)} of {len(steps)}", actual=actual, met=not against and bool(steps))


def _why(failed: Sequence[LineRow], waiting: Sequence[LineRow], steps: Sequence[LineRow]) -> str:
    if not steps:
        return "The phase has no steps."
    if failed:
        return f"{_count(failed)} failed: {_named(failed)}."
    if waiting:
        verb = "waits" if len(waiting) == 1 else "wait"
        return f"{_count(waiting)} {verb} for evidence or a sign-off (`readycheck sign STEP --by NAME`): {_named(waiting)}."
    return "Every step is shown to be done or signed off."


def _count(steps: Sequence[LineRow]) -> str:
    return f"{len(steps)} step{'' if len(steps) == 1 else 's'}"


def _named(steps: Sequence[LineRow]) -> str:
    more = f" and {len(steps) - 3} more" if len(steps) > 3 else ""  # noqa: PLR2004 - three names fit a line
    return ", ".join(step.text for step in steps[:3]) + more
