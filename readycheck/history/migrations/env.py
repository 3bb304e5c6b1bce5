"""What Alembic runs: the migrations on the connection, and in the transaction, that the history gives it."""

from __future__ import annotations

from alembic import context

from readycheck.history.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, version_table=VERSION_TABLE
)
with context.begin_transaction():
    context.run_migrations()
