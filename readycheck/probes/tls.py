"""Judgements on a deployment's TLS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Literal

from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.facts.tls import Certificate, TlsFacts, TlsHandshake, TlsOffer, TlsOffers
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

#: Below this share of its lifetime a certificate is not being renewed, below that it soon should be. Days would flag
#: every short-lived certificate (Let's Encrypt issues some for six days and renews all with a third left).
_FAIL_BELOW, _NOTE_BELOW = 0.10, 1 / 3

#: Key sizes of Mozilla's guidelines 6.0 ("intermediate"), by the first word of the key's name; other kinds are refused.
_LEAST_BITS = {"RSA": 2048, "EC": 256, "Ed25519": 256, "Ed448": 256}

_BROKEN_DIGESTS = frozenset({"md5", "sha1", "md2", "md4"})

#: The version of Mozilla's guidelines that is judged by.
GUIDELINES = "6.0"

Profile = Literal["intermediate", "modern"]

_ALLOWED_VERSIONS: dict[str, tuple[str, ...]] = {"intermediate": ("TLSv1.2", "TLSv1.3"), "modern": ("TLSv1.3",)}

#: What the guidelines' intermediate profile allows, by IANA's names.
MOZILLA_SUITES = frozenset(
    {
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    }
)

#: Parts of a suite's name that nobody may use any more, and why.
_FLAWS = (
    ("_NULL_", "nothing is encrypted"),
    ("_anon_", "nobody knows who answers"),
    ("EXPORT", "its key has 40 bits (FREAK, Logjam)"),
    ("RC4", "RC4 is broken (RFC 7465)"),
    ("RC2", "RC2 is broken"),
    ("3DES", "blocks of 64 bits repeat (SWEET32)"),
    ("DES", "DES is broken"),
    ("IDEA", "blocks of 64 bits repeat (SWEET32)"),
)

_WEAK_GROUPS = frozenset({"secp192r1", "secp224r1"})


class TlsCertificate(Probe, frozen=True):
    """The certificate is one that browsers accept, will be for a while, and is strong; so is its chain as sent.

    One that says its status must be stapled (RFC 7633) comes with it. One that only names a responder need not: several
    authorities have closed theirs.
    """

    name: ClassVar[str] = "tls.certificate"
    target: ClassVar[Target] = Target.DEPLOYMENT

    def questions(self) -> tuple[Question[Any], ...]:
        """The handshake, and whether a status came with it."""
        return (TlsHandshake(), TlsOffer())

    def judge(self, facts: Facts) -> Judgement:
        """Judge trust, names, dates, keys and signatures each on its own: a client that refuses names only one."""
        seen = facts[TlsHandshake()]
        if not seen.protocol:
            return failed(seen.trust_error, [_at(seen, seen.trust_error)])
        now = datetime.fromisoformat(facts.collected_at)
        problems = [_at(seen, problem) for problem in dict.fromkeys(_problems(seen, now))]
        leaf = seen.chain[0] if seen.chain else None
        stapled = facts[TlsOffer()].stapled if leaf is not None and (leaf.must_staple or leaf.ocsp) else True
        if leaf is not None and leaf.must_staple and stapled is False:
            problems.append(_at(seen, "the certificate says must-staple, and no status is stapled to it"))
        agreed = f"{seen.protocol} with {seen.cipher}{f' for {seen.alpn}' if seen.alpn else ''}"
        examined = f"{seen.host}:{seen.port} agreed on {agreed} and sent {_certificates(len(seen.chain))}"
        examined += f", its own for {', '.join(leaf.names[:5])} until {leaf.not_after[:10]}" if leaf else ""
        if problems:
            return failed(examined, problems)
        if leaf is not None and leaf.must_staple and stapled is None:
            return unknown(f"{examined}; it must come with its status, which TLS 1.3 alone sends in cipher")
        notes = [_at(seen, note) for one in seen.chain for note in _notes(one, now)]
        if leaf is not None and seen.public and _days(leaf) > _RECOMMENDED_DAYS:
            words = f"could be stricter: it lives {_days(leaf)} days, and Mozilla's guidelines recommend {_RECOMMENDED_DAYS}"
            notes.append(_at(seen, words))
        if stapled is False:
            notes.append(_at(seen, "could be stricter: the certificate names a responder, and no status is stapled"))
        return passed(examined, Strength.OBSERVED, notes)


def _problems(seen: TlsFacts, now: datetime) -> Iterator[str]:
    if not seen.chain:
        yield "no certificate is sent"
        return
    if seen.trust_error:
        yield f"browsers refuse it: {seen.trust_error}"
    if seen.public and not seen.trust_error:
        yield from _lifetime_problems(seen.chain[0])
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


#: The longest lifetimes that public authorities may give, by the day from which on (CA/Browser Forum, SC-081v3), in days.
_LIFETIMES = (("2029-03-15", 47), ("2027-03-15", 100), ("2026-03-15", 200), ("2020-09-01", 398))


#: What Mozilla's guidelines recommend at most, in days.
_RECOMMENDED_DAYS = 90


def _days(one: Certificate) -> int:
    return (datetime.fromisoformat(one.not_after) - datetime.fromisoformat(one.not_before)).days


def _longest(one: Certificate) -> int | None:
    return next((days for day, days in _LIFETIMES if one.not_before[:10] >= day), None)


def _lifetime_problems(one: Certificate) -> Iterator[str]:
    longest = _longest(one)
    if longest is not None and _days(one) > longest:
        yield f"the certificate lives {_days(one)} days, and public authorities may give {longest} (SC-081v3)"


def _notes(one: Certificate, now: datetime) -> Iterator[str]:
    longest = _longest(one)
    if not one.authority and longest is not None and _days(one) > longest:
        yield f"could be stricter: it lives {_days(one)} days, and a public authority may give {longest}"
    if _left(one, now) < _NOTE_BELOW:
        yield f"due for renewal: less than a third of its lifetime is left, until {one.not_after[:10]}"


class TlsProtocol(Probe, frozen=True):
    """The host speaks TLS 1.2 or 1.3 and nothing older (RFC 8996), or with `modern` TLS 1.3 alone.

    The names are those of Mozilla's guidelines 6.0.
    """

    name: ClassVar[str] = "tls.protocol"
    target: ClassVar[Target] = Target.DEPLOYMENT

    profile: Profile = "intermediate"

    def questions(self) -> tuple[Question[Any], ...]:
        """What the server takes."""
        return (TlsOffer(),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each version that the profile forbids, and for a host without TLS."""
        offered = facts[TlsOffer()]
        if not offered.connections:
            return failed(offered.unclear[0], [_at(offered, offered.unclear[0])])
        examined = f"{_spoken(offered)}; refused {', '.join(offered.refused) or 'nothing'} ({_named(self.profile)})"
        allowed = _ALLOWED_VERSIONS[self.profile]
        wrong = [name for name in offered.versions if name not in allowed]
        if wrong:
            return failed(
                examined, [_at(offered, f"{name} is spoken, and {' or '.join(allowed)} is allowed") for name in wrong]
            )
        if not offered.versions or offered.unclear:
            return unknown(f"{examined}; {'; '.join(offered.unclear) or 'no version was agreed on'}")
        notes = [] if "TLSv1.3" in offered.versions else [_at(offered, "could be stricter: TLS 1.3 is not spoken")]
        return passed(examined, Strength.OBSERVED, notes)


