"""What PostgreSQL's catalogue lists of a database: six plain selects, and their rows joined into an inventory.

`pg_get_expr`, `pg_get_indexdef` and `pg_indexes` lock the table and would stand behind a migration; the node trees that
they print are read as they are stored instead. What the server's own objects are is told by their numbers, which end
where those of users begin (FirstNormalObjectId in src/include/access/transam.h).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any, NamedTuple

from sqlalchemy import Connection

from readycheck.facts.database import Column, Counting, ForeignKey, Identifier, Index, IndexState, Key
from readycheck.gather.database.catalogue import MOST_LISTED, Catalogue, Listed, canonical, listed, require_listed
from readycheck.gather.database.postgresql_trees import expressions, without_places
from readycheck.gather.database.postgresql_trees import not_null as numbers_not_null

#: Versions that brought a catalogue or a column: progress of CREATE INDEX, and NULLS NOT DISTINCT.
_PROGRESS, _NULLS = 120_000, 150_000
_USERS = 16_384
_OWN = (
    "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' "
    "AND c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' "
    "AND c.oid <> ALL (ARRAY(SELECT d.objid FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_depend d "
    "ON d.refclassid = 3079 AND d.refobjid = e.oid AND d.classid = 1259 AND d.deptype = 'e'))"
)
_CLASSES = "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
# ruff: noqa: S608 - the statements are made of constants
# Sizes are those of the last VACUUM or ANALYZE: asking the file system, as pg_relation_size does, would take a lock.
_SIZE = "{0}.relpages * (SELECT pg_catalog.current_setting('block_size')::bigint)"
# A row for each column would take the client longer to read than all the rest. The place in the lists is the column's
# number, so that dropped columns are in them too. Numbers of 32 bits are packed by twos: type and modifier, and collation
# and NOT NULL.
_COLUMNS = (
    "SELECT array_agg(a.attname::text) AS names, "
    "array_agg((a.atttypid::bigint << 32) | (a.atttypmod::bigint & 4294967295))::text AS types, "
    "array_agg((a.attcollation::bigint << 1) | a.attnotnull::int)::text AS collations FROM (SELECT b.* "
    "FROM pg_catalog.pg_attribute b WHERE b.attrelid = c.oid AND b.attnum > 0 ORDER BY b.attnum) a"
)
TABLES = (
    "SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text, c.relispartition, c.reltuples::bigint, "
    f"{_SIZE.format('c')}, l.names, l.types, l.collations FROM {_CLASSES}, LATERAL ({_COLUMNS}) l WHERE {_OWN}"
)
# A type as it is written is told of each once.
TYPES = (
    "SELECT t.packed::text, pg_catalog.format_type((t.packed >> 32 & 4294967295)::oid, (t.packed << 32 >> 32)::int) "
    "FROM unnest('{{{packed}}}'::bigint[]) t (packed)"
)
# What most indexes share is one text, so that it is read once. 99 is the schema of TOAST tables, whose indexes are nobody's.
INDEXES = (
    "SELECT i.indrelid, i.indexrelid, ic.relname::text, pg_catalog.concat_ws('|', i.indisunique, i.indisprimary, "
    "i.indisprimary OR i.indisreplident, {nulls}, i.indnkeyatts, i.indkey, i.indoption, i.indcollation, i.indclass, am.amname), "
    "i.indisvalid AND i.indisready AND i.indislive, i.indpred::text, i.indexprs::text, "
    f"{_SIZE.format('ic')}, pg_catalog.pg_stat_get_numscans(i.indexrelid) "
    "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid "
    f"JOIN pg_catalog.pg_am am ON am.oid = ic.relam WHERE i.indrelid >= {_USERS} AND ic.relnamespace <> 99"
)
CONSTRAINTS = (
    "SELECT k.conrelid, k.conname::text, k.contype::text, k.conindid, k.convalidated, k.conparentid, k.conkey, "
    f"k.confrelid, k.confkey FROM pg_catalog.pg_constraint k WHERE k.contype IN ('f', 'u', 'x') AND k.conrelid >= {_USERS}"
)
# What numbers in the other rows stand for. Types whose values have a collation have one by default.
MEANINGS = (
    "SELECT 'operators', oc.oid::text, CASE WHEN oc.opcdefault OR oc.opcname = 'varchar_ops' THEN '' ELSE f.opfname::text END "
    "FROM pg_catalog.pg_opclass oc JOIN pg_catalog.pg_opfamily f ON f.oid = oc.opcfamily "
    "UNION ALL SELECT 'collation', oid::text, collname::text FROM pg_catalog.pg_collation "
    "UNION ALL SELECT 'type', oid::text, typcollation::text FROM pg_catalog.pg_type WHERE typcollation <> 0"
)
# The counters survive a clean restart and are lost in a crash, after which `stats_reset` is NULL: the start bounds both.
# A provider's readers are not seen from here, so its servers are taken to have some.
COUNTING = (
    "SELECT extract(epoch FROM pg_catalog.now() - coalesce(d.stats_reset, pg_catalog.pg_postmaster_start_time())) / 86400,"
    " pg_catalog.current_setting('track_counts') = 'on', pg_catalog.pg_is_in_recovery() "
    "OR EXISTS (SELECT 1 FROM pg_catalog.pg_stat_replication r "
    "WHERE coalesce(r.application_name, '') NOT IN ('pg_basebackup', 'pg_receivewal')) "
    "OR EXISTS (SELECT 1 FROM pg_catalog.pg_settings WHERE name LIKE 'rds.%' OR name LIKE 'cloudsql.%' "
    "OR name LIKE 'azure.%' OR name LIKE 'alloydb.%') "
    "FROM pg_catalog.pg_stat_database d WHERE d.datname = pg_catalog.current_database()"
)
# The function refuses a login without rights on a sequence, and with it the whole statement.
IDENTIFIERS = (
    "SELECT n.nspname || '.' || c.relname, a.attname::text, pg_catalog.format_type(a.atttypid, NULL), "
    "CASE WHEN pg_catalog.has_sequence_privilege(s.oid, 'USAGE, SELECT') "
    "THEN pg_catalog.pg_sequence_last_value(s.oid) END, "
    "NOT pg_catalog.has_sequence_privilege(s.oid, 'USAGE, SELECT') "
    f"FROM {_CLASSES} JOIN pg_catalog.pg_depend d ON d.refclassid = 1259 AND d.refobjid = c.oid AND d.classid = 1259 "
    "AND d.deptype IN ('a', 'i') JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S' "
    f"JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid WHERE {_OWN} ORDER BY 1, 2"
)
PROGRESS = (
    "SELECT p.index_relid FROM pg_catalog.pg_stat_progress_create_index p "
    "WHERE p.datname = pg_catalog.current_database()"
)
#: Every statement that an audit's own questions send to a server of today.
STATEMENTS = (
    TABLES,
    MEANINGS,
    CONSTRAINTS,
    PROGRESS,
    INDEXES.format(nulls="NOT i.indnullsnotdistinct"),
    TYPES.format(packed="107374182399"),
    COUNTING,
    IDENTIFIERS,
)


class _Meanings(NamedTuple):
    """The names of operator families and collations by number, and the collation that a type has by default."""

    operators: Mapping[str, str]
    collations: Mapping[str, str]
    defaults: Mapping[str, str]


class _Named(NamedTuple):
    """The names of a table's columns and the packed numbers of their collations, in the order of the columns' numbers."""

    names: Sequence[str]
    collations: Sequence[str]


_Names = Mapping[int, _Named]


class _Described(NamedTuple):
    """What tables have in common whose columns are of the same types; a dropped column has no type."""

    types: tuple[str, ...]
    nullable: tuple[bool, ...]
    collations: tuple[str, ...]
    numbers: tuple[str, ...]
    dropped: bool


class _Kinds(NamedTuple):
    """How columns are described, by the packed numbers of their types."""

    types: Mapping[str, str]
    meanings: _Meanings

    def described(self, types: str | None, collations: str | None) -> _Described:
        """The types in words, whether each may be NULL, and its collation where that is not the type's."""
        packed = _list(collations)
        told = [self._column(*pair) for pair in zip(_list(types), packed, strict=True)]
        words, nullable, names = zip(*told, strict=True) if told else ((), (), ())
        return _Described(words, nullable, names, tuple(packed), "" in words)

    def _column(self, packed: str, collation: str) -> tuple[str, bool, str]:
        number, of_type = str(int(collation) >> 1), str(int(packed) >> 32 & 0xFFFFFFFF)
        own = number != self.meanings.defaults.get(of_type, "0")
        name = self.meanings.collations.get(number, "") if own else ""
        return self.types.get(packed, ""), not int(collation) & 1, name


