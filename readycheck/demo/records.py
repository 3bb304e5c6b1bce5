"""Makes the database of the demonstrated service: what its migrations leave behind, and a few hundred rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

_STAMPS = "created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL"
_ID = "id INTEGER PRIMARY KEY AUTOINCREMENT"

SCHEMA = f"""
CREATE TABLE SequelizeMeta (name VARCHAR(255) NOT NULL UNIQUE PRIMARY KEY);
CREATE TABLE user ({_ID}, mobile VARCHAR(15) NOT NULL UNIQUE, email VARCHAR(120) NOT NULL,
  full_name VARCHAR(120) NOT NULL, password_hash VARCHAR(72) NOT NULL, role VARCHAR(10) NOT NULL DEFAULT 'borrower',
  pan_encrypted VARCHAR(200), erased_at DATETIME, {_STAMPS});
CREATE TABLE applicants ({_ID}, user_id INTEGER NOT NULL REFERENCES user (id), business_name VARCHAR(120) NOT NULL,
  business_type VARCHAR(40) NOT NULL, monthly_turnover DECIMAL(12,2) NOT NULL,
  status VARCHAR(12) NOT NULL DEFAULT 'submitted', {_STAMPS});
CREATE TABLE loans ({_ID}, applicant_id INTEGER NOT NULL REFERENCES applicants (id), principal DECIMAL(12,2) NOT NULL,
  annual_rate DECIMAL(5,2) NOT NULL, term_months INTEGER NOT NULL, status VARCHAR(12) NOT NULL DEFAULT 'applied',
  disbursed_at DATETIME, {_STAMPS});
CREATE TABLE payments ({_ID}, loan_id INTEGER NOT NULL REFERENCES loans (id), amount DECIMAL(12,2) NOT NULL,
  method VARCHAR(20) NOT NULL, reference VARCHAR(40) NOT NULL UNIQUE, received_at DATETIME NOT NULL, {_STAMPS});
CREATE TABLE repaymentTransactionsHistory ({_ID}, loan_id INTEGER NOT NULL REFERENCES loans (id),
  due_date DATE NOT NULL, amount_due DECIMAL(12,2) NOT NULL, amount_paid DECIMAL(12,2) NOT NULL DEFAULT 0,
  status VARCHAR(12) NOT NULL DEFAULT 'due', {_STAMPS});
CREATE TABLE audit_logs ({_ID}, user_id INTEGER, method VARCHAR(8) NOT NULL, path VARCHAR(200) NOT NULL,
  status INTEGER NOT NULL, ip VARCHAR(45), created_at DATETIME NOT NULL);
CREATE TABLE consents ({_ID}, user_id INTEGER NOT NULL REFERENCES user (id), purpose VARCHAR(40) NOT NULL,
  version VARCHAR(20) NOT NULL, given_at DATETIME NOT NULL, withdrawn_at DATETIME, {_STAMPS});
CREATE INDEX idx_user_mobile ON user (mobile);
CREATE INDEX idx_applicant_status ON applicants (created_at);
CREATE INDEX idx_applicant_user ON applicants (user_id);
CREATE INDEX idx_loan_applicant ON loans (applicant_id);
CREATE INDEX idx_consent_user ON consents (user_id);
CREATE INDEX idx_repayment_loan ON repaymentTransactionsHistory (loan_id);
"""

#: How many people, and so applicants and loans, there are.
PEOPLE = 120

_FIRST = ("Amara", "Bo", "Chidi", "Devi", "Elif", "Farid", "Gita", "Hana", "Imran", "Jaya", "Kiran", "Lena", "Meera")
_TRADES = {"retail": "shop", "food": "kitchen", "craft": "workshop", "transport": "rickshaw", "services": "salon"}
_TERM = 12


class Clock:
    """Moments before `now`, as Sequelize writes them into SQLite."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)

    def ago(self, days: int) -> str:
        """The moment so many days ago."""
        return f"{self.now - timedelta(days=days):%Y-%m-%d %H:%M:%S}.000 +00:00"

    def day(self, days: int) -> str:
        """The date in so many days."""
        return f"{self.now + timedelta(days=days):%Y-%m-%d}"


