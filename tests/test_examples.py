"""Every check proves itself: its own questions, put to its own tiny targets, come out as promised."""

from __future__ import annotations

import pytest

from readycheck.catalogue import Check, load_catalogue
from readycheck.examples import trials
from readycheck.model import Outcome, Target

CHECKS = list(load_catalogue().checks.values())


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_examples_come_out_as_promised(check: Check) -> None:
    for trial in trials([check]):
        seen = trial.observation
        assert trial.held, f"line {trial.example.line}: {seen.outcome}: {seen.examined} {seen.findings}"
        assert seen.examined, "it must say what was looked at"
        assert seen.outcome is not Outcome.FAIL or seen.findings


@pytest.mark.parametrize("check", [check for check in CHECKS if check.target is Target.REPOSITORY], ids=lambda c: c.id)
def test_an_empty_repository_never_passes_and_never_fails(check: Check) -> None:
    from readycheck.examples import ExampleTarget, observe

    assert observe(check, ExampleTarget(files={})).outcome in (
        Outcome.UNKNOWN,
        Outcome.NOT_CHECKED,
        Outcome.NOT_APPLICABLE,
    )


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_without_its_target_a_check_is_not_checked(check: Check) -> None:
    from readycheck.examples import ExampleTarget, observe

    other = (
        ExampleTarget(files={"a.txt": "a"})
        if check.target is not Target.REPOSITORY
        else ExampleTarget(environment={"A": "b"})
    )
    assert observe(check, other).outcome is Outcome.NOT_CHECKED