class _Shape(NamedTuple):
    """What many indexes share; a key is the place of its column, or -1, with options, collation and operator class."""

    unique: bool
    primary: bool
    constraint: bool
    nulls_distinct: bool
    keys: tuple[tuple[int, tuple[str, str, str]], ...]
    includes: tuple[int, ...]
    method: str


def read_catalogue(connection: Connection, version: int) -> Catalogue:
    """Everything of every schema but the server's own and extensions', of a server of this version (150018 is 15.18)."""
    found = Catalogue()
    meanings = _meanings(_rows(connection, MEANINGS))
    constraints = _rows(connection, CONSTRAINTS)
    rows = _rows(connection, TABLES)
    kinds = _Kinds(_types(connection, {row[8] for row in rows}), meanings)
    indexes = INDEXES.format(nulls="NOT i.indnullsnotdistinct" if version >= _NULLS else "true")
    building = [row[0] for row in _rows(connection, PROGRESS)] if version >= _PROGRESS else []
    with ThreadPoolExecutor(1) as ahead:
        # The server lists the indexes, which takes it longest, while the rest is read.
        told = ahead.map(partial(_rows, connection), (indexes, COUNTING))
        named = _add_tables(found, rows, kinds)
        _add_references(found, constraints, named)
        _add_indexes(found, next(told), named, _Reader(meanings, {row[3] for row in constraints}, building))
        found.counting = _counting(next(told))
    return found


