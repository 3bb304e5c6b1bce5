"""Servers on loopback whose every byte a test decides."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Handler = Callable[[socket.socket], None]


@contextmanager
def serving(handler: Handler) -> Iterator[int]:
    """A TCP server that gives each connection to the handler in a thread of its own; yields its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_sockets = {listener}

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            open_sockets.add(connection)
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    def handle(connection: socket.socket) -> None:
        with suppress(OSError):
            handler(connection)
        connection.close()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for one in open_sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def request_of(connection: socket.socket) -> bytes:
    """The head of the request, read to its end."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            break
        data += chunk
    return data


def answering(*pieces: bytes, forever: bytes = b"", delay: float = 0.0) -> Handler:
    """Reads a request and sends these bytes; then `forever` again and again, with `delay` seconds between."""

    def handler(connection: socket.socket) -> None:
        request_of(connection)
        pause = threading.Event()
        for piece in pieces:
            connection.sendall(piece)
        while forever:
            connection.sendall(forever)
            pause.wait(delay)

    return handler


def routed(routes: dict[str, bytes], seen: list[bytes] | None = None) -> Handler:
    """Answers each path with its bytes, and any other with a 404; requests are remembered in `seen`."""

    def handler(connection: socket.socket) -> None:
        request = request_of(connection)
        if seen is not None:
            seen.append(request)
        path = request.split(b" ")[1].decode() if request.count(b" ") > 1 else ""
        connection.sendall(routes.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))

    return handler


def http(body: bytes = b"", *, status: str = "200 OK", headers: str = "Content-Type: text/html") -> bytes:
    """A plain response with its length."""
    lines = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    return (lines + (f"{headers}\r\n" if headers else "") + "\r\n").encode("latin-1") + body


def silent(connection: socket.socket) -> None:
    """Never says a word."""
    while connection.recv(65536):
        pass
