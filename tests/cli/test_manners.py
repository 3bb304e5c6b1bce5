"""How the commands behave on terminals, in pipes, on code pages and in the logs of CI jobs."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import cards

from readycheck import scorecard
from readycheck.cli import run
from readycheck.cli.app import app
from readycheck.cli.man import page

CODE_PAGES = ["ascii", "cp437", "cp850", "cp1252", "cp932", "utf-8", "utf-16-le"]
CHECKLIST = """\
version: 1
service: Müller & Söhne ✓
gate: {min_coverage: 0}
sections:
  - title: Dokumente – geprüft
    items: [{id: readme, text: "Es gibt ein README → 日本", claim: done, severity: high, checks: [readme]}]
"""


@pytest.fixture
def loan(tmp_path: Path) -> Path:
    file = tmp_path / "loan.json"
    file.write_bytes(scorecard.dump(cards.loan()))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / "readiness.yaml").write_text(CHECKLIST, "utf-8")
    return tmp_path / "repository"


def called(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    kept = {
        name: value for name, value in os.environ.items() if name not in ("CI", "COLUMNS", "NO_COLOR", "FORCE_COLOR")
    }
    return subprocess.run(
        [sys.executable, "-m", "readycheck", *arguments],
        env={**kept, "PYTHONUTF8": "0", **environment},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("encoding", CODE_PAGES)
def test_no_code_page_keeps_a_report_from_being_shown(folder: Path, encoding: str) -> None:
    for arguments in (["audit", str(folder)], ["audit", str(folder), "-f", "markdown"], ["audit", "--help"]):
        done = called(*arguments, PYTHONIOENCODING=encoding)
        assert done.returncode in (0, 1, 3), done.stderr
        assert b"Traceback" not in done.stderr
        text = done.stdout.decode(encoding)
        assert ("README" in text) or ("Usage" in text)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize(
    "arguments",
    [["checks", "list"], ["explain", "hsts"], ["checks", "show", "hsts"], ["schema", "scorecard"], ["man"]],
    ids=lambda arguments: arguments[0],
)
def test_every_command_can_speak_on_a_narrow_code_page(arguments: list[str], encoding: str) -> None:
    done = called(*arguments, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_signs_are_ascii_where_nothing_else_can_be_shown(folder: Path) -> None:
    done = called("audit", str(folder), PYTHONIOENCODING="ascii")
    assert re.search(r"^[x?o] (NOT READY|INCONCLUSIVE)", done.stdout.decode("ascii"), re.MULTILINE)


def test_a_pipe_gets_no_colour_unless_it_asks_for_it(loan: Path) -> None:
    assert b"\x1b" not in called("report", str(loan)).stdout
    assert b"\x1b[" in called("report", str(loan), FORCE_COLOR="1").stdout
    assert b"\x1b" not in called("report", str(loan), FORCE_COLOR="1", NO_COLOR="1").stdout
    assert b"\x1b" not in called("report", str(loan), "--no-color", FORCE_COLOR="1").stdout


@pytest.mark.parametrize("columns", [40, 60, 100, 160])
@pytest.mark.parametrize("command", ["report", "trend", "history", "diff"])
def test_no_line_is_wider_than_the_terminal(loan: Path, tmp_path: Path, columns: int, command: str) -> None:
    store = str(tmp_path / "runs.sqlite")
    called("history", "--history", store, "add", str(loan), str(loan))
    arguments = {
        "report": ["report", str(loan), "-v"],
        "trend": ["trend", "--history", store],
        "history": ["history", "--history", store],
        "diff": ["diff", str(loan), str(loan)],
    }[command]
    done = called(*arguments, COLUMNS=str(columns), PYTHONIOENCODING="utf-8")
    assert done.returncode == 0, done.stderr
    widths = [len(line) for line in done.stdout.decode().splitlines()]
    assert max(widths) <= columns


def test_a_terminal_gets_colours(loan: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "readycheck", "report", str(loan)], stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert process.wait() == 0
    assert b"\x1b[" in shown


def test_quiet_prints_one_line_in_all(folder: Path) -> None:
    done = called("audit", str(folder), "--quiet")
    assert done.stdout == b""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(b"verdict=")


def test_errors_go_to_standard_error_alone(tmp_path: Path) -> None:
    done = called("audit", str(tmp_path / "nowhere"))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"there is no folder" in done.stderr


def test_a_reader_that_leaves_early_is_no_error(loan: Path) -> None:
    command = [sys.executable, "-m", "readycheck", "report", str(loan), "-f", "html"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


COMMANDS = [
    "::error file=a::b",
    "  ::add-mask::x",
    "##[error]boo",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[x]",
]


@pytest.mark.parametrize("kind", ["terminal", "markdown"])
@pytest.mark.parametrize("text", COMMANDS)
def test_audited_text_cannot_speak_to_the_runner_that_reads_the_log(tmp_path: Path, text: str, kind: str) -> None:
    file = tmp_path / "card.json"
    file.write_bytes(scorecard.dump(cards.hostile(f"x\n{text}\n{'long ' * 30}{text}")))
    shown = called("report", str(file), "-f", kind, "-v", CI="true", PYTHONIOENCODING="utf-8").stdout.decode()
    for line in shown.splitlines():
        assert not re.match(r"\s*::[\w-]+.*::", line)
        assert not re.search(r"##\w*\[", line)


def test_github_gets_annotations_in_the_log_and_the_report_in_the_summary(loan: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    done = called("report", str(loan), "-f", "github", GITHUB_STEP_SUMMARY=str(summary), CI="true")
    lines = done.stdout.decode().splitlines()
    assert lines
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)
    text = summary.read_text("utf-8")
    assert text.startswith("before\n## ❌ NOT READY")
    assert len(text.encode()) < 1024 * 1024


def test_several_formats_in_one_run(loan: Path, tmp_path: Path) -> None:
    kinds = [
        "sarif",
        "junit",
        "github",
        "gitlab",
        "csv",
        "badge",
        "markdown",
        "pull-request",
        "json",
        "html",
        "terminal",
    ]
    flags = [part for kind in kinds for part in ("-f", kind)]
    assert run(["report", str(loan), *flags, "-o", str(tmp_path / "out")]) == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"scorecard.sarif", "junit.xml", "gl-code-quality-report.json", "scorecard.csv", "badge.svg"} < names
    assert len(names) == len(kinds)


@pytest.mark.parametrize("name", ["x.sarif", "x.xml", "x.csv", "x.svg"])
def test_the_format_follows_the_name_of_the_file(loan: Path, tmp_path: Path, name: str) -> None:
    assert run(["report", str(loan), "-o", str(tmp_path / name)]) == 0
    starts = {"x.sarif": "{", "x.xml": "<?xml", "x.csv": "section,", "x.svg": "<svg"}
    assert (tmp_path / name).read_text("utf-8").startswith(starts[name])


def test_a_template_of_a_teams_own_is_a_format(loan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "mail.md.jinja").write_text(
        "{{ page.answer.word }} {{ card.service }}: {{ page.contradictions.items | length }}\n"
    )
    (own / "page.html.jinja").write_text("<p>{{ card.decision.why }}</p>{{ '<b>' }}\n")
    assert run(["report", str(loan), "--reports", str(own), "-f", "mail"]) == 0
    assert capsys.readouterr().out == "NOT READY minibusiness-loan: 12\n"
    out = tmp_path / "out"
    assert run(["report", str(loan), "--reports", str(own), "-f", "page", "-f", "json", "-o", str(out)]) == 0
    assert "&lt;b&gt;" in (out / "page.html").read_text()
    assert json.loads((out / "scorecard.json").read_text())


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ card.nothing }}", "no attribute 'nothing'"),
        ("\n{% if %}", "x.md.jinja:2:"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ card.decision.__init__.__globals__ }}", "unsafe"),
        ("{% include '/etc/passwd' %}", "passwd"),
        ("{{ 1 / 0 }}", "division"),
        ("{{ none }}", "NoneType"),
    ],
)
def test_a_template_with_a_mistake_leaves_with_2(
    loan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], template: str, words: str
) -> None:
    (tmp_path / "x.md.jinja").write_text(template)
    assert run(["report", str(loan), "--reports", str(tmp_path), "-f", "x"]) == 2
    assert words in capsys.readouterr().err


def test_a_format_that_is_not_there_is_named_with_the_nearest(loan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", str(loan), "-f", "sarfi"]) == 2
    assert "did you mean 'sarif'?" in capsys.readouterr().err
    assert run(["report", str(loan), "--reports", str(loan.parent), "-f", "x"]) == 2
    assert "no template in it" in capsys.readouterr().err


def test_the_manual_page_has_every_command_and_option() -> None:
    import typer.main

    command = typer.main.get_command(app)
    text = page(command).replace("\\-", "-")
    for name in ("audit", "diff", "trend", "history prune", "checks test", "report", "schema"):
        assert f".SS {name}\n" in text
    for option in ("--baseline", "--format, -f", "--history", "--no-color"):
        assert f"\\fB{option}\\fR" in text
    assert text.isascii()
    assert all(word in text for word in ("EXIT STATUS", "READYCHECK_DATABASE", "NO_COLOR"))


def test_the_manual_page_is_clean_roff(tmp_path: Path) -> None:
    groff = shutil.which("groff")
    if groff is None:
        pytest.skip("groff is not installed")
    import typer.main

    file = tmp_path / "readycheck.1"
    file.write_text(page(typer.main.get_command(app)), "ascii")
    done = subprocess.run([groff, "-man", "-ww", "-z", "-Tutf8", str(file)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
