"""Judges which foreign origins may read what a deployment answers (Fetch, CORS protocol; ASVS 5.0 3.4.2)."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from readycheck.facts.deployment import HttpResponse, PageSample
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Strength, Target
from readycheck.probes.live import at, require_paths, sampled
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

#: Origins that no service has a reason to allow: a stranger (`.invalid` is nobody's, RFC 2606), a sandboxed page, and
#: hosts that look like the deployment's own to a pattern which forgot its anchors.
STRANGERS = ("https://stranger.invalid", "null", "https://{host}.stranger.invalid", "https://stranger-{host}")


#: Asked by a browser before a request that it would not send unasked (Fetch, CORS-preflight fetch).
_PREFLIGHT = (("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "authorization"))


class _Said(NamedTuple):
    origin: str
    response: HttpResponse


class Cors(Probe, frozen=True):
    """No stranger's origin is allowed: not a foreign one, not `null`, not one that only looks like the service's own.

    The path of the API (the front page where none is known) and the `paths` are asked, with a preflight from a stranger.
    `*` without credentials makes the answer public; whether that is meant, `public` says.
    """

    name: ClassVar[str] = "http.cors"
    target: ClassVar[Target] = Target.DEPLOYMENT

    paths: tuple[str, ...] = ()
    public: bool = True

    def __post_init__(self) -> None:
        """Refuse paths that are none."""
        if self.paths:
            require_paths(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """The site, asked from each stranger's origin, and a preflight."""
        return (*(self._asked(origin) for origin in STRANGERS), self._preflight())

    def _asked(self, origin: str) -> PageSample:
        return PageSample(self.paths, ("data",), headers=(("Origin", origin),))

    def _preflight(self) -> PageSample:
        headers = (("Origin", STRANGERS[0]), *_PREFLIGHT)
        return PageSample(self.paths, ("data",), "OPTIONS", headers)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each stranger that is let in."""
        samples = [(origin, facts[self._asked(origin)]) for origin in STRANGERS]
        said = [_Said(origin, one.response) for origin, asked in samples for one in asked.responses]
        preflight = [_Said(STRANGERS[0], one.response) for one in facts[self._preflight()].responses]
        found = sampled(samples[0][1], ("data", "path"))
        # A reflected origin on a refusal or an error is a reflection too; only a pass needs the site's own answer.
        problems = [finding for one in (*said, *preflight) if not one.response.wall for finding in self._problems(one)]
        if problems:
            return failed(found.examined, dict.fromkeys(problems))
        if found.ungraded or not found.responses:
            return unknown(found.examined)
        examined = f"asked from {len(STRANGERS)} foreign origins, with a preflight; {found.examined}"
        open_to_all = [one.response for one in said[:1] if _allowed(one.response) == "*"]
        notes = [
            at(one, "every origin may read it, without credentials: right for what is public") for one in open_to_all
        ]
        return passed(examined, Strength.OBSERVED, notes)

    def _problems(self, one: _Said) -> list[Finding]:
        allowed = _allowed(one.response)
        credentials = (one.response.value("access-control-allow-credentials") or "").strip().lower() == "true"
        with_credentials = ", with credentials" if credentials else ""
        if allowed == "*":
            refused = credentials or not self.public
            return [at(one.response, f"every origin is allowed{with_credentials}", "*")] if refused else []
        if allowed.lower() == _written(one.origin, one.response):
            return [at(one.response, f"the origin {allowed} is allowed{with_credentials}", allowed)]
        return []


def _allowed(response: HttpResponse) -> str:
    return (response.value("access-control-allow-origin") or "").strip()


def _written(origin: str, response: HttpResponse) -> str:
    host = response.url.partition("//")[2].partition("/")[0]
    name = host if host.startswith("[") else host.partition(":")[0]
    return origin.replace("{host}", name).lower()
