"""Judges which foreign origins may read what a deployment answers (Fetch, CORS protocol; ASVS 5.0 3.4.2)."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from readycheck.facts.deployment import HttpGet, HttpResponse
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Strength, Target
from readycheck.probes.live import at, require_paths, seen
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

#: Origins that no service has a reason to allow: a stranger (`.invalid` is nobody's, RFC 2606), a sandboxed page, and
#: hosts that look like the deployment's own to a pattern which forgot its anchors.
STRANGERS = ("https://stranger.invalid", "null", "https://{host}.stranger.invalid", "https://stranger-{host}")


class _Said(NamedTuple):
    origin: str
    response: HttpResponse


class Cors(Probe, frozen=True):
    """No stranger's origin is allowed: not a foreign one, not `null`, not one that only looks like the service's own.

    `*` without credentials makes the answer public; whether that is meant, `public` says.
    """

    name: ClassVar[str] = "http.cors"
    target: ClassVar[Target] = Target.DEPLOYMENT

    paths: tuple[str, ...] = ("/",)
    public: bool = True

    def __post_init__(self) -> None:
        """Refuse paths that are none."""
        require_paths(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """Each path, asked from each stranger's origin."""
        return tuple(self._asked(path, origin) for path in self.paths for origin in STRANGERS)

    @staticmethod
    def _asked(path: str, origin: str) -> HttpGet:
        return HttpGet(path, headers=(("Origin", origin),))

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each stranger that is let in."""
        said = [_Said(origin, facts[self._asked(path, origin)]) for path in self.paths for origin in STRANGERS]
        found = seen(one.response for one in said)
        # A reflected origin on a refusal or an error is a reflection too; only a pass needs the site's own answer.
        problems = [finding for one in said if not one.response.wall for finding in self._problems(one)]
        if problems:
            return failed(found.examined, problems)
        if found.ungraded:
            return unknown(found.examined)
        return passed(f"asked from {len(STRANGERS)} foreign origins; {found.examined}", Strength.OBSERVED)

    def _problems(self, one: _Said) -> list[Finding]:
        allowed = one.response.value("access-control-allow-origin")
        credentials = (one.response.value("access-control-allow-credentials") or "").strip().lower() == "true"
        if allowed is None:
            return []
        with_credentials = ", with credentials" if credentials else ""
        allowed = allowed.strip()
        if allowed == "*":
            refused = credentials or not self.public
            return [at(one.response, f"every origin is allowed{with_credentials}", "*")] if refused else []
        if allowed.lower() == _written(one.origin, one.response):
            return [at(one.response, f"the origin {allowed} is allowed{with_credentials}", one.origin)]
        return []


def _written(origin: str, response: HttpResponse) -> str:
    host = response.url.partition("//")[2].partition("/")[0]
    name = host if host.startswith("[") else host.partition(":")[0]
    return origin.replace("{host}", name).lower()
