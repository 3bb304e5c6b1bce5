"""Certificates of every broken kind, made on the spot."""

from __future__ import annotations

import datetime as dt
import ipaddress
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa


def make_certificates(root: Path, ca: trustme.CA, other: trustme.CA) -> None:
    """A good certificate, and bad ones of every kind, each as NAME.pem and NAME.key."""
    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    issuer = x509.load_pem_x509_certificate(ca.cert_pem.bytes())
    ca_key: Any = serialization.load_pem_private_key(ca.private_key_pem.bytes(), None)

    def write(name: str, chain: bytes, key: Any) -> None:
        (root / f"{name}.pem").write_bytes(chain)
        (root / f"{name}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    def leaf(  # noqa: PLR0913 - each is one way in which a certificate may be bad
        name: str,
        *,
        starts: dt.datetime = now - 10 * day,
        ends: dt.datetime = now + 80 * day,
        names: Sequence[str] = ("127.0.0.1",),
        key: Any = None,
        digest: Any = None,
        self_signed: bool = False,
        staple: bool = False,
        only_for: x509.ObjectIdentifier | None = None,
        by: tuple[x509.Certificate, Any] = (issuer, ca_key),
    ) -> None:
        key = key or ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
        builder = x509.CertificateBuilder(
            subject if self_signed else by[0].subject,
            subject,
            key.public_key(),
            x509.random_serial_number(),
            starts,
            ends,
        )
        if names:
            listed = [
                x509.IPAddress(ipaddress.ip_address(one)) if one[0].isdigit() else x509.DNSName(one) for one in names
            ]
            builder = builder.add_extension(x509.SubjectAlternativeName(listed), critical=False)
        if staple:
            builder = builder.add_extension(x509.TLSFeature([x509.TLSFeatureType.status_request]), critical=False)
        if only_for:
            builder = builder.add_extension(x509.ExtendedKeyUsage([only_for]), critical=False)
        made = builder.sign(key if self_signed else by[1], digest or hashes.SHA256())
        sent = [made] if by[0] is issuer else [made, by[0]]
        write(name, b"".join(one.public_bytes(serialization.Encoding.PEM) for one in sent), key)

    def middle(starts: dt.datetime, ends: dt.datetime, key: Any = None) -> tuple[x509.Certificate, Any]:
        """An authority between the root and what it issues."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An authority in the middle")])
        builder = x509.CertificateBuilder(
            issuer.subject, subject, key.public_key(), x509.random_serial_number(), starts, ends
        ).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        return builder.sign(ca_key, hashes.SHA256()), key

    leaf("good")
    leaf("expired", starts=now - 90 * day, ends=now - day)
    leaf("early", starts=now + day, ends=now + 90 * day)
    leaf("ending", starts=now - 88 * day, ends=now + 2 * day)
    leaf("elsewhere", names=("other.example",))
    leaf("unnamed", names=())
    leaf("selfmade", self_signed=True)
    leaf("short", key=rsa.generate_private_key(65537, 1024))
    leaf("stapling", staple=True)
    leaf("brief", starts=now - 2 * day, ends=now + 4 * day)
    leaf("client", only_for=x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH)
    leaf("middle-ended", by=middle(now - 90 * day, now - day))
    leaf("middle-ending", by=middle(now - 95 * day, now + 5 * day))
    leaf("middle-short", by=middle(now - 90 * day, now + 90 * day, rsa.generate_private_key(65537, 1024)))
    leaf("rsa", key=rsa.generate_private_key(65537, 2048))
    _by_openssl(root, ca)
    stranger = other.issue_cert("127.0.0.1")
    (root / "stranger.pem").write_bytes(b"".join(blob.bytes() for blob in stranger.cert_chain_pems))
    (root / "stranger.key").write_bytes(stranger.private_key_pem.bytes())
    alone = ca.create_child_ca().issue_cert("127.0.0.1")
    (root / "alone.pem").write_bytes(alone.cert_chain_pems[0].bytes())
    (root / "alone.key").write_bytes(alone.private_key_pem.bytes())


def _by_openssl(root: Path, ca: trustme.CA) -> None:
    """A certificate signed with SHA-1, which `cryptography` refuses to make, and a short Diffie-Hellman group."""
    ca.cert_pem.write_to_path(root / "ca.pem")
    ca.private_key_pem.write_to_path(root / "ca.key")
    (root / "san.cnf").write_text("subjectAltName=IP:127.0.0.1\n")
    for command in (
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout sha1.key -out sha1.csr -subj /CN=127.0.0.1",
        "x509 -req -in sha1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out sha1.pem -days 60 -sha1 -extfile san.cnf",
    ):
        subprocess.run(["openssl", *command.split()], cwd=root, check=True, capture_output=True)
    # RFC 2409 §6.2, the second Oakley group of 1024 bits: making one of our own takes seconds.
    (root / "dh1024.pem").write_text(OAKLEY_2)


OAKLEY_2 = """-----BEGIN DH PARAMETERS-----
MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR
Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL
/1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC
-----END DH PARAMETERS-----
"""
