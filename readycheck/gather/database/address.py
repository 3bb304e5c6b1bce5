"""What a database URL names: its dialect, where it is, and the secrets in it that no message may show."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, unquote

from msgspec import Struct
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from readycheck.errors import TargetError
from readycheck.redact import redact

#: The schemes that are read, by the dialect that they mean; what follows a `+` names another client's driver.
SCHEMES = {
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "file": "sqlite",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mysql2": "mysql",
    "mariadb": "mysql",
    "mssql": "mssql",
    "sqlserver": "mssql",
}
#: What the parts of a URL are called among the properties of SQL Server's drivers.
_PROPERTIES = {
    "user": ("user", "username", "uid"),
    "password": ("password", "pwd"),
    "database": ("database", "databasename"),
}
#: A shorter password is no word that could be taken out of a message, so the message is left out instead.
_SHORTEST_WORD = 4
_LONGEST_MESSAGE = 300


class Address(Struct, frozen=True):
    """A database as its URL names it. `dialect` is the scheme itself where it is none that is read."""

    dialect: str
    url: URL
    secrets: tuple[str, ...] = ()

    @property
    def local(self) -> bool:
        """Does the connection stay on this machine: a file, a unix socket, or a loopback address?"""
        host = self.host
        if self.dialect == "sqlite" or host in ("", "localhost") or host.startswith(("/", "@")):
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def host(self) -> str:
        """The host, or the folder or path of a unix socket; empty for the driver's default."""
        socket = self.query("unix_socket") or self.query("host")
        return socket or (self.url.host or "").strip("[]")

    def query(self, name: str) -> str:
        """The value of a query parameter, or an empty text."""
        value = self.url.query.get(name, "")
        return value if isinstance(value, str) else value[-1]

    def without_secrets(self, message: str) -> str:
        """The first lines of a driver's message without the URL's secrets and cut to a sentence's length."""
        if any(len(secret) < _SHORTEST_WORD and secret in message for secret in self.secrets):
            return "the driver's message is left out because the password stands in it"
        for secret in sorted(self.secrets, key=len, reverse=True):
            message = message.replace(secret, "[redacted]")
        return " ".join(redact(message).split())[:_LONGEST_MESSAGE]


def read_address(url: str) -> Address:
    """What this URL names.

    Raises:
        TargetError: it is no URL of a database at all. The message never repeats it.
    """
    scheme, separator, rest = url.strip().partition(":")
    dialect = SCHEMES.get(scheme.lower().partition("+")[0], scheme.lower())
    if not separator or not re.fullmatch(r"[a-z][a-z0-9_+.-]*", scheme, re.IGNORECASE):
        raise TargetError("the database is not a URL", hint="give one such as postgresql://user@host/name")
    if dialect == "sqlite":
        return Address(dialect, URL.create("sqlite", database=_file(scheme.lower(), rest)))
    if dialect not in SCHEMES.values():
        return Address(dialect, URL.create(dialect))
    try:
        parsed = _with_properties(rest) if dialect == "mssql" and ";" in rest else make_url(f"{dialect}:{rest}")
    except (ArgumentError, ValueError) as error:
        raise TargetError("the database's URL cannot be read", hint="percent-encode its password") from error
    return Address(dialect, parsed, _secrets(parsed))


def _with_properties(rest: str) -> URL:
    """`//host:port;database=name;user=…;password=…`, as JDBC and Prisma write it; braces keep a value's semicolons."""
    head, _, tail = rest.partition(";")
    pairs = re.findall(r"([^=;{}]+)=(\{(?:[^}]|\}\})*\}|[^;]*)", tail)
    words = {name.strip().lower(): _unbraced(value) for name, value in pairs}
    taken = {
        part: next((words.pop(name) for name in names if name in words), None) for part, names in _PROPERTIES.items()
    }
    url = make_url(f"mssql:{head}")
    known = {name: value for name, value in words.items() if name not in ("schema", "connectiontimeout")}
    return url.set(username=taken["user"], password=taken["password"], database=taken["database"], query=known)


def _unbraced(value: str) -> str:
    return value[1:-1].replace("}}", "}") if value.startswith("{") and value.endswith("}") else value


def _file(scheme: str, rest: str) -> str:
    """The path of `sqlite:///relative`, `sqlite:////absolute`, `file:relative` and `file:///absolute`; else empty."""
    path = rest.partition("?")[0]
    if scheme == "file":
        return unquote(path.removeprefix("//"))
    if path.startswith("//"):
        path = path[3:] if path.startswith("///") else ""
    return unquote(path.removeprefix("file:"))


def _secrets(url: URL) -> tuple[str, ...]:
    words = [str(url.password)] if url.password else []
    words += [
        str(value) for key, value in url.query.items() if re.search(r"pass|pwd|secret|token|key", key, re.IGNORECASE)
    ]
    every = {form for word in words for form in (word, quote(word, safe=""), quote(word)) if form}
    return tuple(sorted(every))
