"""Learns what a server agrees to by asking for one thing at a time, many connections side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from readycheck.facts.tls import Suite, TlsOffers
from readycheck.gather.tls.hello import VERSIONS, Answered, Asked, Reader, hello
from readycheck.gather.tls.suites import ANY, GROUPS, KINDS, MODERN, NAMES
from readycheck.gather.tls.wire import MOST_HANDSHAKE, Wire

#: Connections that are under way at once, and the most of one audit.
AT_ONCE, MOST_CONNECTIONS = 26, 90

#: Suites of one kind that are named; each costs a round trip more, and one is enough to judge by.
MOST_OF_A_KIND = 4

#: Groups that are worth a question: those of Mozilla's guidelines, and those that are weak.
_GROUPS = (0x11EC, 29, 23, 24, 25, 30, 256, 21, 19)

#: `protocol_version` and `handshake_failure`, `insufficient_security`, `inappropriate_fallback`, `unsupported_extension`.
_REFUSALS = frozenset({70, 40, 71, 86, 110, 47})

#: `internal_error`: OpenSSL 3 sends it where its settings name TLS 1.0 and its security level has no digest left for it.
_INTERNAL = 80


class Offers:
    """One server, asked."""

    def __init__(self, host: str, port: int, connect: Callable[[], Wire]) -> None:
        self.host = host
        self.port = port
        self._connect = connect
        self._lock = threading.Lock()
        self._wires: set[Wire] = set()
        self._stopped = False
        self._connections = 0
        self._failure: OSError | None = None

    def stop(self) -> None:
        """Hang up everywhere."""
        with self._lock:
            self._stopped = True
            for wire in self._wires:
                wire.close()

    def learn(self) -> TlsOffers:
        """What the server takes.

        Raises:
            OSError: it never answered.
        """
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="tls") as pool:
            versions = {
                name: pool.submit(self._ask, Asked(name, MODERN if name == "TLSv1.3" else ANY)) for name in VERSIONS
            }
            # Kinds of suites are asked for in TLS 1.2, where all of them can be; older servers are asked below.
            kinds = [pool.submit(self._chain, "TLSv1.2", kind) for kind in KINDS]
            modern = [pool.submit(self._ask, Asked("TLSv1.3", (code,))) for code in MODERN]
            groups = [pool.submit(self._ask, Asked("TLSv1.3", MODERN, (code,), share=False)) for code in _GROUPS]
            spoken = {name: self._of(future) for name, future in versions.items()}
            newest = next(
                (name for name in ("TLSv1.2", "TLSv1.1", "TLSv1", "SSLv3") if _agreed(spoken[name], name)), ""
            )
            if newest not in ("", "TLSv1.2"):
                kinds = [pool.submit(self._chain, newest, kind) for kind in KINDS]
            return self._summed(spoken, newest, kinds, modern, groups)

    def _summed(
        self,
        spoken: dict[str, Answered | None],
        newest: str,
        kinds: Sequence[Future[tuple[list[Answered], bool]]],
        modern: Sequence[Future[Answered]],
        groups: Sequence[Future[Answered]],
    ) -> TlsOffers:
        chains = [future.result() for future in kinds] if newest else []
        older = [answer for answers, _ in chains for answer in answers]
        suites = [_suite(answer, "TLSv1.3") for answer in self._all(modern, "TLSv1.3")]
        suites += [_suite(answer, newest) for answer in older]
        taken = [answer.group for answer in self._all(groups, "TLSv1.3") if answer.group in GROUPS]
        answers = [answer for answer in spoken.values() if answer is not None]
        if not answers and self._failure is not None:
            raise self._failure
        # Of a server that agrees to another version it is known that it can read these hellos.
        sound = any(_agreed(answer, name) for name, answer in spoken.items())
        return TlsOffers(
            self.host,
            self.port,
            versions=tuple(name for name, answer in spoken.items() if _agreed(answer, name)),
            refused=tuple(name for name, answer in spoken.items() if _refused(answer, name, sound=sound)),
            unclear=tuple(
                f"{name}: {_unclear(answer)}"
                for name, answer in spoken.items()
                if not _agreed(answer, name) and not _refused(answer, name, sound=sound)
            ),
            suites=tuple(dict.fromkeys(suites)),
            groups=tuple(dict.fromkeys(GROUPS[code] for code in taken)),
            whole=all(whole for _, whole in chains),
            stapled=any(answer.stapled for answer in [*older, *answers]) if newest else None,
            connections=self._connections,
        )

    def _all(self, futures: Iterable[Future[Answered]], version: str) -> list[Answered]:
        answers = (self._of(future) for future in futures)
        return [answer for answer in answers if answer is not None and _agreed(answer, version)]

    @staticmethod
    def _of(future: Future[Answered]) -> Answered | None:
        try:
            return future.result()
        except OSError:
            return None

    def _chain(self, version: str, kind: Sequence[int]) -> tuple[list[Answered], bool]:
        """Suites of this kind that the server takes, one after the other, and whether all of them were found."""
        left, found = list(kind), list[Answered]()
        with suppress(OSError):
            while left and len(found) < MOST_OF_A_KIND:
                answer = self._ask(Asked(version, left))
                if not _agreed(answer, version) or answer.suite not in left:
                    return found, True
                left.remove(answer.suite)
                found.append(answer)
        return found, not left

    def _ask(self, asked: Asked) -> Answered:
        with self._lock:
            if self._stopped or self._connections >= MOST_CONNECTIONS:
                raise OSError("no more connections are made")
            self._connections += 1
        try:
            wire = self._connect()
        except OSError as error:
            self._failure = error
            raise
        with self._lock:
            self._wires.add(wire)
            stopped = self._stopped
        try:
            if stopped:
                raise ConnectionAbortedError("the audit was stopped")
            return _answer(wire, hello(self.host, asked))
        except OSError as error:
            self._failure = error
            raise
        finally:
            wire.close()
            with self._lock:
                self._wires.discard(wire)


def _answer(wire: Wire, first: bytes) -> Answered:
    reader, received = Reader(), 0
    try:
        wire.send(first)
        while not reader.ended and received < MOST_HANDSHAKE:
            data = wire.receive()
            if not data:
                break
            received += len(data)
            reader.feed(data)
    except ConnectionError:
        # Servers that speak only newer versions often reset the connection; TimeoutError is another matter.
        pass
    return reader.answer


def _agreed(answer: Answered | None, version: str) -> bool:
    return answer is not None and answer.suite >= 0 and answer.version == VERSIONS[version]


def _refused(answer: Answered | None, version: str, *, sound: bool) -> bool:
    """An alert, a reset, or another version than the one that was asked for.

    A failure of its own refuses the version when the server is `sound` in another one.
    """
    if answer is None or _agreed(answer, version):
        return False
    return (
        (sound and answer.alert == _INTERNAL)
        or answer.alert in _REFUSALS
        or answer.suite >= 0
        or (answer.alert < 0 and version != "TLSv1.3")
    )


def _unclear(answer: Answered | None) -> str:
    if answer is None:
        return "no answer in time"
    return f"alert {answer.alert}" if answer.alert >= 0 else "the server hung up"


def _suite(answer: Answered, version: str) -> Suite:
    name = NAMES.get(answer.suite, f"0x{answer.suite:04X}")
    return Suite(name, version, GROUPS.get(answer.group, ""), answer.bits)