def _rows(connection: Connection, sql: str) -> list[Any]:
    """The rows as the driver reads them, without SQLAlchemy's own of each.

    Raises:
        TooLargeError: there are more than `MOST_LISTED`.
    """
    result = connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
    rows = [*result.cursor.fetchmany(MOST_LISTED + 1)]
    require_listed(len(rows))
    return rows


def read_identifiers(connection: Connection) -> tuple[Identifier, ...]:
    """The columns with a sequence of their own, serial and identity alike."""
    return tuple(Identifier(*row) for row in listed(connection, IDENTIFIERS))


def _meanings(rows: Iterable[Any]) -> _Meanings:
    found: dict[str, dict[str, str]] = {"operators": {}, "collation": {}, "type": {}}
    for kind, number, meaning in rows:
        found[kind][number] = meaning
    return _Meanings(found["operators"], found["collation"], found["type"])


def _list(numbers: str | None) -> list[str]:
    return numbers[1:-1].split(",") if numbers else []


def _types(connection: Connection, lists: Iterable[str | None]) -> Mapping[str, str]:
    """What each packed type is written as; a dropped column has none, and then the number 0 and a modifier."""
    known = {number for numbers in lists for number in _list(numbers)}
    packed = ",".join(sorted(number for number in known if int(number) >> 32))
    return dict(_rows(connection, TYPES.format(packed=packed)))


def _add_tables(found: Catalogue, rows: list[Any], kinds: _Kinds) -> _Names:
    """Add the tables with their columns in order; what each number means in each table."""
    require_listed(sum(len(row[7] or ()) for row in rows))
    described = cache(kinds.described)
    # Partitions have the columns of their table: ten thousand of them would else be most of the inventory.
    shared: dict[tuple[tuple[str, ...], str | None, str | None], list[Column]] = {}
    named: dict[int, _Named] = {}
    for row in rows:
        key, schema, name, relation, partition, estimate, size, names, types, collations = row
        known = estimate if estimate >= 0 and relation != "p" else None
        found.tables.append(Listed(key, schema, name, partition, relation == "m", known, size))
        told, own = described(types, collations), (tuple(names or ()), types, collations)
        if (columns := shared.get(own)) is None:
            made = [*map(Column, own[0], told.types, told.nullable, told.collations)]
            columns = shared[own] = [column for column in made if column.type] if told.dropped else made
        found.columns[key], named[key] = columns, _Named(own[0], told.numbers)
    return named


