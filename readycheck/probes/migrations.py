"""Judgements on a schema's history: what is pending, failed, locked or edited, and what cannot be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Literal

from readycheck.facts.migrations import (
    Applied,
    DatabaseMigrations,
    MigrationFile,
    MigrationSet,
    MigrationState,
    RepositoryMigrations,
)
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Outcome, Strength, Target
from readycheck.probes.probe import Judgement, Probe, failed, not_applicable, passed, unknown

Fault = Literal["pending", "failed", "locked", "edited", "unknown"]


class MigrationsApplied(Probe, frozen=True):
    """The database has had the migrations of the repository, by the table that their tool keeps.

    `faults` are looked for: `pending` is in the repository only, `unknown` in the table only, `failed` was begun and not
    finished, `locked` a run that was cut short, `edited` a file that changed after it was applied.
    """

    name: ClassVar[str] = "migrations.applied"
    target: ClassVar[Target] = Target.DATABASE

    faults: tuple[Fault, ...]

    def __post_init__(self) -> None:
        """Refuse to look for nothing."""
        if not self.faults:
            raise ValueError("faults must name at least one")

    def questions(self) -> tuple[Question[Any], ...]:
        """Both sides."""
        return (RepositoryMigrations(), DatabaseMigrations())

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each fault; a set without a table, or a table without a set, is told."""
        here = facts[RepositoryMigrations()].sets
        there = facts[DatabaseMigrations()]
        files = sum(len(found.files) for found in here)
        if not files and not there.states:
            return not_applicable("the repository has no migrations of a known tool, and the database no table of one")
        if not there.tables:
            return unknown("the database has no tables that this login sees")
        unread = [state for state in there.states if state.problem]
        if unread:
            return unknown(f"{unread[0].table} could not be read: {unread[0].problem}")
        found = list(_faults(here, there.states, self.faults))
        applied = sum(len(state.applied) for state in there.states)
        examined = (
            f"{files} migrations in the repository, {applied} in the database's tables ({_systems(here, there.states)})"
        )
        return failed(examined, found) if found else passed(examined, Strength.OBSERVED)


def _systems(sets: Iterable[MigrationSet], states: Iterable[MigrationState]) -> str:
    return ", ".join(dict.fromkeys([*(found.system for found in sets), *(state.system for state in states)]))


def _faults(
    sets: Iterable[MigrationSet], states: tuple[MigrationState, ...], faults: tuple[Fault, ...]
) -> Iterator[Finding]:
    by_system: dict[str, list[MigrationFile]] = {}
    for found in sets:
        by_system.setdefault(found.system, []).extend(found.files)
    for system, files in by_system.items():
        state = next((state for state in states if state.system == system), None)
        if state is None:
            if "pending" in faults and files:
                yield Finding(
                    f"no table of {system} is in the database: all {len(files)} migrations are pending",
                    Location(files[0].path),
                )
            continue
        yield from _of_set(files, state, faults)
    for state in states:
        yield from _of_table(state, faults)


def _of_set(files: list[MigrationFile], state: MigrationState, faults: tuple[Fault, ...]) -> Iterator[Finding]:
    applied = {one.name: one for one in state.applied}
    known = {file.name: file for file in files}
    had = _had(files, set(applied), state)
    replaced = {name for file in files if state.system == "django" for name in file.follows if name in applied}
    for file in files:
        one = applied.get(file.name)
        squashed = state.system == "django" and file.follows and set(file.follows) <= set(applied)
        if "pending" in faults and file.name not in had and not squashed:
            yield Finding(f"{file.name} is pending ({state.system})", Location(file.path))
        if (
            "edited" in faults
            and one
            and one.checksum
            and file.checksum
            and one.checksum != file.checksum
            and not one.failed
        ):
            yield Finding(f"{file.name} was edited after it was applied ({state.system})", Location(file.path))
    if "unknown" in faults:
        for name in sorted(set(applied) - set(known) - replaced):
            if _ours(name, files, state):
                yield Finding(
                    f"{name} was applied and is not in the repository ({state.system})", Location(object=state.table)
                )


def _had(files: list[MigrationFile], applied: set[str], state: MigrationState) -> set[str]:
    """The names that the database has had: a table with the last one only stands for all that come before it."""
    if not state.up_to:
        return applied
    if state.system == "alembic":
        follows = {file.name: file.follows for file in files}
        waiting, had = list(applied), set[str]()
        while waiting:
            name = waiting.pop()
            if name not in had:
                had.add(name)
                waiting.extend(follows.get(name, ()))
        return had
    numbers = [int(name) for name in applied if name.isdigit()]
    return {file.name for file in files if numbers and file.name.isdigit() and int(file.name) <= max(numbers)}


def _ours(name: str, files: list[MigrationFile], state: MigrationState) -> bool:
    """Is it for this repository to know? Django's table has the migrations of every installed package too."""
    return state.system != "django" or name.partition(".")[0] in {file.name.partition(".")[0] for file in files}


def _of_table(state: MigrationState, faults: tuple[Fault, ...]) -> Iterator[Finding]:
    place = Location(object=state.table)
    if "failed" in faults:
        for one in state.applied:
            if one.failed:
                yield Finding(_failed(one, state), place)
    if "locked" in faults and state.lock:
        yield Finding(f"{state.system}: {state.lock}", place)


def _failed(one: Applied, state: MigrationState) -> str:
    return f"{one.name} was begun and not finished ({state.system}): the schema may be half changed"


class MigrationsReversible(Probe, frozen=True):
    """Every migration can be taken back: its way back is there and does something."""

    name: ClassVar[str] = "migrations.reversible"
    target: ClassVar[Target] = Target.REPOSITORY

    def questions(self) -> tuple[Question[Any], ...]:
        """The migrations of the repository."""
        return (RepositoryMigrations(),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each without; that a `down` is written does not say that it works, so the evidence is `constructed`."""
        files = [(found, file) for found in facts[RepositoryMigrations()].sets for file in found.files]
        if not files:
            return unknown("the repository has no migrations of a known tool")
        examined = f"{len(files)} migrations ({_systems((found for found, _ in files), ())})"
        one_way = [
            Finding(f"{file.name} cannot be taken back: {file.note or 'it has no way back'}", Location(file.path))
            for _, file in files
            if file.way_back is False
        ]
        unsure = [
            Finding(f"{file.name}: {file.note}", Location(file.path)) for _, file in files if file.way_back is None
        ]
        if one_way:
            return failed(examined, one_way)
        return Judgement(Outcome.UNKNOWN, examined, tuple(unsure)) if unsure else passed(examined, Strength.WIRED)


class MigrationFolders(Probe, frozen=True):
    """The folder of migrations that a tool's configuration names is there and not empty."""

    name: ClassVar[str] = "migrations.folders"
    target: ClassVar[Target] = Target.REPOSITORY

    def questions(self) -> tuple[Question[Any], ...]:
        """The migrations of the repository."""
        return (RepositoryMigrations(),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each that is missing."""
        sets = facts[RepositoryMigrations()].sets
        if not sets:
            return not_applicable("no known migration tool is configured or used")
        examined = f"{len(sets)} folders of migrations ({_systems(sets, ())})"
        lost = [
            Finding(
                f"{found.system} is told to look in {found.folder}, and no migration is there",
                Location(found.configured_in),
            )
            for found in sets
            if found.configured_in
        ]
        shown = [Finding(f"{len(found.files)} migrations of {found.system}", Location(found.folder)) for found in sets]
        return failed(examined, lost) if lost else passed(examined, Strength.WIRED, shown)
