"""Writes the first message of a TLS client and reads the server's answer, without any cryptography (RFC 8446, RFC 5246)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from ipaddress import ip_address
from typing import NamedTuple

from readycheck.gather.tls.suites import GROUPS

#: Protocol versions by their name, as they go over the wire.
VERSIONS = {"SSLv3": 0x0300, "TLSv1": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304}

_ALERT, _HANDSHAKE = 21, 22
_SERVER_HELLO, _CERTIFICATE, _KEY_EXCHANGE, _DONE, _STATUS = 2, 11, 12, 14, 22
#: The `random` of a server that asks for another hello (RFC 8446 §4.1.3).
_RETRY = sha256(b"HelloRetryRequest").digest()
_SIGNATURES = (0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0807, 0x0203, 0x0201, 0x0202)
#: Extensions: `status_request`, `supported_versions`, `key_share`.
_EXT_STATUS, _EXT_VERSIONS, _EXT_SHARE = 5, 43, 51
_NAMED_CURVE = 3
_X25519 = 29


class Asked(NamedTuple):
    """What a hello asks for: one version, suites and groups in the client's order of preference.

    With `share` TLS 1.3 can be agreed on at once; without, the server names the group that it would rather have.
    """

    version: str
    suites: Sequence[int]
    groups: Sequence[int] = tuple(GROUPS)
    share: bool = True


class Answered(NamedTuple):
    """What a server said. Without a `suite` it refused, with this `alert` (-1 when it just hung up or said noise).

    `group` is the code of the key exchange, `bits` the size of a finite field; 0 where they are not seen. `stapled` says
    that a certificate status came, and `staple_promised` that the server said one would.
    """

    version: int = 0
    suite: int = -1
    group: int = 0
    bits: int = 0
    stapled: bool = False
    alert: int = -1


def hello(host: str, asked: Asked) -> bytes:
    """The record with the client's hello."""
    version = VERSIONS[asked.version]
    suites = b"".join(code.to_bytes(2, "big") for code in asked.suites)
    extensions = b"" if asked.version == "SSLv3" else _vector(2, b"".join(_extensions(host, asked, version)))
    body = b"".join(
        (
            min(version, 0x0303).to_bytes(2, "big"),
            os.urandom(32),
            _vector(1, os.urandom(32) if asked.version == "TLSv1.3" else b""),
            _vector(2, suites),
            b"\x01\x00",
            extensions,
        )
    )
    message = b"\x01" + _vector(3, body)
    return b"\x16" + min(version, 0x0301).to_bytes(2, "big") + _vector(2, message)


def _vector(width: int, data: bytes) -> bytes:
    return len(data).to_bytes(width, "big") + data


def _extension(kind: int, data: bytes) -> bytes:
    return kind.to_bytes(2, "big") + _vector(2, data)


def _codes(codes: Iterable[int]) -> bytes:
    return _vector(2, b"".join(code.to_bytes(2, "big") for code in codes))


