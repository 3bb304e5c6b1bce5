"""Judges how a site sets its cookies (RFC 6265bis; ASVS 5.0 3.3.1 to 3.3.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from readycheck.facts.deployment import HttpResponse, PageSample
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Strength, Target
from readycheck.probes.header_syntax import Cookie, cookie
from readycheck.probes.headers import EVERYWHERE
from readycheck.probes.live import at, require_paths, sampled
from readycheck.probes.probe import Judgement, Probe, failed, not_applicable, passed, unknown

# By the names that frameworks give: Express, Java, PHP, ASP.NET, Laravel, Rails, Django, Flask, Auth.js, Supabase, …
_SESSION = re.compile(
    r"(?:__(?:host|secure)-)?(?:(?:connect\.)?s(?:ess)?id|session(?:[-_.]?(?:id|token|key))?|jsessionid\w*|phpsessid"
    r"|asp\.?net_sessionid|\.aspnetcore\.(?:session|identity\.application|cookies)|laravel[-_]session|ci_session"
    r"|_?[\w-]*[-_.]sess(?:ion)?(?:[-_.](?:id|token))?|koa[.:]sess|beaker\.session\.id|rack\.session|sails\.sid"
    r"|remember[-_](?:me|token|web)\w*|(?:access|refresh|auth|id|api)[-_.]?token|jwt|token|auth|authorization"
    r"|(?:next-auth|authjs)\.session-token(?:\.\d)?|sb-[\w-]+-auth-token(?:\.\d)?|wordpress_(?:sec|logged_in)_\w+)",
    re.IGNORECASE,
)
# These must be readable by the page's own script, which sends them back (OWASP, double submit).
_CSRF = re.compile(r"(?:__(?:host|secure)-)?[\w.-]*(?:csrf|xsrf)[\w.-]*", re.IGNORECASE)


# Cookies of analytics, edges and balancers hold random values that open nothing.
_OTHERS = re.compile(
    r"_+ga\w*|_gid|_gcl\w*|_fb[pc]|_hj\w*|_pk_\w*|_clck|_clsk|ajs_\w*|amp_\w*|mp_\w*|optimizely\w*|ph_\w*|intercom-\w*|__cf\w*|_cfuvid|cf_\w*"
    r"|aws(?:alb|elb)\w*|arraffinity\w*|applicationgatewayaffinity\w*|bigipserver\S*|ts[0-9a-f]{6,}|ak_bmsc|bm_\w*|_abck|datadome|incap_\w*"
    r"|visid_\w*|nlbi_\w*|[\w.-]*(?:affinity|visitor|anonymous|device|track|experiment|consent|locale|lang|theme|utm)[\w.-]*",
    re.IGNORECASE,
)


class Cookies(Probe, frozen=True):
    """Session cookies are HttpOnly and Secure, and no cookie is set in a way that browsers refuse.

    A cookie is a session's when `names` has it; else by the shape of its value (a JSON Web Token, a signed value, a
    random one that is not known to be for analytics or a balancer) or by the names that frameworks give. Cookies against
    request forgery need not be HttpOnly.
    """

    name: ClassVar[str] = "http.cookies"
    target: ClassVar[Target] = Target.DEPLOYMENT

    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse paths that are none."""
        if self.paths:
            require_paths(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """A sample of the site."""
        return (PageSample(self.paths),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each cookie that an attacker could take; without cookies there is nothing to say."""
        found = sampled(facts[PageSample(self.paths)], (*EVERYWHERE, "redirect"))
        if not found.responses:
            return unknown(found.examined)
        jar = [(response, cookie(line)) for response in found.responses for line in response.values("set-cookie")]
        problems = {
            (one.name, message): at(response, f"the cookie {one.name} {message}", one.name)
            for response, one in reversed(jar)
            for message in self._problems(one)
        }
        if problems:
            return failed(found.examined, problems.values())
        absent = [name for name in self.names if name not in {one.name for _, one in jar}]
        if absent or found.ungraded:
            why = f"no cookie {', '.join(absent)} was set; " if absent else ""
            return unknown(why + found.examined)
        if not jar:
            return not_applicable(f"no cookie was set; {found.examined}")
        if not any(self._is_session(one) for _, one in jar):
            return not_applicable(f"no session cookie was set, only {_listed(jar)}; {found.examined}")
        return passed(f"{_listed(jar)}; {found.examined}", Strength.OBSERVED, [*self._notes(jar)])

    def _is_session(self, one: Cookie) -> bool:
        if self.names:
            return one.name in self.names
        if _CSRF.fullmatch(one.name) or _OTHERS.fullmatch(one.name):
            return False
        return _SESSION.fullmatch(one.name) is not None or one.shape in ("jwt", "signed", "random")

    def _problems(self, one: Cookie) -> Iterator[str]:
        flags = one.attributes
        if self._is_session(one):
            if "httponly" not in flags:
                yield "is a session's and not HttpOnly: any script of the page can read it"
            if "secure" not in flags:
                yield "is a session's and not Secure: it goes over plain HTTP too"
        elif _CSRF.fullmatch(one.name) and "secure" not in flags:
            yield "guards against forgery and is not Secure"
        if flags.get("samesite", "lax").lower() not in ("strict", "lax", "none"):
            yield f"has SameSite={flags['samesite'][:40]}, which no browser knows"
        if flags.get("samesite", "").lower() == "none" and "secure" not in flags:
            yield "has SameSite=None and is not Secure: browsers refuse it"
        if one.shape == "oversized":
            yield "is longer than 4096 bytes: browsers drop it"
        yield from _prefix_problems(one)

    def _notes(self, jar: list[tuple[HttpResponse, Cookie]]) -> Iterator[Finding]:
        for response, one in jar:
            if self._is_session(one) and "samesite" not in one.attributes:
                yield at(
                    response, f"could be stricter: {one.name} has no SameSite, and browsers differ in what that means"
                )
            if self._is_session(one) and not one.name.lower().startswith(("__host-", "__secure-")):
                yield at(response, f"could be stricter: {one.name} has no __Host- prefix")


def _prefix_problems(one: Cookie) -> Iterator[str]:
    name, flags = one.name.lower(), one.attributes
    if name.startswith(("__host-", "__secure-")) and "secure" not in flags:
        yield "has a prefix that needs Secure: browsers refuse it"
    if name.startswith("__host-") and (flags.get("path") != "/" or "domain" in flags):
        yield "has the prefix __Host-, which needs Path=/ and no Domain: browsers refuse it"


def _listed(jar: list[tuple[HttpResponse, Cookie]]) -> str:
    return ", ".join(dict.fromkeys(one.name or "a cookie without a name" for _, one in jar))
