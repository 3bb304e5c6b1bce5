from __future__ import annotations

from pathlib import Path
from typing import Any

from support.planting import commit, git, repository, write

from readycheck.facts.decisions import BoundDigest, BoundFiles, ChangedFound, ChangedSince
from readycheck.facts.question import Question, Unavailable
from readycheck.gather.gatherer import gather
from readycheck.gather.targets import Targets, gatherers

INFRA = BoundFiles(("infra/**", "!*.md"))


def answer(folder: Path, question: Question[Any], ref: str = "") -> Any:
    targets = Targets(repository=str(folder), ref=ref)
    return gather(gatherers(targets), [question], targets.audited()).answers[question].value


def digest(folder: Path, ref: str = "") -> BoundDigest:
    found = answer(folder, INFRA, ref)
    assert isinstance(found, BoundDigest)
    return found


def test_bound_files_have_a_digest_of_their_names_and_contents(tmp_path: Path) -> None:
    folder = repository(tmp_path / "a", {"infra/main.tf": "a\n", "infra/notes.md": "n", "app.py": "a"})
    before = digest(folder)
    assert before.files == 1
    write(folder, {"app.py": "b", "infra/notes.md": "m"})
    assert digest(folder) == before
    write(folder, {"infra/main.tf": "a\r\n"})
    assert digest(folder) == before, "line ends are the checkout's"
    write(folder, {"infra/main.tf": "b\n"})
    assert digest(folder) != before, "what lies on disk counts"
    assert digest(folder, "HEAD") == before
    write(folder, {"infra/main.tf": "a\n", "infra/other.tf": ""})
    assert digest(folder) != before
    (folder / "infra/other.tf").unlink()
    (folder / "infra/main.tf").rename(folder / "infra/renamed.tf")
    assert digest(folder) != before


def test_a_shallow_and_rewritten_clone_has_the_same_digest(tmp_path: Path) -> None:
    folder = repository(tmp_path / "a", {"infra/main.tf": "a"})
    commit(folder, {"app.py": "a"})
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{folder}", "b")
    git(tmp_path / "b", "commit", "--quiet", "--amend", "-m", "other words")
    assert digest(folder) == digest(tmp_path / "b")


def test_nothing_that_matches_has_no_digest(tmp_path: Path) -> None:
    assert digest(repository(tmp_path, {"app.py": "a"})) == BoundDigest("", 0)


def test_what_changed_since_a_commit_is_told(tmp_path: Path) -> None:
    folder = repository(tmp_path / "a", {"app.py": "a", "old.py": "o"})
    first = git(folder, "rev-parse", "HEAD")
    question = ChangedSince(first, ("decisions.yaml",))
    assert answer(folder, question) == ChangedFound((), 0)
    commit(folder, {"decisions.yaml": "version: 1"})
    assert answer(folder, question) == ChangedFound((), 0), "what people decide about a release is not part of it"
    (folder / "old.py").unlink()
    commit(folder, {"app.py": "b"})
    assert answer(folder, question) == ChangedFound(("app.py", "old.py"), 2)
    assert answer(folder, question, first) == ChangedFound((), 0)


def test_a_commit_that_the_clone_lacks_is_not_known(tmp_path: Path) -> None:
    folder = repository(tmp_path / "a", {"app.py": "a"})
    first = git(folder, "rev-parse", "HEAD")
    commit(folder, {"app.py": "b"})
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{folder}", "b")
    for place, named in ((tmp_path / "b", first), (folder, "--all"), (folder, "f" * 40)):
        found = answer(place, ChangedSince(named))
        assert isinstance(found, Unavailable)
        assert "does not have the commit" in found.reason
