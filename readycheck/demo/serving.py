"""Serves the site on loopback, over TLS and in the clear, in threads that all end when it is closed."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from readycheck.demo.site import Answer, Asked, Site, redirected

#: The address that is listened at, and nothing else.
HOST = "127.0.0.1"

#: How long a silent client is waited for, in seconds.
PATIENCE = 10.0

_TLS_HANDSHAKE = b"\x16"  # the first byte of a TLS connection (RFC 8446 §5.1)
_LONGEST_BODY = 64 * 1024


class Server:
    """One port of the site, open from the start. With `tls` it speaks TLS, and answers plain requests with a redirect.

    `secure_port` is where redirects point to; 0 means this very port.
    """

    def __init__(self, site: Site, tls: ssl.SSLContext | None = None, secure_port: int = 0) -> None:
        self._listener = _Listener(site, tls, secure_port)
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.02,), name="demo site")
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that was free."""
        return int(self._listener.server_address[1])

    def close(self) -> None:
        """Hang up on everybody and wait until every thread has ended."""
        self._listener.shutdown()
        self._listener.hang_up()
        self._thread.join()
        self._listener.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close waits for them
    request_queue_size = 64

    def __init__(self, site: Site, tls: ssl.SSLContext | None, secure_port: int) -> None:
        self.site = site
        self.tls = tls
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._closing = False
        super().__init__((HOST, 0), _Handler)
        self.secure_port = secure_port or int(self.server_address[1])

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection, in its own thread; the TLS handshake is here so that nobody else waits for it."""
        request.settimeout(PATIENCE)
        with suppress(OSError):  # clients that hang up, or that only try a handshake, are no news
            with self._held(request):
                if self.tls is None or request.recv(1, socket.MSG_PEEK) != _TLS_HANDSHAKE:
                    _Handler(request, client_address, self)
                    return
            wrapped = self.tls.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
            with wrapped, self._held(wrapped):
                wrapped.do_handshake()
                _Handler(wrapped, client_address, self)

    @contextmanager
    def _held(self, connection: socket.socket) -> Iterator[None]:
        with self._lock:
            if self._closing:
                raise ConnectionAbortedError("the site is closing")
            self._connections.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._connections.discard(connection)

    def hang_up(self) -> None:
        """End every connection, so that the threads that wait for them go on."""
        with self._lock:
            self._closing = True
            for connection in self._connections:
                with suppress(OSError):
                    # Not the method of an SSLSocket, which would take the session from under the thread that uses it.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    disable_nagle_algorithm = True  # head and body are two writes; together they would wait for an acknowledgement
    server: _Listener

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "")
        self.rfile.read(min(int(length), _LONGEST_BODY) if length.isdecimal() else 0)
        if isinstance(self.connection, ssl.SSLSocket):
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = self.server.site.answer(Asked(self.command, urlsplit(self.path).path, headers))
        else:
            name = (self.headers.get("Host") or HOST).partition(":")[0]
            answer = redirected(f"{name}:{self.server.secure_port}", self.path)
        self._send(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = _answer  # noqa: N815 - names of http.server

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 304:  # noqa: PLR2004 - Not Modified has no content
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def send_response(self, code: int, message: str | None = None) -> None:
        """The status line and the date; Express names no server."""
        self.send_response_only(code, message)
        self.send_header("Date", self.date_time_string())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by http.server
        """Say nothing."""
