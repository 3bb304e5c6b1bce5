"""Knows the authorities that browsers bring along, by their names."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from cryptography import x509

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")


def is_public(chain: Sequence[bytes]) -> bool:
    """Does the chain, each certificate as DER, end in one that an authority of Mozilla's list has issued, or is?

    The name alone is compared: whether the signature is right, a strict client says.
    """
    if not chain:
        return False
    try:
        issuer = x509.load_der_x509_certificate(chain[-1]).issuer.public_bytes()
    except ValueError:
        return False
    # The name stands in the root's certificate as it stands in what it issued, so that none of them need be parsed.
    return any(issuer in root for root in _roots())


@cache
def _roots() -> tuple[bytes, ...]:
    import certifi

    found = _PEM.findall(Path(certifi.where()).read_text("ascii"))
    try:
        return tuple(base64.b64decode(text) for text in found)
    except binascii.Error:
        return ()
