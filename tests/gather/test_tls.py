"""Handshakes with real servers on loopback, good ones and bad ones."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
import ssl
import subprocess
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import certifi
import msgspec
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from support.loopback_servers import Handler, http, serving, silent

from readycheck.errors import TargetError
from readycheck.facts.question import Unavailable
from readycheck.facts.store import Answer, Audited, Facts
from readycheck.facts.tls import TlsFacts, TlsHandshake
from readycheck.gather.tls.authorities import is_public
from readycheck.gather.tls.certificates import describe
from readycheck.gather.tls.example import ExampleTls, example_tls
from readycheck.gather.tls.gatherer import TlsGatherer
from readycheck.gather.tls.wire import SocketWire
from readycheck.model import Outcome, Target
from readycheck.probes.tls import TlsCertificate

NOW = dt.datetime.now(dt.UTC)


def shaking(context: ssl.SSLContext) -> Handler:
    def handler(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(1)

    return handler


def context_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def handshake(handler: Handler, ca: trustme.CA | None = None, *, host: str = "localhost", scheme: str = "https") -> Any:
    pem = ca.cert_pem.bytes().decode() if ca else ""
    with serving(handler) as port:
        # Names go to loopback, whatever they are.
        gatherer = TlsGatherer(
            f"{scheme}://{host}:{port}",
            timeout=5,
            authorities=pem,
            connect=lambda _, number, timeout: SocketWire("127.0.0.1", number, timeout),
        )
        return next(iter(gatherer.answers([TlsHandshake()])))[1]


def facts_of(handler: Handler, ca: trustme.CA | None = None, **options: str) -> TlsFacts:
    found = handshake(handler, ca, **options)
    assert isinstance(found, TlsFacts), found
    return found


def findings(seen: TlsFacts) -> Sequence[str]:
    return judged_at(seen, NOW.isoformat())


def judged_at(seen: TlsFacts, now: str) -> Sequence[str]:
    facts = Facts({TlsHandshake(): Answer(seen)}, collected_at=now, audited=[Audited(Target.DEPLOYMENT, "a test")])
    judgement = TlsCertificate().judge(facts)
    return [finding.message for finding in judgement.findings] if judgement.outcome is Outcome.FAIL else []


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


def test_a_good_certificate_is_trusted_and_described(ca: trustme.CA) -> None:
    seen = facts_of(shaking(context_of(ca.issue_cert("localhost", "127.0.0.1"))), ca)
    assert seen.trust_error == ""
    assert seen.protocol == "TLSv1.3"
    assert seen.chain[0].names == ("localhost", "127.0.0.1")
    assert (seen.chain[0].key, seen.chain[0].key_bits, seen.chain[0].signature) == ("EC secp256r1", 256, "sha256")


def test_an_address_is_a_host_too(ca: trustme.CA) -> None:
    assert facts_of(shaking(context_of(ca.issue_cert("127.0.0.1"))), ca, host="127.0.0.1").trust_error == ""


def test_a_certificate_for_another_host_is_refused(ca: trustme.CA) -> None:
    seen = facts_of(shaking(context_of(ca.issue_cert("other.example"))), ca)
    assert seen.trust_error == "the certificate is not for this host name"


def test_a_certificate_with_a_bare_common_name_is_refused(ca: trustme.CA) -> None:
    seen = facts_of(shaking(context_of(ca.issue_cert("other.example", common_name="localhost"))), ca)
    assert seen.trust_error == "the certificate is not for this host name"


def test_an_unknown_authority_is_refused(ca: trustme.CA) -> None:
    seen = facts_of(shaking(context_of(ca.issue_cert("localhost"))))
    assert "the issuer is not trusted" in seen.trust_error


def test_an_expired_certificate_is_refused_and_its_date_is_a_finding_of_its_own(ca: trustme.CA) -> None:
    past = NOW - dt.timedelta(days=3)
    certificate = ca.issue_cert("localhost", not_before=past - dt.timedelta(days=90), not_after=past)
    seen = facts_of(shaking(context_of(certificate)), ca)
    assert seen.trust_error == "the certificate has expired"
    assert f"the certificate expired on {past:%Y-%m-%d}" in findings(seen)


def test_expired_and_for_another_host_are_two_findings(ca: trustme.CA) -> None:
    past = NOW - dt.timedelta(days=3)
    certificate = ca.issue_cert("other.example", not_before=past - dt.timedelta(days=90), not_after=past)
    found = findings(facts_of(shaking(context_of(certificate)), ca))
    assert any("expired on" in one for one in found)
    assert len(found) == 2


def test_a_missing_intermediate_is_told(ca: trustme.CA) -> None:
    middle = ca.create_child_ca()
    whole = middle.issue_cert("localhost")
    alone = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with whole.private_key_and_cert_chain_pem.tempfile() as complete:
        leaf_and_key = Path(complete).read_text("ascii").replace(middle.cert_pem.bytes().decode(), "")
    with trustme.Blob(leaf_and_key.encode()).tempfile() as path:
        alone.load_cert_chain(path)
    assert len(facts_of(shaking(context_of(whole)), ca).chain) == 2
    seen = facts_of(shaking(alone), ca)
    assert len(seen.chain) == 1
    assert "intermediate certificate is not sent" in seen.trust_error


def test_a_server_of_tls_1_1_is_seen_and_refused_by_a_current_client() -> None:
    answer = next(
        iter(
            example_tls(
                ExampleTls(protocol="TLSv1.1", oldest="TLSv1.1", ciphers="DEFAULT"),
                "https://service.example",
                "service.example",
            ).answers([TlsHandshake()])
        )
    )[1]
    assert answer.protocol == "TLSv1.1"
    assert "a current client cannot agree with it" in answer.trust_error


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_sha_1_signature_and_a_short_key_are_findings(tmp_path: Path, ca: trustme.CA) -> None:
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    ca.private_key_pem.write_to_path(tmp_path / "ca.key")
    for command in (
        "req -newkey rsa:1024 -nodes -keyout key.pem -out request.pem -subj /CN=localhost",
        "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 60 -sha1",
    ):
        subprocess.run(["openssl", *command.split()], cwd=tmp_path, check=True, capture_output=True)
    der = ssl.PEM_cert_to_DER_cert((tmp_path / "cert.pem").read_text("ascii"))
    seen = TlsFacts("localhost", 443, "TLSv1.2", "", (describe(der),), "")
    found = findings(seen)
    assert "the key of the certificate is RSA with 1024 bits" in found
    assert "the certificate is signed with sha1" in found
    assert any("no subject alternative name" in one for one in found)


def test_plain_http_on_the_port_is_a_fact() -> None:
    def handler(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(http(b"hello", status="400 Bad Request"))

    seen = facts_of(handler)
    assert (seen.protocol, seen.chain) == ("", ())
    assert "it does not speak TLS" in seen.trust_error
    assert findings(seen) == [seen.trust_error]


def test_a_plain_deployment_without_tls_is_a_fact_that_fails() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    gatherer = TlsGatherer(f"http://127.0.0.1:{port}", timeout=5)
    seen = next(iter(gatherer.answers([TlsHandshake()])))[1]
    assert isinstance(seen, TlsFacts)
    assert findings(seen) == [f"port {port} of 127.0.0.1: no TLS is offered there"]


def test_a_plain_deployment_on_the_usual_port_is_asked_on_that_of_tls() -> None:
    assert TlsGatherer("http://service.example", timeout=1).port == 443
    assert TlsGatherer("http://service.example:80", timeout=1).port == 443
    assert TlsGatherer("https://service.example", timeout=1).port == 443


def test_a_closed_port_of_https_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = next(iter(TlsGatherer(f"https://127.0.0.1:{port}", timeout=5).answers([TlsHandshake()])))[1]
    assert isinstance(found, Unavailable)
    assert "the connection is refused" in found.reason


def test_a_server_that_never_answers_is_given_up() -> None:
    with serving(silent) as port:
        found = next(iter(TlsGatherer(f"https://127.0.0.1:{port}", timeout=0.5).answers([TlsHandshake()])))[1]
    assert isinstance(found, Unavailable)
    assert "no TLS handshake in time" in found.reason


def test_a_handshake_that_trickles_is_given_up() -> None:
    def handler(connection: socket.socket) -> None:
        connection.recv(1)
        pause = threading.Event()
        # The head of a handshake record of 16 KiB, whose bytes come one by one.
        connection.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
        while True:
            connection.sendall(b"\0")
            pause.wait(0.05)

    with serving(handler) as port:
        found = next(iter(TlsGatherer(f"https://127.0.0.1:{port}", timeout=0.5).answers([TlsHandshake()])))[1]
    assert isinstance(found, Unavailable)


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x00\x05hello", b"\x15\x03\x03\x00\x02\x02\x28", b"\0" * 64, b"SSH-2.0-x\r\n"]
)
def test_noise_is_an_answer_without_a_crash(noise: bytes) -> None:
    def handler(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(noise)

    found = handshake(handler)
    assert isinstance(found, Unavailable) or found.protocol == ""


def test_a_server_without_a_certificate_has_an_empty_chain() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("aNULL:@SECLEVEL=0")
    assert isinstance(handshake(shaking(context)), Unavailable)


def test_stop_ends_a_handshake_that_is_under_way() -> None:
    reached = threading.Event()

    def handler(connection: socket.socket) -> None:
        reached.set()
        silent(connection)

    with serving(handler) as port:
        gatherer = TlsGatherer(f"https://127.0.0.1:{port}", timeout=600)
        thread = threading.Thread(target=lambda: list(gatherer.answers([TlsHandshake()])))
        thread.start()
        reached.wait(10)
        gatherer.stop()
        thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("url", ["https://", "https://[", "https://a:b", "https://" + "a" * 64 + ".example"])
def test_a_url_without_a_host_is_refused(url: str) -> None:
    with pytest.raises(TargetError):
        TlsGatherer(url, timeout=1)


@pytest.mark.parametrize("content", ["", "nothing of a certificate", "-----BEGIN CERTIFICATE-----\nxx\n"])
def test_a_bundle_without_certificates_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "ca.pem").write_text(content or "ä", "latin-1")
    with pytest.raises(TargetError, match="holds no certificates"):
        TlsGatherer("https://service.example", timeout=1, ca_file=str(tmp_path / "ca.pem"))


def test_a_bundle_is_trusted_besides_the_system(tmp_path: Path, ca: trustme.CA) -> None:
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    with serving(shaking(context_of(ca.issue_cert("127.0.0.1")))) as port:
        gatherer = TlsGatherer(f"https://127.0.0.1:{port}", timeout=5, ca_file=str(tmp_path / "ca.pem"))
        assert next(iter(gatherer.answers([TlsHandshake()])))[1].trust_error == ""


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        (rsa.generate_private_key(65537, 2048), ("RSA", 2048, "sha256")),
        (ec.generate_private_key(ec.SECP384R1()), ("EC secp384r1", 384, "sha256")),
        (ed25519.Ed25519PrivateKey.generate(), ("Ed25519", 256, "ed25519")),
        (ed448.Ed448PrivateKey.generate(), ("Ed448", 456, "ed448")),
        (dsa.generate_private_key(2048), ("DSA", 2048, "sha256")),
    ],
)
def test_keys_and_signatures_are_named(key: Any, wanted: tuple[str, int, str]) -> None:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + dt.timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, None if wanted[2].startswith("ed") else hashes.SHA256())
    )
    seen = describe(certificate.public_bytes(Encoding.DER))
    assert (seen.key, seen.key_bits, seen.signature) == wanted
    found = findings(TlsFacts("localhost", 443, "TLSv1.3", "", (seen,), ""))
    assert found == (["the key of the certificate is DSA with 2048 bits"] if wanted[0] == "DSA" else [])


def issued_by(issuer: x509.Name, starts: dt.datetime, days: int) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    ends = starts + dt.timedelta(days=days)
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), 1, starts, ends)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    return builder.add_extension(names, critical=False).sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("starts", "days", "found"),
    [
        ("2026-03-14", 398, []),
        ("2026-03-15", 200, []),
        ("2026-03-15", 260, ["the certificate lives 260 days, and public authorities may give 200 (SC-081v3)"]),
        ("2020-01-01", 3000, []),
    ],
)
def test_what_a_public_authority_may_not_give_is_found(starts: str, days: int, found: list[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at the serial numbers of some old roots
        roots = x509.load_pem_x509_certificates(Path(certifi.where()).read_bytes())
    root = next(one.subject for one in roots if "ISRG Root X1" in one.subject.rfc4514_string())
    der = issued_by(root, dt.datetime.fromisoformat(starts).replace(tzinfo=dt.UTC), days)
    assert is_public((der,))
    seen = TlsFacts("localhost", 443, "TLSv1.3", "", (describe(der),), "", public=True)
    now = seen.chain[0].not_before
    assert judged_at(seen, now) == found
    assert judged_at(msgspec.structs.replace(seen, public=False), now) == []


def test_a_company_is_no_public_authority(ca: trustme.CA) -> None:
    assert not is_public([x509.load_pem_x509_certificate(ca.cert_pem.bytes()).public_bytes(Encoding.DER)])
    assert not is_public([])
    assert not is_public([b"no certificate"])


def test_bytes_that_are_no_certificate_cannot_be_read() -> None:
    with pytest.raises(ValueError, match=r"."):
        describe(b"\x30\x03\x02\x01\x01")
