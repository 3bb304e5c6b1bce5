"""Judges whether a path wants to know who asks (ASVS 5.0 9.1.1 to 9.1.3, CWE-306, CWE-347)."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from readycheck.facts.deployment import MISSING_PATH, HttpGet, HttpResponse
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Strength, Target
from readycheck.probes.live import at, is_everywhere, is_redirect, is_success, require_paths, ungraded
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

#: How strangers introduce themselves: not at all, with a token that is none, and with one that says it is not signed
#: (`{"alg":"none","typ":"JWT"}.{"sub":"1","role":"admin"}`).
_STRANGERS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("no token", ()),
    ("a garbage token", (("Authorization", "Bearer not.a.token"),)),
    (
        "an unsigned token (alg none)",
        (("Authorization", "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiIxIiwicm9sZSI6ImFkbWluIn0."),),
    ),
)

_LOGIN = re.compile(r"log-?in|sign-?in|/auth|oauth|sso|session", re.IGNORECASE)
_REFUSED = (401, 403)


class Protected(Probe, frozen=True):
    """These paths refuse everybody who has no valid token.

    Only paths that exist show anything: an application that answers every path with one page has none of them.
    """

    name: ClassVar[str] = "http.protected"
    target: ClassVar[Target] = Target.DEPLOYMENT

    paths: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse paths that are none."""
        require_paths(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """Each path, asked by each stranger, and one that cannot exist."""
        asked = (self._asked(path, headers) for path in self.paths for _, headers in _STRANGERS)
        return (*asked, HttpGet(MISSING_PATH))

    @staticmethod
    def _asked(path: str, headers: tuple[tuple[str, str], ...]) -> HttpGet:
        return HttpGet(path, headers=headers, follow=False, anonymous=True)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each stranger who gets in."""
        answers = [(who, facts[self._asked(path, headers)]) for path in self.paths for who, headers in _STRANGERS]
        examined = ", ".join(f"{response.url} with {who} ({response.status})" for who, response in answers)
        nowhere = facts[HttpGet(MISSING_PATH)]
        inside = [(who, one) for who, one in answers if _lets_in(one) and not is_everywhere(one, nowhere)]
        problems = [_open(who, response) for who, response in inside]
        if problems:
            return failed(examined, problems)
        doubtful = [response for _, response in answers if not _refuses(response)]
        if doubtful:
            shown = "; ".join(dict.fromkeys(_doubt(one, nowhere) for one in doubtful))
            return unknown(f"{shown}. Name paths that exist and need a token.")
        return passed(examined, Strength.OBSERVED)


def _open(who: str, response: HttpResponse) -> Finding:
    return at(response, f"{response.url} answers {response.status} with {who}", who)


def _lets_in(response: HttpResponse) -> bool:
    return not response.wall and is_success(response.status)


def _refuses(response: HttpResponse) -> bool:
    if response.wall:
        return False
    if is_redirect(response.status):
        return _LOGIN.search(response.value("location") or "") is not None
    return response.status in _REFUSED


def _doubt(response: HttpResponse, nowhere: HttpResponse) -> str:
    if is_everywhere(response, nowhere) and is_success(response.status):
        return f"{response.url} answers as any path does"
    return ungraded(response) or f"{response.url} answers {response.status}"
