"""What is scanned, what is said of it, and what is remembered."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from support.planting import CLEAN, commit, git, repository, write

from readycheck.facts.question import Unavailable
from readycheck.facts.secrets import Leak, Scope, SecretsFound, SecretsIn
from readycheck.gather.secrets.example import written
from readycheck.gather.secrets.gatherer import SecretsGatherer
from readycheck.model import Outcome


def secret(seed: int) -> str:
    """A token that opens nothing, made at run time."""
    return written("token = ghp_%{alnum 36}", Random(seed))


def ask(
    folder: Path, cache: Path | None = None, *, scope: Scope = Scope.REFS, revisions: str = "", **more: Any
) -> SecretsFound:
    question = SecretsIn(scope, (revisions,) if revisions else (), **more)
    ((_, found),) = SecretsGatherer(folder, cache=cache).answers([question])
    assert isinstance(found, SecretsFound), found
    return found


def one(found: SecretsFound) -> Leak:
    (leak,) = found.leaks
    return leak


def test_a_credential_at_head_is_told_with_its_line_and_where_it_came_from(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"README.md": "x"})
    first = commit(folder, {"deploy.sh": f"a\n{secret(1)}\n"}, "2025-02-03")
    last = commit(folder, {"deploy.sh": f"a\nb\n{secret(1)}\n"}, "2025-03-04")
    leak = one(ask(folder))
    assert (leak.path, leak.line, leak.at_head, leak.texts) == ("deploy.sh", 3, True, 2)
    assert (leak.commit, leak.date[:10], leak.first_line) == (first, "2025-02-03", 2)
    assert (leak.last_commit, leak.last_date[:10]) == (last, "2025-03-04")
    assert leak.preview == "ghp_… (40 characters)"


def test_a_credential_that_was_deleted_is_told_as_history(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"deploy.sh": secret(2)})
    git(folder, "rm", "-q", "deploy.sh")
    commit(folder, {"README.md": "x"})
    leak = one(ask(folder))
    assert (leak.path, leak.at_head, leak.reached) == ("deploy.sh", False, True)


def test_the_same_credential_in_many_places_is_one_leak(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.sh": secret(3), "b/c.sh": f"x\n{secret(3)}", "d.sh": secret(4)})
    found = ask(folder)
    assert [(leak.path, leak.other_paths) for leak in found.leaks] == [("a.sh", ("b/c.sh",)), ("d.sh", ())]


def test_branches_tags_stashes_and_messages_are_looked_at(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"README.md": "x"})
    git(folder, "checkout", "-q", "-b", "side")
    commit(folder, {"side.sh": secret(5)})
    git(folder, "checkout", "-q", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", f"use this:\n\n{secret(6)}")
    git(folder, "tag", "-a", "v1", "-m", f"release\n\n{secret(7)}")
    write(folder, {"README.md": secret(8)})
    git(folder, "stash", "-q")
    kinds = sorted((leak.kind, leak.path) for leak in ask(folder).leaks)
    assert kinds == [("blob", "README.md"), ("blob", "side.sh"), ("commit", ""), ("tag", "")]


def test_what_only_a_merge_brought_has_its_commit(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.sh": "1"})
    git(folder, "checkout", "-q", "-b", "side")
    commit(folder, {"b.sh": "2"})
    git(folder, "checkout", "-q", "main")
    commit(folder, {"c.sh": "3"})
    git(folder, "merge", "-q", "--no-commit", "side")
    merge = commit(folder, {"a.sh": secret(9)})
    leak = one(ask(folder))
    assert (leak.path, leak.commit, leak.at_head) == ("a.sh", merge, True)


def test_what_no_ref_reaches_is_told_only_when_asked_for(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"README.md": "x"})
    commit(folder, {"lost.sh": secret(10)})
    git(folder, "reset", "-q", "--hard", "HEAD~1")
    assert ask(folder).leaks == ()
    leak = one(ask(folder, scope=Scope.OBJECTS))
    assert not leak.reached


def test_a_range_and_the_index_and_the_files_each_have_their_own(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"old.sh": secret(11)})
    base = git(folder, "rev-parse", "HEAD")
    commit(folder, {"new.sh": secret(12)})
    write(folder, {"staged.sh": secret(13)})
    git(folder, "add", "staged.sh")
    write(folder, {"untracked.sh": secret(14), ".gitignore": "ignored.sh", "ignored.sh": secret(15)})
    assert one(ask(folder, scope=Scope.RANGE, revisions=f"{base}..HEAD")).path == "new.sh"
    assert one(ask(folder, scope=Scope.STAGED)).path == "staged.sh"
    files = {leak.path for leak in ask(folder, scope=Scope.FILES).leaks}
    assert files == {"old.sh", "new.sh", "staged.sh", "untracked.sh"}


def test_an_index_before_the_first_commit_is_looked_at(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    write(folder, {"first.sh": secret(16)})
    git(folder, "add", "first.sh")
    assert one(ask(folder, scope=Scope.STAGED)).path == "first.sh"


@pytest.mark.parametrize("options", [("--object-format=sha256",), ("--bare",)])
def test_repositories_of_other_kinds_are_read(tmp_path: Path, options: tuple[str, ...]) -> None:
    folder = repository(tmp_path / "work", {"a.sh": secret(17)}, *(o for o in options if o != "--bare"))
    if "--bare" in options:
        git(tmp_path, "clone", "-q", "--bare", str(folder), "bare")
        folder = tmp_path / "bare"
    leak = one(ask(folder))
    assert (leak.path, leak.at_head) == ("a.sh", True)
    assert len(leak.commit) == (64 if options[0].endswith("sha256") else 40)


def test_packs_alternates_and_linked_work_trees_are_read(tmp_path: Path) -> None:
    folder = repository(tmp_path / "one", {"a.sh": secret(18), "b.sh": "x"})
    git(folder, "gc", "-q")
    commit(folder, {"loose.sh": secret(19)})
    git(tmp_path, "clone", "-q", "--shared", str(folder), "two")
    git(folder, "worktree", "add", "-q", str(tmp_path / "three"), "-b", "three")
    for place in (folder, tmp_path / "two", tmp_path / "three"):
        assert {leak.path for leak in ask(place).leaks} == {"a.sh", "loose.sh"}


def test_a_submodule_is_a_repository_of_its_own(tmp_path: Path) -> None:
    inner = repository(tmp_path / "inner", {"lib.sh": secret(20)})
    outer = repository(tmp_path / "outer", {"README.md": "x"})
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "vendored/lib")
    commit(outer, {})
    leak = one(ask(outer))
    assert (leak.repository, leak.path) == ("vendored/lib", "lib.sh")
    git(tmp_path, "clone", "-q", str(outer), "fresh")
    found = ask(tmp_path / "fresh")
    assert found.leaks == ()
    assert found.notes == ("the submodule vendored/lib is not here: nothing is known of it",)


def test_a_shallow_clone_and_a_partial_one_say_what_is_missing(tmp_path: Path) -> None:
    folder = repository(tmp_path / "whole", {"gone.sh": secret(21)})
    git(folder, "rm", "-q", "gone.sh")
    commit(folder, {"README.md": "x"})
    git(folder, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{folder}", "shallow")
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{folder}", "partial")
    git(tmp_path, "clone", "-q", "--filter=tree:0", "--no-checkout", f"file://{folder}", "treeless")
    for name, word in (
        ("shallow", "shallow"),
        ("partial", "1 file of the history is missing"),
        ("treeless", "walked whole"),
    ):
        found = ask(tmp_path / name)
        assert found.leaks == ()
        assert word in " ".join(found.incomplete), name


def test_a_broken_or_missing_object_is_told_and_hides_nothing_else(tmp_path: Path) -> None:
    folder = repository(tmp_path, {f"{number}.sh": secret(30 + number) for number in range(9)})
    broken, missing = (git(folder, "rev-parse", f"HEAD:{number}.sh") for number in (3, 6))
    place = folder / ".git" / "objects" / broken[:2] / broken[2:]
    place.chmod(0o600)
    place.write_bytes(place.read_bytes()[:20])
    (folder / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
    found = ask(folder)
    assert {leak.path for leak in found.leaks} == {f"{number}.sh" for number in range(9)} - {"3.sh", "6.sh"}
    said = " ".join(found.incomplete)
    assert "cannot be read" in said or "cannot be listed" in said
    assert "missing" in said


def test_a_pack_that_was_cut_off_is_no_pass(tmp_path: Path) -> None:
    folder = repository(tmp_path, {f"{number}.txt": str(number) * 3000 for number in range(50)})
    git(folder, "gc", "-q")
    (pack,) = (folder / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o600)
    pack.write_bytes(pack.read_bytes()[: pack.stat().st_size // 2])
    ((_, found),) = _answers(folder)
    assert isinstance(found, str) or found.incomplete


def _answers(folder: Path) -> list[tuple[Any, Any]]:
    try:
        return list(SecretsGatherer(folder).answers([SecretsIn()]))
    except Exception as error:  # noqa: BLE001 - a refusal is an answer too
        return [(SecretsIn(), str(error))]


def test_nothing_of_the_repository_s_configuration_runs(tmp_path: Path) -> None:
    folder = repository(tmp_path / "hostile", {"a.sh": secret(40), ".gitattributes": "* filter=own diff=own\n"})
    trap = tmp_path / "ran"
    run = f"touch {trap}; cat"
    for name in (
        "core.fsmonitor",
        "diff.own.textconv",
        "filter.own.clean",
        "filter.own.smudge",
        "diff.external",
        "core.pager",
    ):
        git(folder, "config", name, run)
    (folder / "included").write_text(f'[core]\n\tsshCommand = "{run}"\n[alias]\n\tlog = !{run}\n')
    git(folder, "config", "include.path", str(folder / "included"))
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        place = folder / ".git" / "hooks" / hook
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"#!/bin/sh\ntouch {trap}\n")
        place.chmod(0o755)
    for scope in (Scope.REFS, Scope.OBJECTS, Scope.STAGED, Scope.FILES):
        ask(folder, scope=scope)
    assert not trap.exists()
    assert one(ask(folder)).path == "a.sh"


def test_hostile_names_are_only_names(tmp_path: Path) -> None:
    names = ['quo"te.sh', "new\nline.sh", "tab\there.sh", "-rf", "ümläut.sh", ":(glob)**"]
    folder = repository(tmp_path, {name: secret(50 + number) for number, name in enumerate(names)})
    git(folder, "update-ref", "refs/heads/--all", "HEAD")
    (folder / os.fsdecode(b"caf\xe9.sh")).write_text(secret(60))
    commit(folder, {})
    assert {leak.path for leak in ask(folder).leaks} == {*names, "caf\ufffd.sh"}


def test_binary_files_hold_only_what_is_unmistakable(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"data.bin": b"\0\1\2" + secret(61).encode() + b"\0"})
    assert one(ask(folder)).rule == "github-personal-token"


def test_paths_that_should_never_have_been_tracked_are_found(tmp_path: Path) -> None:
    folder = repository(tmp_path, {".env": "A=b", "keys/server.pem": "-", "README.md": "x", ".env.example": "A="})
    git(folder, "rm", "-q", "--cached", ".env")
    (folder / ".env").unlink()
    commit(folder, {"x": "y"})
    cache = tmp_path.parent / f"{tmp_path.name}-cache"
    for _ in range(2):
        found = ask(folder, cache, paths=(".env*", "*.pem"), exclude=("*.example",))
        assert [(path.path, path.at_head) for path in found.tracked] == [("keys/server.pem", True), (".env", False)]


# What is remembered.


def test_a_second_run_looks_at_nothing_again_and_says_the_same(tmp_path: Path) -> None:
    folder, cache = repository(tmp_path / "work", {"a.sh": secret(70), "b.sh": "x"}), tmp_path / "cache"
    first, second = ask(folder, cache), ask(folder, cache)
    assert first.objects > 0
    assert (second.objects, second.remembered) == (0, first.objects)
    assert second.leaks == first.leaks


def test_what_is_new_is_looked_at_alone_and_joined_with_what_is_known(tmp_path: Path) -> None:
    folder, cache = repository(tmp_path / "work", {"a.sh": secret(71)}), tmp_path / "cache"
    ask(folder, cache)
    last = commit(folder, {"a.sh": f"moved\n{secret(71)}", "c.sh": secret(72)}, "2025-05-05")
    found = ask(folder, cache)
    assert found.objects == 3
    assert [(leak.path, leak.line, leak.texts, leak.last_commit) for leak in found.leaks] == [
        ("a.sh", 2, 2, last),
        ("c.sh", 1, 1, last),
    ]
    assert found.leaks == ask(folder).leaks


def test_rewritten_history_is_seen_and_fingerprints_stay(tmp_path: Path) -> None:
    folder, cache = repository(tmp_path / "work", {"README.md": "x"}), tmp_path / "cache"
    commit(folder, {"a.sh": secret(73)})
    before = one(ask(folder, cache))
    git(folder, "commit", "-q", "--amend", "-m", "another", GIT_AUTHOR_DATE="2025-06-06T00:00:00+0000")
    git(folder, "reflog", "expire", "--expire=now", "--all")
    git(folder, "gc", "-q", "--prune=now")
    after = one(ask(folder, cache))
    assert after.commit != before.commit
    assert after.fingerprint == before.fingerprint
    git(folder, "reset", "-q", "--hard", "HEAD~1")
    assert ask(folder, cache).leaks == ()


def test_another_credential_in_the_same_place_has_another_fingerprint(tmp_path: Path) -> None:
    leaks = [one(ask(repository(tmp_path / str(seed), {"a.sh": secret(seed)}))) for seed in (74, 75)]
    assert leaks[0].fingerprint != leaks[1].fingerprint
    again = repository(tmp_path / "again", {"a.sh": f"\n\n\nx\n{secret(74)}"})
    assert one(ask(again)).fingerprint == leaks[0].fingerprint


@pytest.mark.parametrize("harm", ["cut", "flipped", "emptied", "forged"])
def test_a_cache_that_was_tampered_with_is_not_believed(tmp_path: Path, harm: str) -> None:
    folder, cache = repository(tmp_path / "work", {"a.sh": secret(76)}), tmp_path / "cache"
    honest = ask(folder, cache)
    other = repository(tmp_path / "clean", {"a.sh": "nothing"})
    ask(other, tmp_path / "elsewhere")
    for path in cache.iterdir():
        data = path.read_bytes()
        (forged,) = [each for each in (tmp_path / "elsewhere").iterdir() if each.suffix == path.suffix]
        texts = {
            "cut": data[: len(data) // 2],
            "flipped": data[:-1] + bytes([data[-1] ^ 1]),
            "emptied": b"",
            "forged": forged.read_bytes(),
        }
        path.write_bytes(texts[harm])
    found = ask(folder, cache)
    assert found.leaks == honest.leaks
    assert found.remembered == 0


def test_a_cache_of_another_key_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, cache = repository(tmp_path / "work", {"a.sh": secret(77)}), tmp_path / "cache"
    for key, remembered in (("ours", False), ("ours", True), ("theirs", False)):
        monkeypatch.setenv("READYCHECK_CACHE_KEY", key)
        assert bool(ask(folder, cache).remembered) is remembered


def test_no_room_for_the_cache_is_no_harm(tmp_path: Path) -> None:
    folder = repository(tmp_path / "work", {"a.sh": secret(78)})
    (tmp_path / "file").write_text("a file stands where the folder would be")
    assert one(ask(folder, tmp_path / "file")).path == "a.sh"


def test_a_cache_holds_no_credential(tmp_path: Path) -> None:
    text = secret(79)
    folder, cache = repository(tmp_path / "work", {"a.sh": text}), tmp_path / "cache"
    ask(folder, cache)
    kept = b"".join(path.read_bytes() for path in cache.iterdir())
    token = text.rpartition(" ")[2].encode()
    assert not any(token[at : at + 5] in kept for at in range(len(token) - 4))
    if os.name == "posix":
        assert all(path.stat().st_mode & 0o077 == 0 for path in cache.iterdir())


def test_a_run_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = repository(tmp_path / "work", {f"{n}.txt": f"{n}\n" * 200_000 for n in range(40)})
    cache = tmp_path / "cache"
    (tmp_path / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), "READYCHECK_CACHE_DIR": str(cache)}
    command = [sys.executable, "-m", "readycheck", "secrets", str(folder)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not _children(process.pid):
        time.sleep(0.002)
    children = _children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for child in children:
        _ended(child)
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not cache.exists() or list(cache.glob(".new-*")) == []
    assert git(folder, "status", "--porcelain") == ""


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _ended(pid: int) -> None:
    """Git ends by itself, once nobody reads what it says."""
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and "Z" not in _state(pid):
        assert time.monotonic() < deadline, f"git {pid} still runs"
        time.sleep(0.01)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_a_folder_without_a_history_has_none_to_ask(tmp_path: Path) -> None:
    ((_, found),) = SecretsGatherer(tmp_path).answers([SecretsIn()])
    assert isinstance(found, Unavailable)
    assert found.outcome is Outcome.NOT_CHECKED


def test_a_repository_without_a_commit_is_not_clean(tmp_path: Path) -> None:
    assert ask(repository(tmp_path)).incomplete == ("there is nothing to look at",)


def test_a_repository_that_grows_while_it_is_read_is_read_as_it_was_or_is(tmp_path: Path) -> None:
    folder, cache = repository(tmp_path / "work", {"a.sh": secret(80)}), tmp_path / "cache"
    writing = subprocess.Popen(
        ["sh", "-c", "for i in 1 2 3 4 5 6 7 8; do echo $i > n; git add n; git commit -q -m $i; done"],
        cwd=folder,
        env=CLEAN,
    )
    while writing.poll() is None:
        assert one(ask(folder, cache)).path == "a.sh"
    assert {leak.fingerprint for leak in ask(folder, cache).leaks} == {leak.fingerprint for leak in ask(folder).leaks}
    shutil.rmtree(cache)
