"""The fast way and the plain definition agree: every object, one rule after another."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.planting import CLEAN, commit, git, repository

from readycheck.gather.git import Git, find_git
from readycheck.gather.secrets.crew import scan
from readycheck.gather.secrets.example import written
from readycheck.gather.secrets.judge import everything
from readycheck.gather.secrets.listing import every_object
from readycheck.gather.secrets.rules import Rule, load_rules
from readycheck.gather.secrets.scan import Scanner, scanner
from readycheck.gather.secrets.sift import BINARY_HEAD, Sifter
from readycheck.gather.secrets.stream import SHARED

RULES = load_rules().rules
TEMPLATES = [template for rule in RULES for template in (*rule.text.examples.secret, *rule.text.examples.harmless)]
KEY = b"k" * 32
#: Little more than parts of an object share: whatever is larger goes through in many parts.
SMALL = SHARED + 4096


@pytest.fixture(scope="module")
def fast() -> Scanner:
    return scanner(RULES)


@pytest.fixture(scope="module")
def slow() -> Scanner:
    return scanner(RULES, expressions=False)


def opened(folder: Path) -> Git:
    place = find_git(folder)
    assert place
    return Git(place)


Found = set[tuple[str, int, str]]


def scanned(git: Git, looks: Scanner, buffer: int = SMALL, jobs: int = 2) -> Found:
    headers = every_object(git)
    result = scan(git, headers, Sifter(RULES, looks, KEY), jobs=jobs, buffer=buffer)
    assert result.unread == []
    return {(headers[site.number].split()[0].decode(), site.line, site.rule) for site in result.sites}


def plain(folder: Path, rules: Sequence[Rule] = RULES) -> Found:
    found = set()
    for header in every_object(opened(folder)):
        name, kind, _ = header.decode().split()
        asked = ["git", "cat-file", kind, name]
        text = subprocess.run(asked, cwd=folder, env=CLEAN, check=True, capture_output=True).stdout
        for match in everything(rules, text):
            if not (match.rule.text.loose and b"\0" in text[:BINARY_HEAD]):
                found.add((name, text.count(b"\n", 0, match.start) + 1, match.rule.id))
    return found


filler = st.text("abcdefghij =:\"'{}\n", max_size=60)
line = st.one_of(filler, st.sampled_from(TEMPLATES))
text = st.lists(line, max_size=12).map("\n".join)
step = st.tuples(
    st.sampled_from(["write", "rename", "delete", "merge"]), st.sampled_from(["a.js", "b.env", "c/d.py"]), text
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(step, min_size=1, max_size=8), st.integers(0, 2**32))
def test_a_history_gives_what_a_plain_search_of_every_object_gives(
    tmp_path_factory: pytest.TempPathFactory, fast: Scanner, slow: Scanner, steps: list[tuple[str, str, str]], seed: int
) -> None:
    folder = repository(tmp_path_factory.mktemp("history"), {"start.txt": "x"})
    random = Random(seed)
    for number, (what, path, template) in enumerate(steps):
        place = folder / path
        if what == "write" or not place.exists():
            commit(folder, {path: f"{number}\n{written(template, random)}"})
        elif what == "rename":
            place.rename(folder / f"moved-{number}.txt")
            commit(folder, {"log": f"{number}"})
        elif what == "delete":
            place.unlink()
            commit(folder, {"log": f"{number}"})
        else:
            git(folder, "checkout", "-q", "-b", f"side-{number}")
            commit(folder, {f"side-{number}": written(template, random)})
            git(folder, "checkout", "-q", "main")
            commit(folder, {"log": f"{number}"})
            git(folder, "merge", "-q", "-m", "merge", f"side-{number}")
    expected = plain(folder)
    assert scanned(opened(folder), fast) == expected
    assert scanned(opened(folder), slow) == expected


SECRET = "token = ghp_"


@pytest.mark.parametrize("shift", range(-60, 61, 3))
def test_a_credential_at_an_edge_of_the_buffer_is_found_once(tmp_path: Path, fast: Scanner, shift: int) -> None:
    secret = written("token = ghp_%{alnum 36}", Random(shift))
    for name, size in (("whole", SMALL), ("parted", 3 * SMALL)):
        head = ("x" * 79 + "\n") * (size // 80 - 2)
        folder = repository(
            tmp_path / name, {"first": "small", "large": head + "y" * (size - len(head) + shift) + "\n" + secret}
        )
        expected = plain(folder)
        assert len(expected) == 1
        assert scanned(opened(folder), fast, jobs=1) == expected


def test_a_long_line_without_end_is_searched_through(tmp_path: Path, fast: Scanner) -> None:
    secret = written("ghp_%{alnum 36}", Random(1))
    folder = repository(tmp_path, {"one-line": "z" * 5 * SMALL + " " + secret + " " + "z" * 3 * SMALL})
    assert {rule for _, _, rule in scanned(opened(folder), fast)} == {"github-personal-token"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_as_text(tmp_path: Path, fast: Scanner, encoding: str) -> None:
    secret = written("first line\ntoken = ghp_%{alnum 36}\n", Random(2))
    folder = repository(tmp_path, {"wide.txt": secret.encode(encoding)})
    ((_, line, rule),) = scanned(opened(folder), fast)
    assert (line, rule) == (2, "github-personal-token")


def test_both_scanners_suspect_what_every_rule_s_own_examples_hold(fast: Scanner, slow: Scanner) -> None:
    random = Random(3)
    for number, rule in enumerate(RULES):
        for template in rule.text.examples.secret:
            text = written(template, random).encode()
            for looks in (fast, slow):
                assert number in {found for _, found in looks.suspicions(text)}, f"{rule.id}: {template}"
