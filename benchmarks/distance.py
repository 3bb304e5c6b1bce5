"""A line to a server that is so many seconds long, on loopback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def distant(port: int, seconds: float) -> Iterator[int]:
    """A port that leads to `port`; a round trip over it, and the opening of a connection, takes `seconds`."""
    loop = asyncio.new_event_loop()
    ready: asyncio.Future[int] = loop.create_future()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
        # What is read is written `delay` later, whatever came in between.
        pending = set()

        async def later(data: bytes) -> None:
            await asyncio.sleep(delay)
            with suppress(ConnectionError, RuntimeError):
                writer.write(data) if data else writer.close()

        while True:
            with suppress(ConnectionError):
                data = await reader.read(65536)
            task = asyncio.create_task(later(data))
            pending.add(task)
            task.add_done_callback(pending.discard)
            if not data:
                break

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The kernel answers a SYN at once; the round trip that it would take is waited for here.
        await asyncio.sleep(seconds)
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        # Cancelled at the end; asyncio's streams would report that of each connection.
        with suppress(asyncio.CancelledError):
            await asyncio.gather(
                carry(reader, inner_writer, seconds / 2),
                carry(inner_reader, writer, seconds / 2),
                return_exceptions=True,
            )

    async def serve() -> None:
        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        ready.set_result(server.sockets[0].getsockname()[1])
        async with server:
            await server.serve_forever()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(serve(), loop)
    try:
        yield asyncio.run_coroutine_threadsafe(_value(ready), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(_ended(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _ended() -> None:
    """Everything that is still under way, cancelled."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _value(future: asyncio.Future[int]) -> int:
    return await future