class TlsSuites(Probe, frozen=True):
    """No cipher suite is taken that can be broken, and no key exchange that is too short.

    Suites without encryption, without a certificate, for export, with RC4, DES or 3DES, and Diffie-Hellman below
    `least_bits` fail (RFC 7465, RFC 9325 §4). Others that Mozilla's guidelines 6.0 leave out are noted; with `modern` they
    fail, too.
    """

    name: ClassVar[str] = "tls.suites"
    target: ClassVar[Target] = Target.DEPLOYMENT

    profile: Profile = "intermediate"
    least_bits: int = 2048

    def questions(self) -> tuple[Question[Any], ...]:
        """What the server takes."""
        return (TlsOffer(),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each weak suite, group and exchange."""
        offered = facts[TlsOffer()]
        if not offered.connections:
            return failed(offered.unclear[0], [_at(offered, offered.unclear[0])])
        if not offered.suites:
            return unknown(f"no suite was agreed on; {_spoken(offered)}")
        counts = f"{len(offered.suites)} suites taken, {offered.connections} connections"
        examined = f"{_spoken(offered)}; {counts} ({_named(self.profile)})"
        problems = [_at(offered, problem) for problem in dict.fromkeys(self._problems(offered))]
        if problems:
            return failed(examined, problems)
        others = [suite.name for suite in offered.suites if suite.name not in MOZILLA_SUITES]
        among = "" if offered.whole else ", among others"
        words = f"could be stricter: outside Mozilla's guidelines: {', '.join(others)}{among}"
        notes = [_at(offered, words)] if others else []
        if bare := [name for name in others if name.startswith("TLS_RSA_WITH_")]:
            notes.append(
                _at(offered, f"could be stricter: no forward secrecy with {bare[0]}: its key opens what was recorded")
            )
        return passed(examined, Strength.OBSERVED, notes)

    def _problems(self, offered: TlsOffers) -> Iterator[str]:
        for suite in offered.suites:
            if flaw := next((words for part, words in _FLAWS if part in suite.name), ""):
                yield f"{suite.name} is taken: {flaw}"
            elif self.profile == "modern" and suite.version != "TLSv1.3":
                yield f"{suite.name} is taken, and the modern profile has none before TLS 1.3"
            if 0 < suite.bits < self.least_bits:
                yield f"the Diffie-Hellman exchange of {suite.name} has {suite.bits} bits, and {self.least_bits} are needed"
        for group in dict.fromkeys([*offered.groups, *(suite.group for suite in offered.suites)]):
            if group in _WEAK_GROUPS:
                yield f"the group {group} is taken, which is too small"


def _named(profile: str) -> str:
    return f"Mozilla Server Side TLS {GUIDELINES}, {profile}"


def _spoken(offered: TlsOffers) -> str:
    return f"{offered.host}:{offered.port} speaks {', '.join(offered.versions) or 'no version of TLS'}"


def _certificates(count: int) -> str:
    return f"{count} certificate{'' if count == 1 else 's'}"


def _at(seen: TlsFacts | TlsOffers, message: str) -> Finding:
    return Finding(message, Location(url=f"https://{seen.host}:{seen.port}"))
