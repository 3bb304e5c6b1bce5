"""Carries the bytes of a TLS handshake, over a socket or in memory, under one deadline."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import suppress
from typing import Protocol

#: The most bytes that a handshake may take; real chains need a few thousand.
MOST_HANDSHAKE = 256 * 1024


class Wire(Protocol):
    """A connection to a server."""

    def send(self, data: bytes) -> None:
        """Hand bytes to the server.

        Raises:
            OSError: it no longer listens.
        """

    def receive(self) -> bytes:
        """The next bytes of the server; none when it has hung up.

        Raises:
            OSError: nothing came in time, or the connection broke.
        """

    def close(self) -> None:
        """Hang up."""


class SocketWire:
    """A TCP connection that gives up at its deadline, however slowly the bytes come."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._deadline = time.monotonic() + timeout
        self._socket = socket.create_connection((host, port), timeout=timeout)

    def send(self, data: bytes) -> None:
        """Hand bytes to the server."""
        self._socket.settimeout(self._left())
        self._socket.sendall(data)

    def receive(self) -> bytes:
        """The next bytes of the server."""
        self._socket.settimeout(self._left())
        return self._socket.recv(16 * 1024)

    def close(self) -> None:
        """Hang up; also wakes a thread that waits for bytes."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


def shake(context: ssl.SSLContext, host: str, wire: Wire) -> ssl.SSLObject:
    """The client's side of a finished handshake.

    Raises:
        ssl.SSLError: the two could not agree, or the client refuses the server's certificate.
        OSError: the connection broke, or took too long.
    """
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=host)
    received = 0
    while True:
        try:
            client.do_handshake()
        except ssl.SSLWantReadError:
            wire.send(outgoing.read())
            data = wire.receive()
            received += len(data)
            if not data or received > MOST_HANDSHAKE:
                raise ConnectionResetError("hung up" if not data else "endless") from None
            incoming.write(data)
        except ssl.SSLError:
            with suppress(OSError):
                wire.send(outgoing.read())
            raise
        else:
            with suppress(OSError):
                wire.send(outgoing.read())
            return client
