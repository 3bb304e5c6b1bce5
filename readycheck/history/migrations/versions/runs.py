"""Runs and their sections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGBLOB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MYSQL = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "readycheck_run",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("service", sa.String(191), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("judged_at", sa.String(40), nullable=False),
        sa.Column("commit_id", sa.String(64), nullable=False),
        sa.Column("branch", sa.String(191), nullable=False),
        sa.Column("dirty", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("readiness", sa.String(16), nullable=False),
        sa.Column("exit_code", sa.Integer, nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("ceiling", sa.Float),
        sa.Column("coverage", sa.Float),
        sa.Column("blockers", sa.Integer, nullable=False),
        sa.Column("verdicts", sa.Text, nullable=False),
        sa.Column("tool", sa.String(40), nullable=False),
        sa.Column("scorecard", sa.LargeBinary().with_variant(LONGBLOB, "mysql"), nullable=False),
        **_MYSQL,
    )
    op.create_index("readycheck_run_by_service", "readycheck_run", ["service", "recorded_at"])
    op.create_table(
        "readycheck_section",
        sa.Column("run_id", sa.String(32), sa.ForeignKey("readycheck_run.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("section", sa.String(191), nullable=False),
        sa.Column("title", sa.String(191), nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("ceiling", sa.Float),
        sa.Column("coverage", sa.Float),
        sa.Column("verdicts", sa.Text, nullable=False),
        **_MYSQL,
    )


def downgrade() -> None:
    """Drop both tables, and with them every run."""
    op.drop_table("readycheck_section")
    op.drop_table("readycheck_run")
