"""Answers questions about a live deployment over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, ClassVar

import httpx

from readycheck.errors import TargetError
from readycheck.facts.deployment import (
    HttpGet,
    HttpResponse,
    PageSample,
    PlainAnswer,
    PlainHttp,
    Revalidated,
    Revalidation,
)
from readycheck.facts.question import Question, Unavailable
from readycheck.facts.service import DeployedVersion, Exposed, RateLimitBurst, ServiceLevels
from readycheck.gather.deployment.exchange import LONGEST_CONNECT, FailedExchange, Request, Trouble, keep_lines
from readycheck.gather.deployment.exposition import exposed
from readycheck.gather.deployment.load import PACE, burst, sampled_levels
from readycheck.gather.deployment.response import url_of
from readycheck.gather.deployment.sampling import Sampler, together
from readycheck.gather.deployment.session import HEADERS, Session
from readycheck.gather.deployment.site import MOST_AT_ONCE, Site
from readycheck.gather.deployment.versions import versions
from readycheck.gather.tls.contexts import permissive
from readycheck.gather.tls.wire import is_loopback
from readycheck.model import Outcome, Target
from readycheck.redact import redact_url

#: Methods that ask and change nothing (RFC 9110 §9.2.1).
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

_PLAIN_PORT, _TLS_PORT = 80, 443

#: Questions that cost a service many requests.
LOADING = (ServiceLevels, RateLimitBurst)


class DeploymentGatherer:
    """Answers over HTTP, whatever the certificate is worth: trust is the TLS gatherer's question.

    `timeout` is the most seconds of one request with its redirects; `site` what its owner says of it; `plain_port` the
    port of plain HTTP when the URL is one of HTTPS (0: port 80, or the URL's own port if that is not 443). Without
    `sampling` nobody learns here how fast it answers; `pace` are the seconds between two samples. `transport` replaces
    the network.

    Raises:
        TargetError: the URL is not one of HTTP.
    """

    name = "deployment"
    target: ClassVar[Target] = Target.DEPLOYMENT
    kinds: tuple[type[Question[Any]], ...] = (
        HttpGet,
        PageSample,
        PlainHttp,
        Revalidation,
        Exposed,
        DeployedVersion,
        ServiceLevels,
        RateLimitBurst,
    )

    def __init__(  # noqa: PLR0913 - each may be given by a user or a test
        self,
        url: str,
        *,
        timeout: float,
        site: Site = Site(),  # noqa: B008 - frozen
        plain_port: int = 0,
        sampling: bool = True,
        pace: float = PACE,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        try:
            self.url = url_of(url)
        except ValueError as error:
            raise TargetError(f"the deployment cannot be {redact_url(url)!r}: {error}") from error
        self.timeout = timeout
        self.site = site
        self.plain_port = plain_port or (_PLAIN_PORT if self.url.port in (None, _TLS_PORT) else self.url.port)
        self.transport = transport
        self.pace = pace
        if not sampling:
            self.kinds = tuple(kind for kind in self.kinds if kind is not ServiceLevels)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: tuple[asyncio.Task[Any], ...] = ()
        self._stopped = False

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """The answers, in the order in which they come."""
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            client = self._client()
            tasks = runner.run(self._begun(client, questions))
            self._tasks = tuple(tasks)
            while tasks and not self._stopped:
                for task in runner.run(_some(list(tasks))):
                    yield tasks.pop(task), task.result()
            runner.run(client.aclose())

    def stop(self) -> None:
        """Cancel whatever is under way."""
        self._stopped = True
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop has been closed in the meantime
                for task in self._tasks:
                    loop.call_soon_threadsafe(task.cancel)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers=HEADERS,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            verify=permissive(),
            timeout=httpx.Timeout(self.timeout, connect=min(LONGEST_CONNECT, self.timeout)),
            limits=httpx.Limits(max_connections=MOST_AT_ONCE, max_keepalive_connections=MOST_AT_ONCE),
            event_hooks={"response": [keep_lines]},
            follow_redirects=False,
            trust_env=not (self.site.address or is_loopback(self.url.host)),
            transport=self.transport,
        )

    async def _begun(
        self, client: httpx.AsyncClient, questions: Sequence[Question[Any]]
    ) -> dict[asyncio.Task[Any], Question[Any]]:
        session = Session(client, timeout=self.timeout, most=self.site.most_requests, address=self.site.address)
        sampler = Sampler(session, self.site, self._at)
        first = [question for question in questions if not isinstance(question, LOADING)]
        last = [question for question in questions if isinstance(question, LOADING)]
        tasks = {asyncio.create_task(self._answer(sampler, question)): question for question in first}
        if last:
            # What loads the service waits for everything else: it would disturb it, and may be the end of the budget.
            waiting = asyncio.gather(*tasks, return_exceptions=True)
            turn = asyncio.Lock()
            tasks |= {
                asyncio.create_task(self._in_turn(sampler, question, waiting, turn)): question for question in last
            }
        return tasks

    async def _in_turn(
        self, sampler: Sampler, question: Question[Any], before: asyncio.Future[Any], turn: asyncio.Lock
    ) -> Any:
        await asyncio.shield(before)
        async with turn:
            return await self._answer(sampler, question)

    async def _answer(self, sampler: Sampler, question: Question[Any]) -> Any:
        session = sampler.session
        try:
            match question:
                case HttpGet():
                    return await self._get(session, question)
                case PageSample():
                    return await sampler.sample(question)
                case PlainHttp():
                    return await self._plain(session, question)
                case Revalidation():
                    return await self._revalidate(sampler, question)
                case Exposed():
                    return await exposed(session, [(path, self._request(path)) for path in question.paths])
                case DeployedVersion():
                    requests = [(path, self._request(path)) for path in ("/", *question.paths)]
                    return await versions(session, requests, self.site.image)
                case ServiceLevels():
                    return await sampled_levels(
                        session, await self._loaded(sampler, question.path), question.samples, self.pace
                    )
                case RateLimitBurst():
                    return await self._burst(sampler, question)
        except FailedExchange as failure:
            return Unavailable(Outcome.ERROR, failure.reason)
        return Unavailable(Outcome.ERROR, f"{type(question).__name__} is no question for HTTP")

    def _request(self, path: str) -> Request:
        return Request("GET", self._at(path), self.site.headers)

    async def _loaded(self, sampler: Sampler, path: str) -> Request:
        """The request to repeat: of this path, else of the API, else of the front page."""
        place = None if path else await sampler.place("api")
        return Request("GET", place if place is not None else self._at(path or "/"), self.site.headers)

    async def _burst(self, sampler: Sampler, question: RateLimitBurst) -> Any:
        if not self.site.burst:
            return Unavailable(Outcome.NOT_APPLICABLE, "nobody asked for a burst (--probe-rate-limit)")
        url = self._at(question.path)
        if url == await sampler.place("health"):
            return Unavailable(Outcome.UNKNOWN, f"{question.path} is the health endpoint, which no burst is sent to")
        return await burst(sampler.session, Request("GET", url, self.site.headers), question.most)

    async def _get(self, session: Session, question: HttpGet) -> HttpResponse | Unavailable:
        if question.method not in SAFE_METHODS:
            return Unavailable(Outcome.ERROR, f"{question.method} is never sent: it may change something")
        asked = tuple((name, value.replace("{host}", self.url.host)) for name, value in question.headers)
        given = () if question.anonymous else self.site.headers
        headers = together(given, asked)
        url = self._at(question.path, question.scheme)
        _, response = await session.ask(Request(question.method, url, headers, question.follow))
        return response

    async def _plain(self, session: Session, question: PlainHttp) -> PlainAnswer:
        url = self._at(question.path, "http")
        try:
            # In the clear no credentials are sent.
            _, response = await session.ask(Request("GET", url))
        except FailedExchange as failure:
            shared = self.url.scheme == "https" and url.port == self.url.port
            if failure.hops and failure.trouble is Trouble.UNREACHABLE:
                return PlainAnswer(None, failure.reason, failure.hops)
            if failure.trouble is Trouble.UNREACHABLE or (shared and failure.trouble is Trouble.UNREADABLE):
                return PlainAnswer(None, failure.reason)
            raise
        return PlainAnswer(response)

    async def _revalidate(self, sampler: Sampler, question: Revalidation) -> Revalidated | Unavailable:
        session, headers = sampler.session, self.site.headers
        url = self._at(question.path) if question.path else await sampler.place("asset")
        if url is None:
            return Unavailable(Outcome.UNKNOWN, "the front page links no static asset of its own host")
        received, first = await session.ask(Request("GET", url, headers))
        for name, condition in (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")):
            if value := received.value(name):
                _, second = await session.ask(
                    Request("GET", received.url, together(headers, ((condition, value),)), follow=False)
                )
                return Revalidated(first, name, second)
        return Revalidated(first)

    def _at(self, path: str, scheme: str = "") -> httpx.URL:
        """The URL of a path, which may have a query. A base URL with a path of its own is asked as it is for `/`."""
        scheme = scheme or self.url.scheme
        port = self.url.port if scheme == self.url.scheme else self.plain_port if scheme == "http" else _TLS_PORT
        base = self.url.copy_with(scheme=scheme, port=port)
        try:
            return base if path == "/" else base.copy_with(raw_path=_raw(path))
        except (httpx.InvalidURL, ValueError) as error:
            raise FailedExchange(Trouble.UNREADABLE, f"{path!r} is no path: {error}") from error


async def _some(tasks: Sequence[asyncio.Task[Any]]) -> set[asyncio.Task[Any]]:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return {task for task in done if not task.cancelled()}


def _raw(path: str) -> bytes:
    return ("/" + path.lstrip("/")).encode("ascii")
