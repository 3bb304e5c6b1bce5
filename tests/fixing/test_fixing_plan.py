from __future__ import annotations

import json
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from support.judging import EVERYTHING_GIVEN, NOW, checklist, item, judged, told
from support.planting import CLEAN, commit, git, repository

from readycheck.checklist import GateEntry
from readycheck.cli import run
from readycheck.decisions import DecisionsFile, Waiver
from readycheck.fixing.plan import Kind, Plan, plan
from readycheck.judge import judge
from readycheck.model import Claim, Outcome, Severity

SHIPPED_CHECKS = """\
version: 1
service: shop
gate: {fail_on: high, min_coverage: 0, required: [sensitive-files-never-tracked]}
sections:
  - title: Security
    items:
      - id: headers
        text: Security headers
        claim: done
        severity: high
        checks: [hsts, nosniff, frame-control]
      - {id: secrets, text: Strong secrets, claim: done, severity: critical, checks: [environment-secrets]}
      - {id: indexes, text: Indexes, claim: todo, severity: high, checks: [foreign-keys-indexed, no-duplicate-indexes]}
      - {id: readme, text: A README, claim: done, severity: low, checks: [readme]}
      - {id: drill, text: A drill, claim: done, severity: medium}
actions:
  - {id: clean, title: Remove sensitive files, checks: [sensitive-files-never-tracked, env-file-absent]}
"""


def steps(made: Plan) -> list[tuple[str, float]]:
    return [(step.tool or step.title, step.gain) for step in made.steps]


def test_what_gains_most_comes_first_and_a_line_is_shared_by_all_that_is_against_it() -> None:
    card = judged(
        [
            (item("a", severity=Severity.CRITICAL), [told("one", Outcome.FAIL), told("two", Outcome.FAIL)]),
            (item("b", severity=Severity.HIGH), [told("two", Outcome.FAIL)]),
            (item("c", severity=Severity.MEDIUM), [told("three", Outcome.PASS)]),
            (item("d", Claim.TODO, Severity.MEDIUM), [told("four", Outcome.FAIL), told("five", Outcome.UNKNOWN)]),
            (item("e", severity=Severity.LOW), []),
        ],
        facts=EVERYTHING_GIVEN,
    )
    made = plan(card, {})
    assert steps(made) == [
        ("two holds", 12.5),
        ("one holds", 5.0),
        ("four holds", 2.5),
        ("audit", 2.5),
        ("attest", 2.5),
    ]
    assert sum(step.gain for step in made.steps) == card.tally.weight - 5
    assert [step.gain for step in made.steps] == sorted((step.gain for step in made.steps), reverse=True)


def test_what_the_gate_requires_comes_before_any_weight() -> None:
    card = judged(
        [
            (item("a", severity=Severity.CRITICAL), [told("one", Outcome.FAIL)]),
            (item("b", severity=Severity.INFO), [told("must", Outcome.FAIL)]),
        ],
        gate=GateEntry(required=("must",)),
        facts=EVERYTHING_GIVEN,
    )
    made = plan(card, {})
    assert [(step.title, step.required) for step in made.steps] == [("must holds", True), ("one holds", False)]


def test_what_is_waived_is_left_alone() -> None:
    line = (item("a", severity=Severity.HIGH), [told("one", Outcome.FAIL)])
    found = judge(checklist([line]), EVERYTHING_GIVEN, now=NOW).checks["one"].findings[0].fingerprint
    for name, print_ in (("a", ""), ("", found)):
        waiver = Waiver(item=name, fingerprint=print_, reason="accepted for now", owner="us", expires=NOW.date())
        card = judge(
            checklist([line]), EVERYTHING_GIVEN, now=NOW, decisions=DecisionsFile(version=1, waivers=(waiver,))
        )
        assert not plan(card, {}).steps


def test_a_clean_card_has_nothing_to_mend() -> None:
    assert not plan(judged([(item("a"), [told("one", Outcome.PASS)])]), {}).steps