def _extensions(host: str, asked: Asked, version: int) -> Iterator[bytes]:
    if not _is_address(host):
        name = host.encode("idna")
        yield _extension(0, _vector(2, b"\x00" + _vector(2, name)))
    yield _extension(_EXT_STATUS, b"\x01\x00\x00\x00\x00")
    yield _extension(10, _codes(asked.groups))
    yield _extension(11, b"\x01\x00")
    yield _extension(13, _codes(_SIGNATURES))
    yield _extension(16, _vector(2, b"\x02h2\x08http/1.1"))
    yield _extension(0xFF01, b"\x00")
    if asked.version == "TLSv1.3":
        yield _extension(_EXT_VERSIONS, _vector(1, version.to_bytes(2, "big")))
        yield _extension(45, b"\x01\x01")
        # The key is never used: the handshake ends with the server's hello.
        share = _X25519.to_bytes(2, "big") + _vector(2, os.urandom(32))
        yield _extension(_EXT_SHARE, _vector(2, share if asked.share and _X25519 in asked.groups else b""))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class Reader:
    """Takes the server's bytes as they come and knows when it has seen enough."""

    def __init__(self) -> None:
        self.answer = Answered()
        self.ended = False
        self._records = b""
        self._messages = b""

    def feed(self, data: bytes) -> None:
        """More bytes. Anything that is no TLS ends it with what was understood so far."""
        self._records += data
        while not self.ended and len(self._records) >= 5:  # noqa: PLR2004 - a record's head
            kind, length = self._records[0], int.from_bytes(self._records[3:5], "big")
            if kind not in (_ALERT, _HANDSHAKE) or self._records[1] != 3:  # noqa: PLR2004 - the major version of SSL 3 and TLS
                # From here on a server of TLS 1.3 speaks in cipher; noise speaks so from the start.
                self.ended = True
                return
            if len(self._records) < 5 + length:
                return
            record, self._records = self._records[5 : 5 + length], self._records[5 + length :]
            self._took(kind, record)

    def _took(self, kind: int, record: bytes) -> None:
        if kind == _ALERT:
            fatal = len(record) > 1 and not (record[0] == 1 and record[1] != 0)
            if fatal or len(record) < 2:  # noqa: PLR2004 - level and description
                self.answer = self.answer._replace(alert=record[1] if len(record) > 1 else -1)
                self.ended = True
            return
        self._messages += record
        while not self.ended and len(self._messages) >= 4:  # noqa: PLR2004 - a message's head
            length = int.from_bytes(self._messages[1:4], "big")
            if len(self._messages) < 4 + length:
                return
            message, body = self._messages[0], self._messages[4 : 4 + length]
            self._messages = self._messages[4 + length :]
            try:
                self._read(message, body)
            except (IndexError, ValueError):
                self.ended = True

    def _read(self, message: int, body: bytes) -> None:
        if message == _SERVER_HELLO:
            self.answer = _server_hello(body)
            # Before TLS 1.3 certificate and key exchange follow in the clear.
            self.ended = self.answer.version >= VERSIONS["TLSv1.3"]
        elif message == _STATUS:
            self.answer = self.answer._replace(stapled=True)
        elif message == _KEY_EXCHANGE:
            group, bits = _key_exchange(body)
            self.answer = self.answer._replace(group=group, bits=bits)
        elif message == _DONE:
            self.ended = True


def _server_hello(body: bytes) -> Answered:
    version = int.from_bytes(body[:2], "big")
    after = 35 + body[34]
    suite = int.from_bytes(body[after : after + 2], "big")
    group = 0
    for kind, data in _server_extensions(body[after + 3 :]):
        if kind == _EXT_VERSIONS and len(data) == 2:  # noqa: PLR2004 - one version
            version = int.from_bytes(data, "big")
        elif kind == _EXT_SHARE and len(data) >= 2:  # noqa: PLR2004 - a group's code
            group = int.from_bytes(data[:2], "big")
    if len(body) < after + 3:
        raise ValueError("cut short")
    return Answered(version, suite, group)


def _server_extensions(block: bytes) -> Iterator[tuple[int, bytes]]:
    rest = block[2:]
    while len(rest) >= 4:  # noqa: PLR2004 - an extension's head
        length = int.from_bytes(rest[2:4], "big")
        yield int.from_bytes(rest[:2], "big"), rest[4 : 4 + length]
        rest = rest[4 + length :]


def _key_exchange(body: bytes) -> tuple[int, int]:
    """The curve's code, or 0 and the bits of a finite field's prime."""
    if body[0] == _NAMED_CURVE:
        return int.from_bytes(body[1:3], "big"), 0
    length = int.from_bytes(body[:2], "big")
    if not length or len(body) < 2 + length:
        raise ValueError("no prime")
    return 0, int.from_bytes(body[2 : 2 + length], "big").bit_length()
