from __future__ import annotations

import pytest

from readycheck.catalogue import Check, Example, load_catalogue
from readycheck.examples import ExampleTarget, observe, read_target
from readycheck.model import Outcome, Target

PROBES = frozenset(
    {
        "file.present",
        "file.text",
        "file.no_text",
        "config.value",
        "git.never_tracked",
        "measured.value",
        "pipeline.failures_count",
    }
)
CHECKS = [check for check in load_catalogue().checks.values() if check.probe.name in PROBES]
EXAMPLES = [(check, example) for check in CHECKS for example in check.examples]
NAMES = [f"{check.id}:{example.line}" for check, example in EXAMPLES]


@pytest.mark.parametrize(("check", "example"), EXAMPLES, ids=NAMES)
def test_an_example_has_the_promised_outcome(check: Check, example: Example) -> None:
    observation = observe(check.on(example), read_target(example))
    assert observation.outcome is example.outcome, observation


@pytest.mark.parametrize("check", CHECKS, ids=[check.id for check in CHECKS])
def test_an_empty_repository_never_passes(check: Check) -> None:
    assert check.target is Target.REPOSITORY
    for target in (ExampleTarget(files={}), ExampleTarget(commits=[])):
        assert observe(check, target).outcome not in (Outcome.PASS, Outcome.ERROR)


def test_there_are_checks_to_try() -> None:
    assert len(CHECKS) > 40
