"""The Dockerfile without a container engine: its own instructions, carried out in a folder that stands for the image."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from support.shop import break_it, plant
from support.wheelhouse import ROOT, bare_environment
from support.wheelhouse import environment as offline

from readycheck.cli import run

pytestmark = pytest.mark.skipif(
    os.name == "nt" or shutil.which("git") is None or shutil.which("bash") is None, reason="needs bash and git"
)


class Step(NamedTuple):
    """An instruction and what it says."""

    name: str
    text: str


def steps() -> list[Step]:
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text("utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [Step(*line.split(None, 1)) for line in lines]


def sent() -> Iterator[Path]:
    """What .dockerignore lets into the build, relative to the root: the last pattern that fits decides."""
    patterns = [
        line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and not line.startswith("#")
    ]
    for top in sorted(ROOT.iterdir()):
        kept = False
        for pattern in patterns:
            if fnmatch(top.name, pattern.removeprefix("!")):
                kept = pattern.startswith("!")
        if kept:
            yield top.relative_to(ROOT)


class Image:
    """A folder as the image's root; `where` tells where a path of the image lies."""

    def __init__(self, root: Path, packages: Path) -> None:
        self.root = root
        self.packages = packages
        self.environment: dict[str, str] = {}
        self.user = self.folder = ""
        self.entry: list[str] = []
        self.command: list[str] = []
        self.commands: list[str] = []

    def where(self, text: str) -> str:
        """The text with the image's own folders as they lie here."""
        return re.sub(r"(?<![\w/.])/(opt/readycheck|source)\b", lambda found: f"{self.root}/{found[1]}", text)

    def build(self) -> None:
        """Each instruction in turn."""
        for step in steps():
            getattr(self, f"_{step.name.lower()}")(step.text)

    def _from(self, text: str) -> None:
        self.environment, self.user = {}, "root"
        assert re.match(r"python:\d\.\d+-slim@sha256:[0-9a-f]{64}( AS \w+)?\Z", text)

    def _label(self, text: str) -> None:
        assert "org.opencontainers.image.licenses" in text

    def _copy(self, text: str) -> None:
        if text.startswith("--from="):
            assert self.where(text.split()[1]) == self.where(text.split()[2])  # one folder stands for both stages
            return
        source, target = text.split()
        assert source == "."
        place = Path(self.where(target))
        place.mkdir(parents=True)
        for name in sent():
            made = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            made(ROOT / name, place / name)

    def _run(self, text: str) -> None:
        for command in (part.strip() for part in text.split("&&")):
            self.commands.append(command)
            words = shlex.split(command)
            if words[0] == "apt-get":
                if shutil.which("apt-get") and words[1] == "install":
                    self._carry_out(f"apt-get --simulate {shlex.join(words[1:])}")
            elif words[0] == "useradd":
                self._add_user(words)
            elif words[:2] != ["rm", "-rf"]:
                self._carry_out(self.where(command))

    def _add_user(self, words: list[str]) -> None:
        if shutil.which("useradd") is None or os.getuid() != 0:
            return
        etc = self.root / "etc"
        etc.mkdir()
        for name in ("passwd", "group", "shadow", "gshadow"):
            (etc / name).touch()
        self._carry_out(shlex.join([words[0], "--prefix", str(self.root), *words[1:]]))
        assert ":10001:" in (etc / "passwd").read_text()

    def _carry_out(self, command: str) -> None:
        path = f"{self.root}/bin{os.pathsep}{os.environ['PATH']}"
        environment = {**bare_environment(), **offline(self.packages), "PATH": path}
        done = subprocess.run(
            ["bash", "-e", "-c", command], env=environment, cwd=self.root, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"

    def _env(self, text: str) -> None:
        self.environment |= dict(pair.split("=", 1) for pair in shlex.split(self.where(text)))

    def _user(self, text: str) -> None:
        self.user = text

    def _workdir(self, text: str) -> None:
        self.folder = text

    def _entrypoint(self, text: str) -> None:
        self.entry = json.loads(text)

    def _cmd(self, text: str) -> None:
        self.command = json.loads(text)

    def run(self, repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The entry point in the repository, as the image's user where this process may become it."""
        assert self.folder == "/repository"
        become = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
        python = Path(self.environment["PATH"].split(os.pathsep)[0]) / "python"
        # A Python that lies in somebody's home is closed to others.
        if (
            os.getuid()
            or not shutil.which("setpriv")
            or subprocess.run([*become, python, "-c", ""], check=False).returncode
        ):
            become = []
        environment: Mapping[str, str] = {
            "HOME": str(repository),
            **self.environment,
            "PATH": self.environment["PATH"].replace("$PATH", os.environ["PATH"]),
        }
        command = [*become, *self.entry, *(arguments or self.command)]
        return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def image(packages: Path) -> Iterator[Image]:
    # Not pytest's own folder: no other user may enter that.
    root = Path(tempfile.mkdtemp(prefix="readycheck-image-"))
    root.chmod(0o755)
    try:
        (root / "bin").mkdir()
        (root / "bin/python").symlink_to(sys.executable)
        made = Image(root, packages)
        made.build()
        yield made
    finally:
        shutil.rmtree(root)


@pytest.fixture
def repository() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="readycheck-mounted-"))
    place.chmod(0o755)
    try:
        plant(place)
        yield place
    finally:
        shutil.rmtree(place)


def test_the_image_audits_what_is_mounted_as_a_user_without_rights(image: Image, repository: Path) -> None:
    assert image.user == "10001"
    before = sorted(path for path in repository.rglob("*"))
    done = image.run(repository)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "verdict=READY exit=0" in done.stderr
    break_it(repository)
    done = image.run(repository, "audit", "--quiet")
    assert "verdict=NOT_READY exit=1" in done.stderr, done.stderr
    assert {path for path in repository.rglob("*") if ".git" not in path.parts} <= set(before)


def test_the_image_holds_the_drivers_and_its_content(image: Image, repository: Path) -> None:
    python = Path(image.environment["PATH"].split(os.pathsep)[0]) / "python"
    subprocess.run([python, "-c", "import psycopg, pymysql"], check=True, cwd=repository)
    assert image.run(repository, "checks", "list", "--json").stdout.count('"id"') > 100


def test_nothing_of_the_build_stays_but_the_environment() -> None:
    last = [number for number, step in enumerate(steps()) if step.name == "FROM"][-1]
    copied = [step.text for step in steps()[last:] if step.name == "COPY"]
    assert copied == ["--from=build /opt/readycheck /opt/readycheck"]


def test_readycheck_itself_finds_the_image_pinned_and_without_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("Dockerfile", ".dockerignore"):
        shutil.copy2(ROOT / name, tmp_path / name)
    asked = ("container-non-root", "container-pinned", "container-ignore-file")
    items = [{"id": name, "text": name, "claim": "done", "severity": "high", "checks": [name]} for name in asked]
    checklist = {"version": 1, "service": "image", "sections": [{"title": "Image", "items": items}]}
    (tmp_path / "readiness.yaml").write_text(yaml.safe_dump(checklist))
    monkeypatch.chdir(tmp_path)
    assert run(["audit", "-f", "json"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert [item["verdict"] for item in card["sections"][0]["items"]] == ["verified"] * len(asked)