def _counting(rows: list[Any]) -> Counting:
    days, counts, others = rows[0]
    if not counts:
        return Counting(problem="track_counts is off, so that the server counts nothing")
    return Counting(round(float(days), 2), others=bool(others))


def _add_indexes(found: Catalogue, rows: Iterable[Any], named: _Names, reader: _Reader) -> None:
    for row in rows:
        if (columns := named.get(row[0])) is not None:
            found.indexes[row[0]].append(reader.index(row, columns))


class _Reader:
    """Makes indexes of their rows, and what they share once."""

    def __init__(self, meanings: _Meanings, constraining: Collection[int], building: Collection[int | None]) -> None:
        self._meanings, self._constraining, self._building = meanings, constraining, building
        self._shape = cache(_shape)
        self._key = cache(self._made_key)

    def index(self, row: Any, named: _Named) -> Index:
        """The index of this row, on a table with these columns."""
        _, number, name, text, usable, predicate, trees, size, scans = row
        unique, primary, constraint, nulls_distinct, keys, includes, method = self._shape(text)
        left = expressions(trees) if trees else iter(())
        key, names, collations = self._key, named.names, named.collations
        return Index(
            name,
            tuple(
                [
                    key(names[column], "", collations[column], kind)
                    if column >= 0
                    else key("", next(left, ""), "0", kind)
                    for column, kind in keys
                ]
            ),
            unique,
            primary,
            constraint or number in self._constraining,
            method,
            IndexState.VALID if usable else self._state(number),
            predicate is not None,
            canonical(without_places(predicate)) if predicate is not None else "",
            _not_null(predicate, named) if predicate else (),
            nulls_distinct,
            tuple([names[column] for column in includes]) if includes else (),
            size,
            scans,
        )

    def _state(self, number: int) -> IndexState:
        """Why it is not valid. A login without `pg_monitor` sees that something is built, and not what."""
        if number in self._building:
            return IndexState.BUILDING
        return IndexState.UNSURE if None in self._building else IndexState.INVALID

    def _made_key(self, column: str, tree: str, own: str, kind: tuple[str, str, str]) -> Key:
        """One key, of a column with a packed collation of its own or of an expression's tree.

        Bit 0 of its options is DESC, bit 1 is NULLS FIRST (`indoption` in the manual, pg_index).
        """
        options, collation, operators = kind
        return Key(
            column,
            "" if column else canonical(without_places(tree)),
            self._meanings.collations.get(collation, "") if collation not in ("0", str(int(own) >> 1)) else "",
            self._meanings.operators.get(operators, ""),
            descending=bool(int(options) & 1),
            nulls_first=bool(int(options) & 2),
        )


def _shape(text: str) -> _Shape:
    unique, primary, constraint, nulls, count, numbers, options, collations, operators, method = text.split("|", 9)
    places = [int(number) - 1 for number in numbers.split()]
    kinds = zip(options.split(), collations.split(), operators.split(), strict=False)
    keys = tuple(zip(places[: int(count)], kinds, strict=False))
    return _Shape(
        unique == "t", primary == "t", constraint == "t", nulls == "t", keys, tuple(places[int(count) :]), method
    )


def _not_null(predicate: str, named: _Named) -> tuple[str, ...]:
    return tuple(named.names[number - 1] if number > 0 else "" for number in numbers_not_null(predicate))


def _add_references(found: Catalogue, rows: Iterable[Any], named: _Names) -> None:
    full = {table.key: f"{table.schema}.{table.name}" for table in found.tables}

    def names(table: int, numbers: Iterable[int]) -> tuple[str, ...]:
        known = named.get(table)
        return tuple([known.names[number - 1] if known and number > 0 else "" for number in numbers])

    for table, name, kind, _, validated, parent, numbers, referred, referred_numbers in rows:
        # A partition's copy of its parent's key would be reported once more for each partition.
        if kind == "f" and not parent and table in named:
            other = full.get(referred, "a table of an extension")
            columns = names(table, numbers), names(referred, referred_numbers)
            found.foreign_keys[table].append(ForeignKey(name, columns[0], other, columns[1], validated))
