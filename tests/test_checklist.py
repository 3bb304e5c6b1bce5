from __future__ import annotations

from pathlib import Path

import pytest

from readycheck.catalogue import Catalogue, load_catalogue, load_folder
from readycheck.checklist import load_checklist
from readycheck.errors import ContentError, UsageError

GOOD = """\
version: 1
service: shop
sections:
  - title: Documentation
    items:
      - {id: readme, text: README complete, claim: done, checks: [readme]}
"""
CHECK = """\
id: hello
title: There is a greeting
severity: low
why: People like to be greeted.
probe: file.present
with: {paths: [hello.txt]}
fix: Write hello.txt.
examples:
  - {outcome: pass, target: {files: {hello.txt: hi}}}
  - {outcome: fail, target: {files: {other.txt: hi}}}
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def mistakes(text: str, catalogue: Catalogue) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load_checklist(text, "readiness.yaml", catalogue)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_line_knows_its_checks(catalogue: Catalogue) -> None:
    loaded = load_checklist(GOOD, "readiness.yaml", catalogue)
    assert [check.id for check in loaded.checks(next(loaded.items))] == ["readme"]


def test_a_line_can_override_a_parameter(catalogue: Catalogue) -> None:
    text = GOOD.replace("README complete", "Coverage").replace(
        "checks: [readme]", "checks: [coverage], with: {coverage: {at_least: 75}}"
    )
    loaded = load_checklist(text, "readiness.yaml", catalogue)
    (check,) = loaded.checks(next(loaded.items))
    assert getattr(check.probe, "at_least", None) == 75


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[readme]", "[readmi]", "readiness.yaml:6: there is no check 'readmi' (did you mean 'readme'?)"),
        (
            "claim: done",
            "claim: doen",
            "must be one of done, todo, in_progress, partial, failed, not_applicable, not 'doen' (did you mean 'done'?)",
        ),
        (
            "claim: done",
            "claim: not_applicable",
            "readiness.yaml:6: readme: a claim that it does not apply needs a reason",
        ),
        ("version: 1", "version: 2", "version must be one of 1, not '2'"),
        ("service: shop\n", "", "readiness.yaml:1: the file needs 'service'"),
        ("[readme]", "[readme], with: {readme: {pahts: []}}", "unknown key 'pahts' in with.readme"),
        ("[readme]", "[readme], with: {other: {}}", "`with` has parameters for 'other'"),
        (
            "sections:",
            "gate: {required: [readmee]}\nsections:",
            "gate.required names 'readmee', and there is no such check (did you mean 'readme'?)",
        ),
        ("sections:", "gate: {required: [hsts]}\nsections:", "no line of the checklist uses that check"),
        ("sections:", "gate: {section_min: {docs: 1}}\nsections:", "there is no such section"),
        ("sections:", "gate: {min_coverage: 80}\nsections:", "min_coverage must be from 0 to 1"),
    ],
)
def test_a_mistake_is_told_with_its_place(catalogue: Catalogue, old: str, new: str, expected: str) -> None:
    found = mistakes(GOOD.replace(old, new), catalogue)
    assert any(expected in mistake for mistake in found), found


def test_an_id_used_twice_is_a_mistake(catalogue: Catalogue) -> None:
    twice = GOOD + GOOD.splitlines()[-1].replace("README complete", "Another") + "\n"
    assert mistakes(twice, catalogue) == ["readiness.yaml:7: the id 'readme' is used twice"]


def test_a_folder_of_checks_of_ones_own_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "hello.yaml").write_text(CHECK)
    assert list(load_folder(tmp_path).checks) == ["hello"]
    assert {"hello", "readme"} <= set(load_catalogue([tmp_path]).checks)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("outcome: fail", "outcome: pass", "needs an example whose outcome is fail"),
        ("probe: file.present", "probe: file.presnt", "there is no probe 'file.presnt' (did you mean 'file.present'?)"),
        ("paths: [hello.txt]", "paths: []", "paths must name at least one pattern"),
        ("paths: [hello.txt]", "path: hello.txt", "unknown key 'path' in with (did you mean 'paths'?)"),
        ("id: hello", "id: Hello There", "must be lower-case words joined by hyphens"),
        ("id: hello", "id: goodbye", "must be the name of its file"),
        ("severity: low", "severity: lwo", "did you mean 'low'?"),
        ("why: People like to be greeted.\n", "", "needs 'why'"),
    ],
)
def test_a_malformed_check_does_not_load(tmp_path: Path, old: str, new: str, expected: str) -> None:
    (tmp_path / "hello.yaml").write_text(CHECK.replace(old, new))
    with pytest.raises(ContentError, match="mistake") as caught:
        load_folder(tmp_path)
    assert any(expected in str(mistake) for mistake in caught.value.mistakes), caught.value


def test_a_check_that_repeats_a_shipped_id_does_not_load(tmp_path: Path) -> None:
    (tmp_path / "readme.yaml").write_text(CHECK.replace("id: hello", "id: readme"))
    with pytest.raises(ContentError, match="also the id of"):
        load_catalogue([tmp_path])


def test_a_check_that_is_not_there_is_answered_with_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError) as caught:
        catalogue.check("readmme")
    assert "readme" in caught.value.hint
