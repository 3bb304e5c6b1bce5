from __future__ import annotations

from datetime import timedelta

import pytest
from support.judging import EVERYTHING_GIVEN, NO_FACTS, NOW, checklist, item, told

from readycheck.catalogue import Check
from readycheck.checklist import Checklist, PhaseEntry, StepEntry
from readycheck.decisions import DecisionsFile, SignOff
from readycheck.errors import UsageError
from readycheck.facts.decisions import ChangedFound, ChangedSince
from readycheck.facts.store import Answer, Facts
from readycheck.judge import judge, questions
from readycheck.model import Outcome, Severity
from readycheck.phases import find_phase, narrow
from readycheck.scorecard import Scorecard

COMMIT = "c" * 40
UNCHANGED = Facts(
    {ChangedSince(COMMIT, ("decisions.yaml",)): Answer(ChangedFound((), 0))},
    collected_at="",
    audited=EVERYTHING_GIVEN.audited,
)


def phase(name: str, *steps: str, title: str = "") -> PhaseEntry:
    return PhaseEntry(id=name, title=title or name, steps=tuple(StepEntry(text=step) for step in steps))


def made(outcome: Outcome | None = None, line: Outcome = Outcome.PASS) -> Checklist:
    """A checklist of three phases, the last step of each held to a check with this outcome."""
    phases = [phase(name, "Do it", "See it") for name in ("pre-deployment", "deployment", "post-deployment")]
    whole = checklist(
        [(item("a", severity=Severity.HIGH), [told("line", line)])],
        deployment_steps=tuple(phases),
        rollback=(StepEntry(text="Go back"),),
    )
    bound: dict[int, tuple[Check, ...]] = {id(step): () for step in whole.file.rollback}
    for entry in phases:
        first, last = entry.steps
        bound |= {id(first): (), id(last): (told("step", outcome),) if outcome else ()}
    return Checklist(whole.file, {**whole._bound, **bound}, whole.source)


def signed(step: str, result: str = "pass", days: int = 0) -> SignOff:
    return SignOff(step=step, by="Ada", at=NOW - timedelta(days), commit=COMMIT, result=result)  # type: ignore[arg-type]


def judged(name: str, of: Checklist, *signs: SignOff, facts: Facts = UNCHANGED) -> Scorecard:
    found = find_phase(name, of)
    decisions = DecisionsFile(version=1, sign_offs=signs)
    return judge(narrow(of, found), facts, now=NOW, decisions=decisions, phase=found)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("pre-deploy", "pre-deployment"),
        ("deploy", "deployment"),
        ("post-deploy", "post-deployment"),
        ("rollback", "rollback"),
        ("post-deployment", "post-deployment"),
    ],
)
def test_a_phase_is_found_by_its_name(name: str, found: str) -> None:
    assert find_phase(name, made()) == found


def test_a_phase_is_found_by_the_documents_own_words() -> None:
    phases = (
        phase("one", title="Before the release"),
        phase("two", title="Rollout"),
        phase("three", title="Verification"),
    )
    own = checklist([], deployment_steps=phases)
    assert [find_phase(name, own) for name in ("pre-deploy", "deploy", "post-deploy", "two")] == [
        "one",
        "two",
        "three",
        "two",
    ]
    for name, hint in (("rollback", "there are: one, two, three"), ("post-deply", "did you mean 'post-deploy'?")):
        with pytest.raises(UsageError) as caught:
            find_phase(name, own)
        assert caught.value.hint == hint


def test_a_phase_asks_only_what_it_needs() -> None:
    whole = made(Outcome.PASS)
    deploy = narrow(whole, "deployment")
    assert [check.id for check in deploy.all_checks()] == ["step"]
    assert len(questions(deploy)) == 1
    assert not list(deploy.items)
    before = narrow(whole, "pre-deployment")
    assert [one.id for one in before.items] == ["a"], "what goes out must be ready"
    assert [entry.id for entry in before.file.deployment_steps] == ["pre-deployment"]
    assert [step.text for step in narrow(whole, "rollback").file.rollback] == ["Go back"]


def test_a_step_is_shown_by_its_checks_or_signed_off() -> None:
    card = judged("deploy", made(Outcome.PASS))
    assert (card.decision.exit_code, card.phase) == (3, "deployment")
    card = judged("deploy", made(Outcome.PASS), signed("deployment-do-it"))
    assert card.decision.exit_code == 0
    first = card.phases[0].steps[0]
    assert first.outcome is Outcome.PASS
    assert first.sign_off is not None
    assert (first.sign_off.by, first.sign_off.at) == ("Ada", "2026-03-01 12:00 UTC")


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome.FAIL, 1),
        (Outcome.ERROR, 3),
        (Outcome.UNKNOWN, 0),
        (Outcome.NOT_CHECKED, 0),
        (Outcome.MANUAL, 0),
        (Outcome.NOT_APPLICABLE, 0),
    ],
)
def test_a_sign_off_stands_for_what_was_not_seen_and_against_nothing_that_was(outcome: Outcome, code: int) -> None:
    card = judged("deploy", made(outcome), signed("deployment-do-it"), signed("deployment-see-it"))
    assert card.decision.exit_code == code


def test_the_last_sign_off_counts() -> None:
    both = [signed("deployment-do-it", "fail", 1), signed("deployment-do-it")]
    assert judged("deploy", made(Outcome.PASS), *both).decision.exit_code == 0
    card = judged("deploy", made(Outcome.PASS), *both, signed("deployment-do-it", "fail"))
    assert card.decision.exit_code == 1
    assert card.decision.blockers == ("deployment-do-it",)


@pytest.mark.parametrize(
    ("sign", "facts"),
    [
        (signed("deployment-do-it", days=8), UNCHANGED),
        (signed("deployment-do-it"), NO_FACTS),
        (
            signed("deployment-do-it"),
            Facts({ChangedSince(COMMIT, ("decisions.yaml",)): Answer(ChangedFound(("app.py",), 1))}, collected_at=""),
        ),
    ],
    ids=["too long ago", "nobody looked", "another commit"],
)
def test_a_sign_off_of_another_release_does_not_count(sign: SignOff, facts: Facts) -> None:
    card = judged("deploy", made(Outcome.PASS), sign, facts=facts)
    assert card.decision.exit_code == 3
    assert card.phases[0].steps[0].outcome is Outcome.MANUAL


@pytest.mark.parametrize(("line", "code"), [(Outcome.PASS, 0), (Outcome.FAIL, 1), (Outcome.UNKNOWN, 3)])
def test_before_a_deployment_the_lines_count_as_well(line: Outcome, code: int) -> None:
    signs = [signed("pre-deployment-do-it"), signed("pre-deployment-see-it")]
    assert judged("pre-deploy", made(line=line), *signs).decision.exit_code == code


def test_ready_lines_do_not_stand_for_an_unsigned_step() -> None:
    assert judged("pre-deploy", made()).decision.exit_code == 3
    assert judged("pre-deploy", made(Outcome.FAIL)).decision.exit_code == 1


def test_a_phase_without_steps_is_never_ready() -> None:
    own = checklist([], deployment_steps=(phase("deployment"),))
    assert judged("deploy", own).decision.exit_code == 3
