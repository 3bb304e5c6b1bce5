"""What a dialect must know so that one gatherer can ask them all."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, Engine

from readycheck.facts.database import Identifier
from readycheck.gather.database.address import Address
from readycheck.gather.database.catalogue import Catalogue

#: A session may wait so long for a lock that a migration holds, in seconds: an audit never stands long in a queue.
LOCK_SECONDS = 0.5
#: No connection and no statement is given longer than this, in seconds, whatever the whole audit may take.
CONNECT_SECONDS, STATEMENT_SECONDS = 10.0, 5.0


class Limits(NamedTuple):
    """How long to try to connect, and how long a statement may run, in seconds."""

    connect: float
    statement: float


class Server(NamedTuple):
    """Who answered: the dialect by its exact name, its version, and whether the connection is encrypted."""

    dialect: str
    version: str
    encrypted: bool | None


class Dialect(Protocol):
    """One way of speaking SQL, which is a module. Its functions raise what SQLAlchemy raises.

    Those that list also raise `CannotTellError` and `TooLargeError`, and `engine` raises `CannotOpenError`.
    """

    def engine(self, address: Address, limits: Limits, /) -> AbstractContextManager[Engine]:
        """An engine whose connections read only; whatever it needed is gone after the context."""

    def guard(self, connection: Connection, limits: Limits, /) -> None:
        """Bound what the coming transaction may do and how long it may take."""

    def server(self, connection: Connection, /) -> Server:
        """Who answers."""

    def catalogue(self, connection: Connection, /) -> Catalogue:
        """Its tables, columns, keys and indexes, in the same number of statements however many there are."""

    def identifiers(self, connection: Connection, /) -> tuple[Identifier, ...]:
        """The columns that it numbers, and how far they have come."""

    def interrupt(self, driver: Any, /) -> None:
        """End what runs on the driver's connection; called from another thread."""
