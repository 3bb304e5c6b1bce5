"""How a TLS client behaves: one that takes whatever is offered, and one that is as strict as a browser."""

from __future__ import annotations

import ssl
from pathlib import Path


def permissive() -> ssl.SSLContext:
    """A client that connects to old, weak and wrongly certified servers too, so that there are facts to judge.

    Nothing secret is ever sent over such a connection.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    # Without an anonymous suite, which would show no certificate.
    context.set_ciphers("ALL:eNULL:!aNULL:@SECLEVEL=0")
    return context


def greedy() -> ssl.SSLContext:
    """The permissive client, which offers HTTP/2 besides."""
    context = permissive()
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def strict(authorities: str = "") -> ssl.SSLContext:
    """A client that refuses what a browser refuses; it trusts the system's authorities and those of this PEM text."""
    context = ssl.create_default_context()
    # Python accepts a bare common name; every browser wants a subject alternative name (RFC 9110 §4.3.4).
    context.hostname_checks_common_name = False
    if not _system_has_authorities():
        import certifi

        context.load_verify_locations(certifi.where())
    if authorities:
        context.load_verify_locations(cadata=authorities)
    return context


def _system_has_authorities() -> bool:
    paths = ssl.get_default_verify_paths()
    return any(path and Path(path).exists() for path in (paths.cafile, paths.capath))
