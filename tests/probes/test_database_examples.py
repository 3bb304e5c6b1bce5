from __future__ import annotations

import pytest

from readycheck.catalogue import load_catalogue
from readycheck.examples import Trial, trials
from readycheck.model import Target

TRIALS = list(trials([check for check in load_catalogue().checks.values() if check.target is Target.DATABASE]))


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: f"{trial.check.id}-{trial.example.line}")
def test_an_example_of_a_check_on_databases_has_its_outcome(trial: Trial) -> None:
    assert trial.held, trial.observation
