"""Judges documents that a site publishes for the people who look after it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

from readycheck.facts.deployment import HttpGet, HttpResponse
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Strength, Target
from readycheck.probes.live import ABSENT, at, is_html, media_type, ungraded
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

_PATH = "/.well-known/security.txt"
_LINE = re.compile(r"([A-Za-z][A-Za-z-]{0,50}):[ \t]*(\S.{0,2000})")
_YEAR = 366


class SecurityTxt(Probe, frozen=True):
    """Finders of flaws are told whom to write to: a valid security.txt (RFC 9116)."""

    name: ClassVar[str] = "http.security_txt"
    target: ClassVar[Target] = Target.DEPLOYMENT

    def questions(self) -> tuple[Question[Any], ...]:
        """The file."""
        return (HttpGet(_PATH),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each rule that it breaks."""
        response = facts[HttpGet(_PATH)]
        if response.status in ABSENT and not response.wall:
            return failed(f"{response.url} answers {response.status}", [at(response, f"there is no {_PATH}")])
        if reason := ungraded(response):
            return unknown(reason)
        now = datetime.fromisoformat(facts.collected_at)
        problems = [at(response, problem) for problem in _problems(response, now)]
        examined = f"{response.url} was read"
        return failed(examined, problems) if problems else passed(examined, Strength.OBSERVED, _notes(response, now))


def _problems(response: HttpResponse, now: datetime) -> Iterator[str]:
    if is_html(response):
        yield "it is a page, not a security.txt"
        return
    if not response.url.startswith("https://"):
        yield "it is served over plain HTTP (RFC 9116 §3)"
    if media_type(response) != "text/plain":
        yield f"its content type is {media_type(response) or 'missing'}, not text/plain (RFC 9116 §3)"
    if not _values(response, "contact"):
        yield "it has no Contact (RFC 9116 §2.5.3)"
    expiries = _values(response, "expires")
    if len(expiries) != 1:
        yield f"it has {len(expiries)} lines Expires, and one is needed (RFC 9116 §2.5.5)"
    elif (expiry := _time(expiries[0])) is None:
        yield f"its Expires is no time: {expiries[0][:100]!r}"
    elif expiry <= now:
        yield f"it expired on {expiry:%Y-%m-%d}"


def _notes(response: HttpResponse, now: datetime) -> Iterator[Finding]:
    expiry = next((_time(value) for value in _values(response, "expires")), None)
    if expiry is not None and (expiry - now).days > _YEAR:
        yield at(response, "could be stricter: Expires should be less than a year away (RFC 9116 §2.5.5)")


def _values(response: HttpResponse, name: str) -> list[str]:
    lines = (_LINE.fullmatch(line.strip()) for line in response.body.splitlines())
    return [found[2].strip() for found in lines if found and found[1].lower() == name]


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
