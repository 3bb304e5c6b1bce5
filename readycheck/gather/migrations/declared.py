"""Finds the indexes that SQL files, models and migrations declare, by what each tool writes for one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from readycheck.facts.migrations import MOST_INDEXES, SourceIndex, SourceIndexes
from readycheck.gather.comments import without_comments
from readycheck.gather.migrations.declared_code import builders, sequelize, typeorm
from readycheck.gather.migrations.declared_django import django_models
from readycheck.gather.sources import Sources

_QUOTED = r"(?:\"[^\"]+\"|`[^`]+`|\[[^\]]+\]|[\w$]+)"
_SQL = re.compile(
    rf"\bCREATE\s+(?:UNIQUE\s+)?(?:(?:NON)?CLUSTERED\s+)?INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?"
    rf"(?:(?P<name>{_QUOTED})\s+)?ON\s+(?:ONLY\s+)?(?P<table>{_QUOTED}(?:\.{_QUOTED})*)\s*"
    r"(?:USING\s+\w+\s*)?\((?P<keys>[^;]{1,400}?)\)\s*(?P<rest>[^;]{0,400});?",
    re.IGNORECASE,
)
_LIST = r"\[(?P<columns>[^\]]{1,300})\]"
_TEXT = r"[\"'`](?P<{0}>[\w.$]{{1,100}})[\"'`]"
#: What is written for an index, by the files that it stands in. `addIndex(table, [columns])` and its kin.
_CALLS: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    (
        (".js", ".cjs", ".mjs", ".ts"),
        re.compile(rf"\baddIndex\(\s*{_TEXT.format('table')}\s*,\s*{_LIST}(?P<options>[^;]{{0,300}})"),
    ),
    (
        (".rb",),
        re.compile(
            r"\badd_index\s*\(?\s*[:\"'](?P<table>\w+)[\"']?\s*,\s*(?P<columns>\[[^\]]{1,200}\]|[:\"']\w+)(?P<options>[^\n]*)"
        ),
    ),
    (
        (".py",),
        re.compile(
            r"\bop\.create_index\(\s*(?:op\.f\(\s*)?[\"'](?P<name>\w+)[\"']\s*\)?\s*,\s*[\"'](?P<table>\w+)[\"']\s*,\s*"
            r"\[(?P<columns>[^\]]{1,300})\](?P<options>[^\n]*)"
        ),
    ),
)
_SQL_BACK = re.compile(r"^--\s*(?:\+goose\s+down|migrate:down)\b", re.MULTILINE | re.IGNORECASE)
#: What takes an index away by its name, or a constraint that one stands for.
_DROPS = re.compile(
    rf"\bDROP\s+(?:INDEX|CONSTRAINT)\s+(?:CONCURRENTLY\s+)?(?:IF\s+EXISTS\s+)?(?:{_QUOTED}\.)?({_QUOTED})"
    r"|\bdrop_index\(\s*(?:op\.f\(\s*)?[\"'](\w+)|\b(?:removeIndex|dropIndex)\(\s*[\"'`]\w+[\"'`]\s*,\s*[\"'`](\w+)"
    r"|->(?:dropIndex|dropUnique)\(\s*[\"'](\w+)|\bremove_index\b[^\n]*\bname:\s*[:\"'](\w+)",
    re.IGNORECASE,
)
# Where a migration says how it is taken back.
_WAY_BACK = re.compile(
    r"^[ \t]*(?:(?:public|async|export|function)[ \t]+)*(?:module\.|exports\.)*(?:def[ \t]+)?(?:down|downgrade)\b[ \t]*[(:=\n]",
    re.MULTILINE,
)
_PRISMA_MODEL = re.compile(r"^model\s+(?P<model>\w+)\s*\{(?P<body>.*?)^\}", re.MULTILINE | re.DOTALL)
_PRISMA_INDEX = re.compile(
    r"^\s*@@(?:index|unique)\(\s*(?:fields:\s*)?\[(?P<columns>[^\]]+)\](?P<options>[^\n]*)", re.MULTILINE
)
_PRISMA_FIELD = re.compile(r"^\s*(?P<field>\w+)\s+[^\n]*@map\(\"(?P<column>[^\"]+)\"\)", re.MULTILINE)


def declared_indexes(sources: Sources) -> SourceIndexes:
    """Every declaration that names its table and plain columns, each once; one that is for some rows only is left out."""
    patterns = [f"**/*{ending}" for ending in (".sql", ".prisma")]
    patterns += [f"**/*migrat*/**/*{ending}" for endings, _ in _CALLS for ending in endings]
    patterns += ["**/db/migrate/*.rb", "**/db/schema.rb", "**/versions/*.py", "**/migrations/*.php"]
    patterns += ["**/models.py", "**/models/**/*.py", "**/models/**/*.js", "**/models/**/*.ts", "**/*.entity.ts"]
    patterns += ["**/entities/**/*.ts", "**/entity/**/*.ts"]
    paths = sources.match([*patterns, "!**/fixtures/", "!**/testdata/", "!**/node_modules/"])
    found: dict[tuple[str, tuple[str, ...]], SourceIndex] = {}
    # What Rails dumps after the last migration is the sum of them all, those that dropped an index included.
    dumped = {posixpath.dirname(path) for path in paths if path.endswith("/schema.rb") or path == "db/schema.rb"}
    for path in sorted(paths):
        summed = posixpath.dirname(posixpath.dirname(path)) in dumped and not path.endswith("/schema.rb")
        if summed and path.endswith(".rb"):
            continue
        text = sources.text(path) or ""
        dropped = _dropped(path, text)
        if dropped:
            found = {key: index for key, index in found.items() if index.name.lower() not in dropped}
        for index in _of(path, text):
            if dropped.get(index.name.lower(), 0) <= index.line:
                found.setdefault((index.table.lower(), index.columns), index)
    return SourceIndexes(tuple(found.values())[:MOST_INDEXES], len(paths))


def _dropped(path: str, text: str) -> dict[str, int]:
    """The names of indexes that the way forth of a migration drops, each with the last line that does."""
    code = _forth(path, text)
    return {
        _unquoted(next(filter(None, match.groups()))).lower(): _line(code, match.start())
        for match in _DROPS.finditer(code)
    }


def _forth(path: str, text: str) -> str:
    """The code that a migration runs when it is applied, without comments."""
    if path.endswith((".down.sql", "/down.sql")):
        return ""
    # The way back of a migration drops what the way forth declares; what it creates again was dropped before.
    forth = _SQL_BACK.split(text, maxsplit=1)[0]
    code = "\n".join(without_comments(forth, path))
    return code if path.endswith(".sql") else _WAY_BACK.split(code, maxsplit=1)[0]


def _of(path: str, text: str) -> Iterator[SourceIndex]:
    if path.endswith(".prisma"):
        yield from _prisma(path, text)
        return
    code = _forth(path, text)
    if path.endswith(".sql"):
        yield from _sql(path, code)
        return
    if path.endswith(".py") and re.search(r"(?:^|/)models(?:\.py$|/)", path):
        yield from django_models(path, text)
        return
    yield from _sql(path, code)
    for endings, pattern in _CALLS:
        if path.endswith(endings):
            yield from _called(path, code, pattern)
    if not path.endswith(".py"):
        yield from builders(path, code)
    if path.endswith((".js", ".cjs", ".mjs", ".ts")):
        yield from typeorm(path, code)
        yield from sequelize(path, code)


def _sql(path: str, text: str) -> Iterator[SourceIndex]:
    for match in _SQL.finditer(text):
        columns = [_plain(part) for part in match["keys"].split(",")]
        if all(columns) and not re.search(r"\bWHERE\b", match["rest"], re.IGNORECASE):
            table = ".".join(_unquoted(part) for part in re.findall(_QUOTED, match["table"]))
            name = _unquoted(match["name"] or "")
            yield SourceIndex(table, tuple(columns), path, _line(text, match.start()), name)


def _plain(key: str) -> str:
    """The column of a key, or an empty text for an expression."""
    found = re.fullmatch(
        rf"\s*({_QUOTED})(?:\s*\(\d+\))?(?:\s+(?:ASC|DESC))?(?:\s+NULLS\s+\w+)?\s*", key, re.IGNORECASE
    )
    return _unquoted(found[1]) if found else ""


def _unquoted(name: str) -> str:
    return name.strip('"`[]')


def _called(path: str, text: str, pattern: re.Pattern[str]) -> Iterator[SourceIndex]:
    for match in pattern.finditer(text):
        columns = tuple(re.findall(r"[:\"'`](\w+)", match["columns"]))
        options = match["options"] or ""
        partial = re.search(r"\bwhere\b|_where", options)
        if columns and not partial and not re.search(r"\btype\s*:|using", options):
            named = match.groupdict().get("name") or next(
                iter(re.findall(r"\bname\s*[:=]>?\s*[\"'`](\w+)[\"'`]", options)), ""
            )
            yield SourceIndex(match["table"], columns, path, _line(text, match.start()), named)


def _prisma(path: str, text: str) -> Iterator[SourceIndex]:
    for model in _PRISMA_MODEL.finditer(text):
        body = re.sub(r"//[^\n]*", "", model["body"])
        mapped = re.search(r"@@map\(\"([^\"]+)\"\)", body)
        columns = {field["field"]: field["column"] for field in _PRISMA_FIELD.finditer(body)}
        for index in _PRISMA_INDEX.finditer(body):
            fields = [re.sub(r"\(.*", "", part).strip() for part in index["columns"].split(",")]
            named = re.search(r"(?:map|name):\s*\"(\w+)\"", index["options"])
            if all(fields) and "type:" not in index["options"]:
                names = tuple(columns.get(field, field) for field in fields)
                line = _line(text, model.start("body") + index.start())
                yield SourceIndex(mapped[1] if mapped else model["model"], names, path, line, named[1] if named else "")


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
