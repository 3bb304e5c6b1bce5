"""A tiny site for the examples of checks, asked by the very gatherer that asks a real one."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from readycheck.gather.deployment.gatherer import DeploymentGatherer
from readycheck.gather.deployment.ports import PortGatherer
from readycheck.gather.deployment.prometheus import PrometheusGatherer
from readycheck.gather.deployment.site import Site

#: The host of every example.
HOST = "service.example"

#: An address of the documentation block (RFC 5737).
_PEER = ("192.0.2.1", 443)


class Reply(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the site answers at one URL.

    It answers when the request has the method and every header of `when`, whatever that header says where its value is
    `*`. A header with several lines has a list. `repeat` writes the body so many times, `gzip` encodes it, and `closed`
    refuses the connection, and `limit` answers only so many times. The first reply that fits is given.
    """

    status: int = 200
    headers: dict[str, str | list[str]] = {}
    body: str = ""
    repeat: int = 1
    gzip: bool = False
    closed: bool = False
    method: str = ""
    when: dict[str, str] = {}
    limit: int = 0

    def fits(self, request: httpx.Request) -> bool:
        """Is this the answer to that request?"""
        sent = ((request.headers.get(name), value) for name, value in self.when.items())
        return self.method in ("", request.method) and all(
            found is not None if value == "*" else found == value for found, value in sent
        )

    def response(self, request: httpx.Request) -> httpx.Response:
        """The response, as it goes over the wire."""
        if self.closed:
            raise httpx.ConnectError("refused", request=request) from ConnectionRefusedError()
        body = (self.body * self.repeat).encode()
        lines = [(name, line) for name, value in self.headers.items() for line in _lines(value)]
        if self.gzip:
            body = gzip.compress(body, mtime=0)
            lines.append(("Content-Encoding", "gzip"))
        return httpx.Response(
            self.status, headers=lines, stream=_Body(body), extensions={"network_stream": _Connection()}
        )


class _Body(httpx.AsyncByteStream):
    """Bytes that nobody has read yet."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data


class _Connection:
    """What a response tells of the connection that it came over."""

    def get_extra_info(self, name: str) -> Any:
        return _PEER if name == "server_addr" else None


def example_site(site: Mapping[str, Any], described: Site = Site()) -> DeploymentGatherer:  # noqa: B008 - frozen
    """The gatherer for a site of paths and whole URLs, each with one reply or several.

    It is deployed at `https://service.example`, or at `http://` when all of its URLs are such. A path that it does not
    have is a 404; a scheme or host that it does not have refuses the connection.

    Raises:
        ValueError: a reply has a key that is none of a reply's.
    """
    plain = bool(site) and all(url.startswith("http://") for url in site)
    base = f"{'http' if plain else 'https'}://{HOST}"
    replies = {
        base + url if url.startswith("/") else url: [msgspec.convert(one, Reply) for one in _listed(given)]
        for url, given in site.items()
    }
    origins = {_origin(httpx.URL(url)) for url in (base, *replies)}

    given: Counter[int] = Counter()

    def answer(request: httpx.Request) -> httpx.Response:
        fitting = (reply for reply in replies.get(str(request.url), []) if reply.fits(request))
        left = (reply for reply in fitting if not reply.limit or given[id(reply)] < reply.limit)
        chosen = next(left, Reply(status=404, closed=_origin(request.url) not in origins))
        given[id(chosen)] += 1
        return chosen.response(request)

    return DeploymentGatherer(base, timeout=10, site=described, pace=0.0, transport=httpx.MockTransport(answer))


class Counted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the monitoring of an example counted; nothing where it has none. `p95` are seconds."""

    p95: float | None = None
    requests: float | None = None
    errors: float | None = None
    uptime: float | None = None


def example_prometheus(counted: Counted) -> PrometheusGatherer:
    """The gatherer for a server of Prometheus that counted this."""

    def answer(request: httpx.Request) -> httpx.Response:
        query = request.url.params["query"]
        value = next((value for part, value in known if part in query), None)
        result = [] if value is None else [{"metric": {}, "value": [0, str(value)]}]
        return httpx.Response(200, json={"status": "success", "data": {"resultType": "vector", "result": result}})

    known = (
        ("histogram_quantile(0.95", counted.p95),
        ("5..", counted.errors),
        ("increase", counted.requests),
        ("up", counted.uptime),
    )
    return PrometheusGatherer("http://prometheus.example", timeout=10, transport=httpx.MockTransport(answer))


class Reachable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ports of an example's host that are open; `near` puts the audit on that host, `lost` makes its name unknown."""

    open: tuple[int, ...] = ()
    near: bool = False
    lost: bool = False


def example_ports(given: Reachable) -> PortGatherer:
    """The gatherer for a host with these ports."""

    async def resolve(_: str) -> str:
        if given.lost:
            raise OSError
        return "127.0.0.1" if given.near else "9.9.9.9"

    async def knock(_: str, port: int) -> bool | None:
        return port in given.open

    return PortGatherer(f"https://{HOST}", resolve=resolve, knock=knock)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _lines(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
