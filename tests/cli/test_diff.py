"""A pull request's worth of change, made with git and read by the commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from support.planting import commit, git, repository

from readycheck.cli import run
from readycheck.schema import schema

CHECKLIST = """\
version: 1
service: shop
gate: {fail_on: high, min_coverage: 0}
checks: [own]
document: {path: READY.md}
sections:
  - title: Security
    items:
      - {id: no-eval, text: No eval, claim: done, severity: critical, checks: [no-eval]}
      - {id: no-md5, text: No MD5, claim: done, severity: medium, checks: [no-md5]}
  - title: Documentation
    items:
      - {id: changelog, text: Changes are told, claim: todo, severity: high, checks: [changes]}
      - {id: greeting, text: There is a greeting, claim: done, severity: high, checks: [greeting]}
"""
NO_TEXT = """\
id: {id}
title: Nothing here uses {word}
severity: high
why: It is dangerous.
probe: file.no_text
with: {{paths: ["**/*.js"], patterns: ['\\b{word}\\(']}}
fix: Use something else.
examples:
  - {{outcome: pass, target: {{files: {{a.js: "go()"}}}}}}
  - {{outcome: fail, target: {{files: {{a.js: "{word}(x)"}}}}}}
"""
PRESENT = """\
id: {id}
title: There is {path}
severity: low
why: People look for it.
probe: file.present
with: {{paths: [{path}]}}
fix: Write it.
examples:
  - {{outcome: pass, target: {{files: {{{path}: hi}}}}}}
  - {{outcome: fail, target: {{files: {{other.txt: hi}}}}}}
"""
BEFORE = {
    "readiness.yaml": CHECKLIST,
    "own/no-eval.yaml": NO_TEXT.format(id="no-eval", word="eval"),
    "own/no-md5.yaml": NO_TEXT.format(id="no-md5", word="md5"),
    "own/changes.yaml": PRESENT.format(id="changes", path="NEWS.md"),
    "own/greeting.yaml": PRESENT.format(id="greeting", path="hello.txt"),
    "src/a.js": "start()\neval(one)\neval(two)\nstop()\n",
    "src/b.js": "md5(password)\n",
    "hello.txt": "hello\n",
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lines moved, a file renamed, one finding mended and one made, a promise kept, a file lost, a tick taken back."""
    folder = repository(tmp_path / "shop", BEFORE)
    git(folder, "checkout", "--quiet", "-b", "change")
    git(folder, "mv", "src/b.js", "src/hash.js")
    (folder / "hello.txt").unlink()
    changed = {
        "src/a.js": "// a header\n\n\nstart()\neval(one)\nstop()\n",
        "src/c.js": "run()\neval(three)\n",
        "NEWS.md": "# News\n",
        "readiness.yaml": CHECKLIST.replace("text: No MD5, claim: done", "text: No MD5, claim: todo"),
    }
    commit(folder, changed)
    monkeypatch.chdir(folder)
    return folder


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, schema("comparison"))
    return found


@pytest.mark.usefixtures("shop")
def test_a_pull_request_gives_the_right_diff(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "main", "change", "-f", "json"]) == 0
    found = told(capsys)
    assert {line["id"]: line["change"] for line in found["lines"]} == {
        "greeting": "worse",
        "no-md5": "better",
        "changelog": "fixed",
    }
    assert found["unchanged_lines"] == 1
    assert sorted((row["change"], row["check"], row["location"].get("path", "")) for row in found["findings"]) == [
        ("fixed", "changes", ""),
        ("fixed", "no-eval", "src/a.js"),
        ("new", "greeting", ""),
        ("new", "no-eval", "src/c.js"),
    ]
    assert found["unchanged_findings"] == 2


