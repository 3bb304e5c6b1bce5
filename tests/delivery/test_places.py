"""The GitLab template, the hooks, the image and this repository's own checklist, used as they will be."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.shop import break_it, git, plant
from support.wheelhouse import ROOT, SOURCE, bare_environment
from support.wheelhouse import environment as offline

from readycheck.catalogue import load_catalogue
from readycheck.checklist import load_checklist

BIN = Path(sys.executable).parent
READYCHECK = BIN / "readycheck"

pytestmark = pytest.mark.skipif(
    os.name == "nt" or shutil.which("bash") is None or shutil.which("git") is None, reason="needs bash and git"
)


def run(command: list[str | Path], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {**bare_environment(), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **environment}
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)


# --- GitLab


def template() -> tuple[dict[str, Any], str]:
    head, body = (ROOT / "templates/readycheck.yml").read_text("utf-8").split("\n---\n")
    return yaml.safe_load(head)["spec"]["inputs"], body


def job(place: Path, **given: str) -> dict[str, Any]:
    """The job, with its inputs filled in as GitLab does and its own folder instead of /tmp."""
    inputs, body = template()
    values = {name: spec["default"] for name, spec in inputs.items()} | given
    filled = re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda match: values[match[1]], body)
    made: dict[str, Any] = yaml.safe_load(filled.replace("/tmp/readycheck", str(place / "venv")))["readycheck"]
    return made


@pytest.fixture(scope="module")
def gitlab(tmp_path_factory: pytest.TempPathFactory, packages: Path) -> Path:
    """Where the job's first half was run."""
    place = tmp_path_factory.mktemp("gitlab")
    done = run(["bash", "-e", "-c", "\n".join(job(place)["before_script"])], place, **offline(packages))
    assert done.returncode == 0, done.stderr
    return place


