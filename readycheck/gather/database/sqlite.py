"""SQLite: four statements over its pragmas, and the text of the DDL for what they leave out."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from readycheck.facts.database import Column, ForeignKey, Identifier, Index, Key
from readycheck.gather.database import sqlite_ddl
from readycheck.gather.database.address import Address
from readycheck.gather.database.catalogue import Catalogue, Listed, canonical, listed
from readycheck.gather.database.dialect import Limits, Server
from readycheck.gather.database.failures import CannotOpenError
from readycheck.gather.database.sqlite_file import connect, readable, watch

SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master"
# A virtual table's own module may be missing here, and asking for its columns would fail.
_TABLES = "FROM sqlite_master m, {} WHERE m.type = 'table' AND m.sql NOT LIKE 'create virtual table%'"
COLUMNS = 'SELECT m.name, t.name, t.type, t."notnull", t.pk ' + _TABLES.format("pragma_table_xinfo(m.name) t")
KEYS = (
    'SELECT m.name, il.name, il."unique", il.origin, il.partial, x.seqno, x.cid, x.name, x."desc", x.coll '
    + _TABLES.format("pragma_index_list(m.name) il, pragma_index_xinfo(il.name) x")
    + " AND x.key = 1"
)
REFERENCES = 'SELECT m.name, f.id, f.seq, f."table", f."from", f."to" ' + _TABLES.format(
    "pragma_foreign_key_list(m.name) f"
)
#: Tables that FTS and R*Tree modules keep beside a virtual table (sqlite.org/fts5.html, rtree.html).
_SHADOWS = (
    "config content data docsize idx node parent rowid segdir segments stat".split()  # noqa: SIM905 - reads as a sentence
)
_EXPRESSION = -2


@contextmanager
def engine(address: Address, limits: Limits) -> Iterator[Engine]:
    """An engine on the file, opened so that nothing is written."""
    if not address.url.database or address.url.database == ":memory:":
        raise CannotOpenError("the URL names no file; give sqlite:///path/to/file.db")
    with readable(Path(address.url.database)) as uri:
        made = create_engine("sqlite://", creator=lambda: connect(uri, limits.statement), poolclass=NullPool)
        yield made


def guard(connection: Connection, limits: Limits) -> None:
    """Give the coming statements their time; the connection itself reads only."""
    watch(driver_of(connection), limits.statement)


def server(_: Connection) -> Server:
    """The library that reads the file; nothing is sent, so nothing is encrypted."""
    return Server("sqlite", sqlite3.sqlite_version, None)


def interrupt(driver: Any) -> None:
    """End the statement that runs."""
    driver.interrupt()


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The standard library's connection below."""
    driver: Any = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - made by `engine` above
    return driver


def catalogue(connection: Connection) -> Catalogue:
    """What the file holds, its own bookkeeping and virtual tables aside."""
    schema = listed(connection, SCHEMA)
    made = {(kind, name): sql or "" for kind, name, _, sql in schema}
    found = Catalogue(tables=_tables(made))
    keys = _add_columns(found, listed(connection, COLUMNS), made)
    _add_indexes(found, listed(connection, KEYS), made)
    for table, columns in keys.items():
        found.primary_keys[table] = columns
        if not any(index.primary for index in found.indexes[table]):
            found.indexes[table].append(_rowid(columns))
    _add_references(found, listed(connection, REFERENCES))
    return found


def identifiers(_: Connection) -> tuple[Identifier, ...]:
    """None that could run out: a rowid has 64 bits whatever type the column was given (sqlite.org/autoinc.html)."""
    return ()


def _tables(made: Mapping[tuple[str, str], str]) -> list[Listed]:
    names = [name for kind, name in made if kind == "table" and not name.lower().startswith("sqlite_")]
    virtual = {name for name in names if made["table", name].lower().startswith("create virtual table")}
    shadows = {f"{name}_{suffix}" for name in virtual for suffix in _SHADOWS}
    return [Listed(name, "", name) for name in names if name not in virtual | shadows]


def _add_columns(found: Catalogue, rows: list[Any], made: Mapping[tuple[str, str], str]) -> dict[str, tuple[str, ...]]:
    """Add the columns, and tell the primary key of each table that has one."""
    collations = {name: sqlite_ddl.collations(sql) for (kind, name), sql in made.items() if kind == "table"}
    keys: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for table, name, kind, required, place in rows:
        collation = collations[table].get(name.lower(), "")
        found.columns[table].append(Column(name, kind, not required, "" if collation == "binary" else collation))
        if place:
            keys[table].append((place, name))
    return {table: tuple(name for _, name in sorted(places)) for table, places in keys.items()}


def _rowid(columns: tuple[str, ...]) -> Index:
    """The table itself: an INTEGER PRIMARY KEY sorts it and has no index of its own (lang_createtable.html §5)."""
    return Index("rowid", tuple(map(Key, columns)), unique=True, primary=True, constraint=True)


def _add_indexes(found: Catalogue, rows: list[Any], made: Mapping[tuple[str, str], str]) -> None:
    grouped: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for table, name, *rest in rows:
        grouped[table, name].append(rest)
    for (table, name), keys in grouped.items():
        columns = {column.name.lower(): column for column in found.columns[table]}
        found.indexes[table].append(_index(name, keys, made.get(("index", name), ""), columns))


def _index(name: str, rows: list[Any], sql: str, columns: Mapping[str, Column]) -> Index:
    rows = sorted(rows, key=lambda row: row[3])
    unique, origin, partial = rows[0][:3]
    text = sqlite_ddl.read_index(sql)
    keys = tuple(_key(row, text, columns) for row in rows)
    return Index(
        name,
        keys,
        unique=bool(unique),
        primary=origin == "pk",
        constraint=origin != "c",
        partial=bool(partial),
        predicate=canonical(sqlite_ddl.written(text.predicate)) if partial else "",
        not_null=tuple(columns[name].name for name in text.not_null() if name in columns) if partial else (),
    )


def _key(row: Any, text: sqlite_ddl.IndexText, columns: Mapping[str, Column]) -> Key:
    place, column, name, descending, collation = row[3:]
    own = (columns[name.lower()].collation if name else "") or "binary"
    expression = ""
    if column == _EXPRESSION and place < len(text.keys):
        expression = canonical(sqlite_ddl.expression(text.keys[place]))
    different = (collation or "binary").lower()
    return Key(name or "", expression, "" if different == own else different, descending=bool(descending))


def _add_references(found: Catalogue, rows: list[Any]) -> None:
    primary = {table.lower(): columns for table, columns in found.primary_keys.items()}
    grouped: defaultdict[tuple[str, int], list[Any]] = defaultdict(list)
    for table, number, *rest in rows:
        grouped[table, number].append(rest)
    for (table, _), parts in grouped.items():
        parts.sort()
        parent = parts[0][1]
        named = tuple(part[3] for part in parts)
        # Without names it refers to the parent's primary key (foreignkeys.html §1).
        referred = tuple(filter(None, named)) or primary.get(parent.lower(), ())
        found.foreign_keys[table].append(ForeignKey("", tuple(part[2] for part in parts), parent, referred))
