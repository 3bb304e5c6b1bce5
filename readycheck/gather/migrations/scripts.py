"""The migrations of Flyway, goose, golang-migrate, dbmate and Liquibase: files of SQL, and trees of changes."""

from __future__ import annotations

import json
import posixpath
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers import expat

import yaml

from readycheck.facts.migrations import MigrationFile, MigrationSet
from readycheck.gather.migrations.bodies import sql_does_something
from readycheck.gather.sources import Sources

_FLYWAY = re.compile(r"(?P<kind>[VRUB])(?P<version>[0-9][0-9._]*)?__(?P<words>.+)\.sql\Z")
_CHANGESET = re.compile(r"^--\s*changeset\s+(?P<author>[^:\s]+):(?P<id>\S+)", re.MULTILINE)
#: What Liquibase takes back by itself (docs.liquibase.com, "Automatic and custom rollbacks").
_AUTOMATIC = frozenset(
    """
    createTable createIndex createView createSequence addColumn addForeignKeyConstraint addPrimaryKey
    addUniqueConstraint addNotNullConstraint addDefaultValue addLookupTable dropNotNullConstraint renameColumn renameTable
    renameView renameSequence setTableRemarks setColumnRemarks tagDatabase
    """.split()  # noqa: SIM905 - a list of words, not of literals
)


def flyway(sources: Sources) -> Iterator[MigrationSet]:
    """`V1.2__words.sql` and repeatable `R__words.sql`; the way back is a `U` file of the same version."""
    found: dict[str, list[str]] = {}
    for path in sources.match(["**/[VRUB]*__*.sql"]):
        if _FLYWAY.match(posixpath.basename(path)):
            found.setdefault(posixpath.dirname(path), []).append(path)
    for folder, paths in sorted(found.items()):
        undone = {_flyway_name(path) for path in paths if posixpath.basename(path).startswith("U")}
        files = [_flyway(path, undone, sources) for path in paths if posixpath.basename(path)[0] in "VR"]
        if files:
            yield MigrationSet("flyway", folder, tuple(files))


def _flyway_name(path: str) -> str:
    parts = _FLYWAY.match(posixpath.basename(path))
    if parts is None:
        return ""
    version = (parts["version"] or "").replace("_", ".").strip(".")
    return re.sub(r"(?:\A|(?<=\.))0+(?=\d)", "", version) or parts["words"].replace("_", " ")


def _flyway(path: str, undone: set[str], sources: Sources) -> MigrationFile:
    name = _flyway_name(path)
    if posixpath.basename(path).startswith("R"):
        return MigrationFile(name, path, way_back=True, checksum=flyway_checksum(sources.data(path)))
    back = name in undone
    note = "" if back else "there is no undo file (U) of this version"
    return MigrationFile(name, path, back, note, flyway_checksum(sources.data(path)))


def flyway_checksum(data: bytes) -> str:
    """CRC-32 of the lines without their ends, as a signed number, which is how Flyway keeps it."""
    value = 0
    for line in data.decode("utf-8-sig", "replace").splitlines():
        value = zlib.crc32(line.encode(), value)
    return str(value - 2**32 if value >= 2**31 else value)


def goose(sources: Sources) -> Iterator[MigrationSet]:
    """`001_words.sql` with a part for each direction."""
    yield from _sectioned(sources, "goose", r"^--\s*\+goose\s+up\b", r"^--\s*\+goose\s+down\b")


def dbmate(sources: Sources) -> Iterator[MigrationSet]:
    """`20260101120000_words.sql` with a part for each direction."""
    yield from _sectioned(sources, "dbmate", r"^--\s*migrate:up\b", r"^--\s*migrate:down\b")


def _sectioned(sources: Sources, system: str, up: str, down: str) -> Iterator[MigrationSet]:
    found: dict[str, list[MigrationFile]] = {}
    for path in sources.match(["**/[0-9]*_*.sql"]):
        text = sources.text(path) or ""
        if re.search(up, text, re.MULTILINE | re.IGNORECASE):
            number = _number(path) if system == "goose" else re.match(r"\d+", posixpath.basename(path))
            name = number if isinstance(number, str) else number[0] if number else ""
            parts = re.split(down, text, maxsplit=1, flags=re.MULTILINE | re.IGNORECASE)
            back = len(parts) > 1 and sql_does_something(parts[1])
            found.setdefault(posixpath.dirname(path), []).append(
                MigrationFile(name, path, back, "" if back else "its part for the way back does nothing")
            )
    yield from (MigrationSet(system, folder, tuple(files)) for folder, files in sorted(found.items()))


