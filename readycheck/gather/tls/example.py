"""A tiny TLS server for the examples of checks: a real handshake with a real certificate, all in memory."""

from __future__ import annotations

import datetime as dt
import ssl
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from msgspec import Struct

from readycheck.gather.tls.gatherer import TlsGatherer


class ExampleTls(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the server of an example presents itself.

    The certificate ends in `not_after_days` and lives `lifetime_days` in all. Its names are the example's host unless
    `names` says otherwise; `key_bits` 0 is an EC key on P-256, anything else an RSA key. `trusted` is false when the
    client does not know the authority. `protocol` is the newest version that the server speaks, `oldest` the oldest;
    `ciphers` are suites before TLS 1.3 as OpenSSL names them; `must_staple` asks for a stapled status, which is never sent.
    `closed` refuses the connection.
    """

    not_after_days: int = 60
    lifetime_days: int = 90
    names: tuple[str, ...] = ()
    key_bits: int = 0
    trusted: bool = True
    protocol: str = "TLSv1.3"
    oldest: str = "TLSv1.2"
    ciphers: str = "ECDHE+AESGCM:ECDHE+CHACHA20"
    must_staple: bool = False
    closed: bool = False


def example_tls(given: ExampleTls, url: str, host: str) -> TlsGatherer:
    """The gatherer for such a server at that URL."""
    issued = _issued(given, given.names or (host,))
    context = _server(given, issued)

    def connect(_host: str, _port: int, _timeout: float) -> _MemoryWire:
        if given.closed:
            raise ConnectionRefusedError
        return _MemoryWire(context)

    return TlsGatherer(url, timeout=10, authorities=issued.authority if given.trusted else "", connect=connect)


class _MemoryWire:
    """A connection to a server in memory; what is sent is answered at once."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._server = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def send(self, data: bytes) -> None:
        self._incoming.write(data)

    def receive(self) -> bytes:
        try:
            self._server.do_handshake()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            return self._outgoing.read() or _refused(error)
        return self._outgoing.read()

    def close(self) -> None:
        """There is nothing to close."""


def _refused(error: ssl.SSLError) -> bytes:
    raise ConnectionResetError(str(error)) from error


class _Issued(NamedTuple):
    certificate: str
    key: str
    authority: str


@cache
def _issued(given: ExampleTls, names: tuple[str, ...]) -> _Issued:
    now = dt.datetime.now(dt.UTC)
    ends = now + dt.timedelta(days=given.not_after_days)
    starts = ends - dt.timedelta(days=given.lifetime_days)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Example authority")])
    authority = (
        _builder(authority_name, authority_name, min(starts, now), now + dt.timedelta(days=3650))
        .public_key(authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    key = _key(given.key_bits)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    leaf = (
        _builder(subject, authority_name, starts, ends)
        .public_key(key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    )
    if given.must_staple:
        leaf = leaf.add_extension(x509.TLSFeature([x509.TLSFeatureType.status_request]), critical=False)
    certificate = leaf.sign(authority_key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return _Issued(_pem(certificate), private, _pem(authority))


def _builder(subject: x509.Name, issuer: x509.Name, starts: dt.datetime, ends: dt.datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(ends)
    )


def _key(bits: int) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits) if bits else ec.generate_private_key(ec.SECP256R1())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _server(given: ExampleTls, issued: _Issued) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(f"{given.ciphers}:@SECLEVEL=0")
    newest = ssl.TLSVersion[given.protocol.replace(".", "_")]
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        # That the version is deprecated is what the example is about.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = min(ssl.TLSVersion[given.oldest.replace(".", "_")], newest)
        context.maximum_version = newest
        # The standard library reads a private key from a file only.
        path = Path(folder, "server.pem")
        path.write_text(issued.certificate + issued.key)
        context.load_cert_chain(path)
    return context
