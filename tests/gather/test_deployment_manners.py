"""How an audit behaves towards a site: one host, a budget, credentials for it alone, and the way that the user says."""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import suppress
from typing import Any

import pytest
import trustme
from support.loopback_servers import Handler, answering, http, request_of, routed, serving

from readycheck import __version__
from readycheck.facts.deployment import HttpGet, HttpResponse, PageSample, PlainHttp, Samples
from readycheck.facts.question import Question, Unavailable
from readycheck.facts.service import (
    Burst,
    Levels,
    RateLimitBurst,
    ServiceLevels,
)
from readycheck.facts.tls import TlsHandshake
from readycheck.gather.deployment.gatherer import DeploymentGatherer
from readycheck.gather.deployment.site import Site
from readycheck.gather.tls.gatherer import TlsGatherer
from readycheck.model import Outcome

TOKEN = (("Authorization", "Bearer staging-ticket"),)


def ask(url: str, *questions: Question[Any], site: Site | None = None) -> list[Any]:
    gatherer = DeploymentGatherer(url, timeout=10, site=site or Site(), pace=0.0)
    answers = dict(gatherer.answers(questions))
    return [answers[question] for question in questions]


def test_another_address_is_asked_under_the_same_name() -> None:
    seen: list[bytes] = []
    with serving(routed({"/": http(b"hello")}, seen)) as port:
        (answer,) = ask(f"http://service.example:{port}", HttpGet(), site=Site(address="127.0.0.1"))
    assert isinstance(answer, HttpResponse)
    assert (answer.url, answer.peer) == (f"http://service.example:{port}/", "127.0.0.1")
    assert f"host: service.example:{port}".encode() in seen[0].lower()