def golang_migrate(sources: Sources) -> Iterator[MigrationSet]:
    """`1_words.up.sql` beside `1_words.down.sql`."""
    found: dict[str, list[MigrationFile]] = {}
    for path in sources.match(["**/[0-9]*.up.sql"]):
        down = path.removesuffix(".up.sql") + ".down.sql"
        there = down in sources.paths()
        back = there and sql_does_something(sources.text(down) or "")
        note = "" if back else "its .down.sql does nothing" if there else "it has no .down.sql"
        found.setdefault(posixpath.dirname(path), []).append(MigrationFile(_number(path), path, back, note))
    for folder, files in sorted(found.items()):
        yield MigrationSet("golang-migrate", folder, tuple(sorted(files, key=lambda file: int(file.name))))


def _number(path: str) -> str:
    digits = re.match(r"\d+", posixpath.basename(path))
    return str(int(digits[0])) if digits else ""


def liquibase(sources: Sources) -> Iterator[MigrationSet]:
    """Every change set of changelogs in XML, YAML, JSON and formatted SQL; its key is the id, the author and the file."""
    found: dict[str, list[MigrationFile]] = {}
    for path in sources.match([f"**/*change*{ending}" for ending in (".xml", ".yaml", ".yml", ".json", ".sql")]):
        files = list(_changesets(path, sources.text(path) or ""))
        if files:
            found.setdefault(posixpath.dirname(path), []).extend(files)
    yield from (MigrationSet("liquibase", folder, tuple(files)) for folder, files in sorted(found.items()))


def _changesets(path: str, text: str) -> Iterator[MigrationFile]:
    if path.endswith(".sql"):
        if text.lstrip().lower().startswith("--liquibase formatted sql"):
            yield from _formatted(path, text)
    elif "databaseChangeLog" in text:
        yield from _from_xml(path, text) if path.endswith(".xml") else _from_tree(path, text)


def _key(path: str, identity: object, author: object) -> str:
    return f"{identity}::{author}::{posixpath.basename(path)}"


def _formatted(path: str, text: str) -> Iterator[MigrationFile]:
    places = [*_CHANGESET.finditer(text)]
    for at, place in enumerate(places):
        part = text[place.end() : places[at + 1].start() if at + 1 < len(places) else len(text)]
        back = bool(re.search(r"^--\s*rollback\s+\S", part, re.MULTILINE))
        note = "" if back else "it has no --rollback"
        yield MigrationFile(_key(path, place["id"], place["author"]), path, back, note)


def _from_xml(path: str, text: str) -> Iterator[MigrationFile]:
    found: list[tuple[dict[str, str], list[str]]] = []
    open_elements: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        word = name.rpartition("}")[2]
        if open_elements and open_elements[-1] == "changeSet":
            found[-1][1].append(word)
        if word == "changeSet":
            found.append((attributes, []))
        open_elements.append(word)

    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_elements.pop() and None
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(text, True)  # noqa: FBT003 - expat's own word for the last piece
    except (expat.ExpatError, ValueError):
        return
    for attributes, kinds in found:
        yield _changeset(path, attributes, kinds)


def _refuse(*_: object) -> None:
    """Entities of one's own have no place in a changelog, and may be made to fill the memory (CWE-776)."""
    raise ValueError("the document declares entities")


def _from_tree(path: str, text: str) -> Iterator[MigrationFile]:
    try:
        tree = json.loads(text) if path.endswith(".json") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError):
        return
    entries = tree.get("databaseChangeLog") if isinstance(tree, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        change = entry.get("changeSet") if isinstance(entry, dict) else None
        if isinstance(change, dict):
            changes = change.get("changes") or []
            kinds = [str(name) for part in changes if isinstance(part, dict) for name in part]
            yield _changeset(path, change, [*kinds, *(["rollback"] if change.get("rollback") else [])])


def _changeset(path: str, names: Mapping[str, Any], kinds: list[str]) -> MigrationFile:
    aside = {"comment", "preConditions", "validCheckSum", "rollback"}
    lost = [kind for kind in kinds if kind not in _AUTOMATIC | aside]
    back = "rollback" in kinds or not lost
    note = "" if back else f"{lost[0]} is not taken back by itself, and there is no rollback"
    return MigrationFile(_key(path, names.get("id"), names.get("author")), path, back, note)
