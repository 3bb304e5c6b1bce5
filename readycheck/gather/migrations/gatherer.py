"""Answers what the repository says of the schema's history: its migrations, and the indexes that it declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from readycheck.facts.migrations import MigrationSet, MigrationSets, RepositoryIndexes, RepositoryMigrations
from readycheck.facts.question import Question
from readycheck.gather.migrations import frameworks, node, python, scripts
from readycheck.gather.migrations.declared import declared_indexes
from readycheck.gather.sources import Sources
from readycheck.model import Target

#: Every tool whose migrations are read, in the order of the documentation.
TOOLS: tuple[Callable[[Sources], Iterator[MigrationSet]], ...] = (
    node.sequelize,
    node.knex,
    node.prisma,
    node.typeorm,
    frameworks.laravel,
    python.alembic,
    python.django,
    frameworks.rails,
    scripts.flyway,
    scripts.liquibase,
    scripts.goose,
    scripts.golang_migrate,
    scripts.dbmate,
)
_NOT_THE_PRODUCT = ("fixtures/", "testdata/", "examples/", "__tests__/")


class MigrationsGatherer:
    """Answers for the files of one tree."""

    name = "migrations"
    target: ClassVar[Target] = Target.REPOSITORY
    kinds: ClassVar[tuple[type[Question[Any]], ...]] = (RepositoryMigrations, RepositoryIndexes)

    def __init__(self, sources: Sources, stop: Callable[[], None] = lambda: None) -> None:
        self._sources = sources
        self._stop = stop

    def stop(self) -> None:
        """End git."""
        self._stop()

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """The answers, in order."""
        for question in questions:
            if isinstance(question, RepositoryMigrations):
                yield question, MigrationSets(tuple(self._sets()))
            else:
                yield question, declared_indexes(self._sources)

    def _sets(self) -> Iterator[MigrationSet]:
        for tool in TOOLS:
            for found in tool(self._sources):
                if not any(part in f"{found.folder}/" for part in _NOT_THE_PRODUCT):
                    yield found
