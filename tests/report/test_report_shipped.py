from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from support import cards

from readycheck import scorecard
from readycheck.report.format import Format
from readycheck.report.render import render

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
import readycheck
from readycheck import scorecard
assert sys.argv[1] in readycheck.__file__, readycheck.__file__
card = scorecard.load(sys.stdin.buffer.read(), "stdin")
sys.stdout.buffer.write(render(card, Format(sys.argv[2])).encode())
"""


def packaged() -> dict[str, Path]:
    """Every file of a wheel by its name there: the package, and the templates where the build puts them."""
    program = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "readycheck").rglob("*.py")}
    content = {
        f"readycheck/_content/{path.relative_to(ROOT).as_posix()}": path for path in (ROOT / "reports").rglob("*.*")
    }
    return program | content


@pytest.mark.parametrize("form", ["folder", "zip"])
@pytest.mark.parametrize("wanted", [Format.HTML, Format.MARKDOWN])
def test_reports_are_the_same_from_an_installed_and_from_a_zipped_wheel(
    tmp_path: Path, form: str, wanted: Format
) -> None:
    place = tmp_path / ("wheel.zip" if form == "zip" else "installed")
    if form == "zip":
        with ZipFile(place, "w") as archive:
            for name, path in packaged().items():
                archive.write(path, name)
    else:
        for name, path in packaged().items():
            target = place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    card = cards.not_ready()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, place.name, wanted.value],
        input=scorecard.dump(card),
        env={**os.environ, "PYTHONPATH": str(place)},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == render(card, wanted)


def test_json_needs_no_template_engine() -> None:
    program = (
        "import sys; from readycheck.report.format import Format\n"
        "from readycheck.report.render import render; from readycheck import scorecard\n"
        "render(scorecard.load(sys.stdin.buffer.read(), 'stdin'), Format.JSON)\n"
        "assert 'jinja2' not in sys.modules and 'rich' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], input=scorecard.dump(cards.empty()), cwd=ROOT, check=True)
