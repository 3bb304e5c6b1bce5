"""Questions about the TLS of a live deployment: what it sends, what a strict client says, and what else it would take."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.model import Target


class Certificate(Struct, frozen=True):
    """One certificate as sent. Times are ISO 8601 in UTC; `names` are its subject alternative names.

    `fingerprint` is the SHA-256 of its DER. `must_staple` is the TLS feature `status_request` (RFC 7633); `ocsp` says
    whether it names a responder. `authority` is what its basic constraints say.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: str
    not_after: str
    key: str
    key_bits: int
    signature: str
    fingerprint: str = ""
    must_staple: bool = False
    ocsp: bool = False
    authority: bool = False


class TlsFacts(Struct, frozen=True):
    """A handshake: protocol, suite and certificates as sent; `trust_error` is empty when a strict client accepts it.

    Without TLS `protocol` is empty, `chain` too, and `trust_error` says what was met instead. `alpn` is what was agreed
    on of `h2` and `http/1.1`. `public` says that the chain leads to an authority that browsers bring along, by its name.
    """

    host: str
    port: int
    protocol: str
    cipher: str
    chain: tuple[Certificate, ...]
    trust_error: str
    alpn: str = ""
    public: bool = False


class TlsHandshake(Question[TlsFacts], frozen=True):
    """How does the deployment's host answer a TLS client?"""

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = TlsFacts


class Suite(Struct, frozen=True):
    """A cipher suite that the server agreed to: its IANA name, the version, and the size of a Diffie-Hellman exchange.

    `group` is the name of the curve or of the finite field, `bits` the size of the latter; empty and 0 where the
    exchange has none or it was not seen.
    """

    name: str
    version: str
    group: str = ""
    bits: int = 0


class TlsOffers(Struct, frozen=True):
    """What a server agrees to when it is asked for one thing at a time.

    `versions` are those that it speaks, `refused` those that it refuses, `unclear` those of which nobody knows, each
    with the reason. Of each kind of weak suite at least one is in `suites` when the server takes any; `whole` says
    whether all of them are. `groups` are those that it takes for TLS 1.3. `stapled` says whether a certificate status
    came when it was asked for, and is None where that cannot be seen.
    """

    host: str
    port: int
    versions: tuple[str, ...]
    refused: tuple[str, ...]
    unclear: tuple[str, ...]
    suites: tuple[Suite, ...]
    groups: tuple[str, ...]
    whole: bool
    stapled: bool | None
    connections: int


class TlsOffer(Question[TlsOffers], frozen=True):
    """Which protocol versions, cipher suites and groups does the deployment's host take?"""

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = TlsOffers
