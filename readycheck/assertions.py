"""Reads the code blocks of a document as assertions: nothing of them runs, each becomes a question to the targets."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from readycheck.catalogue import Catalogue

#: Commands are read up to this many lines and characters; a longer block is no instruction.
_MOST_LINES, _LONGEST = 400, 2000

_SHELLS = ("", "bash", "sh", "shell", "console", "zsh", "powershell", "ps1", "cmd", "terminal")
_SETTING = re.compile(r"^\s*(?:export\s+|set\s+|\$env:)?(?P<name>[A-Z][A-Z0-9_]{1,80})\s?=\s?(?P<value>.*)$")
_SECRET = re.compile(r"SECRET|PASSWORD|PASSWD|_KEY\b|_KEY_|_TOKEN\b|_PASS\b|_SALT\b|\bAPIKEY")
#: Public settings whose value matters, and the values that are those of production.
_PRODUCTION = re.compile(
    r"^(?:NODE_ENV|APP_ENV|RAILS_ENV|RACK_ENV|FLASK_ENV|ENV|ENVIRONMENT|ASPNETCORE_ENVIRONMENT|DEBUG|APP_DEBUG)$"
)
_VALUE = re.compile(r"(?i:production|prod|false|0)\Z")
_REMOTE = re.compile(r"^-(?:X|d|F|T|u)$|^--(?:request|data|data-raw|data-binary|form|upload-file|json|user)(?:=|$)")
_BACKUP = re.compile(
    r"\b(?:pg_dump(?:all)?|mysqldump|mariadb-dump|mongodump|BACKUP\s+DATABASE|BACKUP\s+LOG|sqlite3\s+\S+\s+\.backup)\b",
    re.IGNORECASE,
)
_INDEX = re.compile(r"\bCREATE\s+(?:UNIQUE\s+)?(?:CLUSTERED\s+|NONCLUSTERED\s+)?INDEX\b", re.IGNORECASE)


class Derived(NamedTuple):
    """The checks that blocks of code ask for, and their parameters by check."""

    checks: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, Any]]


def asserted(blocks: Iterable[tuple[str, str]], catalogue: Catalogue) -> Derived:
    """What these blocks, each a language and a text, assert about the targets; only checks that the catalogue has."""
    found: dict[str, dict[str, Any]] = {}
    for language, text in blocks if catalogue.checks else ():
        for check, parameters in _of_block(language, text[: _MOST_LINES * _LONGEST]):
            if check in catalogue.checks:
                _merge(found.setdefault(check, {}), parameters)
    return Derived(tuple(found), {check: parameters for check, parameters in found.items() if parameters})


def _merge(held: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, list):
            held[name] = [*held.get(name, []), *(entry for entry in value if entry not in held.get(name, []))]
        else:
            held.setdefault(name, value)


def _of_block(language: str, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    lines = [line for line in text.split("\n")[:_MOST_LINES] if len(line) <= _LONGEST]
    if _INDEX.search(text):
        yield from _indexes(text)
    backups = [line.strip() for line in lines if _BACKUP.search(line) and not line.lstrip().startswith(("#", "--"))]
    if backups:
        yield "backup-command", {"commands": backups}
    settings = [match for line in lines if (match := _SETTING.match(line))]
    if language in ("env", "dotenv", "properties") or (
        language in _SHELLS and settings and len(settings) * 2 > _commands(lines)
    ):
        yield from _settings(settings)
    if language in _SHELLS:
        for line in lines:
            yield from _of_command(line)


def _commands(lines: Iterable[str]) -> int:
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in lines)


def _settings(settings: Iterable[re.Match[str]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each key set, none of them a placeholder, those of production as production has them, secrets long and random."""
    pairs = [(match["name"], match["value"].split(" #")[0].strip().strip("\"'")) for match in settings]
    public = [(name, value) for name, value in pairs if _PRODUCTION.match(name) and _VALUE.match(value)]
    names = [name for name, _ in pairs if name not in dict(public)]
    secrets = [name for name in names if _SECRET.search(name)]
    if names or public:
        yield "environment-complete", {"names": names, "equals": [f"{name}={value}" for name, value in public]}
        every = [*names, *dict(public)]
        yield (
            "environment-keys-documented",
            {"patterns": [f"(?<![A-Z0-9_]){name}(?![A-Z0-9_])" for name in every], "shows": every},
        )
    if secrets:
        yield "environment-secrets", {"names": secrets}


