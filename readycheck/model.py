"""The words of the field as types: outcomes, claims, verdicts, severities, and where a finding is."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum
from hashlib import blake2b
from typing import ClassVar

from msgspec import Struct


class Target(StrEnum):
    """What can be audited."""

    REPOSITORY = "repository"
    DATABASE = "database"
    DEPLOYMENT = "deployment"
    ENVIRONMENT = "environment"


class Outcome(StrEnum):
    """What one check found, in XCCDF's words (NIST IR 7275 §6.6.4.2)."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    ERROR = "error"
    UNKNOWN = "unknown"
    MANUAL = "manual"
    NOT_APPLICABLE = "not_applicable"
    NOT_CHECKED = "not_checked"


class Severity(StrEnum):
    """How much a line matters, from most to least."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def weight(self) -> float:
        """What an item of this severity adds to the score."""
        return {"critical": 10.0, "high": 7.5, "medium": 5.0, "low": 2.5, "info": 0.0}[self.value]

    def at_least(self, other: Severity) -> bool:
        """Is this as severe as the other, or more?"""
        return self.weight >= other.weight


class Strength(Enum):
    """How near to reality evidence is: named in a manifest, built in code, connected, or seen live."""

    DECLARED = "declared"
    CONSTRUCTED = "constructed"
    WIRED = "wired"
    OBSERVED = "observed"

    @property
    def rank(self) -> int:
        """A higher rank is stronger evidence."""
        return list(Strength).index(self)


class Claim(StrEnum):
    """What the document says of an item."""

    DONE = "done"
    TODO = "todo"
    IN_PROGRESS = "in_progress"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"

    @property
    def ticked(self) -> bool:
        """Does the document claim that the item is done?"""
        return self is Claim.DONE


class Verdict(StrEnum):
    """A claim held against an outcome, the most urgent first."""

    CONTRADICTED = "contradicted"
    OPEN = "open"
    UNVERIFIED = "unverified"
    UNATTESTED = "unattested"
    ATTESTATION_EXPIRED = "attestation_expired"
    UNDERSTATED = "understated"
    ATTESTED = "attested"
    VERIFIED = "verified"
    NOT_APPLICABLE = "not_applicable"


class Overlay(StrEnum):
    """What a waiver lays over a verdict; the verdict itself stays visible."""

    NONE = ""
    WAIVED = "waived"
    WAIVER_EXPIRED = "waiver_expired"


class Exit(IntEnum):
    """Exit codes; their meaning is in `EXIT_MEANING`, which the help and the documentation print."""

    READY = 0
    NOT_READY = 1
    USAGE = 2
    INCONCLUSIVE = 3
    INTERNAL = 4
    INTERRUPTED = 130


EXIT_MEANING = {
    Exit.READY: "ready (or `--exit-zero`)",
    Exit.NOT_READY: "not ready, on evidence",
    Exit.USAGE: "usage or configuration error: a bad option, YAML, date or id, or a filter that matches nothing",
    Exit.INCONCLUSIVE: "inconclusive: no blocker proven; coverage too low, a required check undecided, or nothing decided",
    Exit.INTERNAL: "internal error",
    Exit.INTERRUPTED: "interrupted",
}


class Shorthand(Struct, frozen=True):
    """A mapping that may also be written as one bare text: the value of the field named by `shorthand`."""

    shorthand: ClassVar[str]


class Location(Struct, frozen=True, omit_defaults=True):
    """Where a finding is: a line of a file, a commit, a URL, or an object of the database."""

    path: str = ""
    line: int = 0
    commit: str = ""
    url: str = ""
    object: str = ""

    def __str__(self) -> str:
        place = self.url or self.object or self.path
        line = f":{self.line}" if self.line else ""
        commit = f" @ {self.commit[:10]}" if self.commit else ""
        return f"{place}{line}{commit}"


class Part(Struct, frozen=True):
    """A name that a script needs, such as a table's: its pieces in order (schema and table, or several columns)."""

    name: str
    values: tuple[str, ...]


class Finding(Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong (or, with a pass, one thing that shows it is right), and where.

    `parts` are the names that a script needs to mend it, such as a table's schema and name; they never hold a secret.
    """

    message: str
    location: Location = Location()
    excerpt: str = ""
    parts: tuple[Part, ...] = ()

    def fingerprint(self, check: str) -> str:
        """A name that survives moved lines: the check, the place without its line, and what stands there."""
        place = self.location.url or self.location.object or self.location.path
        content = " ".join((self.excerpt or self.message).split())
        return blake2b(f"{check}\x00{place}\x00{content}".encode(), digest_size=8).hexdigest()
