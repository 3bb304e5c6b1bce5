from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.planting import commit, git, repository, write

from readycheck.facts.repository import Skipped
from readycheck.gather.gittree import GitTree
from readycheck.gather.patterns import PathIndex, hostile_matcher, matcher, select
from readycheck.gather.project import open_tree
from readycheck.gather.sources import Sources
from readycheck.gather.state import state
from readycheck.gather.tree import MemoryTree
from readycheck.gather.worktree import WorkTree


def skipped(sources: Sources) -> dict[str, Skipped]:
    return {each.reason: each for each in sources.skipped()}


def test_tracked_and_untracked_files_are_the_projects_and_ignored_ones_are_not(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.py": "a", ".gitignore": "*.log\n"})
    write(folder, {"new.py": "n", "x.log": "l"})
    assert Sources(WorkTree(folder)).paths() == (".gitignore", "a.py", "new.py")


def test_a_folder_without_a_repository_is_walked_as_its_gitignore_files_say(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".gitignore": "*.log\n!keep.log\n/out/\n",
            "a.py": "a",
            "x.log": "l",
            "keep.log": "l",
            "out/a.js": "o",
            "sub/out/b.txt": "o",
            "sub/.gitignore": "*.tmp\n",
            "sub/c.tmp": "t",
            "c.tmp": "t",
            "node_modules/p/index.js": "x",
        },
    )
    sources = Sources(WorkTree(tmp_path))
    assert sources.paths() == (".gitignore", "a.py", "c.tmp", "keep.log", "sub/.gitignore", "sub/out/b.txt")
    assert skipped(sources)["vendored"].examples == ("node_modules/",)


def test_links_are_never_followed(tmp_path: Path) -> None:
    write(tmp_path / "outside", {"secret.txt": "s"})
    for make in (repository, write):
        folder = make(tmp_path / make.__name__, {"a.txt": "a", "real/b.txt": "b"})
        (folder / "link.txt").symlink_to(tmp_path / "outside" / "secret.txt")
        (folder / "folder").symlink_to(tmp_path / "outside")
        tree = WorkTree(folder)
        sources = Sources(tree)
        assert sources.paths() == ("a.txt", "real/b.txt")
        assert skipped(sources)["a symbolic link: not followed"].count == 2
        for path in ("link.txt", "folder/secret.txt", "../outside/secret.txt", str(tmp_path / "outside/secret.txt")):
            with pytest.raises(OSError):  # noqa: PT011 - whichever the system raises
                tree.read(path)


def test_a_tracked_folder_that_became_a_link_does_not_lead_out(tmp_path: Path) -> None:
    write(tmp_path / "outside", {"b.txt": "secret"})
    folder = repository(tmp_path / "r", {"a.txt": "a", "sub/b.txt": "b"})
    (folder / "sub" / "b.txt").unlink()
    (folder / "sub").rmdir()
    (folder / "sub").symlink_to(tmp_path / "outside")
    sources = Sources(WorkTree(folder))
    assert "sub/b.txt" not in sources.paths()
    assert sources.text("sub/b.txt") is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "a"})
    os.mkfifo(tmp_path / "pipe")
    sources = Sources(WorkTree(tmp_path))
    assert sources.paths() == ("a.txt",)
    assert sources.text("pipe") is None


