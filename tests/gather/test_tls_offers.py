"""What servers take is learned by asking: real ones of OpenSSL, and ones whose every byte a test decides."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from support.bad_certificates import OAKLEY_2
from support.live_estate import free_ports
from support.loopback_servers import Handler, serving, silent

from readycheck.facts.question import Unavailable
from readycheck.facts.store import Answer, Audited, Facts
from readycheck.facts.tls import TlsHandshake, TlsOffer, TlsOffers
from readycheck.gather.tls.gatherer import TlsGatherer
from readycheck.gather.tls.hello import Asked, Reader, hello
from readycheck.gather.tls.offers import MOST_CONNECTIONS
from readycheck.gather.tls.suites import ANY, NAMES
from readycheck.gather.tls.wire import opened
from readycheck.model import Outcome, Target
from readycheck.probes.tls import TlsProtocol, TlsSuites

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")


def offers_at(port: int, *, timeout: float = 20) -> Any:
    return dict(TlsGatherer(f"https://127.0.0.1:{port}", timeout=timeout).answers([TlsHandshake(), TlsOffer()]))[
        TlsOffer()
    ]


def judged(probe: TlsProtocol | TlsSuites, offered: TlsOffers) -> Outcome:
    facts = Facts(
        {TlsOffer(): Answer(offered)}, collected_at="2026-01-01", audited=[Audited(Target.DEPLOYMENT, "a test")]
    )
    return probe.judge(facts).outcome


@contextmanager
def legacy(folder: Path, *options: str) -> Iterator[int]:
    """`openssl s_server` with these options; it serves one connection after the other."""
    issued = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert("127.0.0.1", key_type=trustme.KeyType.RSA)
    issued.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    (folder / "dh.pem").write_text(OAKLEY_2)
    (port,) = free_ports(1)
    command = [str(OPENSSL), "s_server", "-accept", f"127.0.0.1:{port}", "-cert", "server.pem", *options]
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        while line := process.stdout.readline():
            if b"ACCEPT" in line:
                break
        try:
            yield port
        finally:
            process.kill()


@needs_openssl
@pytest.mark.parametrize(
    ("options", "versions"),
    [
        (("-tls1",), ("TLSv1",)),
        (("-tls1_1",), ("TLSv1.1",)),
        (("-tls1_2",), ("TLSv1.2",)),
        (("-tls1_3",), ("TLSv1.3",)),
        (("-no_tls1_3",), ("TLSv1", "TLSv1.1", "TLSv1.2")),
    ],
)
def test_a_server_speaks_just_what_it_was_told_to(
    tmp_path: Path, options: Sequence[str], versions: Sequence[str]
) -> None:
    with legacy(tmp_path, "-cipher", "ALL:@SECLEVEL=0", *options) as port:
        found = offers_at(port)
    assert isinstance(found, TlsOffers)
    assert found.versions == versions
    assert not found.unclear
    old = any(one in ("TLSv1", "TLSv1.1") for one in versions)
    assert judged(TlsProtocol(), found) is (Outcome.FAIL if old else Outcome.PASS)


@needs_openssl
def test_the_size_of_a_key_exchange_is_measured(tmp_path: Path) -> None:
    with legacy(tmp_path, "-tls1_2", "-cipher", "DHE:@SECLEVEL=0", "-dhparam", "dh.pem") as port:
        found = offers_at(port)
    assert {suite.bits for suite in found.suites} == {1024}
    assert judged(TlsSuites(), found) is Outcome.FAIL


@needs_openssl
def test_suites_that_nobody_may_use_are_named(tmp_path: Path) -> None:
    with legacy(tmp_path, "-tls1_2", "-cipher", "eNULL:aNULL:@SECLEVEL=0") as port:
        found = offers_at(port)
    names = {suite.name for suite in found.suites}
    assert "TLS_RSA_WITH_NULL_SHA256" in names
    assert any("_anon_" in name for name in names)
    assert judged(TlsSuites(), found) is Outcome.FAIL


@needs_openssl
def test_an_honest_server_of_tls_1_3_is_modern(tmp_path: Path) -> None:
    with legacy(tmp_path, "-tls1_3") as port:
        found = offers_at(port)
    assert found.stapled is None
    assert "x25519" in found.groups
    assert judged(TlsProtocol("modern"), found) is Outcome.PASS
    assert judged(TlsSuites("modern"), found) is Outcome.PASS


def server_hello(version: int, suite: int, *, extensions: bytes = b"") -> bytes:
    body = version.to_bytes(2, "big") + b"\0" * 32 + b"\0" + suite.to_bytes(2, "big") + b"\0"
    body += len(extensions).to_bytes(2, "big") + extensions if extensions else b""
    message = b"\x02" + len(body).to_bytes(3, "big") + body
    return b"\x16" + version.to_bytes(2, "big") + len(message).to_bytes(2, "big") + message


def only_ssl3(connection: socket.socket) -> None:
    """A server of SSL 3.0 with RC4, as no library of today will be."""
    first = connection.recv(65536)
    if first[9:11] == b"\x03\x00" and b"\x00\x05" in first[43:]:
        connection.sendall(server_hello(0x0300, 0x0005) + b"\x16\x03\x00\x00\x04\x0e\x00\x00\x00")
    else:
        connection.sendall(b"\x15\x03\x00\x00\x02\x02\x28")


def test_ssl_3_is_seen_without_a_library_that_speaks_it() -> None:
    with serving(only_ssl3) as port:
        found = offers_at(port)
    assert found.versions == ("SSLv3",)
    assert {suite.name for suite in found.suites} == {"TLS_RSA_WITH_RC4_128_SHA"}
    assert judged(TlsProtocol(), found) is Outcome.FAIL
    assert judged(TlsSuites(), found) is Outcome.FAIL


def failing_at_old(connection: socket.socket) -> None:
    """OpenSSL 3 whose settings name TLS 1.0 and whose security level leaves it no digest: `internal_error`."""
    first = connection.recv(65536)
    if first[9:11] == b"\x03\x03" and b"\xc0\x2f" in first[43:]:
        connection.sendall(server_hello(0x0303, 0xC02F))
    else:
        connection.sendall(b"\x15\x03\x01\x00\x02\x02\x50")


def always_failing(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"\x15\x03\x01\x00\x02\x02\x50")


def test_a_version_at_which_a_sound_server_fails_is_refused() -> None:
    with serving(failing_at_old) as port:
        found = offers_at(port)
    assert found.versions == ("TLSv1.2",)
    assert {"SSLv3", "TLSv1", "TLSv1.1"} <= set(found.refused)
    assert judged(TlsProtocol(), found) is Outcome.PASS


def test_a_server_that_fails_at_everything_has_refused_nothing() -> None:
    with serving(always_failing) as port:
        found = offers_at(port)
    assert isinstance(found, Unavailable) or judged(TlsProtocol(), found) is Outcome.UNKNOWN


def hanging_up(connection: socket.socket) -> None:
    connection.recv(65536)


def test_a_server_that_hangs_up_on_every_hello_is_no_pass() -> None:
    with serving(hanging_up) as port:
        found = offers_at(port)
    assert isinstance(found, Unavailable)


def test_a_server_that_says_nothing_is_given_up_at_the_deadline() -> None:
    with serving(silent) as port:
        found = offers_at(port, timeout=0.5)
    assert isinstance(found, Unavailable)


def tls_for(names: Sequence[str]) -> Handler:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(*names).configure_cert(context)

    def handler(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(1)

    return handler


def test_the_number_of_connections_is_bounded() -> None:
    with serving(tls_for(["127.0.0.1"])) as port:
        found = offers_at(port)
    assert 0 < found.connections <= MOST_CONNECTIONS


def test_a_tunnel_is_asked_of_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def proxy(connection: socket.socket) -> None:
        asked.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        tls_for(["service.example"])(connection)

    with serving(proxy) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:pa%20ss@127.0.0.1:{port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        found = dict(TlsGatherer("https://service.example", timeout=10).answers([TlsHandshake()]))[TlsHandshake()]
    assert found.chain[0].names == ("service.example",)
    assert asked[0].startswith(b"CONNECT service.example:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic dXNlcjpwYSBzcw==" in asked[0]


def test_a_proxy_that_refuses_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def proxy(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")

    with serving(proxy) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        with pytest.raises(ConnectionRefusedError, match="403"):
            opened("service.example", 443, 5)


@given(st.binary(max_size=400))
def test_whatever_a_server_says_is_read_without_a_crash(data: bytes) -> None:
    reader = Reader()
    reader.feed(b"\x16\x03\x03" + len(data).to_bytes(2, "big") + data)
    reader.feed(data)
    assert reader.answer.bits >= 0


@given(st.binary(max_size=120))
def test_whatever_follows_the_hello_is_read_without_a_crash(data: bytes) -> None:
    reader = Reader()
    reader.feed(server_hello(0x0303, 0xC02F))
    message = b"\x0c" + len(data).to_bytes(3, "big") + data
    reader.feed(b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message)
    assert reader.answer.suite == 0xC02F


def test_bytes_may_come_one_by_one() -> None:
    reader = Reader()
    for byte in server_hello(0x0303, 0xC02F):
        reader.feed(bytes([byte]))
    assert reader.answer.suite == 0xC02F


@pytest.mark.parametrize("host", ["service.example", "127.0.0.1", "::1"])
@pytest.mark.parametrize("version", ["SSLv3", "TLSv1", "TLSv1.2", "TLSv1.3"])
def test_a_hello_names_the_host_and_never_an_address(host: str, version: str) -> None:
    sent = hello(host, Asked(version, ANY))
    assert int.from_bytes(sent[3:5], "big") == len(sent) - 5
    assert (host.encode() in sent) is (host == "service.example" and version != "SSLv3")


def test_every_suite_has_a_name_and_none_is_named_twice() -> None:
    assert len(set(NAMES.values())) == len(NAMES)
    assert all(name.startswith("TLS_") for name in NAMES.values())
