"""The rollback drill: a project's own migrations up, down and up again on a scratch database, compared by inventory."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from readycheck import __version__
from readycheck.drill import comparing
from readycheck.drill.outcome import CannotDrillError, Watcher
from readycheck.drill.scratch import Scratch, scratch
from readycheck.errors import UsageError
from readycheck.facts.drills import DrillRecord, DrillStep, sealed
from readycheck.gather.database.applied import TOOLS
from readycheck.redact import redact

#: The words that take each tool all the way up and all the way down, by a word of its command.
WORDS: Mapping[str, tuple[str, str]] = {
    "sequelize": ("db:migrate --url {url}", "db:migrate:undo:all --url {url}"),
    "knex": ("migrate:latest", "migrate:rollback --all"),
    "typeorm": ("migration:run", "migration:revert"),
    "alembic": ("upgrade head", "downgrade base"),
    "flask": ("db upgrade", "db downgrade base"),
    "rails": ("db:migrate", "db:migrate VERSION=0"),
    "artisan": ("migrate --force", "migrate:reset --force"),
    "goose": ("up", "reset"),
    "dbmate": ("--no-dump-schema up", "--no-dump-schema rollback"),
    "migrate": ("-database {url} up", "-database {url} down -all"),
}
#: Seconds that one run of the tool may take.
LONGEST_RUN = 1800.0


class Walk(Struct, frozen=True, kw_only=True):
    """What to run, where, on which kind of server; `up` and `down` are the tool's words where its own are not meant."""

    run: str
    repository: Path
    dialect: str = "postgresql"
    up: str = ""
    down: str = ""


def walk(plan: Walk, folder: Path, watcher: Watcher, now: datetime) -> DrillRecord:
    """The record of a walk up, down and up again.

    Raises:
        UsageError: it is not known how the tool goes up or down.
        CannotDrillError: there is no scratch server, or the tool is not there.
    """
    up, down = _words(plan)
    steps: list[DrillStep] = []
    problems: list[str] = []
    with ExitStack() as stack:
        url, version = _scratch(plan.dialect, folder, stack, watcher)
        tool = _Tool(plan, url, watcher, steps, problems)
        empty = _seen(url)
        first = _seen(url) if tool.ran("up", up) else empty
        if not problems and first == empty:
            problems.append("going up made nothing in the scratch database: is DATABASE_URL what the tool reads?")
        if not problems and tool.ran("down", down):
            problems += [f"after going down {left} is still there" for left in sorted(_seen(url) - empty)]
            if tool.ran("up again", up):
                again = _seen(url)
                problems += [f"after the second way up {lost} is missing" for lost in sorted(first - again)]
                problems += [f"after the second way up {new} is new" for new in sorted(again - first)]
        steps.append(DrillStep("compare", not problems, f"{len(first)} tables, columns, keys and indexes"))
    record = DrillRecord(
        kind="migrations",
        at=now.astimezone(UTC).isoformat(timespec="seconds"),
        passed=not problems,
        readycheck=__version__,
        subject=redact(plan.run),
        source=plan.repository.resolve().name,
        dialect=plan.dialect,
        scratch=f"{plan.dialect} {version}",
        steps=tuple(steps),
        problems=tuple(problems[:50]),
    )
    return sealed(record)


def _words(plan: Walk) -> tuple[str, str]:
    command = plan.run.lower()
    known = next((words for word, words in WORDS.items() if word in command), ("", ""))
    up, down = plan.up or known[0], plan.down or known[1]
    if not up or not down:
        raise UsageError(
            f"--run {plan.run}: it is not known how it goes up and down", hint="say it with --up and --down"
        )
    return up, down


