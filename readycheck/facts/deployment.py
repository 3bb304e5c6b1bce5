"""Questions to a live deployment: one HTTP exchange, or the certificate and protocol of its TLS."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.model import Target


class Hop(Struct, frozen=True):
    """One redirect: the URL that was asked, its status, and where it pointed."""

    url: str
    status: int
    location: str


class HttpResponse(Struct, frozen=True):
    """What came back for the last URL of the chain.

    Header lines are kept apart, names in lower case, secrets in them masked. `body` is decoded text, redacted and cut to
    64 KiB; `received` counts the bytes as sent (still compressed), `decoded` those after decoding. `seconds` is from the
    request to the end of the body, connection set-up included. `wall` names what stood in front of the site (a bot
    challenge) when the answer is not the site's own.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    hops: tuple[Hop, ...]
    body: str
    received: int
    decoded: int
    seconds: float
    http_version: str
    peer: str = ""
    wall: str = ""

    def values(self, name: str) -> tuple[str, ...]:
        """Every line of this header, in order."""
        return tuple(value for key, value in self.headers if key == name.lower())

    def value(self, name: str) -> str | None:
        """The header's lines joined as RFC 9110 §5.3 joins them, or None when it was not sent."""
        values = self.values(name)
        return ", ".join(values) if values else None


class HttpGet(Question[HttpResponse], frozen=True):
    """What does the deployment answer for this path?

    `scheme` is empty for the target's own; `follow` follows redirects on the same host. Only GET, HEAD, OPTIONS and TRACE.
    """

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = HttpResponse

    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    scheme: str = ""
    follow: bool = True


class Sample(Struct, frozen=True):
    """Responses that stand for the site: `kind` is `page`, `asset`, `missing` (a 404) or `path` for one asked by name."""

    kind: str
    response: HttpResponse


class Samples(Struct, frozen=True):
    """The responses of a page sample, the page first."""

    responses: tuple[Sample, ...]


class PageSample(Question[Samples], frozen=True):
    """How do the front page, a static asset found in it, a missing page and these paths answer?"""

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = Samples

    paths: tuple[str, ...] = ()


class Certificate(Struct, frozen=True):
    """One certificate as sent. Times are ISO 8601 in UTC; `names` are its subject alternative names."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: str
    not_after: str
    key: str
    key_bits: int
    signature: str


class TlsFacts(Struct, frozen=True):
    """A handshake: protocol, suite and certificates as sent; `trust_error` is empty when a strict client accepts it."""

    host: str
    port: int
    protocol: str
    cipher: str
    chain: tuple[Certificate, ...]
    trust_error: str


class TlsHandshake(Question[TlsFacts], frozen=True):
    """How does the deployment's host answer a TLS client?"""

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = TlsFacts


#: The most of a body that a fact carries, and the most that is read from the wire, in bytes.
LONGEST_BODY, MOST_RECEIVED = 64 * 1024, 2 * 1024 * 1024
