"""Answers questions about one database over one read-only connection, whatever its dialect."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Connection

from readycheck.facts.database import (
    DatabaseIdentifiers,
    DatabaseInventory,
    Identifiers,
    Inventory,
    SqlRows,
    TablesFilled,
)
from readycheck.facts.migrations import DatabaseMigrations
from readycheck.facts.question import Question, Unavailable
from readycheck.gather.database import mssql, mysql, postgresql, sqlite
from readycheck.gather.database.address import Address, read_address
from readycheck.gather.database.applied import read_states
from readycheck.gather.database.dialect import CONNECT_SECONDS, STATEMENT_SECONDS, Dialect, Limits, Server
from readycheck.gather.database.failures import FAILURES, missing_driver, unavailable
from readycheck.gather.database.rows import read_rows
from readycheck.gather.database.stand_in import StandIn, build
from readycheck.gather.database.tables import look_into
from readycheck.model import Outcome, Target

DIALECTS: dict[str, Dialect] = {"sqlite": sqlite, "postgresql": postgresql, "mysql": mysql, "mssql": mssql}


@contextmanager
def kept() -> Iterator[None]:
    """Look for no garbage in here: all that reading a catalogue makes is kept, and is hundreds of thousands of things."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class DatabaseGatherer:
    """Reads the database that `url` names; `timeout` is the most seconds that it may take to connect.

    `pretended` says that the URL is an example's SQLite file, and which server it plays.
    """

    target: ClassVar[Target] = Target.DATABASE
    kinds: ClassVar[tuple[type[Question[Any]], ...]] = (
        DatabaseInventory,
        DatabaseIdentifiers,
        SqlRows,
        TablesFilled,
        DatabaseMigrations,
    )

    def __init__(self, url: str, *, timeout: float = 60.0, pretended: StandIn | None = None) -> None:
        """Take the URL apart; nothing is opened yet.

        Raises:
            TargetError: it is no URL of a database at all.
        """
        self.name = "database"
        self.address: Address = read_address(url)
        self.pretended = pretended
        self.limits = Limits(min(timeout, CONNECT_SECONDS), min(timeout, STATEMENT_SECONDS))
        self._stopped = threading.Event()
        self._driver: Any = None

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """Every answer; one that cannot be had says why, and what fails for one is tried again for the next."""
        dialect = DIALECTS.get(self.address.dialect)
        if dialect is None:
            reason = (
                f"{self.address.dialect} databases are not read; SQLite, PostgreSQL, MySQL, MariaDB and SQL Server are"
            )
            yield from ((question, Unavailable(Outcome.ERROR, reason)) for question in questions)
            return
        with ExitStack() as stack:
            session = self._session(dialect, stack)
            for question in questions:
                yield question, session if isinstance(session, Unavailable) else session.answer(question)

    def stop(self) -> None:
        """End the statement that runs and start no other."""
        self._stopped.set()
        dialect = DIALECTS.get(self.address.dialect)
        if self._driver is not None and dialect is not None:
            dialect.interrupt(self._driver)

    def _session(self, dialect: Dialect, stack: ExitStack) -> Session | Unavailable:
        try:
            engine = stack.enter_context(dialect.engine(self.address, self.limits))
            connection = stack.enter_context(engine.connect())
        except ImportError:
            return missing_driver(self.address.dialect)
        except FAILURES as error:
            return unavailable(error, self.address)
        self._driver = connection.connection.dbapi_connection
        if self.pretended:
            self.pretended.attach_beside(connection, Path(self.address.url.database or ""))
        stack.callback(self._forget)
        return Session(self, dialect, connection)

    def _forget(self) -> None:
        self._driver = None

    @property
    def stopped(self) -> bool:
        """Was it told to give up?"""
        return self._stopped.is_set()


class Session:
    """One open connection; each question is put in a transaction of its own, so that a failed one spoils no other."""

    def __init__(self, gatherer: DatabaseGatherer, dialect: Dialect, connection: Connection) -> None:
        self.gatherer = gatherer
        self.dialect = dialect
        self.connection = connection
        self._known: Inventory | Unavailable | None = None
        self._greeted: Server | None = None

    def answer(self, question: Question[Any]) -> Any:
        """The answer, or why there is none."""
        if isinstance(question, SqlRows):
            return self._tried(lambda server: read_rows(self.connection, question, server.dialect))
        if isinstance(question, DatabaseIdentifiers):
            speaks = self.gatherer.pretended or self.dialect
            return self._tried(lambda server: Identifiers(server.dialect, speaks.identifiers(self.connection)))
        known = self._inventory()
        if isinstance(question, TablesFilled) and isinstance(known, Inventory):
            return look_into(self.connection, known, question, self._tried)
        if isinstance(question, DatabaseMigrations) and isinstance(known, Inventory):
            return read_states(self.connection, known, self._tried)
        return known

    def _server(self) -> Server:
        if self._greeted is None:
            self._greeted = (self.gatherer.pretended or self.dialect).server(self.connection)
        return self._greeted

    def _inventory(self) -> Inventory | Unavailable:
        if self._known is None:
            self._known = self._tried(self._listed)
        return self._known

    def _listed(self, server: Server) -> Inventory:
        with kept():
            found = self.dialect.catalogue(self.connection)
            if self.gatherer.pretended:
                found = self.gatherer.pretended.counted(self.connection, found)
            tables = found.joined()
        return Inventory(
            server.dialect,
            server.version,
            tables,
            encrypted=server.encrypted,
            local=self.gatherer.address.local and not self.gatherer.pretended,
            counting=found.counting,
        )

    def _tried(self, ask: Any) -> Any:
        """What `ask` tells in a guarded read-only transaction, or why it could not."""
        if self.gatherer.stopped:
            return Unavailable(Outcome.ERROR, "the database was not asked in time")
        try:
            with self.connection.begin() as transaction:
                self.dialect.guard(self.connection, self.gatherer.limits)
                told = ask(self._server())
                transaction.rollback()
                return told
        except FAILURES as error:
            return unavailable(error, self.gatherer.address)


def example_database(statements: Iterable[str], folder: Path, dialect: str) -> DatabaseGatherer:
    """A gatherer on a new SQLite file in this folder, made by these statements, that speaks as `dialect`.

    Raises:
        ValueError: a statement is not SQLite's; it is an example's mistake.
    """
    pretended = None if dialect == "sqlite" else StandIn(dialect)
    return DatabaseGatherer(build(statements, folder), timeout=10, pretended=pretended)