@pytest.mark.parametrize(("broken", "code"), [(False, 0), (True, 1)])
def test_the_gitlab_job_leaves_its_reports_and_the_gates_exit_code(
    gitlab: Path, tmp_path: Path, *, broken: bool, code: int
) -> None:
    plant(tmp_path)
    if broken:
        break_it(tmp_path)
    made = job(gitlab, args="--scope repository")
    done = run(["bash", "-e", "-c", "\n".join(made["script"])], tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Changelog kept" in done.stdout or not broken
    reports = made["artifacts"]["reports"]
    assert ET.parse(tmp_path / reports["junit"]).getroot().tag == "testsuites"
    quality = json.loads((tmp_path / reports["codequality"]).read_text("utf-8"))
    assert bool(quality) is broken


def test_every_input_of_the_gitlab_template_is_explained_and_used() -> None:
    inputs, body = template()
    assert {name for name, spec in inputs.items() if spec["description"]} == set(
        re.findall(r"\$\[\[ inputs\.(\w+) \]\]", body)
    )


# --- pre-commit

HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


def hook(name: str, folder: Path) -> subprocess.CompletedProcess[str]:
    entry = next(one["entry"] for one in HOOKS if one["id"] == name)
    command = entry.split()
    if run([READYCHECK, command[1], "--help"], folder).returncode == 2:
        pytest.skip(f"this readycheck has no `{command[1]}`")
    return run([READYCHECK, *command[1:]], folder)


def test_the_hook_stops_a_staged_secret_and_lets_a_clean_commit_pass(tmp_path: Path) -> None:
    plant(tmp_path)
    (tmp_path / "index.js").write_text("module.exports = 1;\n")
    git(tmp_path, "add", "-A")
    assert hook("readycheck-secrets", tmp_path).returncode == 0
    key = (
        "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEowIBAAKCAQEAx7Gm2w9Zb0Xv4\n" * 12 + "-----END RSA PRIVATE KEY-----\n"
    )
    (tmp_path / "server.pem").write_text(key)
    git(tmp_path, "add", "-A")
    done = hook("readycheck-secrets", tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "server.pem" in done.stdout + done.stderr
    assert "MIIEowIBAAKCAQEAx7Gm2w9Zb0Xv4" not in done.stdout + done.stderr


def test_the_hook_stops_a_document_that_disagrees_with_its_checklist(tmp_path: Path) -> None:
    plant(tmp_path)
    document = tmp_path / "READY.md"
    document.write_text("# Ready\n\n## Documentation\n\n- [x] Changelog kept\n")
    checklist = tmp_path / "readiness.yaml"
    checklist.write_text(
        checklist.read_text().replace("service: shop\n", "service: shop\ndocument: {path: READY.md, title: Ready}\n")
    )
    git(tmp_path, "add", "-A")
    assert hook("readycheck-sync", tmp_path).returncode == 0
    document.write_text(document.read_text().replace("[x]", "[ ]"))
    assert hook("readycheck-sync", tmp_path).returncode == 1


def test_hooks_run_once_and_say_what_they_do() -> None:
    assert {one["id"] for one in HOOKS} == {"readycheck-secrets", "readycheck-sync"}
    assert all(one["pass_filenames"] is False and one["language"] == "python" for one in HOOKS)
    when = re.compile(next(one["files"] for one in HOOKS if one["id"] == "readycheck-sync"))
    assert all(
        when.search(path) for path in ("PRODUCTION_READINESS.md", "docs/ready.MD", "readiness.yaml", "a/decisions.yml")
    )
    assert not when.search("src/app.js")


# --- the image


def test_the_image_is_built_from_all_that_the_wheel_is_built_from() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {line[1:] for line in lines if line.startswith("!")} == set(SOURCE)
    assert lines.index("*") < min(number for number, line in enumerate(lines) if line.startswith("!"))


def test_the_image_ends_as_a_user_without_rights_on_a_pinned_base() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert all(re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", base) for base in bases)
    assert len(set(bases)) == 1
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE)[-1].isdigit()
    assert "ENV" not in text or not re.search(r"(?i)(password|token|secret)", text)


def test_the_image_audits_without_a_network_and_without_writing(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or run([docker, "info"], tmp_path).returncode:
        pytest.skip("no container engine is running")
    built = run([docker, "build", "-q", str(ROOT)], tmp_path)
    if built.returncode and "dial tcp" in built.stderr:
        pytest.skip("the registry of images cannot be reached")
    assert built.returncode == 0, built.stderr
    plant(tmp_path)
    command = [docker, "run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL"]
    done = run([*command, "-v", f"{tmp_path}:/repository:ro", built.stdout.strip(), "audit", "--quiet"], tmp_path)
    assert "verdict=READY" in done.stderr, done.stderr


# --- this repository


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout")
def test_this_repository_is_ready_by_its_own_checklist_and_no_tick_of_it_is_false(tmp_path: Path) -> None:
    card = tmp_path / "scorecard.json"
    done = run(
        [READYCHECK, "audit", ".", "--scope", "repository", "--checklist", ".github/readiness.yaml", "-o", card], ROOT
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(card.read_text("utf-8"))
    lines = [item for section in made["sections"] for item in section["items"]]
    assert [item["text"] for item in lines if item["verdict"] in ("contradicted", "unverified", "understated")] == []


def test_the_own_document_and_the_own_checklist_say_the_same() -> None:
    document = (ROOT / ".github/PRODUCTION_READINESS.md").read_text("utf-8")
    written = re.findall(r"^- \[([ x])\] (.+)$", document, re.MULTILINE)
    source = (ROOT / ".github/readiness.yaml").read_text("utf-8")
    checklist = load_checklist(source, "readiness.yaml", load_catalogue())
    assert [("x" if item.claim.value == "done" else " ", item.text) for item in checklist.items] == written


@pytest.mark.parametrize("path", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda path: path.name)
def test_workflows_pin_what_they_use_and_begin_without_rights(path: Path) -> None:
    text = path.read_text("utf-8")
    used = re.findall(r"uses: (\S+)", text)
    assert all(name == "./" or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name) for name in used)
    assert yaml.safe_load(text)["permissions"] == {}
