"""The wheel by itself: built once, the source out of reach, in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("readycheck", "checks", "reports", "docs", "readiness.yaml", "pyproject.toml", "README.md", "LICENSE")

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="the demo needs git")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("source")
    for name in COPIED:
        made = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        made(ROOT / name, source / name)
    out = tmp_path_factory.mktemp("wheel")
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)], cwd=source)
    shutil.rmtree(source)
    (built,) = out.glob("*.whl")
    return built


def _run(command: list[str], cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV", "READYCHECK"))}
    done = subprocess.run(command, cwd=cwd, env={**clean, **environment}, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 3), done.stderr
    return done


def test_the_content_travels_inside_and_no_stray_package_beside(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith((".dist-info", ".data"))} == {"readycheck"}
    assert sum(name.endswith(".data/data/share/man/man1/readycheck.1") for name in names) == 1
    assert "readycheck/_content/readiness.yaml" in names
    assert "readycheck/_content/__init__.py" not in names
    checks = {path.name for path in (ROOT / "checks").rglob("*.yaml")} | {"known.json"}
    assert {name.rsplit("/", 1)[1] for name in names if name.startswith("readycheck/_content/checks/")} == checks
    service = {path.name for path in (ROOT / "readycheck/demo/service").rglob("*") if path.is_file()}
    assert service <= {name.rsplit("/", 1)[-1] for name in names}


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(place)
    return place


def test_the_installed_wheel_audits(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Shop\n")
    done = _run(
        [sys.executable, "-m", "readycheck", "audit", str(tmp_path), "-f", "json"], tmp_path, PYTHONPATH=str(unpacked)
    )
    assert f'"service": "{tmp_path.name}"' in done.stdout
    assert "verdict=" in done.stderr


@pytest.mark.parametrize("zipped", [False, True], ids=["unpacked", "zipped"])
def test_the_wheel_makes_a_history(wheel: Path, unpacked: Path, tmp_path: Path, *, zipped: bool) -> None:
    command = [sys.executable, "-m", "readycheck"]
    store = ["--history", str(tmp_path / "runs.sqlite")]
    place = str(wheel if zipped else unpacked)
    _run([*command, "audit", str(tmp_path), *store], tmp_path, PYTHONPATH=place)
    listed = _run([*command, "history", *store], tmp_path, PYTHONPATH=place)
    assert tmp_path.name[:12] in listed.stdout  # the column is as wide as the terminal lets it be


@pytest.mark.parametrize("kind", ["markdown", "html"])
def test_the_installed_wheel_finds_its_templates(unpacked: Path, tmp_path: Path, kind: str) -> None:
    done = _run(
        [sys.executable, "-m", "readycheck", "audit", str(tmp_path), "-f", kind], tmp_path, PYTHONPATH=str(unpacked)
    )
    assert tmp_path.name in done.stdout.replace("\\_", "_")


def test_the_wheel_works_without_being_unpacked(wheel: Path, tmp_path: Path) -> None:
    listed = _run([sys.executable, "-m", "readycheck", "checks", "list"], tmp_path, PYTHONPATH=str(wheel))
    assert "sensitive-files-never-tracked" in listed.stdout
    page = _run(
        [sys.executable, "-m", "readycheck", "audit", str(tmp_path), "-f", "html"], tmp_path, PYTHONPATH=str(wheel)
    )
    assert page.stdout.startswith("<!doctype html>") or page.stdout.startswith("<!DOCTYPE html>")
