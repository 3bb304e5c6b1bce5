"""The rights that a login needs for its questions to be answered, by dialect; none of them is a right to write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from readycheck.facts.database import DatabaseIdentifiers, DatabaseInventory, SqlRows, TablesFilled
from readycheck.facts.migrations import DatabaseMigrations
from readycheck.facts.question import Question
from readycheck.model import Target

#: The dialects that rights are named for, in the order of the documentation.
DIALECTS = ("postgresql", "mysql", "mariadb", "mssql")
#: What the structure of a database takes. PostgreSQL shows its catalogue to whoever may connect.
_STRUCTURE = {
    "postgresql": "GRANT CONNECT ON DATABASE name TO readycheck",
    "mysql": "GRANT SELECT, SHOW VIEW ON name.* TO readycheck",
    "mariadb": "GRANT SELECT, SHOW VIEW ON name.* TO readycheck",
    "mssql": "GRANT VIEW DEFINITION TO readycheck",
}
#: What the rows of tables take: a table that is asked whether it is filled, a migration tool's own.
_ROWS = {
    "postgresql": "GRANT pg_read_all_data TO readycheck",
    "mysql": "GRANT SELECT, SHOW VIEW ON name.* TO readycheck",
    "mariadb": "GRANT SELECT, SHOW VIEW ON name.* TO readycheck",
    "mssql": "ALTER ROLE db_datareader ADD MEMBER readycheck",
}
_STATE = "GRANT VIEW SERVER STATE TO readycheck"
#: What counting the use of indexes takes on top of the structure.
_USE = {
    "mysql": "GRANT SELECT ON performance_schema.* TO readycheck",
    "mariadb": "GRANT SELECT ON performance_schema.* TO readycheck",
    "mssql": _STATE,
}
#: What a statement takes, by the words in it.
_WORDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "postgresql": (
        (r"pg_stat_(?:activity|ssl|replication|wal_receiver|archiver|progress\w*)", "GRANT pg_monitor TO readycheck"),
        (r"pg_settings", "GRANT pg_monitor TO readycheck"),
        (r"pg_hba_file_rules", "GRANT SELECT ON pg_hba_file_rules TO readycheck"),
        (r"pg_hba_file_rules", "GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO readycheck"),
    ),
    "mysql": (
        (r"performance_schema\.", "GRANT SELECT ON performance_schema.* TO readycheck"),
        (r"\bmysql\.user\b", "GRANT SELECT ON mysql.user TO readycheck"),
        (r"\bmysql\.db\b", "GRANT SELECT ON mysql.db TO readycheck"),
        (r"processlist|innodb_trx", "GRANT PROCESS ON *.* TO readycheck"),
        (r"SHOW REPLICA|replication_", "GRANT REPLICATION CLIENT ON *.* TO readycheck"),
        (r"PERCONA_SCHEMA", "GRANT SELECT ON PERCONA_SCHEMA.* TO readycheck"),
    ),
    "mariadb": (
        (r"performance_schema\.", "GRANT SELECT ON performance_schema.* TO readycheck"),
        (r"\bmysql\.user\b", "GRANT SELECT ON mysql.* TO readycheck"),
        (r"\bmysql\.db\b", "GRANT SELECT ON mysql.* TO readycheck"),
        (r"processlist|innodb_trx", "GRANT PROCESS ON *.* TO readycheck"),
        (r"SHOW ALL SLAVES", "GRANT SLAVE MONITOR ON *.* TO readycheck"),
        (r"backup_history", "GRANT SELECT ON mysql.* TO readycheck"),
    ),
    "mssql": (
        (r"sys\.dm_|VIEW SERVER STATE", _STATE),
        (r"sys\.server_", "GRANT VIEW ANY DEFINITION TO readycheck"),
        (r"\bmsdb\.", "USE msdb; ALTER ROLE db_datareader ADD MEMBER readycheck"),
        (r"\bsys\.(?!dm_|server_)", "GRANT VIEW DEFINITION TO readycheck"),
    ),
}


def grants(questions: Iterable[Question[Any]]) -> dict[str, tuple[str, ...]]:
    """The statements that give a login `readycheck` what these questions take, by dialect; none where none are asked."""
    asked = [question for question in questions if question.target is Target.DATABASE]
    found = {dialect: [grant for question in asked for grant in _of(question, dialect)] for dialect in DIALECTS}
    return {dialect: tuple(dict.fromkeys(given)) for dialect, given in found.items() if given}


def _of(question: Question[Any], dialect: str) -> list[str]:
    if isinstance(question, SqlRows):
        sql = question.statement(dialect)
        return [] if sql is None else [grant for word, grant in _WORDS[dialect] if re.search(word, sql)]
    if isinstance(question, DatabaseInventory):
        return [_STRUCTURE[dialect], *([_USE[dialect]] if dialect in _USE else [])]
    if isinstance(question, DatabaseIdentifiers | TablesFilled | DatabaseMigrations):
        return [_STRUCTURE[dialect], _ROWS[dialect]]
    return []