def secure(context: ssl.SSLContext, handler: Handler) -> Handler:
    def wrapped(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as inner, suppress(OSError):
            handler(inner)

    return wrapped


def test_the_name_goes_into_tls_when_another_address_is_asked() -> None:
    ca, names = trustme.CA(), list[str | None]()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("service.example").configure_cert(context)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with serving(secure(context, answering(http(b"hello")))) as port:
        url = f"https://service.example:{port}"
        (answer,) = ask(url, HttpGet(), site=Site(address="127.0.0.1"))
        tls = TlsGatherer(url, timeout=10, authorities=ca.cert_pem.bytes().decode(), address="127.0.0.1")
        shaken = dict(tls.answers([TlsHandshake()]))[TlsHandshake()]
    assert set(names) == {"service.example"}
    assert shaken.trust_error == ""
    assert isinstance(answer, HttpResponse)
    # The facts of this very connection: its certificate is the one that was verified.
    assert answer.tls is not None
    assert answer.tls.protocol == "TLSv1.3"
    assert answer.tls.certificate == shaken.chain[0].fingerprint
    assert answer.timing.tls > 0
    assert answer.seconds >= answer.timing.first_byte


def test_an_address_of_ipv6_is_a_host() -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with listener:
        port = listener.getsockname()[1]
        import threading

        def serve() -> None:
            connection, _ = listener.accept()
            answering(http(b"six"))(connection)
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        (answer,) = ask(f"http://[::1]:{port}", HttpGet())
        thread.join()
    assert isinstance(answer, HttpResponse)
    assert (answer.body, answer.peer) == ("six", "::1")


def test_every_request_says_who_asks() -> None:
    seen: list[bytes] = []
    with serving(routed({"/": http(b"hello")}, seen)) as port:
        ask(f"http://127.0.0.1:{port}", PageSample(), HttpGet("/a"))
    assert len(seen) > 3
    assert all(f"user-agent: readycheck/{__version__}".encode() in one.lower() for one in seen)


def test_credentials_go_to_the_site_and_never_where_a_stranger_is_played() -> None:
    seen: list[bytes] = []
    with serving(routed({"/": http(b"hello")}, seen)) as port:
        url = f"http://127.0.0.1:{port}"
        ask(url, HttpGet("/given"), HttpGet("/stranger", anonymous=True), site=Site(headers=TOKEN))
        ask(url, HttpGet("/own", headers=(("Authorization", "Bearer other"),)), site=Site(headers=TOKEN))
        ask(f"https://127.0.0.1:{port}", PlainHttp("/plain"), site=Site(headers=TOKEN))
    sent = {one.split(b" ")[1].decode(): one for one in seen}
    assert b"staging-ticket" in sent["/given"]
    assert b"uthorization" not in sent["/stranger"]
    assert sent["/own"].count(b"uthorization") == 1
    assert b"staging-ticket" not in sent["/own"]
    assert b"staging-ticket" not in sent["/plain"]


def test_a_proxy_of_the_environment_is_asked_for_other_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    with serving(routed({"http://service.example/": http(b"by proxy")}, seen)) as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        (answer,) = ask("http://service.example", HttpGet())
    assert isinstance(answer, HttpResponse)
    assert answer.body == "by proxy"


@pytest.mark.parametrize(
    "place", ["http://10.0.0.1/admin", "http://169.254.169.254/latest/meta-data/", "http://[fd00::1]/"]
)
def test_a_redirect_to_a_private_address_is_recorded_and_not_followed(place: str) -> None:
    with serving(answering(http(status="302 Found", headers=f"Location: {place}"))) as port:
        (answer,) = ask(f"http://127.0.0.1:{port}", HttpGet())
    assert isinstance(answer, HttpResponse)
    assert (answer.status, answer.hops, answer.value("location")) == (302, (), place)


def test_each_hop_is_kept_with_its_headers() -> None:
    routes = {"/": http(status="301 Moved", headers="Location: /home\r\nX-A: 1\r\nX-A: 2"), "/home": http(b"home")}
    with serving(routed(routes)) as port:
        (answer,) = ask(f"http://127.0.0.1:{port}", HttpGet())
    assert isinstance(answer, HttpResponse)
    (hop,) = answer.hops
    assert [value for name, value in hop.headers if name == "x-a"] == ["1", "2"]
    assert (hop.peer, hop.http_version) == ("127.0.0.1", "HTTP/1.1")


def test_a_connection_that_was_kept_and_is_gone_is_opened_again() -> None:
    served: list[int] = []

    def once(connection: socket.socket) -> None:
        request_of(connection)
        served.append(1)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        # It promises to stay and hangs up as soon as the next request comes.
        connection.recv(1)

    with serving(once) as port:
        answers = ask(f"http://127.0.0.1:{port}", *(HttpGet(f"/{number}") for number in range(6)))
    assert [one.status for one in answers] == [200] * 6


def limited(after: int, answer: bytes, seen: list[bytes]) -> Handler:
    """A site whose limit answers after so many requests; connections are kept."""

    def handler(connection: socket.socket) -> None:
        while request := request_of(connection):
            seen.append(request)
            body = answer if len(seen) > after else b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
            connection.sendall(body)

    return handler


LIMIT = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n"


def test_sampling_stops_when_the_limit_answers_and_its_answer_is_no_error() -> None:
    seen: list[bytes] = []
    with serving(limited(20, LIMIT, seen)) as port:
        (levels,) = ask(f"http://127.0.0.1:{port}", ServiceLevels("/ping"))
    assert isinstance(levels, Levels)
    assert (levels.answered, levels.failed, levels.limited) == (20, 0, 1)
    assert levels.stopped == "the rate limit was met (Retry-After: 30)"
    assert len(seen) == 21


def test_sampling_leaves_others_what_the_limit_allows() -> None:
    seen: list[bytes] = []
    near = b'HTTP/1.1 200 OK\r\nRateLimit: "default";r=3;t=30\r\nContent-Length: 0\r\n\r\n'
    with serving(limited(10, near, seen)) as port:
        (levels,) = ask(f"http://127.0.0.1:{port}", ServiceLevels("/ping"))
    assert levels.stopped == "the rate limit allows only 3 more requests"
    assert len(seen) == 11


def test_sampling_counts_errors_and_ends_with_the_budget() -> None:
    seen: list[bytes] = []
    broken = b"HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n"
    with serving(limited(30, broken, seen)) as port:
        (levels,) = ask(f"http://127.0.0.1:{port}", ServiceLevels("/ping"), site=Site(most_requests=40))
    assert (levels.answered, levels.failed) == (40, 10)
    assert "40 requests that an audit may make are spent" in levels.stopped


def test_a_burst_is_sent_only_when_it_is_permitted_never_to_health_and_never_without_end() -> None:
    seen: list[bytes] = []
    with serving(limited(10**6, LIMIT, seen)) as port:
        url = f"http://127.0.0.1:{port}"
        (refused,) = ask(url, RateLimitBurst("/"))
        assert refused == Unavailable(Outcome.NOT_APPLICABLE, "nobody asked for a burst (--probe-rate-limit)")
        assert seen == []
        (health,) = ask(url, RateLimitBurst("/alive"), site=Site(burst=True, health="/alive"))
        assert isinstance(health, Unavailable)
        assert seen == []
        (burst,) = ask(url, RateLimitBurst("/", most=10_000), site=Site(burst=True, health="/alive"))
    assert isinstance(burst, Burst)
    assert (burst.sent, burst.first, len(seen)) == (200, 0, 200)


def test_a_burst_ends_at_the_first_answer_of_the_limit() -> None:
    seen: list[bytes] = []
    with serving(limited(25, LIMIT, seen)) as port:
        (burst,) = ask(f"http://127.0.0.1:{port}", RateLimitBurst("/"), site=Site(burst=True, health="/alive"))
    assert isinstance(burst, Burst)
    assert burst.retry_after == "30"
    assert 0 < burst.first <= 40
    assert burst.sent == len(seen) <= 40


@pytest.mark.parametrize(
    ("reply", "profile"),
    [
        (http(b"<!doctype html>"), "web"),
        (http(b'{"a":1}', headers="Content-Type: application/json"), "api"),
        (http(b'{"a":1}', status="404 Not Found", headers="Content-Type: application/json"), "api"),
        (http(b"<h1>Not found</h1>", status="404 Not Found"), "web"),
        (http(b"", status="401 Unauthorized"), "web"),
        (http(b"", status="503 Unavailable", headers="Content-Type: application/json"), "web"),
    ],
)
def test_what_a_site_is_shows_at_its_front_page(reply: bytes, profile: str) -> None:
    with serving(routed({"/": reply})) as port:
        url = f"http://127.0.0.1:{port}"
        assert ask(url, PageSample())[0].profile == profile
        assert ask(url, PageSample(), site=Site(profile="api"))[0].profile == "api"


def test_a_sample_has_whatever_the_site_has() -> None:
    routes = {
        "/": http(b"<script src=/static/a.js></script>"),
        "/static/a.js": http(b"1", headers="Content-Type: text/javascript"),
        "/static": http(status="301 Moved", headers="Location: /static/"),
        "/api/v1/health": http(b'{"status":"ok"}', headers="Content-Type: application/json"),
    }
    with serving(routed(routes)) as port:
        (found,) = ask(f"http://127.0.0.1:{port}", PageSample())
    assert isinstance(found, Samples)
    shown = [(one.kind, re.sub(r".*:\d+", "", one.response.url), one.response.status) for one in found.responses]
    assert shown == [
        ("page", "/", 200),
        ("asset", "/static/a.js", 200),
        ("api", "/api/v1/health", 200),
        ("health", "/api/v1/health", 200),
        ("missing", "/readycheck-no-such-page", 404),
        ("redirect", "/static", 301),
    ]
