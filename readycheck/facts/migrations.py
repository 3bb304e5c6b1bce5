"""Questions to both sides of a schema's history: the migrations in the repository, and those that a database has had."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.model import Target


class MigrationFile(Struct, frozen=True, omit_defaults=True):
    """A migration. `name` is what the tool writes into its table when it has applied it.

    `way_back` says whether it can be taken back, and is None where that cannot be told; `note` says why not. `checksum`
    is what the tool keeps to notice a later edit, empty where it keeps none. `follows` are the names it comes after.
    """

    name: str
    path: str
    way_back: bool | None = None
    note: str = ""
    checksum: str = ""
    follows: tuple[str, ...] = ()


class MigrationSet(Struct, frozen=True, omit_defaults=True):
    """The migrations of one tool in one folder; `configured_in` is the file that names a folder which is not there."""

    system: str
    folder: str
    files: tuple[MigrationFile, ...] = ()
    configured_in: str = ""


class MigrationSets(Struct, frozen=True):
    """Every set that the repository holds or should."""

    sets: tuple[MigrationSet, ...]


class RepositoryMigrations(Question[MigrationSets], frozen=True):
    """Which migrations does the repository hold, for which tool, and can they be taken back?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = MigrationSets


class Applied(Struct, frozen=True, omit_defaults=True):
    """A migration that the database has had; `failed`: it was begun and not finished."""

    name: str
    checksum: str = ""
    failed: bool = False


class MigrationState(Struct, frozen=True, omit_defaults=True):
    """What a tool's table says. `lock` is who holds it, empty when nobody does; `problem` why the table was not read.

    `up_to` says that the table holds the last migration only, and that all before it were applied as well.
    """

    system: str
    table: str
    applied: tuple[Applied, ...] = ()
    lock: str = ""
    problem: str = ""
    up_to: bool = False


class MigrationStates(Struct, frozen=True):
    """Every such table that this login sees, among so many tables in all."""

    states: tuple[MigrationState, ...]
    tables: int


class DatabaseMigrations(Question[MigrationStates], frozen=True):
    """Which migrations has the database had, by the tables that the tools keep?"""

    target: ClassVar[Target] = Target.DATABASE
    answer: ClassVar[type] = MigrationStates


class SourceIndex(Struct, frozen=True, omit_defaults=True):
    """An index that a model, a migration or a statement in the repository declares, and where."""

    table: str
    columns: tuple[str, ...]
    path: str
    line: int
    name: str = ""


class SourceIndexes(Struct, frozen=True):
    """The declared indexes (at most `MOST_INDEXES`), and how many files were read for them."""

    indexes: tuple[SourceIndex, ...]
    files: int


class RepositoryIndexes(Question[SourceIndexes], frozen=True):
    """Which indexes do the models, migrations and SQL files of the repository declare?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = SourceIndexes


#: The most declared indexes that an answer carries, and the most rows that are read of a tool's table.
MOST_INDEXES, MOST_APPLIED = 5_000, 20_000
