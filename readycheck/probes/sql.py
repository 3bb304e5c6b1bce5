"""Judgements on what a read-only statement gives: no rows at all, or one value."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from readycheck.facts.database import Rows, SqlRows
from readycheck.facts.question import FactUnavailable, Question, Unavailable
from readycheck.facts.statement import require_reading
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Outcome, Part, Shorthand, Strength, Target
from readycheck.probes.probe import Judgement, Probe, failed, not_applicable, passed, unknown

_PLACE = re.compile(r"\{(\w+)\}")


class Statements(Shorthand, frozen=True, kw_only=True):
    """A statement for each dialect that the check is meant for; a bare text is meant for `any`.

    MariaDB is asked what is written for `mysql` unless it has a statement of its own.
    """

    shorthand: ClassVar[str] = "any"

    any: str = ""
    sqlite: str = ""
    postgresql: str = ""
    mysql: str = ""
    mariadb: str = ""
    mssql: str = ""

    def __post_init__(self) -> None:
        """Refuse a statement that does more than read, and a set without any."""
        if not self.dialects():
            raise ValueError("a statement is needed")
        for sql in self.dialects().values():
            require_reading(sql)

    def dialects(self) -> dict[str, str]:
        """The statements that are there, by dialect."""
        named = {name: getattr(self, name) for name in ("any", "sqlite", "postgresql", "mysql", "mariadb", "mssql")}
        return {name: sql for name, sql in named.items() if sql.strip()}

    def question(self) -> SqlRows:
        """What to ask."""
        return SqlRows(tuple(self.dialects().items()))


class NoRows(Probe, frozen=True):
    """The statement finds nothing wrong: each row of `sql` is a finding.

    `among` counts what `sql` looks through, which `what` names in words. When that is nothing, or NULL because the
    login cannot see it, nothing is known. In `finding` and `object` a column's name in braces stands for its value.
    """

    name: ClassVar[str] = "sql.no_rows"
    target: ClassVar[Target] = Target.DATABASE

    sql: Statements
    among: Statements
    what: str
    finding: str
    object: str = ""

    def __post_init__(self) -> None:
        """Refuse a dialect whose rows would not be counted: no rows among none prove nothing."""
        counted = self.among.question()
        uncounted = [name for name in self.sql.dialects() if counted.statement(name) is None]
        if uncounted:
            raise ValueError(f"among needs a statement for {', '.join(uncounted)}")
        if not self.finding.strip() or not self.what.strip():
            raise ValueError("finding and what must say something")

    def questions(self) -> tuple[Question[Any], ...]:
        """The rows, and how much was looked through for them."""
        return (self.sql.question(), self.among.question())

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each row."""
        rows = facts[self.sql.question()]
        size = _number(_first(facts[self.among.question()]))
        if not size:
            return unknown(f"{'no' if size == 0 else 'this login cannot see all'} {self.what}")
        examined = f"{size:g} {self.what}"
        if not rows.rows:
            return passed(examined, Strength.OBSERVED)
        more = f"; only the first {len(rows.rows)} are shown" if rows.truncated else ""
        named = [dict(zip(rows.columns, row, strict=True)) for row in rows.rows]
        found = [
            Finding(
                filled(self.finding, row),
                Location(object=filled(self.object, row)),
                parts=tuple(Part(name, (value,)) for name, value in row.items() if value),
            )
            for row in named
        ]
        return failed(examined + more, found)


class Value(Probe, frozen=True):
    """The first cell of the first row compares as it should. `what` says what it is, in words.

    `absent` is the outcome when there is no row. NULL is what servers show a login that may not know, so it is unknown.
    In `finding` `{value}` stands for the cell, and the name of a column in braces for that column's. `column` names the
    cell where a statement such as SHOW gives more of them, and `untold` says why it may be NULL.
    """

    name: ClassVar[str] = "sql.value"
    target: ClassVar[Target] = Target.DATABASE

    sql: Statements
    what: str
    equals: str | None = None
    one_of: tuple[str, ...] = ()
    matches: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    absent: Outcome = Outcome.UNKNOWN
    finding: str = ""
    column: tuple[str, ...] = ()
    untold: str = "this login is not told"

    def __post_init__(self) -> None:
        """Refuse a comparison that always holds, and a pattern that may take for ever."""
        if self.equals is None and not self.one_of and self.matches is None and not self._bounded():
            raise ValueError("needs one of equals, one_of, matches, at_least, at_most")
        if self.absent not in (Outcome.UNKNOWN, Outcome.FAIL, Outcome.NOT_APPLICABLE):
            raise ValueError("absent must be unknown, fail or not_applicable")
        if self.matches is not None:
            _require_quick(self.matches)

    def _bounded(self) -> bool:
        return self.at_least is not None or self.at_most is not None

    def questions(self) -> tuple[Question[Any], ...]:
        """The row."""
        return (self.sql.question(),)

    def judge(self, facts: Facts) -> Judgement:
        """Pass when every comparison holds."""
        rows = facts[self.sql.question()]
        if not rows.rows:
            return self._absent()
        value = self._cell(rows)
        if value is None:
            return unknown(f"{self.what}: {self.untold}")
        if self._bounded() and _number(value) is None:
            return unknown(f"{self.what} is {value!r}, which is no number")
        examined = f"{self.what}: {value}"
        if self._holds(value):
            return passed(examined, Strength.OBSERVED)
        row = dict(zip(rows.columns, rows.rows[0], strict=True)) | {"value": value}
        return failed(examined, [Finding(filled(self.finding, row) or f"{self.what} is {value}")])

    def _cell(self, rows: Rows) -> str | None:
        named = {name.lower(): cell for name, cell in zip(rows.columns, rows.rows[0], strict=True)}
        if not self.column:
            return _first(rows)
        return next((named[name.lower()] for name in self.column if name.lower() in named), None)

    def _absent(self) -> Judgement:
        text = f"{self.what}: the database has nothing of it"
        if self.absent is Outcome.FAIL:
            return failed(text, [Finding(text)])
        return not_applicable(text) if self.absent is Outcome.NOT_APPLICABLE else unknown(text)

    def _holds(self, value: str) -> bool:
        number = _number(value) if self._bounded() else None
        return (
            (self.equals is None or value == self.equals)
            and (not self.one_of or value in self.one_of)
            and (self.matches is None or re.search(self.matches, value) is not None)
            and (self.at_least is None or (number is not None and number >= self.at_least))
            and (self.at_most is None or (number is not None and number <= self.at_most))
        )


def filled(template: str, row: Mapping[str, str | None]) -> str:
    """The template with `{column}` replaced by the row's values, in one pass: braces in a value stay text.

    Raises:
        FactUnavailable: with an error, because the statement gives no such column.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in row:
            raise FactUnavailable(Unavailable(Outcome.ERROR, f"the statement gives no column {match[1]}"))
        found = row[match[1]]
        return "NULL" if found is None else found

    return _PLACE.sub(value, template)


def _first(rows: Rows) -> str | None:
    return rows.rows[0][0] if rows.rows and rows.rows[0] else None


def _number(text: str | None) -> float | None:
    """The number that the text is, or None; infinity and NaN compare with nothing sensibly."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _require_quick(pattern: str) -> None:
    """Refuse what is no regular expression, and repeated groups, which may take exponential time (CWE-1333)."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"matches is no regular expression: {error}") from error
    if re.search(r"\)[*+{]", pattern):
        raise ValueError("matches must not repeat a group: such patterns may take for ever")
