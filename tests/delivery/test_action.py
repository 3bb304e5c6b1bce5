"""The steps of action.yml, run as a runner would run them, against a GitHub on loopback."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import hub as hubs
from support.hub import Hub
from support.shop import break_it, git, plant
from support.wheelhouse import ROOT, bare_environment
from support.wheelhouse import environment as offline

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]

pytestmark = pytest.mark.skipif(
    os.name == "nt" or shutil.which("bash") is None or shutil.which("git") is None, reason="needs bash and git"
)


class Runner:
    """As much of a runner as the action needs: inputs, outputs of steps, conditions and environments."""

    def __init__(self, place: Path, hub: Hub, packages: Path) -> None:
        self.hub = hub
        self.temp = place / "temp"
        self.workspace = place / "work"
        for folder in (self.temp, self.workspace):
            folder.mkdir()
        self.packages = packages
        self.event: dict[str, Any] = {}
        self.summary = ""
        self.log = ""

    def run(self, **given: str) -> tuple[int, dict[str, str]]:
        """Every step in turn with these inputs: the exit code of the job, and the action's outputs."""
        defaults = {name: str(spec.get("default", "")) for name, spec in ACTION["inputs"].items()}
        inputs = defaults | {"token": "a-token"} | {name.replace("_", "-"): value for name, value in given.items()}
        outputs: dict[str, dict[str, str]] = {"python": {"python-path": shutil.which("python3") or ""}}
        self.summary = self.log = ""
        code = 0
        for number, step in enumerate(STEPS):
            if "run" not in step or not self._wanted(step, inputs, outputs):
                continue
            written = self.temp / f"output-{number}"
            done = self._step(step, inputs, outputs, written)
            code = code or done.returncode
            self.log += done.stdout + done.stderr
            if "id" in step:
                lines = written.read_text("utf-8").splitlines()
                outputs[step["id"]] = dict(line.split("=", 1) for line in lines)
        named = {name: self._filled(spec["value"], inputs, outputs) for name, spec in ACTION["outputs"].items()}
        return code, named

    def _step(
        self, step: dict[str, Any], inputs: dict[str, str], outputs: dict[str, dict[str, str]], written: Path
    ) -> subprocess.CompletedProcess[str]:
        event, summary = self.temp / "event.json", self.temp / "summary.md"
        event.write_text(json.dumps(self.event), "utf-8")
        summary.write_text("", "utf-8")
        written.write_text("", "utf-8")
        own = {name: self._filled(str(value), inputs, outputs) for name, value in step.get("env", {}).items()}
        environment = {
            **bare_environment(),
            **offline(self.packages),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_API_URL": self.hub.url,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_OUTPUT": str(written),
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_REPOSITORY": "shop/loans",
            "GITHUB_SHA": "f" * 40,
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(self.temp),
            **own,
        }
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=self.workspace,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.summary += summary.read_text("utf-8")
        return done

    def _wanted(self, step: dict[str, Any], inputs: dict[str, str], outputs: dict[str, dict[str, str]]) -> bool:
        condition = str(step.get("if", "true")).removeprefix("${{").removesuffix("}}")
        return all(self._holds(part.strip(), inputs, outputs) for part in condition.split("&&"))

    def _holds(self, part: str, inputs: dict[str, str], outputs: dict[str, dict[str, str]]) -> bool:
        if part in ("true", "!cancelled()"):
            return True
        name, sign, wanted = re.fullmatch(r"([\w.-]+)(?: (==|!=) '(.*)')?", part).groups()  # type: ignore[union-attr]
        value = self._value(name, inputs, outputs)
        return bool(value) if sign is None else (value == wanted) is (sign == "==")

    def _filled(self, text: str, inputs: dict[str, str], outputs: dict[str, dict[str, str]]) -> str:
        return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda match: self._value(match[1], inputs, outputs), text)

    def _value(self, name: str, inputs: dict[str, str], outputs: dict[str, dict[str, str]]) -> str:
        parts = name.split(".")
        if parts[0] == "inputs":
            return inputs[parts[1]]
        if parts[0] == "steps":
            return outputs.get(parts[1], {}).get(parts[3], "")
        if name == "runner.temp":
            return str(self.temp)
        assert parts[:2] == ["github", "event"], name
        found: Any = self.event
        for part in parts[2:]:
            found = found.get(part, "") if found else ""
        return json.dumps(found) if isinstance(found, dict) else str(found)


