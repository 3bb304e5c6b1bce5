"""Learns which ports of a host take a connection: each is opened and closed, and nothing is sent."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, ClassVar

from readycheck.errors import TargetError
from readycheck.facts.question import Question, Unavailable
from readycheck.facts.service import OpenPorts, Ports
from readycheck.gather.deployment.response import url_of
from readycheck.model import Outcome, Target
from readycheck.redact import redact_url

#: Seconds after which a port that says nothing counts as silent: a firewall drops what it does not pass.
PATIENCE = 2.0

#: Connections that are under way at once.
AT_ONCE = 16

#: Finds the address of a host, and tries a port of it: whether it is open, or None when nothing came back.
Resolve = Callable[[str], Awaitable[str]]
Knock = Callable[[str, int], Awaitable[bool | None]]


class PortGatherer:
    """Knocks at the ports of one host. `address` is asked instead of what its name resolves to; the rest replaces the network.

    Raises:
        TargetError: the URL names no host.
    """

    name = "ports"
    target: ClassVar[Target] = Target.DEPLOYMENT
    kinds: ClassVar[tuple[type[Question[Any]], ...]] = (OpenPorts,)

    def __init__(
        self, url: str, *, address: str = "", resolve: Resolve | None = None, knock: Knock | None = None
    ) -> None:
        try:
            self.host = url_of(url).host
        except ValueError as error:
            raise TargetError(f"the deployment cannot be {redact_url(url)!r}: {error}") from error
        self.address = address
        self._resolve = resolve or _resolved
        self._knock = knock or _knocked
        self._stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """The state of each port."""
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            for question in questions:
                if isinstance(question, OpenPorts) and not self._stopped:
                    with suppress(asyncio.CancelledError):
                        yield question, runner.run(self._begun(question))

    def stop(self) -> None:
        """Cancel what is under way."""
        self._stopped = True
        loop, task = self._loop, self._task
        if loop is not None and task is not None:
            with suppress(RuntimeError):  # the loop has been closed in the meantime
                loop.call_soon_threadsafe(task.cancel)

    async def _begun(self, question: OpenPorts) -> Ports | Unavailable:
        self._task = asyncio.current_task()
        try:
            address = self.address or await self._resolve(self.host)
        except OSError:
            return Unavailable(Outcome.ERROR, f"the host name {self.host} is not known")
        slots = asyncio.Semaphore(AT_ONCE)

        async def state(port: int) -> bool | None:
            async with slots:
                return await self._knock(address, port)

        states = await asyncio.gather(*(state(port) for port in question.ports))
        found = list(zip(question.ports, states, strict=True))
        return Ports(
            self.host,
            address,
            open=tuple(port for port, state in found if state),
            closed=tuple(port for port, state in found if state is False),
            silent=tuple(port for port, state in found if state is None),
            near=_is_near(address),
        )


async def _resolved(host: str) -> str:
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return str(found[0][4][0])


async def _knocked(address: str, port: int) -> bool | None:
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(address, port)
    except TimeoutError:
        return None
    except OSError:
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True


def _is_near(address: str) -> bool:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return True
    return not found.is_global
