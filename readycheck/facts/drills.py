"""What a drill found, as it is written down: a dated and sealed record that a repository keeps as evidence."""

from __future__ import annotations

import hashlib
from typing import ClassVar, Literal

import msgspec
from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.model import Target

#: Where drills leave their records, and where they are looked for.
DRILL_PLACES = (".readycheck/drills/*.json",)
#: The version of a record.
DRILL_SCHEMA = 1

Kind = Literal["restore", "migrations"]


class DrillStep(Struct, frozen=True, omit_defaults=True):
    """A step of the drill, whether it held, what was seen, and the seconds that it took."""

    name: str
    held: bool
    seen: str
    seconds: float = 0.0


class TableCount(Struct, frozen=True, omit_defaults=True):
    """A table's rows at the source and after the restore, and whether their contents agree (None: not compared)."""

    table: str
    source: int
    restored: int
    same: bool | None = None


class DrillRecord(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One drill. Times are ISO 8601 in UTC, sizes bytes, durations seconds.

    `sha256` is that of the backup as it was read, `backup_at` when that was made; `restore_seconds` is the measured time
    to recover (RTO), `lost_seconds` the age of the backup and so what would be lost (RPO). `seal` is the SHA-256 of the
    rest: it shows that a record was edited or cut, and is no signature.
    """

    schema: int = DRILL_SCHEMA
    kind: Kind
    at: str
    passed: bool
    readycheck: str
    subject: str
    source: str
    dialect: str = ""
    scratch: str = ""
    sha256: str = ""
    bytes: int = 0
    backup_at: str = ""
    restore_seconds: float = 0.0
    lost_seconds: float | None = None
    steps: tuple[DrillStep, ...] = ()
    problems: tuple[str, ...] = ()
    tables: tuple[TableCount, ...] = ()
    seal: str = ""


class DrillsFound(Struct, frozen=True):
    """The records by their path, and the files that are none (or were edited), with the reason."""

    found: tuple[tuple[str, DrillRecord], ...]
    unreadable: tuple[tuple[str, str], ...] = ()


class Drills(Question[DrillsFound], frozen=True):
    """Which drills are on record at these patterns (the usual place when none is given)?"""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = DrillsFound

    kind: Kind
    paths: tuple[str, ...] = ()


def sealed(record: DrillRecord) -> DrillRecord:
    """The record with the seal that belongs to it."""
    bare = msgspec.structs.replace(record, seal="")
    digest = hashlib.sha256(msgspec.json.encode(bare, order="deterministic")).hexdigest()
    return msgspec.structs.replace(record, seal=digest)


def read_record(data: bytes) -> DrillRecord:
    """A record from its bytes.

    Raises:
        ValueError: it is no record of this version, or not as it was written.
    """
    try:
        record = msgspec.json.decode(data, type=DrillRecord)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"it is no record of a drill: {error}") from error
    if record.schema != DRILL_SCHEMA:
        raise ValueError(f"it is a record of version {record.schema}, and {DRILL_SCHEMA} is read")
    if sealed(record).seal != record.seal:
        raise ValueError("it is not as the drill wrote it: the seal does not fit")
    return record


def write_record(record: DrillRecord) -> bytes:
    """The sealed record as JSON."""
    return msgspec.json.format(msgspec.json.encode(sealed(record)), indent=2) + b"\n"
