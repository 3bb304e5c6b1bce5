"""Carries the bytes of a TLS handshake, over a socket or in memory, under one deadline."""

from __future__ import annotations

import socket
import ssl
import time
from base64 import b64encode
from contextlib import suppress
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

#: The most bytes that a handshake may take; real chains need a few thousand.
MOST_HANDSHAKE = 256 * 1024

_PROXY_PORT, _LONGEST_HEAD = 8080, 16 * 1024


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


def opened(host: str, port: int, timeout: float) -> Wire:
    """A connection to the host, through the proxy that the environment names for HTTPS (`HTTPS_PROXY`, `NO_PROXY`).

    Raises:
        OSError: it, or the proxy, cannot be reached or refuses.
    """
    proxy = _proxy(host)
    if proxy is None:
        return SocketWire(host, port, timeout)
    wire = SocketWire(proxy.hostname or "", proxy.port or _PROXY_PORT, timeout)
    try:
        _tunnel(wire, host, port, proxy)
    except OSError:
        wire.close()
        raise
    return wire


def _proxy(host: str) -> SplitResult | None:
    """The proxy to use. Only plain ones are; loopback is never asked through one."""
    if is_loopback(host) or proxy_bypass(host):
        return None
    named = getproxies()
    url = urlsplit(named.get("https") or named.get("all") or "")
    return url if url.scheme == "http" and url.hostname else None


def _tunnel(wire: Wire, host: str, port: int, proxy: SplitResult) -> None:
    """Ask a proxy for a tunnel (RFC 9110 §9.3.6)."""
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if proxy.username:
        pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        lines.append(f"Proxy-Authorization: Basic {b64encode(pair.encode()).decode()}")
    wire.send("\r\n".join([*lines, "", ""]).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        data = wire.receive()
        answer += data
        if not data or len(answer) > _LONGEST_HEAD:
            raise ConnectionResetError("the proxy hung up")
    status = answer.split(b" ", 2)[1:2]
    if status != [b"200"]:
        raise ConnectionRefusedError(f"the proxy refuses ({b''.join(status).decode('ascii', 'replace')[:3]})")


def is_loopback(host: str) -> bool:
    """Is it this very machine by name or address?"""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


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
