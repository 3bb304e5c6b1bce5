"""Every example of the checks on live deployments and environments, tried on a tiny target."""

from __future__ import annotations

import pytest

from readycheck.catalogue import Check, Example, load_catalogue
from readycheck.examples import observe, read_target
from readycheck.model import Target

LIVE = [check for check in load_catalogue().checks.values() if check.target in (Target.DEPLOYMENT, Target.ENVIRONMENT)]
TRIALS = [(check, example) for check in LIVE for example in check.examples]


@pytest.mark.parametrize(
    ("check", "example"), TRIALS, ids=[f"{check.id}:{example.line}:{example.outcome}" for check, example in TRIALS]
)
def test_an_example_has_the_outcome_that_it_promises(check: Check, example: Example) -> None:
    observation = observe(check.on(example), read_target(example))
    assert observation.outcome is example.outcome, (observation.examined, observation.findings)


def test_there_are_checks_to_try() -> None:
    assert len(LIVE) >= 29
