"""Judges whether a page's Content Security Policy keeps foreign scripts out (CSP 3; ASVS 5.0 3.4.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from readycheck.facts.deployment import HttpGet, HttpResponse
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Strength, Target
from readycheck.probes.header_syntax import Policy, meta_policies, policies
from readycheck.probes.live import at, is_html, require_paths, seen
from readycheck.probes.probe import Judgement, Probe, failed, not_applicable, passed, unknown

_NONCE = re.compile(r"'nonce-([^']*)'", re.IGNORECASE)
_HASH = re.compile(r"'sha(?:256|384|512)-[^']+'", re.IGNORECASE)

#: A shorter nonce can be guessed (the bound of Google's CSP evaluator).
SHORTEST_NONCE = 8

#: Sources that stand for everybody, or for text that an attacker can write into the page.
_ANYBODY = frozenset({"*", "http:", "https:", "http://*", "https://*", "data:", "blob:", "filesystem:", "ws:", "wss:"})

#: Words that mean something only in quotes; without them they are names of hosts.
_KEYWORDS = frozenset(
    {"self", "none", "unsafe-inline", "unsafe-eval", "strict-dynamic", "unsafe-hashes", "report-sample"}
)


class ContentPolicy(Probe, frozen=True):
    """Pages are sent with a policy under which only named scripts run.

    Policies of the header and of `<meta>` count, one that only reports does not. Several are all enforced, so one that
    is sound is enough.
    """

    name: ClassVar[str] = "http.csp"
    target: ClassVar[Target] = Target.DEPLOYMENT

    paths: tuple[str, ...] = ("/",)

    def __post_init__(self) -> None:
        """Refuse paths that are none."""
        require_paths(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """The pages."""
        return tuple(HttpGet(path) for path in self.paths)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each page on which a foreign script could run."""
        found = seen(facts[HttpGet(path)] for path in self.paths)
        if not found.responses:
            return unknown(found.examined)
        pages = [response for response in found.responses if is_html(response)]
        if not pages:
            return not_applicable(f"no page that could run a script; {found.examined}")
        problems = [finding for page in pages for finding in _page_problems(page)]
        if problems:
            return failed(found.examined, problems)
        if found.ungraded:
            return unknown(found.examined)
        return passed(found.examined, Strength.OBSERVED, [note for page in pages for note in _notes(page)])


def page_policies(page: HttpResponse) -> tuple[Policy, ...]:
    """Every policy that a browser enforces on this page."""
    return (*policies(page.values("content-security-policy")), *meta_policies(page.body))


def _page_problems(page: HttpResponse) -> list[Finding]:
    enforced = page_policies(page)
    if not enforced:
        reporting = "; the one that is only reports" if page.values("content-security-policy-report-only") else ""
        return [at(page, f"no Content-Security-Policy is sent{reporting}")]
    weaknesses = [list(script_weaknesses(policy)) for policy in enforced]
    if any(not found for found in weaknesses):
        return []
    return [at(page, message, message) for message in weaknesses[0]]


def script_weaknesses(policy: Policy) -> Iterator[str]:
    """Why a foreign script could run under this policy; nothing when none could."""
    name, sources = _effective(policy, "script-src", "default-src")
    if not name:
        yield "the policy says nothing about scripts: neither script-src nor default-src"
        return
    yield from _source_weaknesses(name, sources)
    for part in ("script-src-elem", "script-src-attr"):
        if part in policy:
            yield from _source_weaknesses(part, policy[part])


def _effective(policy: Policy, *names: str) -> tuple[str, tuple[str, ...]]:
    return next(((name, policy[name]) for name in names if name in policy), ("", ()))


def _source_weaknesses(name: str, listed: tuple[str, ...]) -> Iterator[str]:
    sources = [source.lower() for source in listed]
    nonces = [found[1] for source in listed if (found := _NONCE.fullmatch(source))]
    trusted = bool(nonces) or any(_HASH.fullmatch(source) for source in listed)
    dynamic = "'strict-dynamic'" in sources
    # Beside a nonce or a hash browsers ignore 'unsafe-inline' (CSP 3 §6.7.3.2).
    if "'unsafe-inline'" in sources and not trusted and not dynamic:
        yield f"{name} has 'unsafe-inline'"
    if "'unsafe-eval'" in sources:
        yield f"{name} has 'unsafe-eval'"
    if dynamic and not trusted:
        yield f"{name} has 'strict-dynamic' and neither a nonce nor a hash, so that no script runs or all do"
    yield from (
        f"{name} has a nonce of only {len(nonce)} characters" for nonce in nonces if len(nonce) < SHORTEST_NONCE
    )
    yield from (
        f"{name} has {word} without its quotes, which is a host of that name" for word in sources if word in _KEYWORDS
    )
    # With 'strict-dynamic' browsers ignore hosts and schemes (CSP 3 §8.2).
    if not (dynamic and trusted):
        yield from (f"{name} allows everybody: {source}" for source in sources if source in _ANYBODY)


def _notes(page: HttpResponse) -> Iterator[Finding]:
    enforced = page_policies(page)
    for wanted, fallback in (("object-src", "default-src"), ("base-uri", "base-uri")):
        if not any(wanted in policy or fallback in policy for policy in enforced):
            yield at(page, f"could be stricter: no {wanted} in the policy")
    if not any(
        "'unsafe-inline'" not in " ".join(_effective(policy, "style-src", "default-src")[1]) for policy in enforced
    ):
        yield at(page, "could be stricter: styles may be inline")
