"""Judges whether a page's Content Security Policy keeps foreign scripts out (CSP 3; ASVS 5.0 3.4.3)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, ClassVar

from readycheck.facts.deployment import HttpGet, HttpResponse, PageSample
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Strength, Target
from readycheck.probes.header_syntax import Policy, meta_policies, policies
from readycheck.probes.live import at, pages, require_paths, ungraded
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

_NONCE = re.compile(r"'nonce-([^']*)'", re.IGNORECASE)
_HASH = re.compile(r"'sha(?:256|384|512)-[^']+'", re.IGNORECASE)

#: A shorter nonce can be guessed (the bound of Google's CSP evaluator).
SHORTEST_NONCE = 8

#: Sources that stand for everybody, or for text that an attacker can write into the page.
_ANYBODY = frozenset({"*", "http:", "https:", "http://*", "https://*", "data:", "blob:", "filesystem:", "ws:", "wss:"})

#: Hosts on which anybody can publish a script (Weichselbaum et al., "CSP Is Dead", §3; Google's CSP evaluator).
_PUBLISHERS = re.compile(
    r"(?:https?://)?(?:cdn\.jsdelivr\.net|(?:www\.)?unpkg\.com|cdnjs\.cloudflare\.com|ajax\.googleapis\.com|raw\.githubusercontent\.com"
    r"|\*?\.?(?:github\.io|herokuapp\.com|vercel\.app|netlify\.app|pages\.dev|workers\.dev|cloudfront\.net|s3\.amazonaws\.com"
    r"|googleapis\.com|web\.app|firebaseapp\.com|azurewebsites\.net))(?:[:/].*)?"
)

#: Words that mean something only in quotes; without them they are names of hosts.
_KEYWORDS = frozenset(
    {"self", "none", "unsafe-inline", "unsafe-eval", "strict-dynamic", "unsafe-hashes", "report-sample"}
)

#: The second request of a page: one that no cache may answer.
_AGAIN = (("Cache-Control", "no-cache"),)


class ContentPolicy(Probe, frozen=True):
    """Pages are sent with a policy under which only named scripts run.

    Policies of the header and of `<meta>` count, one that only reports does not. Several are all enforced, so what one
    forbids is forbidden. A nonce must be another one when the front page is asked for again.
    """

    name: ClassVar[str] = "http.csp"
    target: ClassVar[Target] = Target.DEPLOYMENT

    paths: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse paths that are none."""
        if self.paths:
            require_paths(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """A sample of the site, and the front page a second time."""
        return (PageSample(self.paths), HttpGet(headers=_AGAIN))

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each page on which a foreign script could run."""
        samples = facts[PageSample(self.paths)]
        found = pages(samples)
        if isinstance(found, Judgement):
            return found
        front = next((sample.response for sample in samples.responses if sample.kind == "page"), None)
        stale = self._stale(facts, front) if front in found.responses and front is not None else frozenset()
        problems = [finding for page in found.responses for finding in _page_problems(page, stale)]
        if problems:
            return failed(found.examined, problems)
        if found.ungraded:
            return unknown(found.examined)
        return passed(found.examined, Strength.OBSERVED, [note for page in found.responses for note in _notes(page)])

    @staticmethod
    def _stale(facts: Facts, front: HttpResponse) -> frozenset[str]:
        """Nonces that the front page has twice."""
        first = nonces(page_policies(front))
        again = facts[HttpGet(headers=_AGAIN)] if first else front
        return frozenset(first) & frozenset(nonces(page_policies(again))) if not ungraded(again) else frozenset()


def page_policies(page: HttpResponse) -> tuple[Policy, ...]:
    """Every policy that a browser enforces on this page."""
    return (*policies(page.values("content-security-policy")), *meta_policies(page.body))


def nonces(enforced: Sequence[Policy]) -> list[str]:
    """Every nonce of these policies."""
    sources = (source for policy in enforced for listed in policy.values() for source in listed)
    return [found[1] for source in sources if (found := _NONCE.fullmatch(source))]


def _page_problems(page: HttpResponse, stale: frozenset[str]) -> list[Finding]:
    enforced = page_policies(page)
    if not enforced:
        reporting = "; the one that is only reports" if page.values("content-security-policy-report-only") else ""
        return [at(page, f"no Content-Security-Policy is sent{reporting}")]
    return [at(page, message, message) for message in weaknesses(enforced, stale)]


def weaknesses(enforced: Sequence[Policy], stale: Collection[str] = ()) -> list[str]:
    """Why a foreign script could run under all of these policies at once; nothing when none could.

    What one policy forbids is forbidden (CSP 3 §4.2), so a hole counts only when every policy has it. Mistakes that
    break a policy count only where no other is without. `stale` are nonces that were seen before.
    """
    each = [dict(_holes(policy, stale)) for policy in enforced]
    shared = set.intersection(*(set(holes) for holes in each))
    first = next(iter(each))
    if not shared:
        return []
    return list(dict.fromkeys(first[hole] for hole in first if hole in shared))


def _holes(policy: Policy, stale: Collection[str]) -> Iterator[tuple[str, str]]:
    """What a policy lets through, each hole with the words for it."""
    name, sources = _effective(policy, "script-src-elem", "script-src", "default-src")
    if not name:
        said = "the policy says nothing about scripts: neither script-src nor default-src"
        yield from (("inline", said), ("attribute", said), ("eval", said), ("anybody", said))
        return
    yield from _element_holes(name, sources, stale)
    attribute, listed = _effective(policy, "script-src-attr", "script-src", "default-src")
    if attribute == "script-src-attr" and _inline(listed):
        yield "attribute", f"{attribute} has 'unsafe-inline'"
    elif _inline(listed):
        yield "attribute", f"{attribute or name} has 'unsafe-inline'"
    evaluated, listed = _effective(policy, "script-src", "default-src")
    if "'unsafe-eval'" in {source.lower() for source in listed}:
        yield "eval", f"{evaluated} has 'unsafe-eval'"
    elif not evaluated:
        yield "eval", "eval is allowed: neither script-src nor default-src"


def _effective(policy: Policy, *names: str) -> tuple[str, tuple[str, ...]]:
    return next(((name, policy[name]) for name in names if name in policy), ("", ()))


def _inline(listed: Sequence[str]) -> bool:
    """Do these sources let inline scripts run?

    Beside a nonce, a hash or 'strict-dynamic' browsers ignore the word (CSP 3 §6.7.3.2).
    """
    sources = {source.lower() for source in listed}
    return "'unsafe-inline'" in sources and "'strict-dynamic'" not in sources and not _trusted(listed)


def _trusted(listed: Sequence[str]) -> bool:
    return any(_NONCE.fullmatch(source) or _HASH.fullmatch(source) for source in listed)


def _element_holes(name: str, listed: Sequence[str], stale: Collection[str]) -> Iterator[tuple[str, str]]:
    sources = [source.lower() for source in listed]
    if _inline(listed):
        yield "inline", f"{name} has 'unsafe-inline'"
    dynamic = "'strict-dynamic'" in sources
    if dynamic and not _trusted(listed):
        yield "broken", f"{name} has 'strict-dynamic' and neither a nonce nor a hash, so that no script runs or all do"
    for source in listed:
        nonce = _NONCE.fullmatch(source)
        if nonce and len(nonce[1]) < SHORTEST_NONCE:
            yield "inline", f"{name} has a nonce of only {len(nonce[1])} characters"
        elif nonce and nonce[1] in stale:
            yield "inline", f"{name} has a nonce that is the same in two responses, so that anybody can know it"
    for word in sources:
        if word in _KEYWORDS:
            yield "broken", f"{name} has {word} without its quotes, which is a host of that name"
    # With 'strict-dynamic' browsers ignore hosts and schemes (CSP 3 §8.2).
    if not (dynamic and _trusted(listed)):
        anybody = [source for source in sources if source in _ANYBODY]
        if anybody:
            yield "anybody", f"{name} allows everybody: {' '.join(anybody)}"


def _notes(page: HttpResponse) -> Iterator[Finding]:
    enforced = page_policies(page)
    for wanted, fallback in (("object-src", "default-src"), ("base-uri", "base-uri")):
        if not any(wanted in policy or fallback in policy for policy in enforced):
            yield at(page, f"could be stricter: no {wanted} in the policy (ASVS 3.4.3)")
    objects = [_effective(policy, "object-src", "default-src")[1] for policy in enforced]
    if objects and all(_ANYBODY & {one.lower() for one in listed} for listed in objects):
        yield at(page, "could be stricter: object-src lets everybody in")
    if not any(
        "'unsafe-inline'" not in " ".join(_effective(policy, "style-src", "default-src")[1]) for policy in enforced
    ):
        yield at(page, "could be stricter: styles may be inline")
    for policy in enforced:
        name, sources = _effective(policy, "script-src-elem", "script-src", "default-src")
        dynamic = "'strict-dynamic'" in sources and _trusted(sources)
        hosts = [source for source in sources if _PUBLISHERS.fullmatch(source.lower())]
        if hosts and not dynamic:
            yield at(page, f"could be stricter: {name} names {hosts[0]}, where anybody can publish a script")
        plain = [part for part, listed in policy.items() if {"http:", "http://*"} & {one.lower() for one in listed}]
        if plain:
            yield at(page, f"could be stricter: {plain[0]} takes content over plain HTTP")
