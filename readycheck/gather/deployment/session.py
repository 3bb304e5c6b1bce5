"""Puts requests to one deployment: each once, a few at a time, within a budget, and none more once the host is dead."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import httpx

from readycheck import __version__
from readycheck.facts.deployment import HttpResponse
from readycheck.gather.deployment.exchange import FailedExchange, Received, Request, Trouble, exchange
from readycheck.gather.deployment.response import fact
from readycheck.gather.deployment.site import MOST_AT_ONCE, MOST_REQUESTS

#: Requests in a row that may go unanswered before a host from which nothing ever came counts as dead.
MOST_LATE = 3

#: Sent with every request, unless the question says otherwise. Only codings that can be undone are accepted.
HEADERS = {"User-Agent": f"readycheck/{__version__}", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}


class _Contact:
    """What is known of one scheme, host and port. Until it has answered once, it is asked one thing at a time."""

    def __init__(self) -> None:
        self.door = asyncio.Lock()
        self.answered = False
        self.late = 0
        self.problem: FailedExchange | None = None

    def failed(self, failure: FailedExchange) -> None:
        self.late += failure.trouble is Trouble.LATE
        if not self.answered and (failure.trouble is Trouble.UNREACHABLE or self.late >= MOST_LATE):
            self.problem = failure


class Session:
    """The requests of one audit: at most `most`, each within `timeout` seconds, to `address` if that is given."""

    def __init__(
        self, client: httpx.AsyncClient, *, timeout: float, most: int = MOST_REQUESTS, address: str = ""
    ) -> None:
        self.client = client
        self.timeout = timeout
        self.most = self.left = most
        self.address = address
        self.cold = 0.0
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._contacts: defaultdict[tuple[str, str, int | None], _Contact] = defaultdict(_Contact)
        self._known: dict[Request, asyncio.Task[tuple[Received, HttpResponse]]] = {}

    async def ask(self, request: Request) -> tuple[Received, HttpResponse]:
        """What came back, raw and as a fact; the same request is never sent twice.

        Raises:
            FailedExchange: there is no answer that can be read.
        """
        if request not in self._known:
            self._known[request] = asyncio.create_task(self._asked(request))
        return await self._known[request]

    async def again(self, request: Request) -> Received:
        """What comes back when this is asked once more.

        Raises:
            FailedExchange: there is no answer that can be read.
        """
        return await exchange(self.client, request, seconds=self.timeout, spend=self.spend, address=self.address)

    async def _asked(self, request: Request) -> tuple[Received, HttpResponse]:
        contact = self._contacts[request.url.scheme, request.url.host, request.url.port]
        async with contact.door:
            if not contact.answered:
                return await self._tried(request, contact)
        return await self._tried(request, contact)

    async def _tried(self, request: Request, contact: _Contact) -> tuple[Received, HttpResponse]:
        if contact.problem is not None:
            raise FailedExchange(contact.problem.trouble, contact.problem.reason)
        try:
            async with self._slots:
                received = await self.again(request)
        except FailedExchange as failure:
            contact.failed(failure)
            raise
        contact.answered = True
        self.cold = self.cold or received.seconds
        return received, fact(received)

    def spend(self) -> None:
        """Take one request from the budget.

        Raises:
            FailedExchange: nothing is left of it.
        """
        if self.left <= 0:
            raise FailedExchange(
                Trouble.SPENT, f"the {self.most} requests that an audit may make are spent (--max-requests)"
            )
        self.left -= 1
