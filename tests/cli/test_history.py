from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import cards

from readycheck import scorecard
from readycheck.cli import run

CHECKLIST = """\
version: 1
service: shop
gate: {min_coverage: 0}
checks: [own]
sections:
  - title: Documentation
    items: [{id: readme, text: There is a README, claim: done, severity: high, checks: [hello]}]
"""
HELLO = """\
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


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    (folder / "own").mkdir(parents=True)
    (folder / "own" / "hello.yaml").write_text(HELLO)
    (folder / "readiness.yaml").write_text(CHECKLIST)
    (folder / "hello.txt").write_text("hello\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("READYCHECK_HISTORY", str(tmp_path / "runs.sqlite"))
    return folder


def loan(folder: Path) -> str:
    file = folder / "loan.json"
    file.write_bytes(scorecard.dump(cards.loan()))
    return str(file)


def test_audits_are_recorded_listed_and_compared(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "."]) == 0
    (shop / "hello.txt").unlink()
    assert run(["audit", "."]) == 1
    capsys.readouterr()
    assert run(["history", "--json"]) == 0
    runs = json.loads(capsys.readouterr().out)
    assert [one["exit_code"] for one in runs] == [1, 0]
    assert run(["history"]) == 0
    out = capsys.readouterr().out
    assert "@1" in out
    assert "NOT READY" in out
    assert run(["diff", "@2", "@1", "-f", "json"]) == 0
    assert [line["change"] for line in json.loads(capsys.readouterr().out)["lines"]] == ["worse"]


def test_without_being_asked_nothing_is_recorded(
    shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("READYCHECK_HISTORY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    run(["audit", str(shop), "-q"])
    assert not (tmp_path / "data").exists()
    run(["audit", str(shop), "-q", "--record"])
    assert run(["history", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 1


def test_a_saved_scorecard_is_added_and_printed_again(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["history", "add", loan(shop)]) == 0
    name = capsys.readouterr().out.strip()
    assert run(["history", "show", f"@{name[:12]}"]) == 0
    assert capsys.readouterr().out.encode() == scorecard.dump(cards.loan())


def test_the_trend_is_shown_in_every_format(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = loan(shop)
    assert run(["history", "add", saved, saved, saved]) == 0
    capsys.readouterr()
    assert run(["trend"]) == 0
    terminal = capsys.readouterr().out
    for words in ("minibusiness-loan", "Score 44.1", "verified", "contradicted", "Security", "▄▄▄"):
        assert words in terminal
    assert "\x1b" not in terminal
    assert run(["trend", "minibusiness-loan", "-f", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 3
    assert run(["trend", "-o", "trend.html"]) == 0
    page = (shop / "trend.html").read_text("utf-8")
    assert page.count("<polyline") == 4 + 9
    assert page.count('<tr role="row">') == 4


@pytest.mark.usefixtures("shop")
def test_runs_of_another_scope_are_not_drawn_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    run(["audit", ".", "-q"])
    run(["audit", ".", "-q", "--scope", "repository"])
    capsys.readouterr()
    assert run(["trend", "-f", "json"]) == 0
    assert [one["scope"] for one in json.loads(capsys.readouterr().out)] == ["repository"]


def test_old_runs_are_forgotten(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = loan(shop)
    run(["history", "add", saved, saved, saved])
    capsys.readouterr()
    assert run(["history", "prune", "--keep", "1", "--dry-run"]) == 0
    assert run(["history", "prune", "--keep", "1", "--older-than", "90d"]) == 0
    assert capsys.readouterr().out.splitlines() == ["2 runs would be forgotten", "2 runs forgotten"]
    assert run(["history", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 1


def test_tables_are_migrated_and_dropped_only_when_that_is_said_twice(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["history", "add", loan(shop)]) == 0
    assert run(["history", "migrate"]) == 0
    assert run(["history", "migrate", "--to", "base"]) == 2
    assert "drops every run" in capsys.readouterr().err
    assert run(["history", "migrate", "--to", "base", "--yes"]) == 0
    assert run(["history"]) == 0
    assert "no runs in" in capsys.readouterr().err


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trend"], "audit --record"),
        (["history", "--history", "nonsense"], "no database of a kind"),
        (["history", "show", "@3"], "no such run"),
        (["history", "prune"], "nothing says what to forget"),
        (["history", "prune", "--older-than", "3m"], "no duration"),
        (["history", "migrate", "--to", "0009"], "no such revision"),
        (["diff", "@1", "@2"], "no such run"),
        (["audit", ".", "--history", "sqlite:////proc/no/x.sqlite"], "cannot make"),
    ],
)
def test_a_mistake_leaves_with_2_and_advice(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert run(arguments) == 2
    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err
