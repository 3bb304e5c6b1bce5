"""The migrations of Sequelize, Knex, Prisma and TypeORM."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256

from readycheck.facts.migrations import MigrationFile, MigrationSet
from readycheck.gather.migrations.bodies import Source, does_something, sql_does_something
from readycheck.gather.sources import Sources

_CODE = (".js", ".cjs", ".mjs", ".ts", ".cts", ".mts")
_CLASS = re.compile(r"class\s+(\w+?\d{13})\s+implements\s+MigrationInterface")
_NAME = re.compile(r"\bname\s*(?::\s*string\s*)?=\s*[\"'](\w+\d{13})[\"']")


def sequelize(sources: Sources) -> Iterator[MigrationSet]:
    """The folder of `.sequelizerc`, else `migrations` where the files speak to a query interface."""
    for config in sources.match(["**/.sequelizerc", "**/.sequelizerc.js", "**/.sequelizerc.cjs"]):
        folder = _joined(config, _option(sources.text(config) or "", "migrations-path") or "migrations")
        yield _code_set("sequelize", folder, sources, config)
    configured = sources.match(["**/.sequelizerc", "**/.sequelizerc.js", "**/.sequelizerc.cjs"])
    if not configured:
        for folder in _folders(sources, "migrations"):
            found = _code_set("sequelize", folder, sources, "")
            if any("queryInterface" in (sources.text(file.path) or "") for file in found.files):
                yield found


def knex(sources: Sources) -> Iterator[MigrationSet]:
    """The folder of each knexfile, `migrations` beside it by default."""
    for config in sources.match([f"**/knexfile{ending}" for ending in _CODE]):
        text = sources.text(config) or ""
        block = re.search(r"migrations\s*:\s*\{([^}]*)\}", text)
        directory = _option(block[1], "directory") if block else ""
        folder = _joined(config, directory or "migrations")
        yield _code_set("knex", folder, sources, config if directory else "")


def prisma(sources: Sources) -> Iterator[MigrationSet]:
    """A folder for each migration, beside the schema; Prisma itself has no way back, a `down.sql` is the custom."""
    for schema in sources.match(["**/schema.prisma"]):
        folder = posixpath.join(posixpath.dirname(schema), "migrations")
        files = tuple(_prisma(path, sources) for path in _within(sources, folder) if path.endswith("/migration.sql"))
        if files:
            yield MigrationSet("prisma", folder, files)


def _prisma(path: str, sources: Sources) -> MigrationFile:
    down = posixpath.join(posixpath.dirname(path), "down.sql")
    text = sources.text(down) if down in sources.paths() else None
    back = bool(text and sql_does_something(text))
    name = posixpath.basename(posixpath.dirname(path))
    checksum = sha256(sources.data(path)).hexdigest()
    return MigrationFile(name, path, back, "" if back else "there is no down.sql beside it", checksum)


def typeorm(sources: Sources) -> Iterator[MigrationSet]:
    """Classes that implement MigrationInterface; the table holds their names."""
    found: dict[str, list[MigrationFile]] = {}
    for path in sources.match([f"**/*{ending}" for ending in _CODE]):
        if not re.search(r"(?:^|/)\d{10,}[-_]|migration", path, re.IGNORECASE):
            continue
        text = sources.text(path) or ""
        named = (_NAME.search(text) or _CLASS.search(text)) if "MigrationInterface" in text else None
        if named:
            found.setdefault(posixpath.dirname(path), []).append(_code(path, named[1], sources))
    yield from (MigrationSet("typeorm", folder, tuple(files)) for folder, files in sorted(found.items()))


def _code_set(system: str, folder: str, sources: Sources, config: str) -> MigrationSet:
    paths = [path for path in _within(sources, folder) if path.endswith(_CODE) and not path.endswith(".d.ts")]
    files = tuple(_code(path, posixpath.basename(path), sources) for path in paths)
    return MigrationSet(system, folder, files, "" if files else config)


def _code(path: str, name: str, sources: Sources) -> MigrationFile:
    text = sources.text(path)
    if text is None:
        return MigrationFile(name, path, None, "it could not be read")
    body = Source(text, path).body_of("down")
    if body is None:
        return MigrationFile(name, path, way_back=False, note="it has no `down`")
    back = does_something(body)
    return MigrationFile(name, path, back, "" if back else "its `down` does nothing")


def _option(text: str, name: str) -> str:
    """The path after `'name':`: a text, or the texts in `path.resolve(…)` and `path.join(…)` joined."""
    found = re.search(rf"[\"']?{re.escape(name)}[\"']?\s*:\s*([^\n]*)", text)
    if not found:
        return ""
    value = found[1]
    called = re.match(r"(?:path\.)?(?:resolve|join)\(([^)]*)\)", value)
    parts = re.findall(r"[\"'`]([^\"'`]*)[\"'`]", called[1] if called else value)
    return posixpath.join("", *(part.lstrip("/") for part in (parts if called else parts[:1])))


def _joined(config: str, folder: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(config), folder))


def _folders(sources: Sources, name: str) -> Sequence[str]:
    folders = {posixpath.dirname(path) for path in sources.match([f"**/{name}/*{ending}" for ending in _CODE])}
    return sorted(folders)


def _within(sources: Sources, folder: str) -> list[str]:
    """The files below a folder, in the order in which a tool applies them."""
    lead = "" if folder in ("", ".") else f"{folder}/"
    return [path for path in sources.paths() if path.startswith(lead)]


def depends_on(sources: Sources, package: str) -> bool:
    """Does a package.json of the repository name this package?"""
    for path in sources.match(["**/package.json"]):
        try:
            manifest = json.loads(sources.text(path) or "{}")
        except ValueError:
            continue
        if any(package in (manifest.get(part) or {}) for part in ("dependencies", "devDependencies")):
            return True
    return False
