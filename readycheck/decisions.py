"""What people decided: attestations of what no probe sees, waivers of what is known, sign-offs of a release's steps."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from readycheck.reading import Located, Reader, nearest, read_file

#: The shortest reason that counts as one, in characters.
SHORTEST_REASON = 10
#: The longest life of a waiver in days: what is still accepted then is decided again, not forgotten.
LONGEST_WAIVER = 180
#: Days for which a sign-off counts: a release that takes longer is looked at again.
SIGN_OFF_LASTS = 7
#: What the file is called, and the only file that may change between a sign-off and the audit.
FILE = "decisions.yaml"
#: Days before its end from which a decision is announced as ending soon.
ENDING_SOON = 14

_DURATION = re.compile(r"(\d{1,4})(d|w|mo|y)\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_FINGERPRINT = re.compile(r"[0-9a-f]{16}\Z")


class Evidence(Struct, frozen=True, kw_only=True):
    """What an attestation rests on: a file of the repository with its SHA-256, or a URL."""

    path: str = ""
    url: str = ""
    sha256: str = ""


class Attestation(Located, frozen=True, kw_only=True):
    """Somebody's word for an item. It holds to the end of `expires`, or of `every` counted from `at` (UTC).

    `binds` are patterns of files that were looked at: when they change it is void. `bound_sha256` is their digest at that
    time; without one, any later commit that touches them voids it.
    """

    item: str
    statement: str
    by: str
    at: date
    result: Literal["pass", "fail"] = "pass"
    expires: date | None = None
    every: str = ""
    evidence: Evidence | None = None
    binds: tuple[str, ...] = ()
    bound_sha256: str = ""

    @property
    def last_day(self) -> date:
        """The last day on which it is valid."""
        return self.expires or after(self.at, self.every)


class Waiver(Located, frozen=True, kw_only=True):
    """A known fault that is accepted until the end of `expires`: of an item, or of one finding by its fingerprint.

    `at` is the day of the decision, from which its life is counted.
    """

    item: str = ""
    fingerprint: str = ""
    reason: str
    owner: str
    expires: date
    ticket: str = ""
    at: date | None = None

    @property
    def subject(self) -> str:
        """What is waived."""
        return self.item or self.fingerprint


class SignOff(Located, frozen=True, kw_only=True):
    """Somebody did a step, or saw it fail, for the release of one commit, at a moment (UTC)."""

    step: str
    by: str
    at: datetime
    commit: str
    result: Literal["pass", "fail"] = "pass"
    note: str = ""

    @property
    def last_day(self) -> date:
        """The last day on which it counts."""
        return self.at.astimezone(UTC).date() + timedelta(days=SIGN_OFF_LASTS)


class DecisionsFile(Struct, frozen=True, kw_only=True):
    """decisions.yaml as written."""

    version: Literal[1]
    attestations: tuple[Attestation, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()


class Standing(StrEnum):
    """Whether a decision counts on the day of the judgement."""

    VALID = "valid"
    EXPIRED = "expired"
    VOID = "void"
    UNUSED = "unused"
    IGNORED = "ignored"


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


def load_decisions(
    text: str, source: str, items: Collection[str], today: date, steps: Collection[str] = ()
) -> DecisionsFile:
    """The decisions of a file, every rule of theirs checked; `steps` are the ids of what can be signed off.

    Raises:
        ContentError: a malformed date, an unknown item or step, a thin reason, a repeated or an endless decision.
    """
    file, reader = read_file(text, DecisionsFile, source)
    for attestation in file.attestations:
        _check_attestation(attestation, set(items), today, reader)
    for waiver in file.waivers:
        _check_waiver(waiver, set(items), today, reader)
    for signed in file.sign_offs:
        _check_sign_off(signed, set(steps), today, reader)
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
    if not attestation.by.strip():
        reader.mistake(attestation.line, f"{attestation.item}: an attestation needs somebody who gives it")
    _check_ground(attestation, reader)


def _check_ground(attestation: Attestation, reader: Reader) -> None:
    evidence = attestation.evidence
    if evidence and bool(evidence.path) == bool(evidence.url):
        reader.mistake(attestation.line, f"{attestation.item}: evidence is either a path or a url")
    elif evidence and evidence.path and not _SHA256.match(evidence.sha256):
        reader.mistake(attestation.line, f"{attestation.item}: evidence in a file needs its sha256")
    if any(not pattern.strip("*/!. ") for pattern in attestation.binds):
        reader.mistake(attestation.line, f"{attestation.item}: `binds` must name files, not nothing and not everything")
    if attestation.bound_sha256 and not (attestation.binds and _SHA256.match(attestation.bound_sha256)):
        reader.mistake(
            attestation.line, f"{attestation.item}: bound_sha256 is the SHA-256 of the files that it `binds`"
        )


def _check_waiver(waiver: Waiver, items: set[str], today: date, reader: Reader) -> None:
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
    if waiver.at is not None and waiver.at > today:
        reader.mistake(waiver.line, f"{waiver.subject}: waived on {waiver.at}, which is still to come")
    elif waiver.at is not None and (waiver.expires - waiver.at).days > LONGEST_WAIVER:
        last = waiver.at + timedelta(days=LONGEST_WAIVER)
        reader.mistake(
            waiver.line, f"{waiver.subject}: a waiver lasts {LONGEST_WAIVER} days at most, here until {last}"
        )


def _check_sign_off(signed: SignOff, steps: set[str], today: date, reader: Reader) -> None:
    if signed.step not in steps:
        reader.mistake(signed.line, f"there is no step {signed.step!r}", nearest(signed.step, steps))
    if not signed.by.strip():
        reader.mistake(signed.line, f"{signed.step}: a sign-off needs somebody who gives it")
    if signed.at.tzinfo is None:
        reader.mistake(signed.line, f"{signed.step}: `at` needs its time zone, such as 2026-03-01T12:00:00Z")
    elif signed.at.astimezone(UTC).date() > today:
        reader.mistake(signed.line, f"{signed.step}: signed off at {signed.at.isoformat()}, which is still to come")
    if not _COMMIT.match(signed.commit):
        reader.mistake(signed.line, f"{signed.step}: {signed.commit!r} is no full commit id")


def _check_repeats(subjects: list[str], lines: list[int], verb: str, reader: Reader) -> None:
    for index, subject in enumerate(subjects):
        if subject in subjects[:index]:
            reader.mistake(lines[index], f"{subject!r} is {verb} twice")
