from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificates
from git import Repo

from readycheck.demo.estate import Estate
from readycheck.demo.leaked import LEAKED_PATHS, leaked_files
from readycheck.demo.repository import make_repository
from readycheck.demo.source import service_files
from readycheck.demo.story import STORY, changes
from readycheck.errors import TargetError


def test_the_same_moment_gives_the_same_commits(tmp_path: Path, now: datetime, estate: Estate) -> None:
    make_repository(tmp_path, changes(service_files(), now))
    with Repo(tmp_path) as one, Repo(estate.repository) as other:
        assert [commit.hexsha for commit in one.iter_commits()] == [commit.hexsha for commit in other.iter_commits()]


def test_another_day_gives_other_commits(tmp_path: Path, now: datetime, estate: Estate) -> None:
    make_repository(tmp_path, changes(service_files(), now + timedelta(days=1)))
    with Repo(tmp_path) as one, Repo(estate.repository) as other:
        assert one.head.commit.hexsha != other.head.commit.hexsha


def test_no_setting_of_the_user_or_the_caller_changes_it(
    tmp_path: Path, now: datetime, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    hooks = home / "hooks"
    hooks.mkdir(parents=True)
    for name in ("post-checkout", "reference-transaction"):
        hooks.joinpath(name).write_text("#!/bin/sh\nexit 1\n")
        hooks.joinpath(name).chmod(0o755)
    home.joinpath(".gitconfig").write_text(
        f"[core]\n\thooksPath = {hooks.as_posix()}\n\tautocrlf = true\n[commit]\n\tgpgSign = true\n"
        "[user]\n\tname = Somebody Else\n[init]\n\tdefaultBranch = trunk\n\tdefaultObjectFormat = sha256\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Nobody")
    make_repository(tmp_path / "made", changes(service_files(), now))
    monkeypatch.delenv("GIT_DIR")
    with Repo(tmp_path / "made") as one, Repo(estate.repository) as other:
        assert one.head.commit.hexsha == other.head.commit.hexsha
        assert one.active_branch.name == "main"


def test_a_refusal_of_git_is_told(tmp_path: Path, now: datetime) -> None:
    tmp_path.joinpath(".git").write_text("no repository")
    with pytest.raises(TargetError, match="git init failed"):
        make_repository(tmp_path, changes(service_files(), now))


def test_the_work_tree_is_the_service_and_is_clean(estate: Estate) -> None:
    with Repo(estate.repository) as repository:
        assert not repository.is_dirty(untracked_files=True)
        tracked = set(repository.git.ls_files().splitlines())
    assert tracked == set(service_files())
    assert all(estate.repository.joinpath(path).read_bytes() == data for path, data in service_files().items())


def test_two_people_wrote_about_a_dozen_commits_in_order(estate: Estate, now: datetime) -> None:
    with Repo(estate.repository) as repository:
        commits = list(repository.iter_commits())
    assert len(commits) == len(STORY) == 13
    assert {commit.author.name for commit in commits} == {"Asha Verma", "Tom Becker"}
    dates = [commit.authored_datetime for commit in commits]
    assert dates == sorted(dates, reverse=True)
    assert dates[0] < now


def test_keys_were_committed_and_deleted(estate: Estate) -> None:
    with Repo(estate.repository) as repository:
        for path in LEAKED_PATHS:
            deleted, added = repository.iter_commits(paths=path)
            assert added.summary == "Share the development keys"
            assert added.stats.files[path]["change_type"] == "A"
            assert deleted.stats.files[path]["change_type"] == "D"
    assert not any(estate.repository.joinpath(path).exists() for path in LEAKED_PATHS)


def test_the_leaked_keys_are_real_in_shape(now: datetime) -> None:
    leaked = leaked_files(now)
    private = load_pem_private_key(leaked["private.key"], None)
    assert private.public_key() == load_pem_public_key(leaked["public.key"])
    (certificate,) = load_pem_x509_certificates(leaked["certs/server.pem"])
    assert "not-a-real-server.invalid" in certificate.subject.rfc4514_string()


def test_drafts_leave_out_what_comes_later(now: datetime) -> None:
    made = list(changes(service_files(), now))
    first, checklist = made[0].written, made[8].written
    assert ".env" not in first[".gitignore"].decode().split()
    assert b"rateLimiter" not in first["src/app.js"]
    assert b"- [x]" not in checklist["PRODUCTION_READINESS.md"]


def test_a_file_that_the_story_forgets_is_named(now: datetime) -> None:
    with pytest.raises(LookupError, match=r"src/new\.js"):
        list(changes({**service_files(), "src/new.js": b""}, now))


def test_code_changed_after_coverage_was_measured(estate: Estate) -> None:
    with Repo(estate.repository) as repository:
        measured = next(repository.iter_commits(paths="coverage"))
        newest = next(repository.iter_commits(paths="src"))
    assert newest.authored_datetime > measured.authored_datetime