def _scratch(dialect: str, folder: Path, stack: ExitStack, watcher: Watcher) -> tuple[str, str]:
    watcher.step("start a scratch server")
    if dialect == "sqlite":
        path = folder / "scratch.sqlite"
        path.touch()
        return f"sqlite:///{path}", "file"
    if dialect not in ("postgresql", "mysql"):
        raise UsageError(f"--dialect {dialect}: there is none of that name", hint="one of postgresql, mysql, sqlite")
    server: Scratch = stack.enter_context(scratch(dialect, folder))
    program = ["createdb", "-h", str(server.folder), "-U", "drill", "rc_drill"]
    if dialect == "mysql":
        program = [
            "mariadb",
            "--no-defaults",
            f"--socket={server.folder}/socket",
            "-u",
            "root",
            "-e",
            "CREATE DATABASE rc_drill",
        ]
    done = subprocess.run([server.programs / program[0], *program[1:]], capture_output=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise CannotDrillError(f"the scratch database cannot be made: {done.stderr.decode(errors='replace').strip()}")
    return server.url("rc_drill"), server.version


class _Tool:
    """The project's migration tool, run in its repository with the scratch database in its environment."""

    def __init__(self, plan: Walk, url: str, watcher: Watcher, steps: list[DrillStep], problems: list[str]) -> None:
        self._plan, self._url, self._watcher = plan, url, watcher
        self._steps, self._problems = steps, problems

    def ran(self, name: str, words: str) -> bool:
        """Run it with these words; a failure is a problem.

        Raises:
            CannotDrillError: the tool cannot be run.
        """
        self._watcher.step(name)
        command = [*shlex.split(self._plan.run), *shlex.split(words.replace("{url}", self._url))]
        start = time.monotonic()
        try:
            done = subprocess.run(  # noqa: S603 - asked for by name
                command,
                cwd=self._plan.repository,
                env=self._environment(),
                capture_output=True,
                check=False,
                timeout=LONGEST_RUN,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CannotDrillError(f"{command[0]} cannot be run: {error}") from error
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        last = redact(said[-1])[:300] if said else ""
        if done.returncode != 0:
            self._problems.append(f"going {name} failed with exit code {done.returncode}: {last}")
        seconds = round(time.monotonic() - start, 2)
        self._steps.append(DrillStep(name, done.returncode == 0, f"exit code {done.returncode}", seconds))
        return done.returncode == 0

    def _environment(self) -> dict[str, str]:
        """This process's own, with every usual name of a database set to the scratch one, so that no other is reached."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "MYSQL_", "DB_"))}
        folder = self._url.rpartition("host=")[2]
        named = {"PGHOST": folder, "PGUSER": "drill", "PGDATABASE": "rc_drill"} if "host=" in self._url else {}
        return {**kept, **named, "DATABASE_URL": self._url, "READYCHECK_DRILL": "1"}


def _seen(url: str) -> frozenset[str]:
    """Everything that the migrations made, each as a line; the tables of the tools themselves aside.

    Raises:
        CannotDrillError: the scratch database cannot be asked.
    """
    with ExitStack() as stack:
        try:
            side = comparing.opened(url, stack, "the scratch database")
        except CannotDrillError as error:
            if "sees no table" in error.message:  # MariaDB tells an empty database from a hidden one by nothing
                return frozenset()
            raise
        return frozenset(_lines(side))


def _lines(side: comparing.Side) -> set[str]:
    own = {tool.name for tool in TOOLS} | {tool.lock_table for tool in TOOLS} | {"ar_internal_metadata"}
    found = {
        f"the {kind} {name}" for kind, name in side.objects if not any(word and word in name.lower() for word in own)
    }
    for table in side.inventory.tables:
        if table.name.lower() in own:
            continue
        found.add(f"the table {table.full_name}")
        found |= {f"the column {table.full_name}.{column.name} {column.type}" for column in table.columns}
        found |= {f"the index {table.full_name}.{index.name}({', '.join(index.columns)})" for index in table.indexes}
        found |= {f"the foreign key {table.full_name}({', '.join(key.columns)})" for key in table.foreign_keys}
    return found
