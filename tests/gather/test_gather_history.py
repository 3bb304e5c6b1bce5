from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support.planting import commit, git, repository

from readycheck.facts.history import CommitsFound, CommitsSince, PathsEverTracked, PathsFound
from readycheck.facts.question import Unavailable
from readycheck.gather.history import HistoryGatherer
from readycheck.gather.planted import plant
from readycheck.model import Outcome

SECRETS = PathsEverTracked((".env", "*.pem"), ("tests/",))


def tracked(folder: Path, question: PathsEverTracked = SECRETS) -> PathsFound:
    answer = dict(HistoryGatherer(folder).answers([question]))[question]
    assert isinstance(answer, PathsFound)
    return answer


def since(folder: Path, day: str, *paths: str) -> CommitsFound:
    question = CommitsSince(date.fromisoformat(day), paths)
    answer = dict(HistoryGatherer(folder).answers([question]))[question]
    assert isinstance(answer, CommitsFound)
    return answer


def test_paths_at_head_come_before_those_of_the_past(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    commit(folder, {".env": "x", "a.py": "a"}, "2025-01-01")
    (folder / ".env").unlink()
    removed = commit(folder, {"z.pem": "k"}, "2025-01-02")
    newest = commit(folder, {"z.pem": "l", "tests/t.pem": "k"}, "2025-01-03")
    found = tracked(folder)
    assert [(path.path, path.at_head, path.commit) for path in found.paths] == [
        ("z.pem", True, newest),
        (".env", False, removed),
    ]
    assert (found.commits, found.total, found.shallow) == (3, 2, False)
    assert found.paths[0].date.startswith("2025-01-03")


def test_every_branch_tag_and_stash_is_looked_through(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a": "a"})
    git(folder, "checkout", "--quiet", "-b", "side")
    commit(folder, {"side.pem": "k"})
    git(folder, "checkout", "--quiet", "--detach", "main")
    commit(folder, {"tag.pem": "k"})
    git(folder, "tag", "v1")
    commit(folder, {"detached.pem": "k"})
    found = tracked(folder)
    assert {path.path: path.at_head for path in found.paths} == {
        "detached.pem": True,
        "side.pem": False,
        "tag.pem": True,
    }


def test_a_file_that_only_a_merge_brings_is_found(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a": "a"})
    git(folder, "checkout", "--quiet", "-b", "side")
    commit(folder, {"b": "b"})
    git(folder, "checkout", "--quiet", "main")
    commit(folder, {"c": "c"})
    git(folder, "merge", "--quiet", "--no-ff", "--no-commit", "side")
    commit(folder, {".env": "evil"})
    assert [path.path for path in tracked(folder).paths] == [".env"]


def test_a_path_that_looks_like_the_head_of_a_commit_is_a_path(tmp_path: Path) -> None:
    name = "0" * 40 + ".pem"
    folder = repository(tmp_path, {name: "k", ":100644.pem": "k"})
    assert {path.path for path in tracked(folder).paths} == {name, ":100644.pem"}
    assert tracked(folder).commits == 1


def test_a_shallow_clone_says_so(tmp_path: Path) -> None:
    folder = repository(tmp_path / "full")
    commit(folder, {".env": "x"}, "2025-01-01")
    (folder / ".env").unlink()
    commit(folder, {"a": "a"}, "2025-01-02")
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{folder}", str(tmp_path / "shallow"))
    found = tracked(tmp_path / "shallow")
    assert (found.shallow, found.paths, found.commits) == (True, (), 1)


@pytest.mark.parametrize("options", [(), ("--bare",), ("--object-format=sha256",)])
def test_an_empty_repository_has_no_history(tmp_path: Path, options: tuple[str, ...]) -> None:
    git(tmp_path, "init", "--quiet", *options)
    assert tracked(tmp_path) == PathsFound((), 0, shallow=False, total=0)
    assert since(tmp_path, "2025-01-01", "*") == CommitsFound((), 0)


def test_a_folder_without_a_repository_has_no_history_to_ask(tmp_path: Path) -> None:
    ((_, answer),) = HistoryGatherer(tmp_path).answers([SECRETS])
    assert isinstance(answer, Unavailable)
    assert answer.outcome is Outcome.NOT_CHECKED


def test_a_sha256_repository_is_walked(tmp_path: Path) -> None:
    assert tracked(repository(tmp_path, {".env": "x"}, "--object-format=sha256")).paths[0].at_head


def test_only_commits_after_the_end_of_the_day_count(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    commit(folder, {"src/a.py": "1"}, "2025-01-01")
    commit(folder, {"README.md": "1"}, "2025-01-02")
    newest = commit(folder, {"src/a.py": "2"}, "2025-01-03")
    found = since(folder, "2025-01-01", "src/")
    assert (found.total, [each.id for each in found.commits]) == (1, [newest])
    assert since(folder, "2025-01-02", "src/").total == 1
    assert since(folder, "2025-01-03", "src/").total == 0


def test_work_on_another_branch_has_not_touched_what_is_audited(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.py": "1"})
    git(folder, "checkout", "--quiet", "-b", "side")
    commit(folder, {"a.py": "2"}, "2025-02-01")
    git(folder, "checkout", "--quiet", "main")
    assert since(folder, "2025-01-15", "*.py").total == 0


def test_a_folder_of_a_repository_has_the_history_of_that_folder(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a/.env": "x", "b/.env": "x"})
    assert [path.path for path in tracked(folder / "a").paths] == [".env"]


def test_an_answer_shows_some_paths_and_counts_all(tmp_path: Path) -> None:
    folder = repository(tmp_path, {f"{number}.pem": "k" for number in range(60)})
    found = tracked(folder)
    assert (len(found.paths), found.total) == (50, 60)


def test_planted_commits_are_a_history(tmp_path: Path) -> None:
    plant(tmp_path, [{".env": "x", 'odd "name"\n.pem': "k"}, {".env": None, "a.py": "a"}])
    found = tracked(tmp_path)
    assert {path.path: path.at_head for path in found.paths} == {".env": False, 'odd "name"\n.pem': True}
    assert found.commits == 2
