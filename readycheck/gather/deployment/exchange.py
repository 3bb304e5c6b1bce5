"""One HTTP exchange under bounds: its deadline, redirects on the same host only, and how much is read."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from enum import Enum
from hashlib import sha256
from socket import gaierror
from typing import Any, NamedTuple

import httpx

from readycheck.facts.deployment import MOST_RECEIVED, ConnectionTls, Hop, Timing
from readycheck.gather.deployment.masking import destination, shown, shown_headers
from readycheck.gather.deployment.timing import Clock
from readycheck.redact import redact

#: The most redirects that are followed, as browsers' own bounds are 16 to 20 (Fetch, HTTP-redirect fetch).
MOST_HOPS = 10

#: The most seconds until a connection must stand.
LONGEST_CONNECT = 5.0

_LINES = "readycheck.lines"

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Trouble(Enum):
    """How an exchange failed."""

    UNREACHABLE = "nobody answers there"
    UNREADABLE = "what answered is not HTTP, or ended too early"
    LATE = "it took too long"
    SPENT = "the budget allows no more requests"


class FailedExchange(Exception):  # noqa: N818 - the honest answer of a target, as FactUnavailable is
    """An exchange that brought no response; `reason` is a sentence for the user, `hops` led to where it ended."""

    def __init__(self, trouble: Trouble, reason: str, hops: tuple[Hop, ...] = ()) -> None:
        super().__init__(reason)
        self.trouble = trouble
        self.reason = reason
        self.hops = hops


class Request(NamedTuple):
    """What is asked; equal requests are sent once."""

    method: str
    url: httpx.URL
    headers: tuple[tuple[str, str], ...] = ()
    follow: bool = True


class Received(NamedTuple):
    """What came back, as it was sent: nothing decoded, nothing masked. It never leaves the gatherer."""

    url: httpx.URL
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut: bool
    seconds: float
    http_version: str
    peer: str
    timing: Timing
    tls: ConnectionTls | None
    hops: tuple[Hop, ...] = ()

    def value(self, name: str) -> str:
        """The first line of this header, or an empty text."""
        return next((value for key, value in self.headers if key == name), "")


async def exchange(
    client: httpx.AsyncClient, request: Request, *, seconds: float, spend: Callable[[], None], address: str = ""
) -> Received:
    """The answer to a request, redirects followed on the same host, all within so many `seconds`.

    `spend` is called before each request that goes out, and may refuse it. `address` is asked instead of whatever the
    host's name resolves to.

    Raises:
        FailedExchange: there is no answer that can be read.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _followed(client, request, spend, address)
    except TimeoutError as error:
        raise FailedExchange(Trouble.LATE, f"{shown(request.url)} gave no whole answer within {seconds:g} s") from error


async def _followed(client: httpx.AsyncClient, request: Request, spend: Callable[[], None], address: str) -> Received:
    hops: list[Hop] = []
    seen = {request.url}
    while True:
        try:
            received = await _once(client, request, spend, address)
        except FailedExchange as failure:
            raise FailedExchange(failure.trouble, failure.reason, tuple(hops)) from failure
        target = _redirected(received, request)
        if target is None:
            return received._replace(hops=tuple(hops))
        hops.append(_hop(received, target))
        if target in seen:
            raise FailedExchange(
                Trouble.UNREADABLE, f"{shown(request.url)} redirects in a circle (cookies are not kept)"
            )
        if len(hops) > MOST_HOPS:
            raise FailedExchange(Trouble.UNREADABLE, f"{shown(request.url)} redirects more than {MOST_HOPS} times")
        seen.add(target)
        request = request._replace(url=target)


def _redirected(received: Received, request: Request) -> httpx.URL | None:
    if not request.follow or received.status not in _REDIRECTS:
        return None
    target = destination(received.url, received.value("location"))
    return target if target is not None and target.host == request.url.host else None


async def _once(client: httpx.AsyncClient, request: Request, spend: Callable[[], None], address: str) -> Received:
    spend()
    clock = Clock()
    try:
        return await _sent(client, request, clock, address)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError, httpx.CloseError) as error:
        # A server may hang up on a kept connection at any time; what changes nothing is asked again (RFC 9112 §9.3.1).
        if not clock.reused or clock.answered:
            raise _failure(request.url, error) from error
    except _BREAKS as error:
        raise _failure(request.url, error) from error
    spend()
    try:
        return await _sent(client, request, Clock(), address)
    except _BREAKS as error:
        raise _failure(request.url, error) from error


_BREAKS = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, OSError)


