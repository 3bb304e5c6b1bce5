"""Answers how a deployment's host shakes hands: once to see whatever is offered, once as a browser that may refuse."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

from readycheck.errors import TargetError
from readycheck.facts.question import Question, Unavailable
from readycheck.facts.tls import TlsFacts, TlsHandshake, TlsOffer, TlsOffers
from readycheck.gather.tls.authorities import is_public
from readycheck.gather.tls.certificates import chain_of, describe
from readycheck.gather.tls.contexts import greedy, strict
from readycheck.gather.tls.offers import Offers
from readycheck.gather.tls.wire import Wire, opened, shake
from readycheck.model import Outcome, Target
from readycheck.redact import redact_url

_PLAIN_PORT, _TLS_PORT = 80, 443

#: The most seconds that a server may take to answer one hello.
LONGEST_ANSWER = 5.0

#: OpenSSL's verification codes (x509_vfy.h) in words for the person who must mend it.
_REFUSALS = {
    9: "the certificate is not valid yet",
    10: "the certificate has expired",
    18: "the certificate is self-signed",
    19: "the chain ends in a root that is not trusted",
    20: "the issuer is not trusted, or its intermediate certificate is not sent",
    21: "the issuer is not trusted, or its intermediate certificate is not sent",
    23: "the certificate has been revoked",
    24: "a certificate of the chain is no authority's",
    26: "the certificate is not made for a server",
    62: "the certificate is not for this host name",
    64: "the certificate is not for this address",
    66: "the certificate's key is too weak",
    67: "an authority's key is too weak",
    68: "a certificate is signed with a digest that is too weak",
    79: "a certificate of the chain is no authority's",
}

#: What OpenSSL says when the other side answers something that is no TLS record.
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"})


class Connect(Protocol):
    """Opens a connection to a host and port that gives up after some seconds."""

    def __call__(self, host: str, port: int, timeout: float, /) -> Wire:
        """The open connection.

        Raises:
            OSError: there is none.
        """


class TlsGatherer:
    """Shakes hands with the host of a URL.

    A URL of plain HTTP is asked on port 443, or on its own port if it has one: that nothing there speaks TLS is a fact.
    `timeout` is the most seconds of all handshakes together; `address` is asked instead of what the host's name resolves
    to. A proxy of the environment is asked for a tunnel, except to loopback. `ca_file` and `authorities` (PEM text) are
    trusted besides the system's authorities; `connect` replaces the network.

    Raises:
        TargetError: the URL has no host, or the file holds no certificates.
    """

    name = "tls"
    target: ClassVar[Target] = Target.DEPLOYMENT
    kinds: ClassVar[tuple[type[Question[Any]], ...]] = (TlsHandshake, TlsOffer)

    def __init__(  # noqa: PLR0913 - each may be given by a user or a test
        self,
        url: str,
        *,
        timeout: float,
        ca_file: str = "",
        authorities: str = "",
        address: str = "",
        connect: Connect = opened,
    ) -> None:
        self.plain, self.host, self.port = _address(url)
        self.timeout = timeout
        self.strict = _strict(ca_file, authorities)
        self.address = address or self.host
        self._connect = connect
        self._wires: set[Wire] = set()
        self._lock = threading.Lock()
        self._stopped = False
        self._offers = Offers(self.host, self.port, self._opened)
        self._deadline = 0.0

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """The handshake, and then what else the server would take; of one that does not answer nothing more is asked."""
        self._deadline = time.monotonic() + self.timeout
        first = self._handshake()
        offered: TlsOffers | Unavailable | None = None
        for question in questions:
            if isinstance(question, TlsOffer):
                offered = self._offered(first) if offered is None else offered
                yield question, offered
            else:
                yield question, first

    def stop(self) -> None:
        """Hang up."""
        self._stopped = True
        self._offers.stop()
        with self._lock:
            for wire in self._wires:
                wire.close()

    def _handshake(self) -> TlsFacts | Unavailable:
        try:
            return self._seen()
        except (OSError, ValueError) as error:
            return Unavailable(Outcome.ERROR, f"{self.host}:{self.port}: {_in_words(error)}")

    def _offered(self, first: TlsFacts | Unavailable) -> TlsOffers | Unavailable:
        """An empty list of versions where there is no TLS. A server that a client of OpenSSL cannot reach is asked, too."""
        if isinstance(first, TlsFacts) and not first.protocol:
            return TlsOffers(
                self.host, self.port, (), (), (first.trust_error,), (), (), whole=True, stapled=None, connections=0
            )
        try:
            found = self._offers.learn()
        except OSError as error:
            return Unavailable(Outcome.ERROR, f"{self.host}:{self.port}: {_in_words(error)}")
        if not found.versions and isinstance(first, Unavailable):
            return first
        return found

    def _opened(self) -> Wire:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return self._connect(self.address, self.port, min(left, LONGEST_ANSWER))

    def _seen(self) -> TlsFacts:
        with ThreadPoolExecutor(1, thread_name_prefix="tls") as pool:
            trust = pool.submit(self._trust_error)
            return self._described(trust)

    def _described(self, trust: Future[str]) -> TlsFacts:
        try:
            client = self._shaken(greedy())
        except ssl.SSLError as error:
            if error.reason in _NOT_TLS:
                return self._without("it does not speak TLS")
            raise
        except (ConnectionRefusedError, ConnectionResetError):
            if self.plain:
                return self._without("no TLS is offered there")
            raise
        cipher = client.cipher()
        sent = chain_of(client)
        return TlsFacts(
            self.host,
            self.port,
            client.version() or "",
            cipher[0] if cipher else "",
            tuple(describe(der) for der in sent),
            trust.result(),
            client.selected_alpn_protocol() or "",
            is_public(sent),
        )

    def _without(self, problem: str) -> TlsFacts:
        return TlsFacts(self.host, self.port, "", "", (), f"port {self.port} of {self.host}: {problem}")

    def _trust_error(self) -> str:
        try:
            self._shaken(self.strict)
        except ssl.SSLCertVerificationError as error:
            return _REFUSALS.get(error.verify_code, f"the certificate is refused: {error.verify_message}")
        except ssl.SSLError as error:
            return f"a current client cannot agree with it: {_in_words(error)}"
        return ""

    def _shaken(self, context: ssl.SSLContext) -> ssl.SSLObject:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        wire = self._connect(self.address, self.port, left)
        with self._lock:
            self._wires.add(wire)
        try:
            # Looked at after the wire can be seen from `stop`, so that one of the two notices the other.
            if self._stopped:
                raise ConnectionAbortedError("the audit was stopped")
            return shake(context, self.host, wire)
        finally:
            wire.close()
            with self._lock:
                self._wires.discard(wire)


def _address(url: str) -> tuple[bool, str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except (ValueError, UnicodeError) as error:
        raise TargetError(f"the deployment cannot be {redact_url(url)!r}: {error}") from error
    if not host:
        raise TargetError(f"the deployment cannot be {redact_url(url)!r}: it names no host")
    if port is None or (parts.scheme == "http" and port == _PLAIN_PORT):
        port = _TLS_PORT
    return parts.scheme == "http", host, port


def _strict(ca_file: str, authorities: str) -> ssl.SSLContext:
    try:
        given = Path(ca_file).read_text("ascii") if ca_file else ""
        return strict("\n".join(filter(None, (given, authorities))))
    except (OSError, ValueError, ssl.SSLError) as error:
        raise TargetError(f"{ca_file or 'the bundle'} holds no certificates that can be read: {error}") from error


def _in_words(error: BaseException) -> str:
    if isinstance(error, socket.gaierror):
        return "the host name is not known"
    if isinstance(error, TimeoutError):
        return "no TLS handshake in time"
    if isinstance(error, ConnectionRefusedError):
        return "the connection is refused"
    if isinstance(error, ssl.SSLError):
        return f"TLS fails: {(error.reason or str(error)).replace('_', ' ').lower()}"
    if isinstance(error, ConnectionResetError):
        return "the connection was closed during the handshake"
    return f"{error}"[:200]
