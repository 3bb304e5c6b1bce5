"""What people decided: attestations of what no probe can see, and waivers of what is known and accepted."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from readycheck.reading import Located, Reader, nearest, read_file

#: The shortest reason that counts as one, in characters.
SHORTEST_REASON = 10
#: Days before its end from which a decision is announced as ending soon.
ENDING_SOON = 14

_DURATION = re.compile(r"(\d{1,4})(d|w|mo|y)\Z")
_FINGERPRINT = re.compile(r"[0-9a-f]{16}\Z")


class Evidence(Struct, frozen=True, kw_only=True):
    """What an attestation rests on: a file of the repository with its SHA-256, or a URL."""

    path: str = ""
    url: str = ""
    sha256: str = ""


class Attestation(Located, frozen=True, kw_only=True):
    """Somebody's word for an item. It holds to the end of `expires`, or of `every` counted from `at` (UTC)."""

    item: str
    statement: str
    by: str
    at: date
    result: Literal["pass", "fail"] = "pass"
    expires: date | None = None
    every: str = ""
    evidence: Evidence | None = None
    binds: tuple[str, ...] = ()

    @property
    def last_day(self) -> date:
        """The last day on which it is valid."""
        return self.expires or after(self.at, self.every)


class Waiver(Located, frozen=True, kw_only=True):
    """A known fault that is accepted until the end of `expires`: of an item, or of one finding by its fingerprint."""

    item: str = ""
    fingerprint: str = ""
    reason: str
    owner: str
    expires: date
    ticket: str = ""

    @property
    def subject(self) -> str:
        """What is waived."""
        return self.item or self.fingerprint


class DecisionsFile(Struct, frozen=True, kw_only=True):
    """decisions.yaml as written."""

    version: Literal[1]
    attestations: tuple[Attestation, ...] = ()
    waivers: tuple[Waiver, ...] = ()


class Standing(StrEnum):
    """Whether a decision counts on the day of the judgement."""

    VALID = "valid"
    EXPIRED = "expired"
    VOID = "void"
    UNUSED = "unused"


NO_DECISIONS = DecisionsFile(version=1)


def after(day: date, duration: str) -> date:
    """The day that lies a duration (`d`, `w`, `mo`, `y`) after this one; a month's missing day becomes its last.

    Raises:
        ValueError: it is no duration of this form.
    """
    match = _DURATION.match(duration)
    if not match:
        raise ValueError(f"{duration!r} is no duration: write a number with d, w, mo or y")
    count, unit = int(match[1]), match[2]
    try:
        if unit in "dw":
            return day + timedelta(days=count * (7 if unit == "w" else 1))
        months = day.month - 1 + count * (12 if unit == "y" else 1)
        year, month = day.year + months // 12, months % 12 + 1
        following = date(year + month // 12, month % 12 + 1, 1)
        return min(date(year, month, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))
    except (OverflowError, ValueError) as error:
        raise ValueError(f"{duration!r} is too long") from error


def load_decisions(text: str, source: str, items: Collection[str], today: date) -> DecisionsFile:
    """The decisions of a file, every rule of theirs checked.

    Raises:
        ContentError: a malformed date, an unknown item, a thin reason, a repeated or an endless decision.
    """
    file, reader = read_file(text, DecisionsFile, source)
    for attestation in file.attestations:
        _check_attestation(attestation, set(items), today, reader)
    for waiver in file.waivers:
        _check_waiver(waiver, set(items), reader)
    _check_repeats([a.item for a in file.attestations], [a.line for a in file.attestations], "attested", reader)
    _check_repeats([w.subject for w in file.waivers], [w.line for w in file.waivers], "waived", reader)
    reader.check()
    return file


def _check_attestation(attestation: Attestation, items: set[str], today: date, reader: Reader) -> None:
    if attestation.item not in items:
        reader.mistake(attestation.line, f"there is no item {attestation.item!r}", nearest(attestation.item, items))
    if attestation.at > today:
        reader.mistake(attestation.line, f"{attestation.item}: attested on {attestation.at}, which is still to come")
    if bool(attestation.expires) == bool(attestation.every):
        reader.mistake(attestation.line, f"{attestation.item}: give either `expires` or `every`")
    elif attestation.every:
        try:
            after(attestation.at, attestation.every)
        except ValueError as error:
            reader.mistake(attestation.line, f"{attestation.item}: {error}")
    if len(attestation.statement.strip()) < SHORTEST_REASON:
        reader.mistake(
            attestation.line, f"{attestation.item}: the statement needs {SHORTEST_REASON} characters or more"
        )
    if (
        attestation.evidence
        and attestation.evidence.path
        and not re.fullmatch(r"[0-9a-f]{64}", attestation.evidence.sha256)
    ):
        reader.mistake(attestation.line, f"{attestation.item}: evidence in a file needs its sha256")


def _check_waiver(waiver: Waiver, items: set[str], reader: Reader) -> None:
    if bool(waiver.item) == bool(waiver.fingerprint):
        reader.mistake(waiver.line, "a waiver names either an item or a finding's fingerprint")
    elif waiver.item and waiver.item not in items:
        reader.mistake(waiver.line, f"there is no item {waiver.item!r}", nearest(waiver.item, items))
    elif waiver.fingerprint and not _FINGERPRINT.match(waiver.fingerprint):
        reader.mistake(waiver.line, f"{waiver.fingerprint!r} is no fingerprint: sixteen hexadecimal digits")
    if len(waiver.reason.strip()) < SHORTEST_REASON:
        reader.mistake(waiver.line, f"{waiver.subject}: the reason needs {SHORTEST_REASON} characters or more")
    if not waiver.owner.strip():
        reader.mistake(waiver.line, f"{waiver.subject}: a waiver needs an owner")


def _check_repeats(subjects: list[str], lines: list[int], verb: str, reader: Reader) -> None:
    for index, subject in enumerate(subjects):
        if subject in subjects[:index]:
            reader.mistake(lines[index], f"{subject!r} is {verb} twice")