async def _sent(client: httpx.AsyncClient, request: Request, clock: Clock, address: str) -> Received:
    headers = [(name, value) for name, value in request.headers if value]
    message = client.build_request(request.method, request.url, headers=headers, extensions={"trace": clock.heard})
    for name in (name for name, value in request.headers if not value):
        message.headers.pop(name, None)
    if address:
        # The name stays in `Host` and in TLS; only the connection goes elsewhere.
        message.url = request.url.copy_with(host=address)
        message.extensions["sni_hostname"] = request.url.host
    response = await client.send(message, stream=True)
    # Asked now: a connection that is closed after the body knows nothing of itself any more.
    stream = response.extensions.get("network_stream")
    peer, tls = _peer(stream), _tls(stream)
    try:
        body, cut = await _body(response)
    finally:
        await response.aclose()
    return Received(
        request.url,
        response.status_code,
        response.extensions[_LINES],
        body,
        cut,
        clock.seconds(),
        response.http_version,
        peer,
        clock.timing(),
        tls,
    )


async def keep_lines(response: httpx.Response) -> None:
    """A hook for responses: keeps the header lines as sent, and hides `Location` from the client.

    httpx makes the next request of every redirect, followed or not, and fails on a `Location` that it does not like.
    """
    lines = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw]
    response.extensions[_LINES] = tuple(lines)
    response.headers.pop("location", None)


async def _body(response: httpx.Response) -> tuple[bytes, bool]:
    received = bytearray()
    async for chunk in response.aiter_raw():
        received += chunk
        if len(received) > MOST_RECEIVED:
            return bytes(received[:MOST_RECEIVED]), True
    return bytes(received), False


def _hop(received: Received, target: httpx.URL) -> Hop:
    return Hop(
        shown(received.url),
        received.status,
        shown(target),
        shown_headers(received.url, received.headers),
        received.peer,
        received.http_version,
        received.seconds,
        received.tls,
    )


def _peer(stream: Any) -> str:
    address = stream.get_extra_info("server_addr") if stream is not None else None
    return str(address[0]) if isinstance(address, tuple) and address else ""


def _tls(stream: Any) -> ConnectionTls | None:
    shaken = stream.get_extra_info("ssl_object") if stream is not None else None
    if shaken is None:
        return None
    leaf, cipher = shaken.getpeercert(binary_form=True), shaken.cipher()
    return ConnectionTls(
        shaken.version() or "",
        cipher[0] if cipher else "",
        shaken.selected_alpn_protocol() or "",
        sha256(leaf).hexdigest() if leaf else "",
    )


def _failure(url: httpx.URL, error: Exception) -> FailedExchange:
    trouble, words = next(
        ((trouble, words) for kinds, trouble, words in _FAILURES if isinstance(error, kinds)),
        (Trouble.UNREADABLE, _broken),
    )
    return FailedExchange(trouble, redact(f"{shown(url)} {words(error)}"))


def _silent(_: Exception) -> str:
    return f"takes no connection within {LONGEST_CONNECT:g} s"


def _late(_: Exception) -> str:
    return "stopped answering"


def _proxy(error: Exception) -> str:
    return f"is behind a proxy that refuses: {str(error)[:200]}"


def _improper(error: Exception) -> str:
    if "without sending a response" in str(error):
        return "closed the connection without an answer"
    return f"does not speak proper HTTP: {str(error)[:200]}"


def _broken(error: Exception) -> str:
    return f"broke off: {str(error)[:200]}" if str(error) else "closed the connection before it had answered"


def _unreachable(error: BaseException) -> str:
    for cause in _causes(error):
        if isinstance(cause, gaierror):
            return "has a host name that nobody knows"
        if isinstance(cause, ConnectionRefusedError):
            return "refuses the connection"
        if isinstance(cause, ssl.SSLError):
            plain = cause.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
            return "does not speak TLS" if plain else f"fails at TLS: {cause.reason or cause}"
    return f"takes no connection: {str(error)[:200] or type(error).__name__}"


_FAILURES: tuple[tuple[tuple[type[Exception], ...], Trouble, Callable[[Exception], str]], ...] = (
    ((httpx.ConnectTimeout, httpx.PoolTimeout), Trouble.UNREACHABLE, _silent),
    ((httpx.TimeoutException,), Trouble.LATE, _late),
    ((httpx.ConnectError,), Trouble.UNREACHABLE, _unreachable),
    ((httpx.ProxyError,), Trouble.UNREACHABLE, _proxy),
    ((httpx.RemoteProtocolError,), Trouble.UNREADABLE, _improper),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    waiting, seen = [error], set[int]()
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        inner = found.exceptions if isinstance(found, BaseExceptionGroup) else ()
        waiting += [cause for cause in (*inner, found.__cause__, found.__context__) if cause is not None]
