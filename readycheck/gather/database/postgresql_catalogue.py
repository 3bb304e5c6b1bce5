"""What PostgreSQL's catalogue lists of a database: seven plain selects, and their rows joined into an inventory.

`pg_get_expr`, `pg_get_indexdef` and `pg_indexes` lock the table and would stand behind a migration; the node trees that
they print are read as they are stored instead. What the server's own objects are is told by their numbers, which end
where those of users begin (FirstNormalObjectId in src/include/access/transam.h).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection

from readycheck.facts.database import Column, Counting, ForeignKey, Identifier, Index, IndexState, Key
from readycheck.gather.database.catalogue import Catalogue, Listed, canonical, listed
from readycheck.gather.database.postgresql_trees import expressions, without_places
from readycheck.gather.database.postgresql_trees import not_null as numbers_not_null

#: Versions that brought a catalogue or a column: progress of CREATE INDEX, and NULLS NOT DISTINCT.
_PROGRESS, _NULLS = 120_000, 150_000
_USERS = 16_384
_OWN = (
    "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' "
    "AND c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' "
    "AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d "
    "WHERE d.classid = 1259 AND d.objid = c.oid AND d.deptype = 'e')"
)
_CLASSES = "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
# ruff: noqa: S608 - the statements are made of constants
# Sizes are those of the last VACUUM or ANALYZE: asking the file system, as pg_relation_size does, would take a lock.
_SIZE = "{0}.relpages::bigint * pg_catalog.current_setting('block_size')::bigint"
TABLES = (
    "SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text, c.relispartition, c.reltuples::bigint, "
    f"{_SIZE.format('c')} FROM {_CLASSES} WHERE {_OWN}"
)
COLUMNS = (
    "SELECT a.attrelid, a.attnum, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, "
    "a.attcollation, a.atttypid FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
    f"WHERE c.oid >= {_USERS} AND c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' "
    "AND a.attnum > 0 AND NOT a.attisdropped"
)
# 99 is the schema of TOAST tables, whose indexes are nobody's.
INDEXES = (
    "SELECT i.indrelid, i.indexrelid, ic.relname::text, am.amname::text, i.indisunique, i.indisprimary, "
    "i.indisreplident, i.indisvalid AND i.indisready AND i.indislive, {nulls}, i.indpred::text, i.indexprs::text, "
    "i.indnkeyatts, i.indkey::text, i.indoption::text, i.indcollation::text, i.indclass::text, "
    f"{_SIZE.format('ic')}, pg_catalog.pg_stat_get_numscans(i.indexrelid) "
    "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid "
    f"JOIN pg_catalog.pg_am am ON am.oid = ic.relam WHERE i.indrelid >= {_USERS} AND ic.relnamespace <> 99"
)
CONSTRAINTS = (
    "SELECT k.conrelid, k.conname::text, k.contype::text, k.conindid, k.convalidated, k.conparentid, k.conkey, "
    f"k.confrelid, k.confkey FROM pg_catalog.pg_constraint k WHERE k.contype IN ('f', 'p', 'u', 'x') AND k.conrelid >= {_USERS}"
)
# What numbers in the other rows stand for. Types whose values have a collation have one by default.
MEANINGS = (
    "SELECT 'operators', oc.oid, CASE WHEN oc.opcdefault OR oc.opcname = 'varchar_ops' THEN '' ELSE f.opfname::text END "
    "FROM pg_catalog.pg_opclass oc JOIN pg_catalog.pg_opfamily f ON f.oid = oc.opcfamily "
    "UNION ALL SELECT 'collation', oid, collname::text FROM pg_catalog.pg_collation "
    "UNION ALL SELECT 'type', oid, typcollation::text FROM pg_catalog.pg_type WHERE typcollation <> 0"
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
    COLUMNS,
    CONSTRAINTS,
    PROGRESS,
    INDEXES.format(nulls="NOT i.indnullsnotdistinct"),
    COUNTING,
    IDENTIFIERS,
)


class _Meanings(NamedTuple):
    """The names of operator families and collations by number, and the collation that a type has by default."""

    operators: Mapping[int, str]
    collations: Mapping[int, str]
    defaults: Mapping[int, int]


#: A column by its number in its table: the name, and the number of the collation.
_Named = tuple[str, int]


def read_catalogue(connection: Connection, version: int) -> Catalogue:
    """Everything of every schema but the server's own and extensions', of a server of this version (150018 is 15.18)."""
    found = Catalogue()
    for key, schema, name, kind, partition, rows, size in listed(connection, TABLES):
        known = rows if rows >= 0 and kind != "p" else None
        found.tables.append(Listed(key, schema, name, partition, materialized=kind == "m", rows=known, bytes=size))
    meanings = _meanings(listed(connection, MEANINGS))
    named = _add_columns(found, listed(connection, COLUMNS), meanings)
    constraints = listed(connection, CONSTRAINTS)
    building = [row[0] for row in listed(connection, PROGRESS)] if version >= _PROGRESS else []
    nulls = "NOT i.indnullsnotdistinct" if version >= _NULLS else "true"
    constraining = {row[3] for row in constraints}
    for row in listed(connection, INDEXES.format(nulls=nulls)):
        columns = named.get(row[0])
        if columns is not None:
            state = IndexState.VALID if row[7] else _state(row[1], building)
            found.indexes[row[0]].append(_index(row, columns, meanings, state, constrains=row[1] in constraining))
    _add_references(found, constraints, named)
    found.counting = _counting(listed(connection, COUNTING))
    return found


def read_identifiers(connection: Connection) -> tuple[Identifier, ...]:
    """The columns with a sequence of their own, serial and identity alike."""
    return tuple(Identifier(*row) for row in listed(connection, IDENTIFIERS))


def _meanings(rows: Iterable[Any]) -> _Meanings:
    found: dict[str, dict[int, str]] = {"operators": {}, "collation": {}, "type": {}}
    for kind, number, meaning in rows:
        found[kind][number] = meaning
    defaults = {number: int(collation) for number, collation in found["type"].items()}
    return _Meanings(found["operators"], found["collation"], defaults)


def _add_columns(found: Catalogue, rows: list[Any], meanings: _Meanings) -> dict[int, dict[int, _Named]]:
    """Add the columns in their order; what each number means in each table."""
    named: dict[int, dict[int, _Named]] = {table.key: {} for table in found.tables}
    rows.sort(key=lambda row: (row[0], row[1]))
    defaults, collations = meanings.defaults, meanings.collations
    for table, number, name, kind, nullable, collation, type_number in rows:
        if (own := named.get(table)) is not None:
            own[number] = (name, collation)
            other = collation and collation != defaults.get(type_number, 0)
            found.columns[table].append(Column(name, kind, nullable, collations.get(collation, "") if other else ""))
    return named


def _counting(rows: list[Any]) -> Counting:
    days, counts, others = rows[0]
    if not counts:
        return Counting(problem="track_counts is off, so that the server counts nothing")
    return Counting(round(float(days), 2), others=bool(others))


def _state(index: int, building: list[int | None]) -> IndexState:
    """Why an index is not valid. A login without `pg_monitor` sees that something is built, and not what."""
    if index in building:
        return IndexState.BUILDING
    return IndexState.UNSURE if None in building else IndexState.INVALID


def _index(row: Any, named: Mapping[int, _Named], meanings: _Meanings, state: IndexState, *, constrains: bool) -> Index:
    _, _, name, method, unique, primary, replica, _, nulls, predicate, trees, count, numbers = row[:13]
    columns = [int(number) for number in numbers.split()]
    left = expressions(trees or "")
    rest = zip(columns, row[13].split(), row[14].split(), row[15].split(), strict=False)
    not_null = numbers_not_null(predicate) if predicate else ()
    return Index(
        name,
        tuple([_key(named.get(number), left, meanings, kind) for number, *kind in rest][:count]),
        unique=unique,
        primary=primary,
        constraint=primary or replica or constrains,
        method=method,
        state=state,
        partial=predicate is not None,
        predicate=canonical(without_places(predicate)) if predicate is not None else "",
        not_null=tuple(named[number][0] if number in named else "" for number in not_null),
        nulls_distinct=nulls,
        includes=tuple(named[number][0] for number in columns[count:] if number in named),
        bytes=row[16],
        scans=row[17],
    )


def _key(column: _Named | None, left: Iterator[str], meanings: _Meanings, kind: list[str]) -> Key:
    """One key; bit 0 of its options is DESC, bit 1 is NULLS FIRST (`indoption` in the manual, pg_index)."""
    options, collation, operators = map(int, kind)
    name, own = column or ("", 0)
    return Key(
        name,
        "" if column else canonical(without_places(next(left, ""))),
        meanings.collations.get(collation, "") if collation not in (0, own) else "",
        meanings.operators.get(operators, ""),
        descending=bool(options & 1),
        nulls_first=bool(options & 2),
    )


def _add_references(found: Catalogue, rows: Iterable[Any], named: Mapping[int, Mapping[int, _Named]]) -> None:
    full = {table.key: f"{table.schema}.{table.name}" for table in found.tables}

    def names(table: int, numbers: Iterable[int]) -> tuple[str, ...]:
        known = named.get(table, {})
        return tuple(known[number][0] if number in known else "" for number in numbers)

    for table, name, kind, _, validated, parent, numbers, referred, referred_numbers in rows:
        # A partition's copy of its parent's key would be reported once more for each partition.
        if kind == "f" and not parent and table in named:
            other = full.get(referred, "a table of an extension")
            columns = names(table, numbers), names(referred, referred_numbers)
            found.foreign_keys[table].append(ForeignKey(name, columns[0], other, columns[1], validated))
