"""Judges whether browsers are told, and believe, that a host speaks HTTPS only (RFC 6797; ASVS 5.0 3.4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, ClassVar

from readycheck.facts.deployment import HttpResponse, PageSample
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.facts.tls import TlsFacts, TlsHandshake
from readycheck.model import Finding, Strength, Target
from readycheck.probes.header_syntax import directives, seconds_of
from readycheck.probes.headers import EVERYWHERE
from readycheck.probes.live import at, require_paths, sampled
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

_NAME = "strict-transport-security"

#: What the preload list asks for (hstspreload.org), in seconds.
_PRELOAD_AGE = 31536000


class Hsts(Probe, frozen=True):
    """Every HTTPS response tells browsers to come back by HTTPS for at least `max_age` seconds, over a certificate they accept.

    Errors, assets and redirects are looked at as well as pages: a location may drop what the root sets. With `subdomains`
    the policy must include them.
    """

    name: ClassVar[str] = "http.hsts"
    target: ClassVar[Target] = Target.DEPLOYMENT

    max_age: int = 31536000
    subdomains: bool = False
    paths: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse seconds and paths that make no sense."""
        if self.max_age <= 0:
            raise ValueError("max_age must be a number of seconds above 0")
        if self.paths:
            require_paths(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """A sample of the site, and what a strict client says of its certificate."""
        return (PageSample(self.paths), TlsHandshake())

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each response that lacks it, and for all where browsers ignore it."""
        found = sampled(facts[PageSample(self.paths)], (*EVERYWHERE, "redirect"))
        if not found.responses:
            return unknown(found.examined)
        plain = [one for one in found.responses if not one.url.startswith("https://")]
        problems = (
            [at(plain[0], f"{plain[0].url} is plain HTTP, over which browsers ignore Strict-Transport-Security")]
            if plain
            else []
        )
        problems += [
            at(one, problem, " ".join(one.values(_NAME)))
            for one in found.responses
            if one not in plain
            for problem in self._wrong(one)
        ]
        shaken = facts[TlsHandshake()]
        if shaken.trust_error and not plain:
            message = "browsers ignore Strict-Transport-Security over a connection that they refuse"
            problems.append(at(found.responses[0], f"{message}: {shaken.trust_error}"))
        if problems:
            return failed(found.examined, problems)
        if other := _other_certificate(found.responses, shaken):
            return unknown(f"{other}; {found.examined}")
        if found.ungraded:
            return unknown(found.examined)
        return passed(found.examined, Strength.OBSERVED, self._notes(found.responses[0]))

    def _wrong(self, response: HttpResponse) -> Iterator[str]:
        values = response.values(_NAME)
        if not values:
            yield "Strict-Transport-Security is not sent"
            return
        # Of several lines only the first counts (RFC 6797 §8.1).
        line = values[0]
        names = [name for name, _ in directives(line, ";")]
        age = seconds_of(line, "max-age", ";")
        if age is None or len(names) != len(set(names)):
            yield f"Strict-Transport-Security cannot be read, so that browsers ignore it: {line[:200]!r}"
        elif age == 0:
            yield "Strict-Transport-Security has max-age=0, which tells browsers to forget it"
        elif age < self.max_age:
            yield f"Strict-Transport-Security lasts {age} seconds, and {self.max_age} are needed"
        elif self.subdomains and "includesubdomains" not in names:
            yield "Strict-Transport-Security leaves subdomains out"

    def _notes(self, response: HttpResponse) -> Iterator[Finding]:
        line = (response.values(_NAME) or ("",))[0]
        names = {name for name, _ in directives(line, ";")}
        yield at(response, line)
        if "includesubdomains" not in names:
            yield at(response, "could be stricter: subdomains are left out (ASVS 3.4.1, level 2)")
        if "preload" in names and (
            "includesubdomains" not in names or (seconds_of(line, "max-age", ";") or 0) < _PRELOAD_AGE
        ):
            yield at(
                response, "preload has no effect without includeSubDomains and a year of max-age (hstspreload.org)"
            )
        if _is_address(response.url):
            yield at(response, "browsers keep this for names, not for addresses (RFC 6797 §8.1.1)")


def _other_certificate(responses: tuple[HttpResponse, ...], shaken: TlsFacts) -> str:
    """Instances behind one name may have different certificates; only the one that was verified is known to be good."""
    known = {one.fingerprint for one in shaken.chain[:1] if one.fingerprint}
    others = [
        one for one in responses if one.tls and one.tls.certificate and known and one.tls.certificate not in known
    ]
    return f"{others[0].url} came over another certificate than the one that was verified" if others else ""


def _is_address(url: str) -> bool:
    host = url.partition("//")[2].partition("/")[0]
    bare = host[1 : host.find("]")] if host.startswith("[") else host.partition(":")[0]
    try:
        ip_address(bare)
    except ValueError:
        return False
    return True
