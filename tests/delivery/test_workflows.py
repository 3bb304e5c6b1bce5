"""The workflows of this repository: their `run:` steps carried out as scripts, in a copy of the checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.wheelhouse import ROOT, bare_environment

BIN = Path(sys.executable).parent
WORKFLOWS: dict[str, dict[str, Any]] = {
    path.name: yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / ".github/workflows").glob("*.yml")
}

#: Steps that are not carried out here, and why.
ELSEWHERE = {
    "make all": "it is what runs this",
    "sudo apt-get": "the packages of the machine; .ci/run installs the same",
    "python -m pip install -q --upgrade pip": "on other systems than this",
    "python -m pytest": "it is what runs this",
    "python -m venv audited": "asks a database of vulnerabilities that is not on loopback",
    "docker ": "needs a container engine; tests/delivery/test_image.py carries out the image's own steps",
}

pytestmark = [
    pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason="needs bash"),
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout"),
]


def runs() -> list[tuple[str, str, dict[str, Any]]]:
    """Every step that is a script, with its workflow and its job."""
    return [
        (name, job, step)
        for name, workflow in WORKFLOWS.items()
        for job, told in workflow["jobs"].items()
        for step in told["steps"]
        if "run" in step
    ]


def carried_out(step: dict[str, Any]) -> bool:
    return not any(step["run"].startswith(known) for known in ELSEWHERE)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone as actions/checkout makes it, with this environment in the place of the job's own."""
    folder = tmp_path_factory.mktemp("workflow") / "readycheck"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
    changed = subprocess.run(
        ["git", "ls-files", "-z", "--modified", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, changed.stdout.decode().split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_file():
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(BIN.parent)
    return folder


def script(step: dict[str, Any], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The step as a runner runs it; what is installed already is not installed again."""
    text = step["run"].replace("make site", "make -o .venv/.dev -o .venv/.installed site")
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", text],
        cwd=folder,
        env={**bare_environment(), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_job_that_publishes_builds_the_site_and_shows_the_scorecard_beside_it(checkout: Path) -> None:
    for tool in ("make", str(BIN / "zensical")):
        if shutil.which(tool) is None:
            pytest.skip(f"{Path(tool).name} is not installed")
    for name, job, step in runs():
        if (name, job) == ("readiness.yml", "site"):
            done = script(step, checkout)
            assert done.returncode == 0, done.stdout + done.stderr
    made = checkout / "site"
    assert (made / "index.html").is_file()
    card = json.loads((made / "scorecard/scorecard.json").read_text("utf-8"))
    assert card["decision"]["readiness"] == "READY"
    assert {path.name for path in (made / "scorecard").iterdir()} == {"scorecard.html", "scorecard.json", "badge.svg"}


def test_all_green_is_green_only_when_all_are() -> None:
    (step,) = [step for name, job, step in runs() if job == "all-green"]
    needed = len(WORKFLOWS["ci.yml"]["jobs"]["all-green"]["needs"])
    for results, code in (
        (["success"] * needed, 0),
        (["success"] * (needed - 1) + ["failure"], 1),
        (["skipped"] * needed, 1),
    ):
        assert script(step, ROOT, RESULTS=" ".join(results)).returncode == code


def test_the_action_is_used_with_inputs_that_it_has() -> None:
    inputs = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"]
    steps = [step for workflow in WORKFLOWS.values() for job in workflow["jobs"].values() for step in job["steps"]]
    own = [step["with"] for step in steps if step.get("uses") == "./"]
    assert own
    assert all(set(given) <= set(inputs) for given in own)


def test_every_other_step_says_why_it_is_not_carried_out() -> None:
    left = [step["run"] for name, job, step in runs() if job not in ("site", "all-green") and carried_out(step)]
    assert left == []


def test_what_a_job_installs_is_what_the_gate_installs() -> None:
    gate = set(re.findall(r"[\w.-]+", (ROOT / ".ci/run").read_text("utf-8")))
    (step,) = [step["run"] for _, _, step in runs() if step["run"].startswith("sudo apt-get")]
    assert set(step.split("--no-install-recommends ")[1].split()) <= gate
