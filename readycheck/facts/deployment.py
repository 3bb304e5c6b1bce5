"""Questions to a live deployment over HTTP: exchanges, and samples of responses that stand for the site."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.model import Target


class Timing(Struct, frozen=True):
    """Seconds of an exchange: for the connection, for TLS, and from the request to the head of the answer.

    A connection that was there already (`reused`) cost nothing.
    """

    connect: float = 0.0
    tls: float = 0.0
    first_byte: float = 0.0
    reused: bool = False


class ConnectionTls(Struct, frozen=True):
    """The TLS of the very connection that an answer came over; `certificate` is the SHA-256 of the leaf's DER."""

    protocol: str
    cipher: str
    alpn: str
    certificate: str


class Hop(Struct, frozen=True):
    """One redirect: the URL that was asked, its status, where it pointed, and the response that said so."""

    url: str
    status: int
    location: str
    headers: tuple[tuple[str, str], ...] = ()
    peer: str = ""
    http_version: str = ""
    seconds: float = 0.0
    tls: ConnectionTls | None = None


class HttpResponse(Struct, frozen=True):
    """What came back for the last URL of the chain.

    Header lines are kept apart, names in lower case, secrets in them masked. `body` is decoded text, redacted and cut
    to 64 KiB; `received` counts the bytes as sent (still compressed), `decoded` those after decoding. `seconds` is from
    the request to the end of the body, with the set-up of its connection where it needed one. `wall` names what stood
    in front of the site (a bot challenge) when the answer is not the site's own; `incomplete` says why the body or its
    size is not the whole one.
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
    timing: Timing = Timing()
    tls: ConnectionTls | None = None

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
    `{host}` in a header's value stands for the deployment's host, which no check can know. `anonymous` leaves out the
    credentials that the audit was given.
    """

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = HttpResponse

    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    scheme: str = ""
    follow: bool = True
    anonymous: bool = False


class Sample(Struct, frozen=True):
    """A response that stands for the site, and what it stands for.

    `kind` is `page` (the front page), `asset` (a static file that it links), `api` and `health` (paths that the
    checklist names or that answer as such), `missing` (a 404), `redirect`, `folder` (the one of the asset), `map` (the
    source map of the asset), `data` (the API where one is known, else the front page) or `path` (asked by name).
    `named` says that somebody expects it to answer.
    """

    kind: str
    response: HttpResponse
    named: bool = False


class Samples(Struct, frozen=True):
    """The responses of a page sample, the page first, and those that could not be had: each a URL or path and why.

    `profile` is what the site is: `web` (pages for browsers) or `api` (answers for machines).
    """

    responses: tuple[Sample, ...]
    unseen: tuple[str, ...] = ()
    profile: str = "web"


class PageSample(Question[Samples], frozen=True):
    """How do responses of these kinds answer, and these paths, when they are asked in this way?"""

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = Samples

    paths: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("page", "asset", "api", "health", "missing", "redirect")
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()


class PlainAnswer(Struct, frozen=True):
    """What plain HTTP met: a response (redirects followed), or in `closed` the reason why nobody speaks it there.

    With `hops` plain HTTP was spoken, and redirected to where nobody answers; `closed` says why.
    """

    response: HttpResponse | None
    closed: str = ""
    hops: tuple[Hop, ...] = ()


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


#: A path that no site has: what answers here is the site's way of saying "not found".
MISSING_PATH = "/readycheck-no-such-page"

#: The most of a body that a fact carries, and the most that is read from the wire, in bytes.
LONGEST_BODY, MOST_RECEIVED = 64 * 1024, 2 * 1024 * 1024

#: Where services have their health endpoint; the first that answers as one stands for it.
HEALTH_PATHS = (
    "/api/v1/health",
    "/health",
    "/healthz",
    "/livez",
    "/readyz",
    "/api/health",
    "/actuator/health",
    "/.well-known/health",
)
