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

    Header lines are kept apart, names in lower case, secrets in them masked. `body` is decoded text, redacted and cut
    to 64 KiB; `received` counts the bytes as sent (still compressed), `decoded` those after decoding. `seconds` is from
    the request to the end of the body, connection set-up included. `wall` names what stood in front of the site (a bot
    challenge) when the answer is not the site's own; `incomplete` says why the body or its size is not the whole one.
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
    incomplete: str = ""

    def values(self, name: str) -> tuple[str, ...]:
        """Every line of this header, in order."""
        return tuple(value for key, value in self.headers if key == name.lower())

    def value(self, name: str) -> str | None:
        """The header's lines joined as RFC 9110 §5.3 joins them, or None when it was not sent."""
        values = self.values(name)
        return ", ".join(values) if values else None


class HttpGet(Question[HttpResponse], frozen=True):
    """What does the deployment answer for this path?

    `scheme` is empty for the target's own; `follow` follows redirects on the same host. The method is GET, HEAD,
    OPTIONS or TRACE.
    `{host}` in a header's value stands for the deployment's host, which no check can know.
    """

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = HttpResponse

    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    scheme: str = ""
    follow: bool = True


class Sample(Struct, frozen=True):
    """A response that stands for the site: `kind` is `page`, `asset`, `missing` (a 404) or `path` (asked by name)."""

    kind: str
    response: HttpResponse


class Samples(Struct, frozen=True):
    """The responses of a page sample, the page first, and those that could not be had: each a URL or path and why."""

    responses: tuple[Sample, ...]
    unseen: tuple[str, ...] = ()


class PageSample(Question[Samples], frozen=True):
    """How do the front page, a static asset found in it, a missing page and these paths answer?"""

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = Samples

    paths: tuple[str, ...] = ()


class PlainAnswer(Struct, frozen=True):
    """What plain HTTP met: a response (redirects followed), or in `closed` the reason why nobody speaks it there."""

    response: HttpResponse | None
    closed: str = ""


class PlainHttp(Question[PlainAnswer], frozen=True):
    """How does the deployment's host answer this path when it is asked without TLS?

    On port 80; a target with a port of its own is asked on that port, because port 80 may be somebody else's.
    """

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = PlainAnswer

    path: str = "/"


class Revalidated(Struct, frozen=True):
    """A response and, when it carried a validator (`etag` or `last-modified`), the answer to asking again with it."""

    first: HttpResponse
    validator: str = ""
    second: HttpResponse | None = None


class Revalidation(Question[Revalidated], frozen=True):
    """Does a client that has the response already get a 304? An empty path is the static asset of the front page."""

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = Revalidated

    path: str = ""


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
    """A handshake: protocol, suite and certificates as sent; `trust_error` is empty when a strict client accepts it.

    Without TLS `protocol` is empty, `chain` too, and `trust_error` says what was met instead.
    """

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


#: A path that no site has: what answers here is the site's way of saying "not found".
MISSING_PATH = "/readycheck-no-such-page"

#: The most of a body that a fact carries, and the most that is read from the wire, in bytes.
LONGEST_BODY, MOST_RECEIVED = 64 * 1024, 2 * 1024 * 1024
