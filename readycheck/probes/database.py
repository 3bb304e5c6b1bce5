"""Judgements on a database's structure, on its connection, and on which of its tables are filled."""

from __future__ import annotations

from typing import Any, ClassVar

from readycheck.facts.database import DatabaseInventory, ForeignKey, Inventory, Table, TableSeen, TablesFilled
from readycheck.facts.migrations import RepositoryIndexes, SourceIndex
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Part, Strength, Target
from readycheck.probes.declaring import DeclaredIndex, Standing, State, standings
from readycheck.probes.indexing import Cover, Redundant, cover, redundant
from readycheck.probes.probe import Judgement, Probe, failed, not_applicable, passed, unknown

#: What is said of a database in which this login sees nothing.
EMPTY = "the database has no tables that this login sees"


class OfInventory(Probe, frozen=True):
    """Judges the structure of the database."""

    target: ClassVar[Target] = Target.DATABASE

    def questions(self) -> tuple[Question[Any], ...]:
        """The structure."""
        return (DatabaseInventory(),)


class ForeignKeysIndexed(OfInventory, frozen=True):
    """Every foreign key is led by an index on its own side, so that deleting a parent row reads no whole table."""

    name: ClassVar[str] = "database.foreign_keys_indexed"

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each foreign key that no index serves, or that one serves only in part."""
        inventory = facts[DatabaseInventory()]
        keys = [(table, key) for table in inventory.tables for key in table.foreign_keys]
        if not inventory.tables:
            return unknown(EMPTY)
        examined = f"{len(keys)} foreign keys of {len(inventory.tables)} tables"
        if not keys:
            return not_applicable(examined)
        tables = {table.full_name.lower(): table for table in inventory.tables}
        covers = [cover(key, table, tables.get(key.referred_table.lower()), inventory.dialect) for table, key in keys]
        found = [
            _unserved(table, key, served)
            for (table, key), served in zip(keys, covers, strict=True)
            if served.columns < len(key.columns)
        ]
        return failed(examined, found) if found else passed(examined, Strength.OBSERVED)


def _unserved(table: Table, key: ForeignKey, served: Cover) -> Finding:
    columns = ", ".join(key.columns)
    place = Location(object=f"{table.full_name}({columns})")
    lead = f"the foreign key {place.object} to {key.referred_table}"
    parts = (Part("table", _path(table)), Part("columns", key.columns))
    if served.columns:
        partly = f"{lead} is only partly indexed: {served.by} starts with {served.columns} of its columns"
        return Finding(partly, place, parts=parts)
    return Finding(f"{lead} has no index that starts with its columns", place, parts=parts)


def _path(table: Table) -> tuple[str, ...]:
    return (table.schema, table.name) if table.schema else (table.name,)


class PrimaryKeys(OfInventory, frozen=True):
    """Every table has a primary key."""

    name: ClassVar[str] = "database.primary_keys"

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each table without one; partitions and stored views aside."""
        tables = _own(facts[DatabaseInventory()])
        if not tables:
            return unknown(EMPTY)
        found = [
            Finding(f"{table.full_name} has no primary key", Location(object=table.full_name))
            for table in tables
            if not table.primary_key
        ]
        examined = f"{len(tables)} tables"
        return failed(examined, found) if found else passed(examined, Strength.OBSERVED)


def _own(inventory: Inventory) -> list[Table]:
    """The tables themselves. Partitions inherit what their parent has, and counting them would report it twice."""
    return [table for table in inventory.tables if not table.partition and not table.materialized]


class DuplicateIndexes(OfInventory, frozen=True):
    """No index does only what another index of the same table does too."""

    name: ClassVar[str] = "database.duplicate_indexes"

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each index that another one makes superfluous."""
        inventory = facts[DatabaseInventory()]
        if not inventory.tables:
            return unknown(EMPTY)
        tables = [table for table in inventory.tables if not table.partition]
        examined = f"{sum(len(table.indexes) for table in tables)} indexes of {len(tables)} tables"
        found = [_superfluous(table, pair) for table in tables for pair in redundant(table)]
        return failed(examined, found) if found else passed(examined, Strength.OBSERVED)


def _superfluous(table: Table, pair: Redundant) -> Finding:
    reason = "is the same" if pair.same else "starts with its columns"
    message = f"{pair.dropped.name} of {table.full_name} can probably be dropped: {pair.kept.name} {reason}"
    place = Location(object=f"{table.full_name}.{pair.dropped.name}")
    # PostgreSQL and SQLite name indexes within a schema, the others within a table.
    path = (*_path(table)[:-1], pair.dropped.name)
    parts = (Part("table", _path(table)), Part("index", (pair.dropped.name,)), Part("index_path", path))
    return Finding(message, place, parts=parts)


class IndexesDeclared(OfInventory, frozen=True):
    """Every index that the document declares is there, under its name or another."""

    name: ClassVar[str] = "database.indexes_declared"

    indexes: tuple[DeclaredIndex, ...]

    def __post_init__(self) -> None:
        """Refuse an empty list, which would hold for any database."""
        if not self.indexes:
            raise ValueError("indexes must name at least one index")

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each that is not there or is not used."""
        inventory = facts[DatabaseInventory()]
        if not inventory.tables:
            return unknown(EMPTY)
        stand = [(declared, found) for declared in self.indexes for found in standings(declared, inventory)]
        examined = f"{len(self.indexes)} declared indexes looked for in {len(inventory.tables)} tables"
        missing = [_told(declared, found) for declared, found in stand if not found.state.there]
        if missing:
            return failed(examined, missing)
        return passed(examined, Strength.OBSERVED, [_told(declared, found) for declared, found in stand])


