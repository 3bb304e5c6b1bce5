"""Turns what a driver raises into the outcome and the sentence that the checks show."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from readycheck.facts.question import Unavailable
from readycheck.gather.database.address import Address
from readycheck.model import Outcome

_LOGIN, _DENIED, _LATE, _ABSENT = (
    "the database refuses the login",
    "this login may not read what was asked (`readycheck explain CHECK` names the grants)",
    "the database did not answer in time, or another session holds a lock",
    "the database has no such table, view or setting",
)
#: SQLSTATE of PostgreSQL (its manual, appendix A) error numbers of MySQL and MariaDB, with what they mean here.
_CODES: dict[str | int, str] = {
    "28000": _LOGIN,
    "28P01": _LOGIN,
    1044: _LOGIN,
    1045: _LOGIN,
    1698: _LOGIN,
    "42501": _DENIED,
    1142: _DENIED,
    1143: _DENIED,
    1227: _DENIED,
    1370: _DENIED,
    "57014": _LATE,
    "55P03": _LATE,
    1205: _LATE,
    1969: _LATE,
    3024: _LATE,
    "interrupted": _LATE,
    "database is locked": _LATE,
    "3D000": "there is no such database",
    1049: "there is no such database",
    "42P01": _ABSENT,
    1146: _ABSENT,
    "unable to open database file": "the database file cannot be opened",
    "file is not a database": "the file is no SQLite database",
}


#: Words of drivers that give no number: psycopg before a login, and mssql-python always.
_WORDS = (
    ("authentication failed", _LOGIN),
    ("no password supplied", _LOGIN),
    ("Login failed for user", _LOGIN),
    ("Cannot open database", "there is no such database"),
    ("permission was denied", _DENIED),
    ("do not have permission", _DENIED),
    ("Lock request time out", _LATE),
    ("Query timeout expired", _LATE),
    ("Invalid object name", _ABSENT),
    ("no such table", _ABSENT),
    ("no such column", _ABSENT),
)


class CannotTellError(Exception):
    """The database answers, and what it shows this login proves nothing; the message says why."""


class CannotOpenError(Exception):
    """There is nothing to connect to, and the message, which holds no secret, says why."""


class TooLargeError(Exception):
    """The database lists more than a fact may carry."""


#: What a driver, the file system or a text in an unknown encoding can raise.
FAILURES = (SQLAlchemyError, CannotOpenError, CannotTellError, TooLargeError, OSError, UnicodeError)


def unavailable(error: Exception, address: Address) -> Unavailable:
    """The outcome and reason that this failure gives to a check; no secret of the URL is in it."""
    if isinstance(error, CannotTellError):
        return Unavailable(Outcome.UNKNOWN, str(error))
    if isinstance(error, TooLargeError | CannotOpenError):
        return Unavailable(Outcome.ERROR, str(error))
    cause: Any = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lead = _meaning(cause)
    said = address.without_secrets(_said(cause))
    outcome = Outcome.UNKNOWN if lead == _DENIED else Outcome.ERROR
    return Unavailable(outcome, f"{lead}: {said}" if said else lead)


def _said(cause: Any) -> str:
    """The driver's own words; PyMySQL gives a number before them."""
    words = [str(part) for part in getattr(cause, "args", ()) if not isinstance(part, int)]
    return " ".join(words) or type(cause).__name__


def _meaning(cause: Any) -> str:
    number = next((part for part in getattr(cause, "args", ()) if isinstance(part, int)), None)
    text = _said(cause)
    for code in (getattr(cause, "sqlstate", None), number, text):
        if code in _CODES:
            return _CODES[code]
    if "does not exist" in text and "database" in text:
        return "there is no such database"
    return next((meaning for words, meaning in _WORDS if words in text), "the database cannot be asked")


def missing_driver(dialect: str) -> Unavailable:
    """Says how to install the driver of this dialect."""
    line = f"pip install 'readycheck-audit[{dialect}]'"
    return Unavailable(Outcome.UNKNOWN, f"the driver for {dialect} is not installed: {line}")
