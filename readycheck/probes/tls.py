"""Judgements on a deployment's TLS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Literal

from readycheck.facts.deployment import Certificate, TlsFacts, TlsHandshake
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.probe import Judgement, Probe, failed, passed

#: Below this share of its lifetime a certificate is not being renewed, below that it soon should be. Days would flag
#: every short-lived certificate (Let's Encrypt issues some for six days and renews all with a third left).
_FAIL_BELOW, _NOTE_BELOW = 0.10, 1 / 3

#: Key sizes of Mozilla's guidelines 6.0 ("intermediate"), by the first word of the key's name; other kinds are refused.
_LEAST_BITS = {"RSA": 2048, "EC": 256, "Ed25519": 256, "Ed448": 256}

_BROKEN_DIGESTS = frozenset({"md5", "sha1", "md2", "md4"})

_VERSIONS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


class TlsCertificate(Probe, frozen=True):
    """The certificate is one that browsers accept, will be for a while, and is strong; so is its chain as sent."""

    name: ClassVar[str] = "tls.certificate"
    target: ClassVar[Target] = Target.DEPLOYMENT

    def questions(self) -> tuple[Question[Any], ...]:
        """The handshake."""
        return (TlsHandshake(),)

    def judge(self, facts: Facts) -> Judgement:
        """Judge trust, names, dates, keys and signatures each on its own: a client that refuses names only one."""
        seen = facts[TlsHandshake()]
        if not seen.protocol:
            return failed(seen.trust_error, [_at(seen, seen.trust_error)])
        now = datetime.fromisoformat(facts.collected_at)
        problems = [_at(seen, problem) for problem in dict.fromkeys(_problems(seen, now))]
        leaf = seen.chain[0] if seen.chain else None
        examined = f"{seen.host}:{seen.port} sent {len(seen.chain)} certificates"
        examined += f", its own for {', '.join(leaf.names[:5])} until {leaf.not_after[:10]}" if leaf else ""
        if problems:
            return failed(examined, problems)
        return passed(examined, Strength.OBSERVED, [_at(seen, note) for one in seen.chain for note in _notes(one, now)])


def _problems(seen: TlsFacts, now: datetime) -> Iterator[str]:
    if not seen.chain:
        yield "no certificate is sent"
        return
    if seen.trust_error:
        yield f"browsers refuse it: {seen.trust_error}"
    if not seen.chain[0].names:
        yield "the certificate has no subject alternative name, and browsers read no other"
    for place, one in enumerate(seen.chain):
        what = "the certificate" if place == 0 else f"the certificate of {one.subject}"
        yield from _date_problems(one, what, now)
        least = _LEAST_BITS.get(one.key.partition(" ")[0])
        if least is None or one.key_bits < least:
            yield f"the key of {what} is {one.key} with {one.key_bits} bits"
        # Nobody checks the signature of a root on itself.
        if one.signature in _BROKEN_DIGESTS and one.subject != one.issuer:
            yield f"{what} is signed with {one.signature}"


def _date_problems(one: Certificate, what: str, now: datetime) -> Iterator[str]:
    starts, ends = datetime.fromisoformat(one.not_before), datetime.fromisoformat(one.not_after)
    if now < starts:
        yield f"{what} is valid only from {starts:%Y-%m-%d}"
    elif now >= ends:
        yield f"{what} expired on {ends:%Y-%m-%d}"
    elif (left := _left(one, now)) < _FAIL_BELOW:
        yield f"{what} ends on {ends:%Y-%m-%d}: {left:.0%} of its lifetime is left, so nothing renews it"


def _left(one: Certificate, now: datetime) -> float:
    starts, ends = datetime.fromisoformat(one.not_before), datetime.fromisoformat(one.not_after)
    return (ends - now) / (ends - starts) if ends > starts else 0.0


def _notes(one: Certificate, now: datetime) -> Iterator[str]:
    if _left(one, now) < _NOTE_BELOW:
        yield f"due for renewal: less than a third of its lifetime is left, until {one.not_after[:10]}"


class TlsProtocol(Probe, frozen=True):
    """A client that takes anything is given at least this protocol (RFC 8996 forbids those before TLS 1.2)."""

    name: ClassVar[str] = "tls.protocol"
    target: ClassVar[Target] = Target.DEPLOYMENT

    at_least: Literal["TLSv1.2", "TLSv1.3"] = "TLSv1.2"

    def questions(self) -> tuple[Question[Any], ...]:
        """The handshake."""
        return (TlsHandshake(),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for an older protocol, and for none."""
        seen = facts[TlsHandshake()]
        if not seen.protocol:
            return failed(seen.trust_error, [_at(seen, seen.trust_error)])
        examined = f"{seen.host}:{seen.port} agreed on {seen.protocol} with {seen.cipher}"
        rank = _VERSIONS.index(seen.protocol) if seen.protocol in _VERSIONS else -1
        if rank < _VERSIONS.index(self.at_least):
            return failed(examined, [_at(seen, f"{seen.protocol} is agreed on, and {self.at_least} is needed")])
        return passed(examined, Strength.OBSERVED)


def _at(seen: TlsFacts, message: str) -> Finding:
    return Finding(message, Location(url=f"https://{seen.host}:{seen.port}"))
