"""Servers that mean no good: each ends in a clear error or an honest response, within its deadline."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Sequence
from typing import Any, ClassVar

import httpx
import pytest
from support.loopback_servers import Handler, answering, http, routed, serving, silent

from readycheck.catalogue import load_catalogue
from readycheck.facts.deployment import (
    LONGEST_BODY,
    MOST_RECEIVED,
    HttpGet,
    HttpResponse,
    PageSample,
    PlainHttp,
    Revalidation,
)
from readycheck.facts.question import Question, Unavailable
from readycheck.facts.service import Levels
from readycheck.gather.deployment.decoding import MOST_DECODED
from readycheck.gather.deployment.gatherer import DeploymentGatherer
from readycheck.gather.deployment.ports import PortGatherer
from readycheck.gather.deployment.session import MOST_LATE
from readycheck.gather.deployment.site import MOST_REQUESTS
from readycheck.gather.targets import Targets, gatherers
from readycheck.gather.tls.gatherer import TlsGatherer
from readycheck.model import Outcome
from readycheck.probes.levels import needed_for_quantile

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def ask(url: str, *questions: Question[Any], timeout: float = 10) -> list[Any]:
    answers = dict(DeploymentGatherer(url, timeout=timeout).answers(questions))
    return [answers[question] for question in questions]


def get(handler: Handler, path: str = "/", *, timeout: float = 10, scheme: str = "http") -> Any:
    with serving(handler) as port:
        return ask(f"{scheme}://127.0.0.1:{port}", HttpGet(path), timeout=timeout)[0]


def error_of(answer: Any) -> str:
    assert isinstance(answer, Unavailable), answer
    assert answer.outcome is Outcome.ERROR
    return answer.reason


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_port_where_nobody_listens_is_said_to_refuse() -> None:
    assert "refuses the connection" in error_of(ask(f"http://127.0.0.1:{free_port()}", HttpGet())[0])


class Counting(httpx.AsyncBaseTransport):
    """A network that counts what goes over it."""

    def __init__(self, answer: httpx.Response | Exception) -> None:
        self.answer = answer
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return httpx.Response(self.answer.status_code, headers=self.answer.headers, stream=httpx.ByteStream(b""))


def test_a_dead_host_is_asked_once_and_every_question_gets_its_error() -> None:
    network = Counting(httpx.ConnectError("All connection attempts failed"))
    questions: Sequence[Question[Any]] = [HttpGet("/"), HttpGet("/a"), HttpGet("/b"), PageSample(), Revalidation()]
    answers = list(DeploymentGatherer("https://dead.example", timeout=5, transport=network).answers(questions))
    assert len(network.requests) == 1
    assert len({error_of(answer) for _, answer in answers}) == 1


def test_a_host_that_never_answers_is_given_up_after_a_few_requests() -> None:
    with serving(silent) as port:
        questions = [HttpGet(f"/{number}") for number in range(20)]
        reasons = [error_of(answer) for answer in ask(f"http://127.0.0.1:{port}", *questions, timeout=0.3)]
    assert len(set(reasons)) == MOST_LATE
    assert all("gave no whole answer within 0.3 s" in reason for reason in reasons)


def test_a_host_name_that_nobody_knows_is_named_so() -> None:
    network = Counting(httpx.ConnectError("no"))
    network.answer.__cause__ = socket.gaierror(-2, "Name or service not known")  # type: ignore[union-attr]
    answer = next(DeploymentGatherer("https://no.example", timeout=5, transport=network).answers([HttpGet()]))[1]
    assert "nobody knows" in error_of(answer)


def test_a_server_of_another_protocol_is_told_from_http() -> None:
    assert "does not speak proper HTTP" in error_of(get(answering(b"220 mail.example ESMTP ready\r\n\r\n")))


def test_plain_http_on_the_port_of_https_is_told() -> None:
    def handler(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(http(b"hello", status="400 Bad Request"))

    assert "does not speak TLS" in error_of(get(handler, scheme="https"))


def test_a_server_that_hangs_up_without_a_word_is_told() -> None:
    assert "closed the connection without an answer" in error_of(get(answering()))


def test_a_body_without_end_is_cut() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    answer = get(answering(head, forever=b"x" * 65536))
    assert isinstance(answer, HttpResponse)
    assert answer.received == MOST_RECEIVED
    assert len(answer.body) == LONGEST_BODY
    assert "only the first 2 MiB" in answer.incomplete


def test_headers_that_trickle_end_at_the_deadline() -> None:
    answer = get(answering(b"HTTP/1.1 200 OK\r\n", forever=b"X-A: b\r\n", delay=0.05), timeout=0.5)
    assert "no whole answer within 0.5 s" in error_of(answer)


def test_a_body_that_trickles_ends_at_the_deadline() -> None:
    answer = get(answering(b"HTTP/1.1 200 OK\r\n\r\n", forever=b"x", delay=0.05), timeout=0.5)
    assert "no whole answer within 0.5 s" in error_of(answer)


def test_ten_megabytes_of_headers_are_refused() -> None:
    line = b"X-Padding: " + b"a" * 8000 + b"\r\n"
    answer = get(answering(b"HTTP/1.1 200 OK\r\n", *[line] * 1300, b"\r\n"))
    assert error_of(answer)


def test_one_header_of_ten_megabytes_is_refused() -> None:
    assert error_of(get(answering(b"HTTP/1.1 200 OK\r\nX-A: ", forever=b"a" * 65536)))


@pytest.mark.parametrize(
    "chunks", [b"zz\r\nhello\r\n0\r\n\r\n", b"-5\r\nhello\r\n", b"5\r\nhelloworld\r\n", b"5\r\nhel"]
)
def test_chunks_that_are_none_are_an_error(chunks: bytes) -> None:
    assert error_of(get(answering(CHUNKED + chunks)))


def test_a_body_shorter_than_its_length_is_an_error() -> None:
    assert error_of(get(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort")))


def test_a_header_with_a_space_before_its_colon_is_an_error() -> None:
    assert "proper HTTP" in error_of(get(answering(b"HTTP/1.1 200 OK\r\nX-A : b\r\nContent-Length: 0\r\n\r\n")))


def test_a_gzip_bomb_is_cut_at_its_bound() -> None:
    bomb = gzip.compress(b"\0" * (64 * 1024 * 1024))
    answer = get(answering(http(bomb, headers="Content-Encoding: gzip")))
    assert isinstance(answer, HttpResponse)
    assert answer.decoded == MOST_DECODED
    assert "grows beyond 8 MiB" in answer.incomplete


def test_a_bomb_in_a_bomb_is_cut_too() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * (64 * 1024 * 1024)))
    answer = get(answering(http(bomb, headers="Content-Encoding: gzip, gzip")))
    assert isinstance(answer, HttpResponse)
    assert answer.decoded == MOST_DECODED


@pytest.mark.parametrize(
    ("coding", "reason"),
    [
        ("gzip", "is not gzip"),
        ("br", "was not asked for"),
        ("gzip, gzip, gzip", "3 times over"),
        ("gzip\xe9", "'gzip\xe9'"),
    ],
)
def test_a_body_that_cannot_be_decoded_is_empty_with_the_reason(coding: str, reason: str) -> None:
    answer = get(answering(http(b"hello", headers=f"Content-Encoding: {coding}")))
    assert isinstance(answer, HttpResponse)
    assert (answer.body, answer.received, answer.decoded) == ("", 5, 0)
    assert reason in answer.incomplete


@pytest.mark.parametrize("kind", ["text/html; charset=punycode", "text/html; charset=nonsense", "image/png", ""])
def test_a_wrong_content_type_still_gives_the_text(kind: str) -> None:
    answer = get(answering(http("grüße".encode(), headers=f"Content-Type: {kind}")))
    assert isinstance(answer, HttpResponse)
    assert answer.body == "grüße"


def test_binary_data_is_no_text() -> None:
    assert get(answering(http(b"\x89PNG\0\0\0"))).body == ""


def test_a_redirect_to_itself_is_a_circle() -> None:
    answer = get(answering(http(status="302 Found", headers="Location: /")))
    assert "redirects in a circle" in error_of(answer)


def test_redirects_without_end_are_given_up() -> None:
    routes = {f"/{n}": http(status="302 Found", headers=f"Location: /{n + 1}") for n in range(30)}
    assert "redirects more than 10 times" in error_of(get(routed(routes), "/0"))


@pytest.mark.parametrize("location", ["http://[", "javascript:alert(1)", "ftp://127.0.0.1/", "", "http://:80:80/"])
def test_a_redirect_to_nowhere_is_the_answer_itself(location: str) -> None:
    answer = get(answering(http(status="302 Found", headers=f"Location: {location}")))
    assert isinstance(answer, HttpResponse)
    assert (answer.status, answer.hops) == (302, ())


def test_a_redirect_to_another_host_is_recorded_and_not_followed() -> None:
    answer = get(answering(http(status="301 Moved", headers="Location: https://elsewhere.example/a?token=abc")))
    assert isinstance(answer, HttpResponse)
    assert answer.status == 301
    assert answer.value("location") == "https://elsewhere.example/a?[redacted]"


def test_the_budget_of_requests_is_kept() -> None:
    network = Counting(httpx.Response(204))
    questions = [HttpGet(f"/{number}") for number in range(MOST_REQUESTS + 10)]
    answers = [
        a for _, a in DeploymentGatherer("https://many.example", timeout=5, transport=network).answers(questions)
    ]
    refused = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert len(network.requests) == MOST_REQUESTS
    assert len(refused) == 10
    assert "are spent" in refused[0].reason


def test_the_same_request_is_sent_once() -> None:
    network = Counting(httpx.Response(204))
    questions: Sequence[Question[Any]] = [HttpGet("/"), HttpGet("/", follow=True), PageSample(), PageSample(("/a",))]
    list(DeploymentGatherer("https://once.example", timeout=5, transport=network).answers(questions))
    paths = [request.url.path for request in network.requests]
    assert len(paths) == len(set(paths))
    assert {"/", "/a", "/readycheck-no-such-page"} <= set(paths)


def test_a_method_that_may_change_something_is_never_sent() -> None:
    network = Counting(httpx.Response(204))
    gatherer = DeploymentGatherer("https://safe.example", timeout=5, transport=network)
    assert "never sent" in error_of(next(gatherer.answers([HttpGet("/", "DELETE")]))[1])
    assert network.requests == []


def test_cookies_are_not_kept_and_credentials_of_the_url_not_sent() -> None:
    seen: list[bytes] = []
    routes = {
        "/": http(b"", status="302 Found", headers="Set-Cookie: sid=1; Path=/\r\nLocation: /home"),
        "/home": http(b"home", headers="Set-Cookie: other=1"),
    }
    with serving(routed(routes, seen)) as port:
        answer = ask(f"http://user:pass@127.0.0.1:{port}", HttpGet("/"))[0]
    assert isinstance(answer, HttpResponse)
    assert answer.body == "home"
    sent = b"".join(seen).lower()
    assert b"cookie:" not in sent
    assert b"authorization" not in sent
    assert b"user-agent: readycheck/" in sent


def test_a_proxy_of_the_environment_is_not_used_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    assert get(answering(http(b"direct"))).body == "direct"


def test_plain_http_at_a_port_that_speaks_only_tls_is_closed() -> None:
    def tls_alert(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"\x15\x03\x01\x00\x02\x02\x46")

    with serving(tls_alert) as port:
        answer = ask(f"https://127.0.0.1:{port}", PlainHttp())[0]
    assert answer.response is None
    assert "does not speak proper HTTP" in answer.closed


def test_a_gatherer_that_is_told_to_stop_leaves_at_once() -> None:
    reached = threading.Event()

    def handler(connection: socket.socket) -> None:
        reached.set()
        silent(connection)

    with serving(handler) as port:
        gatherer = DeploymentGatherer(f"http://127.0.0.1:{port}", timeout=600)
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.extend(gatherer.answers([HttpGet(), HttpGet("/a")])))
        thread.start()
        reached.wait(10)
        gatherer.stop()
        thread.join(10)
    assert not thread.is_alive()
    assert found == []


class Furnished(Counting):
    """A site that has whatever an audit looks for, so that it is asked everything."""

    PLACES: ClassVar[dict[str, tuple[int, dict[str, str], bytes]]] = {
        "/": (200, {"Content-Type": "text/html"}, b"<script src=/static/app.js></script>"),
        "/static/app.js": (200, {"Content-Type": "text/javascript", "ETag": '"1"'}, b"let a = 1;" * 200),
        "/static": (301, {"Location": "/static/"}, b""),
        "/health": (200, {"Content-Type": "application/json"}, b'{"status":"ok"}'),
        "/api": (200, {"Content-Type": "application/json"}, b"{}"),
    }

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        status, headers, body = self.PLACES.get(request.url.path, (404, {}, b""))
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def test_all_checks_together_stay_within_the_budget_and_leave_the_samples_that_a_claim_needs() -> None:
    network = Furnished(httpx.Response(404))
    probes = [check.probe for check in load_catalogue().checks.values()]
    gatherer = DeploymentGatherer("https://whole.example", timeout=5, transport=network, pace=0)
    asked = dict.fromkeys(q for probe in probes for q in probe.questions() if isinstance(q, gatherer.kinds))
    answers = [answer for _, answer in gatherer.answers(list(asked))]
    assert not any("are spent" in answer.reason for answer in answers if isinstance(answer, Unavailable))
    assert len(network.requests) <= MOST_REQUESTS
    (levels,) = (answer for answer in answers if isinstance(answer, Levels))
    assert (levels.answered, levels.stopped) == (needed_for_quantile(0.95), "")


def test_the_gatherers_of_a_deployment_share_its_url() -> None:
    http_one, tls_one, ports = gatherers(Targets(deployment="https://service.example:8443"))
    assert isinstance(http_one, DeploymentGatherer)
    assert isinstance(tls_one, TlsGatherer)
    assert isinstance(ports, PortGatherer)
    assert ports.host == "service.example"
    assert (str(http_one.url), http_one.plain_port, tls_one.port) == ("https://service.example:8443/", 8443, 8443)