@pytest.fixture
def estate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with committed keys, a database without an index, weak secrets, and the scorecard of them."""
    folder = repository(tmp_path / "shop", {"readiness.yaml": SHIPPED_CHECKS, "app.js": "x"})
    commit(folder, {"certs/it's a key.pem": "k", ".env": "JWT_SECRET=abc"})
    (folder / ".env").unlink()
    commit(folder, {"package.json": '{"dependencies": {"express": "5"}}'})
    database = tmp_path / "shop.db"
    with sqlite3.connect(database) as connection:
        connection.executescript(
            'CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE "c d" (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p);'
        )
    connection.close()
    (tmp_path / "production.env").write_text("JWT_SECRET=changeme\nSESSION_SECRET_KEY=short\nNODE_ENV=production\n")
    monkeypatch.chdir(tmp_path)
    targets = ["--database", f"sqlite:///{database}", "--env-file", "production.env"]
    assert run(["audit", "shop", *targets, "-o", "card.json", "-q"]) == 1
    return folder


def script(capsys: pytest.CaptureFixture[str], tool: str, *options: str) -> str:
    capsys.readouterr()
    assert run(["fix", "card.json", "--tool", tool, *options]) == 0
    return capsys.readouterr().out


def shell(text: str, folder: Path) -> str:
    env = {**CLEAN, "PATH": f"{Path(sys.executable).parent}:{CLEAN['PATH']}", "HOME": str(folder)}
    done = subprocess.run(["bash", "-euc", text], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_script_for_git_takes_the_files_out_and_leaves_them_on_disk(
    estate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = script(capsys, "git")
    assert text.startswith("# FIRST: Revoke and replace every credential")
    shell(text, estate)
    assert "certs/it's a key.pem" not in git(estate, "ls-files")
    assert (estate / "certs/it's a key.pem").exists()


def test_the_lines_for_gitignore_keep_the_files_out(estate: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (estate / ".gitignore").write_text(script(capsys, "gitignore"))
    (estate / ".env").write_text("x")
    assert git(estate, "check-ignore", "--no-index", ".env", "certs/it's a key.pem").count("\n") == 1


def test_the_script_for_the_history_leaves_no_trace_in_the_origin(
    estate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(estate), "origin.git")
    git(estate, "remote", "add", "origin", f"file://{tmp_path}/origin.git")
    shell(script(capsys, "history"), estate)
    assert git(tmp_path / "origin.git", "log", "--all", "--oneline", "--", ".env", "certs/it's a key.pem") == ""
    assert git(tmp_path / "origin.git", "log", "--all", "--oneline", "--", "app.js")


def test_the_script_for_the_history_replaces_values_in_files_and_messages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "ghp_" + "".join(chr(ord("a") + index * 7 % 26) + str(index % 10) for index in range(18))
    folder = repository(
        tmp_path / "shop",
        {"app.js": "x", "readiness.yaml": SHIPPED_CHECKS.replace("env-file-absent", "secrets-in-history")},
    )
    commit(folder, {"deploy.sh": f"TOKEN={token}\n"})
    git(folder, "commit", "--quiet", "--allow-empty", "-m", f"Use {token} for now")
    git(tmp_path, "clone", "--quiet", "--bare", str(folder), "origin.git")
    git(folder, "remote", "add", "origin", f"file://{tmp_path}/origin.git")
    monkeypatch.chdir(tmp_path)
    run(["audit", "shop", "-o", "card.json", "-q"])
    text = script(capsys, "history")
    assert token not in text
    assert "# FIRST: GitHub personal access token (classic) in deploy.sh:1: GitHub" in text
    assert "# deploy.sh:1 (" in text
    (folder / "replacements.txt").write_text(f"{token}\n")
    shell(text, folder)
    origin = tmp_path / "origin.git"
    assert git(origin, "show", "HEAD~1:deploy.sh") == "TOKEN=***REMOVED***"
    assert token not in git(origin, "log", "--all", "-p")


def test_the_sql_makes_the_index(estate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.executescript(script(capsys, "sqlite"))
    connection.close()
    targets = ["--database", f"sqlite:///{tmp_path}/shop.db"]
    run(["audit", str(estate), *targets, "-f", "json"])
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert checks["foreign-keys-indexed"]["outcome"] == "pass"


@pytest.mark.usefixtures("estate")
def test_new_secrets_go_to_a_file_that_only_its_owner_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["fix", "card.json", "--secrets-file", "new.env"]) == 0
    file = tmp_path / "new.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    values = dict(line.split("=") for line in file.read_text().splitlines())
    assert sorted(values) == ["ENCRYPTION_KEY", "JWT_SECRET", "SESSION_SECRET_KEY"]
    assert len({len(value) for value in values.values()}) == 1
    assert len(set(values.values())) == 3
    out, err = capsys.readouterr()
    assert not any(value in out + err for value in values.values())
    before = file.read_text()
    assert run(["fix", "card.json", "--secrets-file", "new.env"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert file.read_text() == before
    (tmp_path / "link.env").symlink_to(tmp_path / "elsewhere.env")
    assert run(["fix", "card.json", "--secrets-file", "link.env"]) == 2
    assert not (tmp_path / "elsewhere.env").exists()
    run(["audit", "shop", "--env-file", "new.env", "-f", "json"])
    assert json.loads(capsys.readouterr().out)["checks"]["environment-secrets"]["outcome"] == "pass"


def test_the_plan_shows_every_step_and_applies_none(
    estate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    head = git(estate, "rev-parse", "HEAD")
    capsys.readouterr()
    assert run(["fix", "card.json"]) == 0
    out = capsys.readouterr().out
    assert out.index("Take files out of the index of git") < out.index("Give secrets new values")
    assert out.index("Give secrets new values") < out.index("Let the audit see the deployment")
    for words in (
        "the gate requires it",
        "Revoke and replace every credential",
        "git rm -r --cached --ignore-unmatch -- 'certs/it'\"'\"'s a key.pem'",
        'CREATE INDEX "idx_c_d_p_id" ON "c d" ("p_id");',
        "readycheck audit --env-file FILE --only secrets",
        'readycheck attest drill --statement "…"',
        "readycheck audit --deployment URL",
    ):
        assert words in out, words
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert git(estate, "rev-parse", "HEAD") == head


@pytest.mark.usefixtures("estate")
def test_the_plan_is_read_by_machines(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["fix", "card.json", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert {step["kind"] for step in made["steps"]} == {kind.value for kind in Kind}
    assert made["steps"][0]["required"]
    (secrets,) = [step for step in made["steps"] if step["tool"] == "secrets"]
    assert secrets["gain"] == 10
    assert sum(step["gain"] for step in made["steps"]) == pytest.approx(made["weight"])


def test_a_plan_can_be_made_of_an_audit_made_now(estate: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["fix", "--repository", str(estate), "--tool", "gitignore"]) == 0
    assert "/.env\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["card.json", "--tool", "mysql"], "it has: git, history, gitignore"),
        (["card.json", "--stack", "expres"], "did you mean 'express'?"),
        (["none.json"], "cannot read none.json"),
        (["--repository", "shop", "--secrets-file", "n.env"], "audit the environment: --env-file FILE"),
    ],
)
@pytest.mark.usefixtures("estate")
def test_what_makes_no_sense_is_refused(capsys: pytest.CaptureFixture[str], options: list[str], said: str) -> None:
    assert run(["fix", *options]) == 2
    assert said in capsys.readouterr().err


def test_an_id_of_the_audited_checklist_runs_nothing_when_its_command_is_pasted() -> None:
    hostile = "$(touch owned); x"
    card = judged([(item(hostile), []), (item(f"{hostile}2"), [told("one", Outcome.FAIL)])], facts=EVERYTHING_GIVEN)
    commands = [command for step in plan(card, {}).steps for command in (step.script, *step.verify)]
    assert any("readycheck attest '$(touch owned); x'" in command for command in commands)
    assert any("--only '$(touch owned); x2'" in command for command in commands)
