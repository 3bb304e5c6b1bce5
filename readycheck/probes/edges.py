"""Judges what stands between visitors and a service: networks that deliver its assets, and balancers of its load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import urlsplit

from readycheck.facts.deployment import HttpResponse, PageSample
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Outcome, Strength, Target
from readycheck.probes.header_syntax import cookie
from readycheck.probes.headers import EVERYWHERE
from readycheck.probes.integrity import foreign
from readycheck.probes.live import Missing, at, sampled
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

#: Headers in which an edge says what its cache did (each by its vendor's documentation; `Cache-Status` is RFC 9211).
_CACHES = (
    "cf-cache-status",
    "x-vercel-cache",
    "x-cache",
    "cdn-cache",
    "x-cache-status",
    "x-proxy-cache",
    "cache-status",
    "x-akamai-cache-status",
)
_KEPT = re.compile(r"\b(?:hit|miss|expired|stale|revalidated|updating|prerender|fwd)", re.IGNORECASE)

#: Domains under which content delivery networks serve their customers' files, and whose they are. Those that serve
#: public libraries to everybody are not among them: the site's own assets are not there.
_DELIVERY = {
    "cloudfront.net": "Amazon CloudFront",
    "azureedge.net": "Azure CDN",
    "azurefd.net": "Azure Front Door",
    "akamaized.net": "Akamai",
    "akamaihd.net": "Akamai",
    "edgekey.net": "Akamai",
    "fastly.net": "Fastly",
    "b-cdn.net": "Bunny",
    "kxcdn.com": "KeyCDN",
    "cdn77.org": "CDN77",
    "cachefly.net": "CacheFly",
    "cdn.digitaloceanspaces.com": "DigitalOcean",
    "gcdn.co": "Gcore",
    "llnwd.net": "Edgio",
}


class EdgeDelivery(Probe, frozen=True):
    """A static asset of the front page comes from a content delivery network that keeps it.

    Its header says so, or its host is one of such a network's. A network need not name itself.
    """

    name: ClassVar[str] = "http.edge_delivery"
    target: ClassVar[Target] = Target.DEPLOYMENT

    def questions(self) -> tuple[Question[Any], ...]:
        """A sample of the site."""
        return (PageSample(),)

    def judge(self, facts: Facts) -> Judgement:
        """Pass by what a cache says or by the host; fail when a network passes everything on."""
        samples = facts[PageSample()]
        found, pages = sampled(samples, ("asset",)), sampled(samples, ("page",))
        said = [(one, name, value) for one in found.responses for name in _CACHES if (value := one.value(name))]
        kept = [at(one, f"{name}: {value[:100]}") for one, name, value in said if _KEPT.search(value)]
        delivered = list(dict.fromkeys(finding for page in pages.responses for finding in _delivered(page)))
        if kept or delivered:
            return passed(found.examined if kept else pages.examined, Strength.OBSERVED, [*kept, *delivered][:3])
        if said:
            passing = [at(one, f"{name}: {value[:100]}: the edge keeps nothing of it") for one, name, value in said]
            return failed(found.examined, passing)
        return unknown(f"no cache of an edge names itself; {found.examined}")


def _delivered(page: HttpResponse) -> Iterator[Finding]:
    for one in foreign(page):
        host = urlsplit(one.url).hostname or ""
        network = next((name for domain, name in _DELIVERY.items() if host.endswith(f".{domain}")), "")
        if network:
            yield at(page, f"{one.url.partition('?')[0][:200]} is served by {network}")


#: Cookies by which balancers keep a visitor with one instance, and headers that they add (their vendors' documentation).
_STICKY = (
    (re.compile(r"AWSALB(?:TG)?(?:CORS)?|AWSELB(?:CORS)?"), "Elastic Load Balancing"),
    (re.compile(r"ARRAffinity(?:SameSite)?"), "Azure App Service"),
    (re.compile(r"ApplicationGatewayAffinity(?:CORS)?"), "Azure Application Gateway"),
    (re.compile(r"BIGipServer.*"), "F5 BIG-IP"),
    (re.compile(r"GCLB"), "Google Cloud Load Balancing"),
    (re.compile(r"INGRESSCOOKIE"), "ingress-nginx"),
    (re.compile(r"SERVERID"), "HAProxy"),
    (re.compile(r"NSC_\w+"), "NetScaler"),
)
_ADDED = (
    ("server", re.compile(r"awselb/"), "Elastic Load Balancing"),
    ("via", re.compile(r"\b1\.1 google\b"), "Google Cloud Load Balancing"),
    ("x-envoy-upstream-service-time", re.compile(r"\d"), "Envoy"),
)
#: Headers in which instances name themselves.
_INSTANCES = (
    "x-served-by",
    "x-instance-id",
    "x-instance",
    "x-backend",
    "x-backend-server",
    "x-server-id",
    "x-pod-name",
    "x-hostname",
)


class Balanced(Probe, frozen=True):
    """A balancer names itself, or more than one address or instance answers.

    None must name itself: `missing` is the outcome when none does.
    """

    name: ClassVar[str] = "http.balanced"
    target: ClassVar[Target] = Target.DEPLOYMENT

    missing: Missing = "not_applicable"

    def questions(self) -> tuple[Question[Any], ...]:
        """A sample of the site."""
        return (PageSample(),)

    def judge(self, facts: Facts) -> Judgement:
        """Pass by what is seen; that nothing is seen says nothing."""
        found = sampled(facts[PageSample()], (*EVERYWHERE, "redirect"))
        if not found.responses:
            return unknown(found.examined)
        marks = list(dict.fromkeys(finding for one in found.responses for finding in _marks(one)))
        several = _several("addresses", {one.peer for one in found.responses if one.peer})
        for name in _INSTANCES:
            several += _several(f"instances ({name})", {one.value(name) or "" for one in found.responses} - {""})
        if marks or several:
            return passed(found.examined, Strength.OBSERVED, [*marks, *several][:5])
        examined = f"no balancer names itself, which none must; {found.examined}"
        findings = (Finding("neither a balancer nor a second instance is seen"),) if self.missing == "fail" else ()
        return Judgement(Outcome(self.missing), examined, findings)


def _marks(response: HttpResponse) -> Iterator[Finding]:
    for line in response.values("set-cookie"):
        name = cookie(line).name
        if whose := next((whose for pattern, whose in _STICKY if pattern.fullmatch(name)), ""):
            yield Finding(f"{whose} sets the cookie {name[:60]}")
    for name, pattern, whose in _ADDED:
        if pattern.search(response.value(name) or ""):
            yield Finding(f"{whose} adds {name}: {(response.value(name) or '')[:60]}")


def _several(what: str, values: set[str]) -> list[Finding]:
    return [Finding(f"{len(values)} {what} answered: {', '.join(sorted(values))[:200]}")] if len(values) > 1 else []