def _told(declared: DeclaredIndex, found: Standing) -> Finding:
    note = f" ({found.note})" if found.note else ""
    parts: tuple[Part, ...] = ()
    if found.columns:
        parts = (Part("table", found.table), Part("columns", found.columns))
        parts += (Part("name", (declared.name,)),) if declared.name else ()
    return Finding(f"{declared}: {found.state.value}{note}", Location(object=found.object), parts=parts)


class SourceIndexesPresent(OfInventory, frozen=True):
    """Every index that a model, a migration or an SQL file of the repository declares is in the database."""

    name: ClassVar[str] = "database.source_indexes_present"

    def questions(self) -> tuple[Question[Any], ...]:
        """What the repository declares, and the structure."""
        return (RepositoryIndexes(), DatabaseInventory())

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each that is not there; of a table that is not there nothing is said: migrations are dropped too."""
        declared = facts[RepositoryIndexes()]
        inventory = facts[DatabaseInventory()]
        if not declared.indexes:
            return not_applicable(f"{declared.files} files of the repository declare no index on plain columns")
        if not inventory.tables:
            return unknown(EMPTY)
        stand = [
            (index, meant, found)
            for index in declared.indexes
            for meant in [DeclaredIndex(index.table, index.columns, index.name)]
            for found in standings(meant, inventory)
        ]
        known = [row for row in stand if row[2].state is not State.IMPOSSIBLE]
        examined = (
            f"{len(known)} of the {len(declared.indexes)} indexes that the repository declares have their table here"
        )
        if not known:
            return unknown(f"{examined}: is this the database of this repository?")
        missing = [_told_of(*row) for row in known if not row[2].state.there]
        return failed(examined, missing) if missing else passed(examined, Strength.OBSERVED)


def _told_of(index: SourceIndex, meant: DeclaredIndex, found: Standing) -> Finding:
    note = f" ({found.note})" if found.note else ""
    return Finding(f"{meant}: {found.state.value}{note}", Location(index.path, index.line))


class ConnectionEncrypted(OfInventory, frozen=True):
    """The connection to the database is encrypted."""

    name: ClassVar[str] = "database.connection_encrypted"

    def judge(self, facts: Facts) -> Judgement:
        """Fail for a plain connection that leaves the machine; one that does not needs no encryption."""
        inventory = facts[DatabaseInventory()]
        where = f"the audit's own connection to {inventory.dialect} {inventory.version}"
        if inventory.encrypted:
            return passed(f"{where} uses TLS", Strength.OBSERVED)
        if inventory.dialect == "sqlite":
            return not_applicable("SQLite is a file: nothing is sent to it")
        if inventory.local:
            return not_applicable(f"{where} does not leave this machine")
        if inventory.encrypted is None:
            return unknown(f"{where} does not tell whether it uses TLS")
        return failed(where, [Finding(f"{where} is not encrypted", Location(object="connection"))])


class TablesHaveRows(Probe, frozen=True):
    """There is a table of one of these names, and at least one such table has a row."""

    name: ClassVar[str] = "database.tables_have_rows"
    target: ClassVar[Target] = Target.DATABASE

    tables: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse patterns that match no table or every table."""
        if not self.tables or not all(pattern.strip("* ") for pattern in self.tables):
            raise ValueError("tables must name at least one pattern, none of them empty or all stars")

    def questions(self) -> tuple[Question[Any], ...]:
        """The tables of these names."""
        return (TablesFilled(self.tables),)

    def judge(self, facts: Facts) -> Judgement:
        """Pass when one has a row; unknown when one that might could not be read."""
        seen = facts[TablesFilled(self.tables)]
        names = ", ".join(self.tables)
        if not seen.searched:
            return unknown(EMPTY)
        examined = f"{seen.searched} tables looked through for {names}"
        filled = [
            Finding(f"{table.name} has rows", Location(object=table.name)) for table in seen.tables if table.filled
        ]
        if filled:
            return passed(examined, Strength.OBSERVED, filled)
        unread = [_unread(table) for table in seen.tables if table.filled is None]
        if unread:
            return unknown(examined, unread)
        empty = [Finding(f"{table.name} is empty", Location(object=table.name)) for table in seen.tables]
        return failed(examined, empty or [Finding(f"no table has a name like {names}")])


def _unread(table: TableSeen) -> Finding:
    return Finding(f"{table.name} could not be read: {table.problem}", Location(object=table.name))