def test_nested_repositories_and_submodules_are_reported(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", {"a.txt": "a"})
    repository(folder / "nested", {"b.txt": "b"})
    assert skipped(Sources(WorkTree(folder)))["a nested repository or submodule"].examples == ("nested/",)
    git(folder, "-c", "advice.addEmbeddedRepo=false", "add", "nested")
    sources = Sources(WorkTree(folder))
    assert sources.paths() == ("a.txt",)
    assert skipped(sources)["a nested repository or submodule"].examples == ("nested",)


def test_a_folder_of_a_repository_is_audited_by_itself(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.txt": "a", "services/api/app.py": "x", "services/api/.env": "y"})
    for tree in (open_tree(folder / "services/api"), open_tree(folder / "services/api", "HEAD")):
        assert Sources(tree).paths() == (".env", "app.py")
        assert Sources(tree).text("app.py") == "x"


def test_an_ignored_folder_inside_somebody_elses_repository_is_a_folder_of_files(tmp_path: Path) -> None:
    folder = repository(tmp_path, {".gitignore": "scratch/\n"})
    write(folder, {"scratch/a.py": "a"})
    assert Sources(WorkTree(folder / "scratch")).paths() == ("a.py",)


def test_an_empty_repository_has_no_files(tmp_path: Path) -> None:
    work, bare = repository(tmp_path / "w"), tmp_path / "b.git"
    git(tmp_path, "init", "--quiet", "--bare", str(bare))
    assert Sources(open_tree(work)).paths() == ()
    assert Sources(open_tree(bare)).paths() == ()
    assert state(open_tree(bare)).commit == ""


def test_files_that_a_sparse_checkout_leaves_out_are_read_from_the_index(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a/a.txt": "a", "b/b.txt": "b"})
    git(folder, "sparse-checkout", "set", "a")
    assert not (folder / "b").exists()
    sources = Sources(WorkTree(folder))
    assert sources.paths() == ("a/a.txt", "b/b.txt")
    assert sources.text("b/b.txt") == "b"


def test_names_that_are_no_utf8_or_hold_line_ends_are_shown_and_read(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    try:
        write(folder, {os.fsdecode(b"caf\xe9.txt"): "x", "two\nlines.txt": "y"})
    except OSError:
        pytest.skip("the file system refuses such names")
    commit(folder, {})
    for tree in (WorkTree(folder), GitTree(folder)):
        sources = Sources(tree)
        assert sources.paths() == ("caf\ufffd.txt", "two\nlines.txt")
        assert [sources.text(path) for path in sources.paths()] == ["x", "y"]


def test_a_deleted_file_is_gone_and_the_tree_is_dirty(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.txt": "a", "b.txt": "b"})
    (folder / "b.txt").unlink()
    tree = WorkTree(folder)
    assert Sources(tree).paths() == ("a.txt",)
    assert state(tree).dirty


def test_only_changed_content_makes_a_tree_dirty(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.txt": "one\ntwo\n"})

    def dirty() -> bool:
        tree = WorkTree(folder)
        list(tree.entries())
        return state(tree).dirty

    assert not dirty()
    os.utime(folder / "a.txt", (1, 1))
    assert not dirty(), "a copied checkout has other times and the same content"
    (folder / "a.txt").write_bytes(b"one\r\ntwo\r\n")
    assert not dirty(), "a checkout may change line ends"
    (folder / "a.txt").write_text("three\n")
    assert dirty()
    git(folder, "checkout", "--quiet", "a.txt")
    write(folder, {"new.txt": "n"})
    assert dirty()


def test_vendored_generated_and_built_files_are_set_aside(tmp_path: Path) -> None:
    del tmp_path
    files = {
        "src/app.js": "x",
        "vendor/lib.go": "x",
        "node_modules/a/b.js": "x",
        "dist/app.js": "x",
        "build/Dockerfile": "FROM a",
        "static/jquery.min.js": "x",
        "package-lock.json": "{}",
        "coverage/lcov.info": "SF:a",
        "coverage/index.html": "<p>",
        "shop/proto_pb2.py": "x",
    }
    sources = Sources(MemoryTree(files))
    assert sources.paths() == ("build/Dockerfile", "coverage/lcov.info", "package-lock.json", "src/app.js")
    assert skipped(sources)["vendored"].count == 2
    assert skipped(sources)["generated"].count == 4


def test_gitattributes_say_what_is_vendored(tmp_path: Path) -> None:
    del tmp_path
    attributes = "libs/** linguist-vendored\nvendor/own/** -linguist-vendored\napi.ts linguist-generated=true\n* text\n"
    files = {".gitattributes": attributes, "libs/a.js": "", "vendor/own/b.go": "", "vendor/c.go": "", "api.ts": ""}
    assert Sources(MemoryTree(files)).paths() == (".gitattributes", "vendor/own/b.go")


def test_what_is_no_text_is_said_to_be_none() -> None:
    files: dict[str, str | bytes] = {
        "bom.txt": b"\xef\xbb\xbfhello",
        "wide.txt": "hello".encode("utf-16"),
        "latin.txt": b"caf\xe9",
        "binary.bin": b"\x89PNG\0\0",
        "pointer.psd": b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 1\n",
        "huge.txt": b"a" * (2 * 1024 * 1024 + 1),
    }
    sources = Sources(MemoryTree(files))
    assert [sources.text(path) for path in ("bom.txt", "wide.txt", "latin.txt")] == ["hello", "hello", "café"]
    assert sources.text("binary.bin") is None
    assert sources.problem("binary.bin") == "binary"
    assert "LFS" in sources.problem("pointer.psd")
    assert sources.problem("huge.txt") == "larger than 2 MiB"
    assert sources.problem("missing") == "cannot be read"
    assert sources.problem("bom.txt") == ""


def test_the_last_pattern_that_matches_decides() -> None:
    sources = Sources(MemoryTree({"a.md": "", "docs/a.md": "", "docs/deep/b.md": "", "c.txt": ""}))
    assert sources.match(("*.md",)) == ["a.md", "docs/a.md", "docs/deep/b.md"]
    assert sources.match(("/*.md",)) == ["a.md"]
    assert sources.match(("*.md", "!docs/", "docs/deep/")) == ["a.md", "docs/deep/b.md"]
    with pytest.raises(ValueError, match="no pattern"):
        sources.match(("",))


def test_selecting_takes_what_is_wanted_and_not_excluded() -> None:
    assert select(["a.pem", "test/b.pem", "c.txt"], ("*.pem",), ("test/",)) == ["a.pem"]
    assert matcher("docs/").search("docs/a/b")


def test_patterns_of_the_audited_side_cannot_search_for_ever() -> None:
    assert hostile_matcher("*a*a*a*a*a*b") is None
    assert hostile_matcher("") is None
    found = hostile_matcher("**/*.log")
    assert found is not None
    assert found("a/b.log")
    assert not found("a/" * 600 + "b.log")


def test_only_ignored_files_that_match_are_unlisted(tmp_path: Path) -> None:
    folder = repository(tmp_path, {".gitignore": "coverage/\nnode_modules/\n", "a.js": "a"})
    write(folder, {"coverage/lcov.info": "x", "node_modules/p/lcov.info": "x"})
    assert list(WorkTree(folder).unlisted(("lcov.info",))) == ["coverage/lcov.info"]
    assert list(GitTree(folder).unlisted(("lcov.info",))) == []


NAMES = st.lists(st.sampled_from(["a", "b", "a.md", "b.md", ".env", "docs", "x.test.js"]), min_size=1, max_size=4)
PARTS = st.lists(
    st.sampled_from(["a", "*", "**", "*.md", "docs", "*.test.[jt]s", ".env", "?", "b*"]), min_size=1, max_size=3
)


@given(
    st.lists(NAMES.map("/".join), max_size=20),
    PARTS.map("/".join),
    st.sampled_from(["", "/"]),
    st.sampled_from(["", "/"]),
)
def test_the_index_selects_what_the_pattern_does(paths: list[str], middle: str, before: str, after: str) -> None:
    pattern = f"{before}{middle}{after}"
    assert PathIndex(paths).matching(pattern) == {path for path in paths if matcher(pattern).search(path)}
