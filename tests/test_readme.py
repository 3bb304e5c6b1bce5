"""Every command of the README is run as it stands, block by block, against the demo's service on loopback."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from support import pages
from support.wheelhouse import ROOT, SOURCE, bare_environment
from support.wheelhouse import environment as offline

from readycheck.demo.estate import Estate, build

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = [body for language, body in pages.languages(README) if language == "sh"]
BIN = Path(sys.executable).parent

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="the README speaks to a POSIX shell"),
    pytest.mark.skipif(shutil.which("git") is None, reason="the README uses git"),
]

#: Commands that are not run here, and who runs them.
ELSEWHERE = {
    "make test": "it is what runs this",
    "docker run": "needs a container engine; .github/workflows/readiness.yml builds and runs the image, tests/delivery its steps",
    "readycheck drill restore": "tests/drill/test_drill_commands.py restores real backups into real servers",
    "readycheck drill migrations": "tests/drill/test_drill_commands.py walks real migrations",
    "pip install 'readycheck-audit[postgresql,mysql,mssql]'": "drivers of SQL Server are not packed for the test's index",
}
#: What a reader of a block has done before it, by a command of that block.
BEFORE = {
    "readycheck ticks": ["readycheck audit -q -o scorecard.json --exit-zero"],
    "readycheck attest": [
        "readycheck init",
        "mkdir -p reports src/auth",
        "echo %PDF > reports/pentest.pdf",
        "touch src/auth/a.js",
    ],
    "readycheck sign": ["readycheck import PRODUCTION_READINESS.md"],
    "readycheck checks new": ["mkdir -p checks"],
    "readycheck diff": ["git checkout -q -b branch"],
}
#: Exit codes other than 0: the demo's checklist is partly false, and its history holds credentials.
EXITS = {
    r"readycheck audit\b.*--baseline main": {0, 1},
    r"readycheck audit\b.*--phase post-deploy": {1, 3},
    r"readycheck audit\b": {1},
    r"readycheck secrets\b.*(--range|--baseline)": {0},
    r"readycheck secrets\b": {1},
    r"readycheck diff\b": {0, 1},
}


class Webhook(BaseHTTPRequestHandler):
    """Takes whatever is posted."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def webhook() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Webhook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def commands(block: str) -> list[str]:
    """The commands of a block, without the remarks beside them."""
    return [text for line in block.splitlines() if (text := re.sub(r"\s{2,}#.*|^#.*|\s# .*$", "", line).strip())]


def left_to_others(command: str) -> bool:
    return any(command.startswith(known) for known in ELSEWHERE)


def allowed(command: str) -> set[int]:
    return next((codes for pattern, codes in EXITS.items() if re.match(pattern, command)), {0})


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with build(tmp_path_factory.mktemp("readme")) as made:
        yield made


@pytest.fixture
def reader(estate: Estate, tmp_path: Path, packages: Path) -> Iterator[dict[str, str]]:
    """The environment of somebody who follows the README in a folder of their own."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in bare_environment().items() if name not in ("NO_COLOR", "COLUMNS")}
    with webhook() as url:
        yield {
            **kept,
            **offline(packages),
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "PATH": f"{BIN}{os.pathsep}{kept['PATH']}",
            "PIPX_HOME": str(home / "pipx"),
            "PIPX_DEFAULT_BACKEND": "pip",
            "UV_CACHE_DIR": str(home / "uv"),
            "PYTHONWARNINGS": "ignore",
            "LC_ALL": "C.UTF-8",
            "DATABASE_URL": f"sqlite:///{estate.database.as_posix()}",
            "READYCHECK_CA_FILE": str(estate.ca_file),
            "STAGING_TOKEN": "Bearer of-a-test",
            "SLACK_WEBHOOK": url,
        }


def follow(block: str, folder: Path, environment: dict[str, str], estate: Estate) -> list[tuple[str, int, str]]:
    """Each command with its exit code and what it printed."""
    told = []
    for command in commands(block):
        if left_to_others(command):
            continue
        for text in [*next((steps for known, steps in BEFORE.items() if command.startswith(known)), []), command]:
            asked = re.sub(r"https://(?:loans|staging)\.example", estate.url, text)
            done = subprocess.run(
                ["bash", "-c", asked],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                text=True,
                check=False,
            )
            if text != command:
                assert done.returncode == 0, done.stdout
                continue
            told.append((text, done.returncode, done.stdout))
    return told


OURS = [block for block in BLOCKS if "readycheck" in block and "uvx" not in block and "verdict=" not in block]


@pytest.mark.parametrize("block", OURS, ids=lambda block: commands(block)[0][:40])
def test_the_block_does_what_it_says(block: str, estate: Estate, reader: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "loan-service"
    shutil.copytree(estate.repository, folder, symlinks=True)
    (folder / "production.env").write_bytes(estate.environment.read_bytes())
    (folder / ".git/info").mkdir(exist_ok=True)
    (folder / ".git/info/exclude").write_text("production.env\n")
    for command, code, output in follow(block, folder, reader, estate):
        assert code in allowed(command), f"{command} left with {code}\n{output}"
        assert "Traceback" not in output, output


def test_it_is_installed_as_the_readme_says(estate: Estate, reader: dict[str, str], tmp_path: Path) -> None:
    missing = [name for name in ("uvx", "pipx") if not (BIN / name).exists() and shutil.which(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} is not installed")
    (block,) = [block for block in BLOCKS if "uvx" in block]
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    own = {**reader, "PATH": f"{tmp_path / 'venv/bin'}{os.pathsep}{reader['PATH']}"}
    ran = follow(block, tmp_path, own, estate)
    assert [command.split()[0] for command, _, _ in ran] == ["uvx", "pip"]
    for command, code, output in ran:
        assert code == 0, f"{command}\n{output}"
    assert "pipx run --spec readycheck-audit readycheck" in block


def test_the_demo_is_made_in_a_fresh_checkout(reader: dict[str, str], tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in (*SOURCE, "docs", "Makefile"):
        kept = shutil.ignore_patterns("__pycache__")
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=kept)
        else:
            shutil.copy2(ROOT / name, folder / name)
    done = subprocess.run(["make", "demo"], cwd=folder, env=reader, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NOT READY" in done.stdout
    assert "verdict=NOT_READY exit=0" in done.stderr


def test_every_command_is_run_here_or_somewhere_that_is_named() -> None:
    for block in BLOCKS:
        for command in commands(block):
            assert (
                left_to_others(command) or block in OURS or command.startswith(("make demo", "uvx", "pip install"))
            ), command
    shown = [command for block in BLOCKS for command in commands(block)]
    assert [known for known in ELSEWHERE if not any(command.startswith(known) for command in shown)] == []