def _indexes(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The indexes that the statements create, read with a SQL parser; a statement that is none is left out."""
    found = [index for statement in _statements(text) if (index := _index(statement))]
    if found:
        yield "declared-indexes", {"indexes": found}
        yield "declared-indexes-possible", {"indexes": found}


def _statements(text: str) -> Iterator[str]:
    plain = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    for statement in plain.split(";"):
        if _INDEX.search(statement) and len(statement) < _LONGEST:
            yield statement.strip()


def _index(statement: str) -> dict[str, Any] | None:
    import sqlglot
    from sqlglot import expressions

    for dialect in ("postgres", "mysql", "tsql"):
        try:
            parsed = sqlglot.parse_one(statement, dialect=dialect)
        except (sqlglot.errors.SqlglotError, RecursionError, ValueError):
            continue
        index = parsed.find(expressions.Index) if isinstance(parsed, expressions.Create) else None
        table = index.find(expressions.Table) if index else None
        if index is None or table is None or not index.name:
            continue
        ordered = index.find_all(expressions.Ordered)
        columns = [column.name for entry in ordered if isinstance(column := entry.this, expressions.Column)]
        if columns:
            return {"name": index.name, "table": table.name, "columns": columns}
    return None


def _of_command(line: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    words = _words(line)
    if words[:1] == ["sudo"]:
        words = words[1:]
    if len(words) > 2 and words[:2] == ["git", "rm"] and "--cached" in words:  # noqa: PLR2004 - the command, the option, a path
        paths = [word for word in words[2:] if not word.startswith("-") and not word.startswith("/")]
        yield "sensitive-files-never-tracked", {"patterns": [re.sub(r"(?<=\w/)\*$", "", path) for path in paths]}
    elif words[:1] == ["curl"]:
        yield from _of_curl(words[1:])
    elif command := _task(words):
        yield "documented-commands-exist", {"commands": [command]}


def _words(line: str) -> list[str]:
    text = re.sub(r"^\s*[$>]\s+", "", line).strip()
    if not text or text.startswith("#") or len(text) > _LONGEST:
        return []
    try:
        return shlex.split(re.split(r"\s+(?:&&|\|\||[|;])\s*", text)[0], comments=True)
    except ValueError:
        return text.split()


def _task(words: list[str]) -> str:
    """A task of the project that a command runs (`npm run test:load`, `make test`, `python manage.py migrate`)."""
    name = r"[A-Za-z0-9_][\w:.-]{0,80}"
    text = " ".join(words)
    for pattern in (
        rf"(?P<tool>npm|pnpm|yarn|bun) run (?P<name>{name})",
        r"(?P<tool>npm) (?P<name>test|start)\b",
        rf"(?P<tool>make) (?P<name>{name})",
        rf"(?P<tool>)python3? manage\.py (?P<name>{name})",
    ):
        if match := re.match(pattern, text):
            return (
                f"manage.py {match['name']}"
                if not match["tool"]
                else f"{'npm' if match['tool'] != 'make' else 'make'} {match['name']}"
            )
    return ""


def _of_curl(words: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A page that answers: GET alone, on the deployment under audit, whatever host the document names."""
    if any(_REMOTE.match(word) for word in words) or any("$" in word for word in words):
        return
    url = next((word for word in words if re.match(r"https?://", word)), "")
    try:
        path = urlsplit(url).path or "/"
    except ValueError:
        return
    if not url or len(path) > 200 or re.search(r"[<>{}\[\]\s]", path):  # noqa: PLR2004 - a path that people wrote
        return
    if re.search(r"health|ready|live|ping|status", path):
        yield "health", {"paths": [path]}
    else:
        yield "documented-page-answers", {"path": path}
