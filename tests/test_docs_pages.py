"""Every command, file and patch that the documentation shows is carried out, and prints what the page says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from support import pages
from support.servers import PASSWORD, Server, fresh
from support.wheelhouse import ROOT, bare_environment
from support.wheelhouse import environment as offline

from readycheck.demo.repository import make_repository
from readycheck.demo.source import service_files
from readycheck.demo.story import changes

pytest_plugins = ["support.database_fixtures"]
DOCS = ROOT / "docs"
PAGES = sorted(
    path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if "```console" in path.read_text("utf-8")
)
BIN = Path(sys.executable).parent

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="the documentation speaks to a POSIX shell"),
    pytest.mark.skipif(shutil.which("git") is None, reason="the documentation uses git"),
]


def nothing(folder: Path) -> None:
    """A folder that readers have just made."""
    del folder


def service(folder: Path) -> None:
    """The demo's repository, whose checklist is partly false."""
    make_repository(folder, changes(service_files(), datetime.now(UTC)))


def honest(folder: Path) -> None:
    """A repository whose checklist is true."""
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n## 1.0.0 - 2026-01-02\n\n- The first.\n")
    line = {"id": "changelog", "text": "Changelog kept", "claim": "done", "severity": "high", "checks": ["changelog"]}
    checklist = {"version": 1, "service": "shop", "sections": [{"title": "Documentation", "items": [line]}]}
    (folder / "readiness.yaml").write_text(yaml.safe_dump(checklist, sort_keys=False))
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*git, *words], cwd=folder, check=True)


#: What stands in the folder in which each page's reader begins.
BEGIN: dict[str, Callable[[Path], None]] = {
    "index.md": nothing,
    "tutorial.md": nothing,
    "how-to/attest-and-waive.md": nothing,
    "how-to/ci.md": honest,
    "how-to/database.md": service,
    "how-to/own-checks.md": nothing,
    "how-to/read-the-report.md": service,
}
#: Commands that are shown and not run here, and why.
NOT_RUN = {
    "docker build": "needs a container engine and its registry; .github/workflows/readiness.yml builds and runs the image",
    "docker run": "the same",
}


def reader(packages: Path, home: Path) -> dict[str, str]:
    """The environment of somebody at a terminal who installs from the folder of packages."""
    home.mkdir(exist_ok=True)
    kept = {name: value for name, value in bare_environment().items() if name not in ("NO_COLOR", "COLUMNS")}
    return {
        **kept,
        **offline(packages),
        "HOME": str(home),
        "PATH": f"{BIN}{os.pathsep}{kept['PATH']}",
        "PIPX_HOME": str(home / "pipx"),
        "PIPX_DEFAULT_BACKEND": "pip",
        "UV_CACHE_DIR": str(home / "uv"),
        "LC_ALL": "C.UTF-8",
        "PYTHONWARNINGS": "ignore",
    }


def follow(page: str, folder: Path, environment: dict[str, str]) -> None:
    """Follow the page and hold every command to what is promised."""
    for done in pages.follow((DOCS / page).read_text("utf-8"), folder, environment):
        where = f"docs/{page}:{done.shown.line}: {done.shown.what}"
        assert done.code == pages.promised(done.shown), f"{where}\n{done.output}"
        if done.shown.kind == "command" and done.shown.text.strip():
            assert pages.fits(done.output, done.shown.text), f"{where}\n{done.output}"


@pytest.mark.parametrize("page", [page for page in PAGES if page != "how-to/database.md"])
def test_the_page_does_what_it_says(page: str, packages: Path, tmp_path: Path) -> None:
    needed = {name for name in ("uvx", "pipx") if f"$ {name}" in (DOCS / page).read_text("utf-8")}
    missing = [name for name in needed if not (BIN / name).exists() and shutil.which(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} is not installed")
    folder = tmp_path / "shop"
    folder.mkdir()
    BEGIN[page](folder)
    follow(page, folder, reader(packages, tmp_path / "home"))


def test_the_page_about_databases_does_what_it_says(packages: Path, tmp_path: Path, postgresql: Server) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    service(folder)
    page = (DOCS / "how-to/database.md").read_text("utf-8")
    (setup,) = [body for language, body in pages.languages(page) if language == "sql"]
    statements = [part.strip() for part in setup.replace("…", PASSWORD).split(";") if part.strip()]
    with fresh(postgresql, "documented", "create table loan (id int primary key)", *statements) as _:
        url = postgresql.url("documented", user="readycheck")
        environment = reader(packages, tmp_path / "home")
        follow("how-to/database.md", folder, {**environment, "DATABASE_URL": url})


def test_every_page_has_its_reader() -> None:
    assert set(PAGES) == set(BEGIN)


def test_every_other_shell_block_says_why_it_is_not_run() -> None:
    for path in DOCS.rglob("*.md"):
        for language, body in pages.languages(path.read_text("utf-8")):
            if language in ("sh", "bash", "shell"):
                for line in body.splitlines():
                    assert any(line.startswith(known) for known in NOT_RUN), f"{path.name}: {line}"


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    zensical = BIN / "zensical"
    if not zensical.exists():
        pytest.skip("zensical is not installed")
    for name in ("docs", "zensical.toml"):
        made = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        made(ROOT / name, tmp_path / name)
    done = subprocess.run(
        [zensical, "build", "--strict", "--clean"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout + done.stderr
    built = {
        path.relative_to(tmp_path / "site").with_suffix(".md").as_posix()
        for path in (tmp_path / "site").rglob("*.html")
    }
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert {name.replace("README", "index") for name in written} <= {name.replace("README", "index") for name in built}


def test_every_page_that_is_written_can_be_reached() -> None:
    named = set(re.findall(r'"([\w./-]+\.md)"', (ROOT / "zensical.toml").read_text("utf-8")))
    assert all((DOCS / name).is_file() for name in named)
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert {name for name in written - named if not name.startswith("adr/")} == set()


def test_a_page_that_promises_what_does_not_happen_is_found(tmp_path: Path) -> None:
    page = 'Do this:\n\n```console\n$ echo one && \\\n  echo two\none\n...\n$ false\n```\n\n```txt title="a/b.txt"\ntext\n```\n'
    echoed, failed, written = pages.follow(page, tmp_path, dict(os.environ))
    assert pages.fits(echoed.output, echoed.shown.text)
    assert not pages.fits(echoed.output, "two\n...\n")
    assert (failed.code, pages.promised(failed.shown)) == (1, 0)
    assert (tmp_path / "a/b.txt").read_text() == "text\n"
    assert written.code == 0


def test_the_workflow_of_the_documentation_gives_inputs_that_the_action_has() -> None:
    text = (DOCS / "how-to/ci.md").read_text("utf-8")
    inputs = set(yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"])
    given = [yaml.safe_load(body) for language, body in pages.languages(text) if language == "yaml" and "with:" in body]
    steps = [step for found in given for job in found.get("jobs", {}).values() for step in job["steps"]]
    used = {name for step in steps if step["uses"].startswith("readycheck/") for name in step["with"]}
    used |= {name for found in given for name in found.get("with", {})}
    assert used
    assert used <= inputs
    assert json.dumps(sorted(inputs))
