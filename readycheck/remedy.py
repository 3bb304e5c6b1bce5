"""What a check's fix brings for a script: one template for each tool, and how a finding's parts are written in it."""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec
from msgspec import Struct

from readycheck.model import Location, Part


class Tool(StrEnum):
    """What a script is for, in the order in which scripts of equal weight are taken."""

    GIT = "git"
    HISTORY = "history"
    GITIGNORE = "gitignore"
    SECRETS = "secrets"
    HEADERS = "headers"
    POSTGRESQL = "postgresql"
    MYSQL = "mysql"
    MARIADB = "mariadb"
    SQLITE = "sqlite"
    MSSQL = "mssql"
    SHELL = "shell"

    @property
    def is_sql(self) -> bool:
        """Is it the SQL of one dialect?"""
        return self in _SQL


_SQL = (Tool.POSTGRESQL, Tool.MYSQL, Tool.MARIADB, Tool.SQLITE, Tool.MSSQL)


class Scripts(Struct, frozen=True, omit_defaults=True):
    """Templates by tool: each is filled once for every finding and stands once in the plan.

    `{part}` is a part of the finding, quoted as the tool needs it: `path`, `line`, `commit`, `url` and `object` of its
    place, and what its probe names besides (`table`, `columns`, `tracked`, …); `name` is made of table and columns. A
    finding without one of the parts gets no line. `headers` are lines `Name: value`, written for the stack; `secrets`
    names a variable that gets a new value; `history` is an argument of git filter-repo, or a comment that names a place.
    """

    git: str = ""
    history: str = ""
    gitignore: str = ""
    secrets: str = ""
    headers: str = ""
    postgresql: str = ""
    mysql: str = ""
    mariadb: str = ""
    sqlite: str = ""
    mssql: str = ""
    shell: str = ""

    def __post_init__(self) -> None:
        """Refuse a header that is none, and braces that name nothing.

        Raises:
            ValueError: a template cannot be filled.
        """
        for tool, template in self.templates().items():
            left = _PART.sub("", template)
            if tool is not Tool.SHELL and re.search(r"[{}]", left):
                raise ValueError(f"{tool}: braces that hold no name of a part: {template!r}")
        for line in self.headers.splitlines():
            if not re.fullmatch(r"[A-Za-z0-9-]+: \S.*", line):
                raise ValueError(f"headers: {line!r} is no header: write `Name: value`")

    def templates(self) -> dict[Tool, str]:
        """The templates that are given."""
        return {Tool(name): text for name, text in msgspec.structs.asdict(self).items() if text}


_PART = re.compile(r"\{([a-z_]+)\}")
#: The longest name of an index that every dialect takes (PostgreSQL cuts at 63 bytes).
_LONGEST_NAME = 60


def parts_of(location: Location, named: Iterable[Part] = ()) -> dict[str, tuple[str, ...]]:
    """The parts of a finding by name: its place, and what its probe names."""
    place = {
        "path": location.path,
        "line": str(location.line) if location.line else "",
        "commit": location.commit,
        "url": location.url,
        "object": location.object,
    }
    parts: dict[str, tuple[str, ...]] = {name: (value,) for name, value in place.items() if value}
    parts |= {part.name: part.values for part in named if part.values}
    if "table" in parts and "columns" in parts:
        words = "_".join([parts["table"][-1], *parts["columns"]])
        parts.setdefault("name", (f"idx_{re.sub(r'[^A-Za-z0-9_]+', '_', words)}"[:_LONGEST_NAME].lower(),))
    return parts


def written(tool: Tool, template: str, parts: Mapping[str, Sequence[str]]) -> str | None:
    """The template with every part quoted for the tool, or None where a part is missing or the tool cannot say it."""
    found = []
    position = 0
    for match in _PART.finditer(template):
        values = parts.get(match[1])
        text = _quoted(tool, match[1], values) if values else None
        if text is None:
            return None
        found += [template[position : match.start()], text]
        position = match.end()
    return "".join([*found, template[position:]])


def said(template: str, parts: Mapping[str, Sequence[str]]) -> str | None:
    """The template as a sentence for people, its parts as they are; None where one is missing."""
    if not all(parts.get(name) for name in _PART.findall(template)):
        return None
    return _PART.sub(lambda match: ", ".join(parts[match[1]]), template)


def _quoted(tool: Tool, name: str, values: Sequence[str]) -> str | None:
    if tool.is_sql:
        if not all(value and value.isprintable() for value in values):
            return None
        return (", " if name == "columns" else ".").join(_IDENTIFIERS[tool](value) for value in values)
    if tool is Tool.GITIGNORE:
        return ignored(values[0])
    if tool is Tool.SECRETS:
        return values[0] if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", values[0]) else None
    return " ".join(map(shell, values))


_IDENTIFIERS: dict[Tool, Callable[[str], str]] = {
    Tool.POSTGRESQL: lambda name: '"' + name.replace('"', '""') + '"',
    Tool.SQLITE: lambda name: '"' + name.replace('"', '""') + '"',
    Tool.MYSQL: lambda name: "`" + name.replace("`", "``") + "`",
    Tool.MARIADB: lambda name: "`" + name.replace("`", "``") + "`",
    Tool.MSSQL: lambda name: "[" + name.replace("]", "]]") + "]",
}


def shell(value: str) -> str:
    """The value as one word of a POSIX shell; what cannot be seen is written as bytes (`$'…'`, POSIX 2024 §2.2.4)."""
    if all(unicodedata.category(letter)[0] != "C" and letter not in "\u2028\u2029" for letter in value):
        return shlex.quote(value)
    return "$'" + "".join(_escaped(value)) + "'"


def _escaped(value: str) -> Iterator[str]:
    for letter in value:
        if letter in "\\'":
            yield f"\\{letter}"
        elif letter.isascii() and letter.isprintable():
            yield letter
        else:
            yield "".join(f"\\{byte:03o}" for byte in letter.encode("utf-8", "surrogateescape"))


def ignored(path: str) -> str | None:
    """The path as a line of .gitignore that means just this path; None where no line can (gitignore(5))."""
    if "\n" in path or "\r" in path or not path:
        return None
    escaped = re.sub(r"([\\*?\[])", r"\\\1", path)
    bare = escaped.rstrip(" ")
    return f"/{bare}" + "\\ " * (len(escaped) - len(bare))