def test_a_pull_request_that_only_moves_lines_changes_nothing(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(shop, "checkout", "--quiet", "main")
    commit(shop, {"src/a.js": "\n\n// moved\n" + BEFORE["src/a.js"]})
    assert run(["diff", "HEAD~1", "HEAD", "-f", "json"]) == 0
    found = told(capsys)
    assert (found["lines"], found["findings"], found["unchanged_findings"]) == ([], [], 4)


def test_the_gate_holds_back_only_what_the_pull_request_made_worse(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", ".", "--baseline", "main", "-f", "json"]) == 1
    out, err = capsys.readouterr()
    card = json.loads(out)
    assert card["decision"]["blockers"] == ["no-eval", "greeting"]
    assert err.splitlines()[-1].endswith(" blockers=2 baseline=main")
    git(shop, "checkout", "--quiet", "main")
    assert run(["audit", ".", "-q"]) == 1
    assert run(["audit", ".", "-q", "--baseline", "main"]) == 0


def test_the_baseline_may_be_a_saved_scorecard_or_named_in_the_checklist(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(shop, "checkout", "--quiet", "main")
    assert run(["audit", ".", "-q", "-o", "base.json"]) == 1
    assert run(["audit", ".", "-q", "--baseline", "base.json"]) == 0
    text = CHECKLIST.replace("min_coverage: 0}", "min_coverage: 0, baseline: base.json}")
    (shop / "readiness.yaml").write_text(text)
    assert run(["audit", str(shop), "-q"]) == 0
    (shop / "hello.txt").unlink()
    assert run(["audit", str(shop), "-q"]) == 1
    assert "baseline=base.json" in capsys.readouterr().err


def test_a_diff_is_shown_in_every_format(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "main", "change"]) == 0
    terminal = capsys.readouterr().out
    assert run(["diff", "main", "change", "-f", "markdown"]) == 0
    markdown = capsys.readouterr().out
    assert run(["diff", "main", "change", "-o", "out/diff.html"]) == 0
    page = (shop / "out" / "diff.html").read_text("utf-8")
    for text in (terminal, markdown, page):
        for words in ("1 line worse", "There is a greeting", "src/c.js", "unchanged"):
            assert words in text.replace("<wbr>", "")
    assert "\x1b" not in terminal


@pytest.mark.usefixtures("shop")
def test_a_diff_leaves_with_1_when_asked_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "main", "change", "--exit-code"]) == 1
    assert run(["diff", "main", "main", "--exit-code"]) == 0
    assert "Nothing changed" in capsys.readouterr().out


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["diff", "main", "no-such"], "no commit 'no-such'"),
        (["diff", "-", "-"], "only one of the two"),
        (["diff", "missing.json", "main"], "cannot read missing.json"),
        (["diff", "readiness.yaml", "main"], "is not a scorecard"),
        (["audit", ".", "--baseline", "no-such"], "no commit 'no-such'"),
        (["audit", ".", "--baseline", "missing.json"], "cannot read missing.json"),
        (["audit", ".", "--baseline=--upload-pack=x"], "no commit"),
        (["audit", ".", "--require", "greetign"], "did you mean 'greeting'?"),
        (["audit", ".", "--section-min", "securty=80"], "did you mean 'security'?"),
        (["audit", ".", "--section-min", "security"], "SECTION=SCORE"),
        (["audit", ".", "--section-min", "security=101"], "SECTION=SCORE"),
        (["audit", ".", "--max-waived", "2"], "less than or equal to 1"),
    ],
)
def test_a_mistake_leaves_with_2_and_advice(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert run(arguments) == 2
    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err


@pytest.mark.usefixtures("shop")
def test_rules_of_the_gate_may_come_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    rules = ["--require", "greeting", "--section-min", "documentation=90", "--require-metrics", "--max-waived", "0.1"]
    assert run(["audit", ".", "-f", "json", *rules]) == 1
    shown = {rule["rule"]: rule["met"] for rule in json.loads(capsys.readouterr().out)["decision"]["rules"]}
    assert shown["Required checks hold"] is False
    assert shown["The section Documentation scores enough"] is False
    assert shown["Waivers stay within their budget"] is True
    assert shown["Every metric is measured"] is True
