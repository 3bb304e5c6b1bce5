"""Rows of SQL Server's catalogue views, shaped as its documentation shows them: a small loan database with defects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from readycheck.gather.database import mssql
from readycheck.gather.database.recording import Answered, Recording

LOAN, BORROWER, LOG = 1001, 1002, 1003


def _keys() -> list[tuple[Any, ...]]:
    """Object, index, name, type, unique, primary, constraint, disabled, hypothetical, filter, columns."""

    def index(table: int, number: int, name: str, columns: Sequence[int], **more: Any) -> list[tuple[Any, ...]]:
        flags = {
            "unique": 0,
            "primary": 0,
            "constraint": 0,
            "disabled": 0,
            "hypothetical": 0,
            "where": None,
            "include": (),
        }
        given = {**flags, **more}
        head: tuple[Any, ...] = (
            table,
            number,
            name,
            1 if number == 1 else 2,
            given["unique"],
            given["primary"],
            given["constraint"],
        )
        head += (given["disabled"], given["hypothetical"], int(given["where"] is not None), given["where"])
        rows = [(*head, column, place + 1, 0, 0) for place, column in enumerate(columns)]
        return rows + [(*head, column, 0, 0, 1) for column in given["include"]]

    return [
        *index(LOAN, 1, "PK_loan", [1], unique=1, primary=1),
        *index(BORROWER, 1, "PK_borrower", [1], unique=1, primary=1),
        # What looks as if it led the foreign key: disabled, hypothetical, for other rows, or with the column included.
        *index(LOAN, 2, "IX_disabled", [2], disabled=1),
        *index(LOAN, 3, "IX_tuning", [2], hypothetical=1),
        *index(LOAN, 4, "IX_open", [2], where="([status]='open')"),
        *index(LOAN, 5, "IX_included", [3], include=[2]),
        # What does lead one.
        *index(LOAN, 6, "IX_guarantor", [4], where="([guarantor_id] IS NOT NULL)"),
        # Two that do the same.
        *index(BORROWER, 2, "IX_mobile", [2]),
        *index(BORROWER, 3, "IX_mobile_again", [2]),
    ]


INVENTORY: Mapping[str, tuple[Sequence[str], Sequence[Sequence[Any]]]] = {
    mssql.SERVER: (("version", "sees_definitions", "edition"), [("16.0.4135.4", 1, 2)]),
    mssql.ENCRYPTED: (("encrypt_option",), [("TRUE",)]),
    mssql.TABLES: (
        ("object_id", "schema_name", "table_name"),
        [(LOAN, "dbo", "loan"), (BORROWER, "dbo", "borrower"), (LOG, "audit", "log, old")],
    ),
    mssql.COLUMNS: (
        ("object_id", "column_id", "name", "type_name", "max_length", "is_nullable", "collation_name"),
        [
            (LOAN, 1, "id", "int", 4, 0, None),
            (LOAN, 2, "borrower_id", "int", 4, 0, None),
            (LOAN, 3, "status", "nvarchar", 40, 1, "Latin1_General_CI_AS"),
            (LOAN, 4, "guarantor_id", "int", 4, 1, None),
            (BORROWER, 1, "id", "int", 4, 0, None),
            (BORROWER, 2, "mobile", "nvarchar", 40, 1, "Latin1_General_CI_AS"),
            (LOG, 1, "what, exactly", "nvarchar", -1, 1, "Latin1_General_CI_AS"),
        ],
    ),
    mssql.KEYS: (
        (
            *("object_id", "index_id", "name", "type", "is_unique", "is_primary_key", "is_unique_constraint"),
            *("is_disabled", "is_hypothetical", "has_filter", "filter_definition", "column_id", "key_ordinal"),
            *("is_descending_key", "is_included_column"),
        ),
        _keys(),
    ),
    mssql.REFERENCES: (
        (
            *("parent_object_id", "object_id", "name", "referenced_object_id", "is_disabled", "is_not_trusted"),
            *("parent_column_id", "referenced_column_id"),
        ),
        [(LOAN, 1, "FK_borrower", BORROWER, 0, 0, 2, 1), (LOAN, 2, "FK_guarantor", BORROWER, 1, 1, 4, 1)],
    ),
    mssql.SIZES: (
        ("object_id", "index_id", "row_count", "bytes"),
        [
            (LOAN, 1, 9000, 9_000_000),
            (LOAN, 4, 9, 16384),
            (LOAN, 5, 9000, 5_000_000),
            (BORROWER, 1, 100, 16384),
            (LOG, 0, 5, 8192),
        ],
    ),
    mssql.USE: (("object_id", "index_id", "reads"), [(LOAN, 1, 70_000)]),
    mssql.STARTED: (("minutes", "availability_groups", "edition"), [(60 * 24 * 45, 0, 2)]),
    mssql.IDENTIFIERS: (
        ("table_name", "name", "type_name", "last_value"),
        [("dbo.loan", "id", "int", 2_000_000_000), ("dbo.borrower", "id", "int", None)],
    ),
}


def recording(changed: Mapping[str, Any] = {}, refused: Mapping[str, str] = {}) -> Recording:
    """The inventory, with statements answered otherwise or refused."""
    answers = []
    for sql, (columns, rows) in {**INVENTORY, **changed}.items():
        if sql not in refused:
            answers.append(Answered(sql, tuple(columns), tuple(map(tuple, rows))))
    answers += [Answered(sql, error=error) for sql, error in refused.items()]
    return Recording("0.1.0", "mssql", "16.0.4135.4", "2026-11-24T00:00:00+00:00", tuple(answers))
