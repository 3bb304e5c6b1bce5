"""Judgements on what a database wears out: indexes nobody reads, numbers that run out, a version that ages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar

from msgspec import Struct

from readycheck.facts.database import DatabaseIdentifiers, DatabaseInventory, Identifier, Index, IndexState, Table
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.database import EMPTY, OfInventory
from readycheck.probes.indexing import cover
from readycheck.probes.probe import Judgement, Probe, failed, not_applicable, passed, unknown

#: The highest number of a column's type, by the words that servers have for it; unsigned types hold twice as many.
_HIGHEST = {
    "tinyint": 2**7 - 1,
    "smallint": 2**15 - 1,
    "mediumint": 2**23 - 1,
    "int": 2**31 - 1,
    "integer": 2**31 - 1,
    "bigint": 2**63 - 1,
}
_MEBIBYTE = 1024 * 1024


class UnusedIndexes(OfInventory, frozen=True):
    """Every index of `mib` or more was read in the last `days`, or serves a rule or a foreign key.

    Only servers that have counted for so long, and alone, can tell: each node counts for itself.
    """

    name: ClassVar[str] = "database.unused_indexes"

    days: float = 30.0
    mib: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a window in which nothing can be learned."""
        if self.days <= 0 or self.mib < 0:
            raise ValueError("days must be above 0 and mib not below it")

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each unread index; unknown while nobody has counted for long enough."""
        inventory = facts[DatabaseInventory()]
        if inventory.dialect == "sqlite":
            return not_applicable("SQLite counts no use of indexes")
        if not inventory.tables:
            return unknown(EMPTY)
        counting = inventory.counting
        if counting.days is None:
            return unknown(counting.problem or "the server does not tell since when it counts the use of indexes")
        window = f"the use of indexes is counted since {counting.days:g} days"
        if counting.days < self.days:
            return unknown(f"{window}, and {self.days:g} are asked for")
        judged = [(table, index) for table in inventory.tables for index in self._judged(table, inventory.dialect)]
        examined = f"{len(judged)} indexes of {self.mib:g} MiB or more; {window}"
        found = [_unread(table, index, counting.days) for table, index in judged if index.scans == 0]
        if not found:
            return passed(examined, Strength.OBSERVED)
        if counting.others:
            return unknown(f"{examined} here; other servers answer queries too, and count for themselves", found)
        return failed(examined, found)

    def _judged(self, table: Table, dialect: str) -> Iterator[Index]:
        """The indexes that could go if nobody reads them. A partition's belong to their parent's."""
        keys = [] if table.partition else [cover(key, table, None, dialect).by for key in table.foreign_keys]
        for index in () if table.partition else table.indexes:
            ruled = index.unique or index.primary or index.constraint or index.method == "gist"
            size = index.bytes or table.bytes
            counted = index.scans is not None and index.state is IndexState.VALID
            if counted and not ruled and index.name not in keys and size >= self.mib * _MEBIBYTE:
                yield index


def _unread(table: Table, index: Index, days: float) -> Finding:
    size = f", {index.bytes / _MEBIBYTE:.1f} MiB" if index.bytes else ""
    read = f"{index.name} of {table.full_name} was not read in {days:g} days{size}"
    message = f"{read}: unless it is younger, it can probably be dropped"
    return Finding(message, Location(object=f"{table.full_name}.{index.name}"))


class IdentifiersHaveRoom(Probe, frozen=True):
    """No column that the database numbers has used more than `percent` of the numbers that its type holds."""

    name: ClassVar[str] = "database.identifiers_have_room"
    target: ClassVar[Target] = Target.DATABASE

    percent: float = 75.0

    def __post_init__(self) -> None:
        """Refuse a share outside its range."""
        if not 0 < self.percent < 100:  # noqa: PLR2004 - percent
            raise ValueError("percent must be above 0 and below 100")

    def questions(self) -> tuple[Question[Any], ...]:
        """How far the columns have come."""
        return (DatabaseIdentifiers(),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each that is near its end; unknown when one is hidden and none of the others is."""
        found = facts[DatabaseIdentifiers()]
        examined = f"{len(found.columns)} numbered columns"
        if found.dialect == "sqlite":
            return not_applicable("a rowid of SQLite has 64 bits, whatever its column's type")
        if not found.columns:
            return not_applicable("no column is numbered by the database")
        ending = [
            _near(column, share) for column in found.columns if (share := _used(column, found.dialect)) > self.percent
        ]
        if ending:
            return failed(examined, ending)
        hidden = [column for column in found.columns if column.hidden]
        if hidden:
            names = ", ".join(f"{column.table}.{column.column}" for column in hidden[:5])
            return unknown(f"{examined}; this login is not told how far {len(hidden)} of them have come: {names}")
        return passed(examined, Strength.OBSERVED)


def _used(column: Identifier, dialect: str) -> float:
    """The share of the type's numbers that are used, in percent; SQL Server's tinyint has no sign."""
    words = column.type.lower().replace("(", " ").split()
    highest = _HIGHEST.get(words[0] if words else "", 2**63 - 1)
    if "unsigned" in words or (dialect == "mssql" and words[0] == "tinyint"):
        highest = 2 * highest + 1
    return 100.0 * (column.last or 0) / highest


def _near(column: Identifier, share: float) -> Finding:
    place = f"{column.table}.{column.column}"
    return Finding(f"{place} ({column.type}) has used {share:.1f} % of its numbers", Location(object=place))


class Release(Struct, frozen=True):
    """A release of a server by the start of its version, and the last day on which it gets security fixes."""

    dialect: str
    version: str
    until: date


class VersionSupported(OfInventory, frozen=True):
    """The server's release still gets security fixes on the day of the audit."""

    name: ClassVar[str] = "database.version_supported"

    releases: tuple[Release, ...]

    def judge(self, facts: Facts) -> Judgement:
        """Fail after the last day; unknown for a release that is not listed."""
        inventory = facts[DatabaseInventory()]
        if inventory.dialect == "sqlite":
            return not_applicable("SQLite is a library of the program that opens the file")
        release = self._release(inventory.dialect, inventory.version)
        examined = f"{inventory.dialect} {inventory.version}"
        if release is None:
            return unknown(f"{examined}: nothing is known of this release")
        today = date.fromisoformat(facts.collected_at[:10])
        if today > release.until:
            found = Finding(f"{inventory.dialect} {release.version} is out of support since {release.until}")
            return failed(examined, [found])
        return passed(f"{examined} is supported until {release.until}", Strength.OBSERVED)

    def _release(self, dialect: str, version: str) -> Release | None:
        """The listed release with the longest name that the version belongs to: 10.11.3 is no 10.1."""
        fitting = [
            release
            for release in self.releases
            if release.dialect == dialect and re.match(rf"{re.escape(release.version)}(?:\.|\Z)", version)
        ]
        return max(fitting, key=lambda release: len(release.version), default=None)
