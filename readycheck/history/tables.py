"""The tables of the history; the migrations make them, and a test holds both together."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.mysql import LONGBLOB

#: The table in which Alembic keeps the revision: its own, because a history may share a database with others.
VERSION_TABLE = "readycheck_version"
#: The longest service that is kept, in characters: MySQL indexes no more of a utf8mb4 column everywhere.
LONGEST_NAME = 191

METADATA = MetaData()
# Names are told apart by case and accent in every database, and scorecards outgrow MySQL's 64 KiB of a BLOB.
_MYSQL: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}

#: A run. Moments are ISO 8601 in UTC, so that they sort as text; `scorecard` is its JSON, compressed by zlib.
RUNS = Table(
    "readycheck_run",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("service", String(LONGEST_NAME), nullable=False),
    Column("recorded_at", String(32), nullable=False),
    Column("judged_at", String(40), nullable=False),
    Column("commit_id", String(64), nullable=False),
    Column("branch", String(LONGEST_NAME), nullable=False),
    Column("dirty", Boolean(create_constraint=False), nullable=False),
    Column("scope", String(64), nullable=False),
    Column("readiness", String(16), nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("score", Float),
    Column("ceiling", Float),
    Column("coverage", Float),
    Column("blockers", Integer, nullable=False),
    Column("verdicts", Text, nullable=False),
    Column("tool", String(40), nullable=False),
    Column("scorecard", LargeBinary().with_variant(LONGBLOB, "mysql"), nullable=False),
    Index("readycheck_run_by_service", "service", "recorded_at"),
    **_MYSQL,
)

#: A section of a run, in the order of the document.
SECTIONS = Table(
    "readycheck_section",
    METADATA,
    Column("run_id", String(32), ForeignKey("readycheck_run.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("section", String(LONGEST_NAME), nullable=False),
    Column("title", String(LONGEST_NAME), nullable=False),
    Column("score", Float),
    Column("ceiling", Float),
    Column("coverage", Float),
    Column("verdicts", Text, nullable=False),
    **_MYSQL,
)
