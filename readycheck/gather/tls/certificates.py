"""Describes certificates as they were sent."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, SignatureAlgorithmOID

from readycheck.facts.tls import Certificate

#: Certificates of a chain that are read; real chains have two to five.
MOST_CERTIFICATES = 20

#: Names of one certificate that are kept.
MOST_NAMES = 500

# Signatures that have no hash of their own which one could choose badly (RFC 8410).
_WITHOUT_HASH = {SignatureAlgorithmOID.ED25519: "ed25519", SignatureAlgorithmOID.ED448: "ed448"}


def chain_of(client: ssl.SSLObject) -> tuple[bytes, ...]:
    """The chain as the server sent it, the leaf first, each certificate as DER; empty with an anonymous suite."""
    # Public since Python 3.13 as `get_unverified_chain`; the object beneath has had it since 3.10.
    inner: Any = getattr(client, "_sslobj", None)
    sent: Iterable[Any] = (inner.get_unverified_chain() if inner is not None else None) or ()
    return tuple(ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in list(sent)[:MOST_CERTIFICATES])


def describe(der: bytes) -> Certificate:
    """The certificate in words.

    Raises:
        ValueError: it cannot be read.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        key, bits = _key(certificate)
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from error
    return Certificate(
        subject=certificate.subject.rfc4514_string()[:500],
        issuer=certificate.issuer.rfc4514_string()[:500],
        names=_names(certificate),
        not_before=certificate.not_valid_before_utc.isoformat(),
        not_after=certificate.not_valid_after_utc.isoformat(),
        key=key,
        key_bits=bits,
        signature=_signature(certificate),
        fingerprint=sha256(der).hexdigest(),
        must_staple=_must_staple(certificate),
        ocsp=_names_responder(certificate),
        authority=_is_authority(certificate),
    )


def _key(certificate: x509.Certificate) -> tuple[str, int]:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}", key.key_size
    if isinstance(key, dsa.DSAPublicKey):
        return "DSA", key.key_size
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "Ed25519", 256
    if isinstance(key, ed448.Ed448PublicKey):
        return "Ed448", 456
    return type(key).__name__, 0


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    names = [*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))]
    return tuple(names[:MOST_NAMES])


def _signature(certificate: x509.Certificate) -> str:
    oid = certificate.signature_algorithm_oid
    if oid in _WITHOUT_HASH:
        return _WITHOUT_HASH[oid]
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        algorithm = None
    return algorithm.name if algorithm is not None else oid.dotted_string


def _must_staple(certificate: x509.Certificate) -> bool:
    try:
        features = certificate.extensions.get_extension_for_class(x509.TLSFeature).value
    except x509.ExtensionNotFound:
        return False
    return x509.TLSFeatureType.status_request in features


def _names_responder(certificate: x509.Certificate) -> bool:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return False
    return any(one.access_method == AuthorityInformationAccessOID.OCSP for one in access)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
