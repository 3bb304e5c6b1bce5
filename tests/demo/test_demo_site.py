from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from urllib.parse import urlsplit

import httpx
import pytest

from readycheck.demo.estate import Estate
from readycheck.demo.serving import Server
from readycheck.demo.site import HELMET, Site


@pytest.fixture(scope="module")
def client(estate: Estate) -> Iterator[httpx.Client]:
    trust = ssl.create_default_context(cafile=estate.targets.ca_file)
    with httpx.Client(base_url=estate.url, verify=trust, trust_env=False) as client:
        yield client


def exchange(estate: Estate, sent: bytes, *, plain: bool = False) -> bytes:
    port = urlsplit(estate.plain_url if plain else estate.url).port
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent)
        received = b""
        while piece := connection.recv(4096):
            received += piece
    return received


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/", 200, "text/html"),
        ("/privacy", 200, "text/html"),
        ("/static/app.js", 200, "application/javascript"),
        ("/static/style.css", 200, "text/css"),
        ("/api/v1/health", 200, "application/json"),
        ("/api/docs/", 200, "text/html"),
        ("/api/openapi.json", 200, "application/json"),
        ("/metrics", 200, "text/plain"),
        ("/api/v1/loans", 401, "application/json"),
        ("/api/v1/users/me", 401, "application/json"),
        ("/api/v1/analytics/dashboard", 404, "application/json"),
        ("/static/../package.json", 404, "application/json"),
        ("/static/none.js", 404, "application/json"),
        ("/.env", 404, "application/json"),
        ("/.git/config", 404, "application/json"),
        ("/no/such/page", 404, "application/json"),
    ],
)
def test_paths_answer(client: httpx.Client, path: str, status: int, kind: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (status, kind)


def test_the_health_check_is_up_and_not_cached(client: httpx.Client) -> None:
    response = client.get("/api/v1/health")
    assert response.json() == {"status": "ok", "database": "up"}
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/api/v1/health", "/no/such/page", "/metrics"])
def test_what_helmet_sees_carries_its_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers.get(name) for name in HELMET} == HELMET
    assert "x-powered-by" not in headers


def test_static_files_carry_none_of_them(client: httpx.Client) -> None:
    headers = client.get("/static/app.js").headers
    assert not any(name in headers for name in HELMET)
    assert headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("origin", ["https://stranger.example", "null"])
def test_any_origin_is_reflected_with_credentials(client: httpx.Client, origin: str) -> None:
    for response in (
        client.get("/api/v1/loans", headers={"Origin": origin}),
        client.options("/", headers={"Origin": origin}),
    ):
        assert response.headers["access-control-allow-origin"] == origin
        assert response.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/api/openapi.json"])
def test_what_is_known_is_not_sent_again(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_a_date_revalidates_too(client: httpx.Client) -> None:
    changed = client.get("/").headers["last-modified"]
    assert client.get("/", headers={"If-Modified-Since": changed}).status_code == 304
    for stale in ("Thu, 01 Jan 1970 00:00:00 GMT", "yesterday"):
        assert client.get("/", headers={"If-Modified-Since": stale}).status_code == 200
    assert client.get("/metrics", headers={"If-Modified-Since": changed}).status_code == 200


def test_nothing_is_compressed(client: httpx.Client) -> None:
    for path in ("/", "/static/app.js"):
        response = client.get(path)
        assert "content-encoding" not in response.headers
        assert len(response.content) > 1024


def test_pages_set_a_session_cookie_without_its_guards(client: httpx.Client) -> None:
    cookie = client.get("/").headers["set-cookie"]
    assert cookie.startswith("connect.sid=s%3A")
    assert cookie.endswith("; HttpOnly")
    assert not any(flag in cookie for flag in ("; Secure", "SameSite"))


def test_no_answer_speaks_of_a_rate_limit(client: httpx.Client) -> None:
    responses = [client.get("/api/v1/loans") for _ in range(30)]
    assert not any("ratelimit" in name for response in responses for name in response.headers)


@pytest.mark.parametrize("token", ["", "Bearer rubbish", "Bearer eyJhbGciOiJub25lIn0.e30."])
def test_no_token_that_a_stranger_has_opens_the_api(client: httpx.Client, token: str) -> None:
    response = client.get("/api/v1/loans", headers={"Authorization": token})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_missing_page_shows_its_stack(client: httpx.Client) -> None:
    assert "at notFound (/app/src/middleware/errors.js" in client.get("/no/such/page").json()["stack"]


def test_a_head_is_a_get_without_its_body(client: httpx.Client) -> None:
    head = client.head("/")
    assert head.content == b""
    assert head.headers["content-length"] == client.get("/").headers["content-length"]


def test_a_body_is_read_before_the_next_request(client: httpx.Client) -> None:
    assert client.post("/api/v1/auth/login", json={"mobile": 1}).status_code == 422
    assert client.get("/api/v1/health").status_code == 200


def test_tracing_is_not_answered(client: httpx.Client) -> None:
    assert client.request("TRACE", "/").status_code == 404


def test_the_metrics_count_what_they_time(client: httpx.Client) -> None:
    lines = client.get("/metrics").text.splitlines()
    ends = [line.rpartition(" ")[2] for line in lines if 'le="+Inf"' in line]
    counts = [line.rpartition(" ")[2] for line in lines if "_count{" in line]
    assert ends == counts
    assert sum(map(int, counts)) == 17941


@pytest.mark.parametrize("plain", [True, False])
def test_plain_http_is_sent_to_https(*, estate: Estate, plain: bool) -> None:
    received = exchange(
        estate, b"GET /loans?a=1 HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n", plain=plain
    )
    assert received.startswith(b"HTTP/1.1 301 ")
    port = urlsplit(estate.url).port
    assert b"Location: https://localhost:%d/loans?a=1\r\n" % (port or 0) in received


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_modern_tls_is_spoken(estate: Estate, version: ssl.TLSVersion) -> None:
    context = ssl.create_default_context(cafile=estate.targets.ca_file)
    context.minimum_version = context.maximum_version = version
    assert httpx.get(estate.url, verify=context, trust_env=False).status_code == 200


def test_who_comes_while_it_closes_is_hung_up_on(service: dict[str, str], now: datetime) -> None:
    server = Server(Site({path: text.encode() for path, text in service.items()}, now))
    with closing(server):
        server._listener.hang_up()
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as late:
            assert late.recv(1) == b""


def test_rubbish_ends_a_connection_and_nothing_else(
    estate: Estate, client: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    assert exchange(estate, b"\x16\x03\x01\x00\x04no!\n") != b""
    assert b" 400 " in exchange(estate, b"rubbish\r\n\r\n")
    assert b" 301 " in exchange(estate, b"POST / HTTP/1.1\r\nContent-Length: -7\r\nConnection: close\r\n\r\n")
    assert client.get("/api/v1/health").status_code == 200
    assert capfd.readouterr() == ("", "")
