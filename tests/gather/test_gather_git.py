from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from support.planting import commit, git, repository, write

from readycheck.errors import TargetError
from readycheck.gather.blobs import Blobs
from readycheck.gather.git import Git, GitError, find_git
from readycheck.gather.history import HistoryGatherer, walk
from readycheck.gather.project import open_tree
from readycheck.gather.sources import Sources
from readycheck.gather.state import state
from readycheck.gather.worktree import WorkTree


def opened(folder: Path) -> Git:
    place = find_git(folder)
    assert place is not None
    return Git(place)


def test_nothing_that_the_repository_configures_runs(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", {"a.txt": "a", ".gitattributes": "* filter=evil diff=evil\n"})
    trap = tmp_path / "trap.sh"
    sprung = tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\ncat\n")
    trap.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.editor",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "gpg.program",
    ):
        git(folder, "config", key, str(trap))
    git(folder, "config", "log.showSignature", "true")
    hooks = folder / ".git" / "hooks"
    for hook in ("post-index-change", "fsmonitor-watchman", "post-checkout", "reference-transaction"):
        write(hooks, {hook: trap.read_text()})
        (hooks / hook).chmod(0o755)
    (folder / "a.txt").write_text("changed")
    sprung.unlink(missing_ok=True)

    tree = WorkTree(folder)
    assert Sources(tree).text("a.txt") == "changed"
    assert state(tree).dirty
    assert len(list(walk(opened(folder)))) == 1
    assert not sprung.exists()


def test_a_work_tree_elsewhere_in_the_configuration_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "private", {"secret.txt": "s"})
    folder = repository(tmp_path / "r", {"a.txt": "a"})
    git(folder, "config", "core.worktree", str(tmp_path / "private"))
    assert Sources(WorkTree(folder)).paths() == ("a.txt",)


def test_variables_of_a_hook_that_we_run_in_do_not_lead_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = repository(tmp_path / "other", {"b.txt": "b"})
    folder = repository(tmp_path / "r", {"a.txt": "a"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert Sources(WorkTree(folder)).paths() == ("a.txt",)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
def test_a_checkout_that_another_user_owns_is_read(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", {"a.txt": "a"})
    for place in (folder, folder / ".git"):
        os.chown(place, 12345, 12345)
    assert Sources(WorkTree(folder)).paths() == ("a.txt",)
    assert state(WorkTree(folder)).commit


def test_replacements_and_grafts_hide_nothing(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", {".env": "x"})
    first = git(folder, "rev-parse", "HEAD")
    second = commit(folder, {"b": "b"})
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "grafts").write_text(f"{second}\n")
    assert {touched.id for touched in walk(opened(folder))} == {first, second}


def test_a_refusal_of_gits_is_an_error_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="git cat-file failed"):
        opened(repository(tmp_path)).run("cat-file", "blob", "0" * 40)


def test_a_stopped_git_starts_nothing_more(tmp_path: Path) -> None:
    runner = opened(repository(tmp_path, {"a": "a"}))
    runner.stop()
    with pytest.raises(GitError, match="deadline"):
        runner.run("rev-parse", "HEAD")


def test_stopping_ends_a_git_that_runs(tmp_path: Path) -> None:
    runner = opened(repository(tmp_path, {"a": "a"}))
    process = runner.launch("cat-file", "--batch", stdin=-1)
    threading.Thread(target=runner.stop).start()
    assert process.wait(timeout=20) != 0
    runner.end(process)


def test_blobs_are_read_and_missing_or_other_objects_are_refused(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a": "hello"})
    blobs = Blobs(opened(folder))
    name = git(folder, "rev-parse", "HEAD:a")
    assert blobs.read(name) == b"hello"
    with pytest.raises(OSError, match="no blob"):
        blobs.read("1" * 40)
    with pytest.raises(OSError, match="no blob"):
        blobs.read(git(folder, "rev-parse", "HEAD"))
    assert blobs.read(name) == b"hello"


@pytest.mark.parametrize("options", [(), ("--object-format=sha256",)])
def test_repositories_of_both_hashes_are_read(tmp_path: Path, options: tuple[str, ...]) -> None:
    folder = repository(tmp_path / "r", {"a.txt": "a"}, *options)
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(folder), str(bare))
    for tree in (open_tree(folder), open_tree(bare), open_tree(folder, "main")):
        sources = Sources(tree)
        assert sources.paths() == ("a.txt",)
        assert sources.text("a.txt") == "a"
        assert state(tree).commit == git(folder, "rev-parse", "HEAD")
        assert not state(tree).dirty


def test_a_linked_work_tree_is_read_from_its_own_folder(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", {"a.txt": "a"})
    git(folder, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    commit(tmp_path / "linked", {"b.txt": "b"})
    tree = WorkTree(tmp_path / "linked")
    assert Sources(tree).paths() == ("a.txt", "b.txt")
    assert state(tree).branch == "other"


def test_a_name_that_is_no_commit_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a": "a"})
    for ref in ("nowhere", "--all"):
        with pytest.raises(TargetError, match="no commit"):
            open_tree(folder, ref)
    with pytest.raises(TargetError, match="no folder"):
        open_tree(tmp_path / "missing")


def test_an_audit_of_a_broken_repository_is_an_error_and_no_answer(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a": "a"})
    for pack in (folder / ".git" / "objects").glob("??"):
        for loose in pack.iterdir():
            loose.chmod(0o644)
            loose.write_bytes(b"broken")
    with pytest.raises(TargetError):
        list(walk(opened(folder)))
    assert HistoryGatherer(tmp_path).name == "history"