def make_database(path: Path, migrations: Iterable[str], now: datetime) -> None:
    """A SQLite file with the service's tables; `migrations` are the names that count as applied.

    Same migrations and same moment, same rows.
    """
    chance, clock = Random(2025), Clock(now)  # noqa: S311 - rows, not secrets
    with closing(sqlite3.connect(path)) as database:
        database.executescript(f"PRAGMA synchronous = OFF; {SCHEMA}")
        _insert(database, "SequelizeMeta", ((name,) for name in sorted(migrations)))
        _insert(database, "user", _users(clock))
        _insert(database, "applicants", _applicants(chance, clock))
        _insert(database, "loans", _loans(chance, clock))
        _insert(database, "repaymentTransactionsHistory", _repayments(clock))
        _insert(database, "payments", _payments(clock))
        _insert(database, "consents", _consents(clock))
        _insert(database, "audit_logs", _audit(chance, clock))
        database.commit()


def _insert(database: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    found = list(rows)
    places = ", ".join("?" * len(found[0]))
    database.executemany(f"INSERT INTO {table} VALUES ({places})", found)  # noqa: S608 - our own names


def _users(clock: Clock) -> Iterator[tuple[object, ...]]:
    for person in range(1, PEOPLE + 1):
        name = _FIRST[person % len(_FIRST)]
        role = "officer" if person % 40 == 0 else "borrower"
        mobile, email = f"+91{person:010}", f"{name.lower()}.{person}@example.com"
        made = clock.ago(300 - person)
        yield person, mobile, email, f"{name} {person}", "none", role, None, None, made, made


def _applicants(chance: Random, clock: Clock) -> Iterator[tuple[object, ...]]:
    for person in range(1, PEOPLE + 1):
        trade, place = chance.choice(list(_TRADES.items()))
        name = f"{_FIRST[person % len(_FIRST)]}'s {place}"
        made = clock.ago(290 - person)
        yield person, person, name, trade, chance.randrange(800, 9000, 50), _decision(person), made, made


def _loans(chance: Random, clock: Clock) -> Iterator[tuple[object, ...]]:
    for loan in range(1, PEOPLE + 1):
        status = {"approved": "active", "submitted": "applied"}.get(_decision(loan), "rejected")
        made = clock.ago(285 - loan)
        paid_out = clock.ago(283 - loan) if status == "active" else None
        yield loan, loan, chance.randrange(500, 20000, 100), 14.5, _TERM, status, paid_out, made, made


def _decision(person: int) -> str:
    return ("approved", "approved", "approved", "rejected", "submitted")[person % 5]


def _instalments() -> Iterator[tuple[int, int]]:
    """The active loans, and in how many days each instalment is due (before today when negative)."""
    for loan in range(1, PEOPLE + 1):
        if _decision(loan) == "approved":
            yield from ((loan, 30 * month + loan - 283) for month in range(1, _TERM + 1))


def _repayments(clock: Clock) -> Iterator[tuple[object, ...]]:
    for row, (loan, due) in enumerate(_instalments(), start=1):
        status, paid = ("paid", 450) if due < 0 else ("due", 0)
        made = clock.ago(283 - loan)
        yield row, loan, clock.day(due), 450, paid, status, made, made


def _payments(clock: Clock) -> Iterator[tuple[object, ...]]:
    late = [(loan, due) for loan, due in _instalments() if due < 0]
    for row, (loan, due) in enumerate(late, start=1):
        when = clock.ago(-due)
        yield row, loan, 450, ("bank", "card", "cash")[row % 3], f"P{row:06}", when, when, when


def _consents(clock: Clock) -> Iterator[tuple[object, ...]]:
    for person in range(1, PEOPLE + 1):
        when = clock.ago(300 - person)
        yield person, person, "privacy", "2024-07", when, None, when, when


def _audit(chance: Random, clock: Clock) -> Iterator[tuple[object, ...]]:
    for row in range(1, 2 * PEOPLE + 1):
        loan = chance.randint(1, PEOPLE)
        path = chance.choice(("/api/v1/payments", f"/api/v1/loans/{loan}/decision", "/api/v1/users/me"))
        method = "PATCH" if path.endswith("/me") else "POST"
        yield row, 40, method, path, chance.choice((200, 200, 201, 409)), "10.0.0.7", clock.ago(240 - row)
