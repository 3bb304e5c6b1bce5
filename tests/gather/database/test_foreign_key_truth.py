"""What readycheck says of a foreign key on SQLite is what SQLite's own planner does when a parent row is deleted."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from readycheck.facts.database import DatabaseInventory, Inventory, Table
from readycheck.gather.database.gatherer import example_database
from readycheck.probes.indexing import cover

TYPES = ("INTEGER", "TEXT", "REAL", "BLOB", "", "VARCHAR(20)", "DATE", "TEXT COLLATE NOCASE", "INTEGER NOT NULL")
COLUMNS = ("a", "b", "c")
KEYS = (*COLUMNS, "a COLLATE NOCASE", "b COLLATE BINARY", "a DESC", "lower(a)", "b || c")
NOT_NULL = (" WHERE a IS NOT NULL", " WHERE b NOTNULL", " WHERE (a NOT NULL)", " WHERE A NOTNULL AND (b IS NOT NULL)")
PREDICATES = ("", *NOT_NULL, " WHERE c > 1", " WHERE a IS NULL", " WHERE a IS NOT NULL AND c = 'and'")
ENDS = ("", ", PRIMARY KEY (a)", ", PRIMARY KEY (b, a)", ", UNIQUE (a)", ", UNIQUE (c, a)")

INDEXES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique_by=lambda key: key.split()[0]),
        st.sampled_from(PREDICATES),
        st.booleans(),
    ),
    max_size=2,
)


@st.composite
def schemas(draw: st.DrawFn) -> tuple[str, ...]:
    referring = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=2, unique=True))
    parent = [draw(st.sampled_from(TYPES)) for _ in referring]
    rows = ", ".join(f"p{at} {kind}" for at, kind in enumerate(parent))
    names = ", ".join(f"p{at}" for at in range(len(parent)))
    child = ", ".join(f"{name} {draw(st.sampled_from(TYPES))}" for name in COLUMNS)
    ends = draw(st.sampled_from(ENDS))
    rowless = " WITHOUT ROWID" if "PRIMARY" in ends and draw(st.booleans()) else ""
    made = [
        f"CREATE TABLE parent ({rows}, PRIMARY KEY ({names}))",
        f"CREATE TABLE child ({child}{ends}, FOREIGN KEY ({', '.join(referring)}) REFERENCES parent){rowless}",
    ]
    for at, (keys, predicate, unique) in enumerate(draw(INDEXES)):
        made.append(f"CREATE {'UNIQUE ' if unique else ''}INDEX i{at} ON child ({', '.join(keys)}){predicate}")
    return tuple(made)


def plan(path: Path) -> str:
    """How SQLite looks for the children of a deleted parent row."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        lines = [row[3] for row in connection.execute("EXPLAIN QUERY PLAN DELETE FROM parent")]
    (line,) = {line for line in lines if line.split()[1] == "child"}
    return str(line)


def structure(made: tuple[str, ...], folder: Path) -> tuple[Table, Table]:
    ((_, inventory),) = example_database(made, folder, "sqlite").answers([DatabaseInventory()])
    assert isinstance(inventory, Inventory), inventory
    child, parent = inventory.tables
    return child, parent


def whole(line: str, count: int, child: Table) -> bool:
    """Does the planner find the rows by all columns, or by all of a unique index and so one row at most?"""
    used = re.search(r"USING (?:COVERING )?INDEX (\w+)", line)
    index = next(index for index in child.indexes if (index.name == used[1] if used else index.primary))
    found = line.count("=?")
    return found == count or (index.unique and len(index.keys) == found)


@given(schemas())
@settings(max_examples=200, deadline=None)
def test_a_foreign_key_is_indexed_where_sqlite_does_not_scan(made: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        child, parent = structure(made, Path(folder))
        key = child.foreign_keys[0]
        served = cover(key, child, parent, "sqlite")
        line = plan(Path(folder) / "example.sqlite")
    # A rowid is a number, and the planner does not ask for its collation; nobody refers by it to a text.
    assume("rowid=?" not in line or "NOCASE" not in made[0])
    searches = line.startswith("SEARCH")
    shown = (served, line, made)
    assert (served.columns > 0) == searches, shown
    if searches:
        assert (served.columns == len(key.columns)) == whole(line, len(key.columns), child), shown


def test_a_type_that_compares_as_a_number_needs_a_column_of_numbers(tmp_path: Path) -> None:
    made = (
        "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
        "CREATE TABLE child (parent_id TEXT REFERENCES parent)",
        "CREATE INDEX i ON child (parent_id)",
    )
    child, parent = structure(made, tmp_path)
    assert cover(child.foreign_keys[0], child, parent, "sqlite").columns == 0
    assert plan(tmp_path / "example.sqlite").startswith("SCAN")
