"""A server that means no good is graded by nobody: no check on what a site answers passes, and all of them end in time."""

from __future__ import annotations

import socket

import pytest
from support.live_estate import audited
from support.loopback_servers import Handler, answering, http, serving, silent

from readycheck.catalogue import load_catalogue
from readycheck.gather.deployment.site import Site
from readycheck.model import Outcome

CATALOGUE = load_catalogue()
OK = b"HTTP/1.1 200 OK\r\n"
LINE = b"X-Padding: " + b"a" * 8000 + b"\r\n"


def closed(connection: socket.socket) -> None:
    connection.close()


#: Each kind of bad answer that an audit may meet, given to every request.
SERVERS: dict[str, Handler] = {
    "nobody says a word": silent,
    "everybody is hung up on": closed,
    "headers trickle": answering(OK, forever=b"X-A: b\r\n", delay=0.05),
    "a body trickles": answering(OK + b"\r\n", forever=b"x", delay=0.05),
    "ten megabytes of headers": answering(OK, *[LINE] * 1300, b"\r\n"),
    "chunks that are none": answering(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "a length that lies": answering(OK + b"Content-Length: 1000\r\n\r\nshort"),
    "a circle": answering(http(status="302 Found", headers="Location: /")),
    "another protocol": answering(b"220 mail.example ESMTP ready\r\n\r\n"),
    "another host": answering(http(status="302 Found", headers="Location: https://elsewhere.example/")),
    "a private address": answering(http(status="302 Found", headers="Location: http://169.254.169.254/latest/")),
    "a wall": answering(http(b"<title>Just a moment", status="403 Forbidden", headers="cf-mitigated: challenge")),
    "a login": answering(http(status="401 Unauthorized")),
    "a limit": answering(http(status="429 Too Many Requests")),
    "errors": answering(http(b"<h1>Oops</h1>", status="500 Internal Server Error")),
    "a proxy without its service": answering(http(status="502 Bad Gateway")),
}

NOTHING_SHOWN = {
    "deployment-answers",
    "env-not-exposed",
    "error-pages-plain",
    "git-not-exposed",
    "metrics-not-public",
    "trace-off",
}

#: What may be said of a server all the same, and why.
SAID = {
    # A refusal is what each of these wants to see, and it was seen.
    "a login": {*NOTHING_SHOWN, "protected-path"},
    # It answers, whatever it says, and nothing of the kind came with it.
    "another host": {*NOTHING_SHOWN, "https-redirect"},
    "a private address": NOTHING_SHOWN,
    # An error page without a stack trace is what is asked for.
    "errors": {"error-pages-plain"},
}


@pytest.mark.parametrize("name", SERVERS)
def test_nothing_is_graded_that_was_not_seen(name: str) -> None:
    with serving(SERVERS[name]) as port:
        seen = audited(CATALOGUE, f"http://127.0.0.1:{port}", timeout=0.5, site=Site(most_requests=120))
    passed = {check for check, one in seen.items() if one.outcome is Outcome.PASS}
    assert passed == SAID.get(name, set())
