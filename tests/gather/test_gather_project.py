from __future__ import annotations

from pathlib import Path

import pytest
from support.planting import commit, git, repository

from readycheck.errors import TargetError
from readycheck.facts.history import PathsEverTracked
from readycheck.facts.repository import Files, RepositorySummary
from readycheck.facts.store import dump, load
from readycheck.gather.gatherer import gather
from readycheck.gather.targets import Targets, gatherers

QUESTIONS = (RepositorySummary(), Files(("*.py",)), PathsEverTracked((".env",)))


def test_a_repository_is_audited_and_its_facts_can_be_saved(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"app.py": "x", ".env": "A=b"})
    targets = Targets(repository=str(folder))
    facts = gather(gatherers(targets), QUESTIONS, targets.audited())
    assert facts[Files(("*.py",))].paths == ("app.py",)
    assert facts[RepositorySummary()].branch == "main"
    assert facts[PathsEverTracked((".env",))].total == 1
    assert dump(load(dump(facts), "facts.json")) == dump(facts)


def test_an_older_commit_is_audited_without_checking_it_out(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"old.py": "x"})
    git(folder, "tag", "v1")
    commit(folder, {"new.py": "x"})
    targets = Targets(repository=str(folder), ref="v1")
    facts = gather(gatherers(targets), QUESTIONS, targets.audited())
    assert facts[Files(("*.py",))].paths == ("old.py",)
    assert facts[RepositorySummary()].commit == git(folder, "rev-parse", "v1")


def test_without_a_repository_there_is_nobody_to_ask() -> None:
    assert list(gatherers(Targets())) == []


def test_a_folder_that_is_not_there_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="no folder"):
        gatherers(Targets(repository=str(tmp_path / "missing")))
