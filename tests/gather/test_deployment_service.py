"""What a deployment says of itself as a service: its metrics, its release, its ports, and what Prometheus knows of it."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.loopback_servers import http, routed, serving

from readycheck.facts.question import Question, Unavailable
from readycheck.facts.service import (
    DeployedVersion,
    Exposed,
    Expositions,
    Levels,
    OpenPorts,
    Ports,
    ServiceLevels,
    Versions,
)
from readycheck.gather.deployment.gatherer import DeploymentGatherer
from readycheck.gather.deployment.ports import PortGatherer
from readycheck.gather.deployment.prometheus import PrometheusGatherer
from readycheck.gather.deployment.site import Site
from readycheck.model import Outcome


def ask(url: str, *questions: Question[Any], site: Site | None = None) -> list[Any]:
    gatherer = DeploymentGatherer(url, timeout=10, site=site or Site(), pace=0.0)
    answers = dict(gatherer.answers(questions))
    return [answers[question] for question in questions]


EXPOSITION = (
    b"# TYPE http_requests_total counter\n"
    b'http_requests_total{code="200"} 990\nhttp_requests_total{code="503"} 10\n'
    b"# TYPE http_request_duration_seconds histogram\n"
    b'http_request_duration_seconds_bucket{le="0.1"} 900\nhttp_request_duration_seconds_bucket{le="0.5"} 1000\n'
    b'http_request_duration_seconds_bucket{le="+Inf"} 1000\n'
    b"http_request_duration_seconds_sum 80\nhttp_request_duration_seconds_count 1000\n"
)


def exposed(body: bytes, kind: str = "text/plain; version=0.0.4") -> Expositions:
    with serving(routed({"/metrics": http(body, headers=f"Content-Type: {kind}")})) as port:
        (found,) = ask(f"http://127.0.0.1:{port}", Exposed(("/metrics",)))
    assert isinstance(found, Expositions)
    return found


def test_rates_and_percentiles_are_read_from_an_exposition() -> None:
    (one,) = exposed(EXPOSITION).found
    assert (one.problem, one.families, one.requests, one.errors) == ("", 2, 1000, 10)
    assert dict(one.quantiles)["0.95"] == pytest.approx(0.3)
    assert one.latency_name == "http_request_duration_seconds"


@pytest.mark.parametrize(
    ("body", "kind", "problem"),
    [
        (b"", "text/plain", "no metric with a sample"),
        (b"<!doctype html><p>Hi", "text/plain", "does not parse"),
        (b'{"requests": 3}', "application/json", "does not parse"),
        (b"hello 1\n", "text/plain", "no line declares a type"),
        (b'# TYPE a counter\na{b="1} 2\n', "text/plain", "does not parse"),
        (b"# TYPE a counter\na_total 1\n", "application/openmetrics-text; version=1.0.0", "does not parse"),
        (b"\xff\xfe\0\0", "text/plain", "no metric with a sample"),
    ],
)
def test_what_is_no_exposition_says_why(body: bytes, kind: str, problem: str) -> None:
    assert problem in exposed(body, kind).found[0].problem


def test_an_exposition_larger_than_a_fact_is_parsed_whole() -> None:
    lines = b"".join(b'other{n="%d"} 1\n' % number for number in range(20_000))
    assert exposed(b"# TYPE other gauge\n" + lines + EXPOSITION).found[0].requests == 1000


def test_marks_of_a_release_are_found_where_services_leave_them(tmp_path: Path) -> None:
    routes = {
        "/": http(
            b"<head><meta name='git-sha' content='1a2b3c4d5e'></head>",
            headers="Content-Type: text/html\r\nX-Commit: 9f8e7d6c5b\r\nX-Powered-By: 1.2",
        ),
        "/version": http(
            b'{"git":{"commit":{"id":"aabbccdd"}},"note":"0123456789ab"}', headers="Content-Type: application/json"
        ),
        "/error": http(b'{"version":"5.0.1"}', status="500 Oops", headers="Content-Type: application/json"),
    }
    image = tmp_path / "image.json"
    image.write_text('[{"Config":{"Labels":{"org.opencontainers.image.revision":"ffeeddccbb"}}}]')
    with serving(routed(routes)) as port:
        (found,) = ask(f"http://127.0.0.1:{port}", DeployedVersion(("/version", "/error")), site=Site(image=str(image)))
    assert isinstance(found, Versions)
    assert {mark.place: mark.value for mark in found.marks} == {
        "header x-commit of /": "9f8e7d6c5b",
        "meta tag of /": "1a2b3c4d5e",
        "git.commit.id in /version": "aabbccdd",
        "label org.opencontainers.image.revision of the image": "ffeeddccbb",
    }


def test_ports_are_knocked_at_and_nothing_is_sent() -> None:
    heard: list[bytes] = []

    def listening(connection: socket.socket) -> None:
        heard.append(connection.recv(100))

    with serving(listening) as port, socket.create_server(("127.0.0.1", 0)) as other:
        closed = other.getsockname()[1]
        other.close()
        (found,) = (answer for _, answer in PortGatherer("https://127.0.0.1").answers([OpenPorts((port, closed))]))
    assert isinstance(found, Ports)
    assert (found.open, found.closed, found.silent, found.near) == ((port,), (closed,), (), True)
    assert heard in ([], [b""])


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        (httpx.Response(404), Outcome.ERROR, "answers 404"),
        (httpx.Response(200, text="<html>"), Outcome.ERROR, "is no Prometheus"),
        (
            httpx.Response(200, json={"status": "success", "data": {"result": []}}),
            Outcome.UNKNOWN,
            "counted no request",
        ),
        (httpx.Response(302, headers={"Location": "http://10.0.0.1/"}), Outcome.ERROR, "answers 302"),
    ],
)
def test_a_server_that_is_no_prometheus_says_so(answer: httpx.Response, outcome: Outcome, reason: str) -> None:
    gatherer = PrometheusGatherer(
        "http://prometheus.example/base", timeout=5, transport=httpx.MockTransport(lambda _: answer)
    )
    ((_, found),) = gatherer.answers([ServiceLevels()])
    assert isinstance(found, Unavailable)
    assert found.outcome is outcome
    assert reason in found.reason


def test_the_queries_go_below_the_path_of_the_url_and_narrow_to_the_selector() -> None:
    seen: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        return httpx.Response(200, json={"data": {"result": [{"value": [0, "12.5"]}]}})

    gatherer = PrometheusGatherer(
        "http://prometheus.example/base", timeout=5, selector='job="loans"', transport=httpx.MockTransport(answer)
    )
    ((_, found),) = gatherer.answers([ServiceLevels()])
    assert isinstance(found, Levels)
    assert (found.answered, found.failed, found.uptime, found.quantile("0.95")) == (12, 12, 12.5, 12.5)
    assert {url.path for url in seen} == {"/base/api/v1/query"}
    assert all('job="loans"' in url.params["query"] for url in seen)