@pytest.fixture(scope="module")
def installed(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first steps leave, made once."""
    with hubs.serving() as hub:
        runner = Runner(tmp_path_factory.mktemp("installed"), hub, packages)
        step = next(step for step in STEPS if step.get("name") == "Install readycheck")
        done = runner._step(
            step, {}, {"python": {"python-path": shutil.which("python3") or ""}}, runner.temp / "output"
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "readycheck " in done.stdout
        return runner.temp / "readycheck"


@pytest.fixture
def runner(tmp_path: Path, packages: Path, installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    with hubs.serving() as hub:
        made = Runner(tmp_path, hub, packages)
        made.temp.joinpath("readycheck").symlink_to(installed)
        monkeypatch.setattr(
            sys.modules[__name__], "STEPS", [step for step in STEPS if step.get("name") != "Install readycheck"]
        )
        plant(made.workspace)
        yield made


def pull_request(runner: Runner) -> None:
    head = git(runner.workspace, "rev-parse", "HEAD")
    base = git(runner.workspace, "rev-list", "--max-parents=0", "HEAD")
    runner.event = {"pull_request": {"number": 7, "base": {"sha": base}, "head": {"sha": head}}}


def test_a_true_checklist_lets_the_job_pass(runner: Runner) -> None:
    code, outputs = runner.run()
    assert (code, outputs["verdict"], outputs["exit-code"], outputs["score"]) == (0, "READY", "0", "100.0"), runner.log
    assert {path.name for path in Path(outputs["reports"]).iterdir()} >= {
        "scorecard.html",
        "scorecard.json",
        "scorecard.md",
        "scorecard.sarif",
    }
    assert "READY: shop" in runner.summary


def test_a_false_tick_fails_the_job_after_the_reports_were_delivered(runner: Runner) -> None:
    break_it(runner.workspace)
    pull_request(runner)
    code, outputs = runner.run(sarif="true")
    assert (code, outputs["verdict"]) == (1, "NOT_READY"), runner.log
    assert "::error " in runner.log
    assert len(runner.hub.comments) == 1
    assert "Changelog kept" in runner.hub.comments[0]["body"]
    (analysis,) = runner.hub.analyses
    assert analysis["ref"] == "refs/pull/7/head"
    assert analysis["commit_sha"] == git(runner.workspace, "rev-parse", "HEAD")
    assert json.loads(gzip.decompress(base64.b64decode(analysis["sarif"])))["version"] == "2.1.0"
    assert runner.hub.tokens == {"Bearer a-token"}


def test_the_comment_is_written_once_and_then_kept_up_to_date(runner: Runner) -> None:
    runner.hub.comments = [
        {"id": number, "body": f"talk {number}", "user": {"type": "User"}} for number in range(1, 151)
    ]
    break_it(runner.workspace)
    pull_request(runner)
    runner.run(args="--now\n2026-06-01T10:00Z")
    runner.run(args="--now\n2026-06-01T10:00Z")
    first = runner.hub.comments[-1]["body"]
    assert "comment on #7 says it already" in runner.log
    git(runner.workspace, "revert", "--no-edit", "HEAD")
    runner.run(args="--now\n2026-06-01T11:00Z")
    assert len(runner.hub.comments) == 151
    assert runner.hub.comments[-1]["body"] != first
    assert runner.hub.writes == ["POST issues/7/comments", "PATCH issues/comments/151"]


def test_two_checklists_have_a_comment_each(runner: Runner) -> None:
    shutil.copy(runner.workspace / "readiness.yaml", runner.workspace / "other.yaml")
    pull_request(runner)
    runner.run()
    runner.run(checklist="other.yaml")
    assert len(runner.hub.comments) == 2


def test_a_persons_comment_is_never_written_over(runner: Runner) -> None:
    pull_request(runner)
    runner.run()
    runner.hub.comments[0]["user"] = {"type": "User"}
    before = runner.hub.comments[0]["body"]
    runner.run(args="--now\n2026-06-01T11:00Z")
    assert runner.hub.comments[0]["body"] == before
    assert len(runner.hub.comments) == 2


def test_a_fork_cannot_comment_and_its_job_says_so_and_goes_on(runner: Runner) -> None:
    pull_request(runner)
    runner.hub.readonly = True
    code, _ = runner.run(sarif="true")
    assert code == 0
    assert runner.log.count("::warning title=readycheck::The ") == 2
    assert "pull-requests: write" in runner.log


def test_a_push_comments_on_nothing(runner: Runner) -> None:
    code, _ = runner.run()
    assert code == 0
    assert runner.hub.writes == []


def test_a_mistake_fails_the_job_and_delivers_nothing(runner: Runner) -> None:
    pull_request(runner)
    code, outputs = runner.run(fail_on="severe")
    assert (code, outputs["exit-code"], outputs["verdict"]) == (2, "2", "")
    assert runner.hub.writes == []


def test_report_only_passes_whatever_the_verdict(runner: Runner) -> None:
    break_it(runner.workspace)
    code, outputs = runner.run(exit_zero="true")
    assert (code, outputs["verdict"]) == (0, "NOT_READY")


def test_a_pull_request_is_held_against_the_commit_that_it_starts_from(runner: Runner) -> None:
    break_it(runner.workspace)
    pull_request(runner)
    _, outputs = runner.run(baseline="base")
    card = json.loads(Path(outputs["reports"], "scorecard.json").read_text("utf-8"))
    assert [line["change"] for line in card["comparison"]["lines"]] == ["worse"], runner.log


def test_inputs_are_words_and_never_commands(runner: Runner) -> None:
    runner.run(scope="$(touch pwned)", args="--fail-on\nhigh; touch pwned\n`touch pwned`", checklist="; touch pwned")
    assert not (runner.workspace / "pwned").exists()


def test_no_expression_stands_in_a_script() -> None:
    assert [step["run"] for step in STEPS if "${{" in step.get("run", "")] == []


def test_every_input_is_explained_and_used() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    for name, spec in ACTION["inputs"].items():
        assert len(spec["description"]) > 20, name
        assert re.search(rf"\binputs\.{re.escape(name)}\b", text), name


def test_other_actions_are_pinned_to_a_commit() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name) for name in used)


def test_a_comment_longer_than_github_takes_ends_before_its_last_details(tmp_path: Path) -> None:
    with hubs.serving() as hub:
        report, event = tmp_path / "long.md", tmp_path / "event.json"
        report.write_text("## Verdict\n" + "\n<details><summary>s</summary>\n\nx" * 3000 + "y" * 40_000, "utf-8")
        event.write_text('{"pull_request": {"number": 7}}')
        environment = {
            "GITHUB_API_URL": hub.url,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REPOSITORY": "shop/loans",
            "GITHUB_TOKEN": "t",
        }
        script = ROOT / ".github/action/hub.py"
        subprocess.run(
            [shutil.which("python3") or "", str(script), "comment", str(report)],
            env=environment,
            check=True,
            cwd=tmp_path,
        )
        body = hub.comments[0]["body"]
        assert len(body) <= 65_536
        assert body.startswith("<!-- readycheck ")
        assert body.endswith("The rest is in the reports that the job keeps.\n")
