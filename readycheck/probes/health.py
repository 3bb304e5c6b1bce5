"""Judges health endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, ClassVar

import msgspec

from readycheck.facts.deployment import MISSING_PATH, HttpGet, HttpResponse
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Strength, Target
from readycheck.probes.header_syntax import directives, seconds_of
from readycheck.probes.live import (
    ABSENT,
    at,
    is_html,
    is_redirect,
    is_server_error,
    is_success,
    require_paths,
    ungraded,
)
from readycheck.probes.patterns import first_line
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

# draft-inadarei-api-health-check-06 §3.1, Spring Boot's words, and what services use besides.
_UP = frozenset({"pass", "ok", "up", "healthy", "success", "alive", "ready", "running", "operational", "true", "green"})
_WARN = frozenset({"warn", "warning", "degraded", "yellow", "unknown"})
_DOWN = frozenset(
    {"fail", "failed", "failing", "error", "down", "unhealthy", "out_of_service", "unavailable", "critical", "red"}
    | {"dead", "not ready", "not_ready", "false", "ko", "disconnected"}
)
_STATUS_KEYS = ("status", "state", "health", "healthy", "ok", "success", "alive", "up")

_SOFTWARE = (
    "node(?:js)?|postgres(?:ql)?|mysql|mariadb|redis|nginx|express|python|php|java|openssl|spring|django|mongodb"
)
_LEAKS = (
    (
        "a stack trace",
        r"Traceback \(most recent call last\)|^\s*at [\w.$<> \[\]]{1,200}\([^()]{1,300}:\d+|goroutine \d+ \[",
    ),
    ("a stack trace", r"\\n\s{0,20}at [\w.$<> ]{1,200}\("),
    (
        "a connection string",
        r"\b(?:postgres(?:ql)?|mysql|mariadb|mongodb|redis|rediss|amqps?|mssql|jdbc:\w{1,20})(?:\+\w{1,20})?://[^\s\"']",
    ),
    ("a credential", r"(?i)(?:password|passwd|secret|token|api[_-]?key)[\"']?\s?[:=]\s?[\"']?\[redacted"),
    ("the version of its software", rf"(?i)\b(?:{_SOFTWARE})[\"' :/=v]{{1,6}}\d{{1,3}}\.\d"),
)


class Health(Probe, frozen=True):
    """An anonymous client is told in a second whether the service is well, and nothing else.

    Of `paths` the one is judged that looks most like a health endpoint, of equals the first; a page or an answer that
    stands everywhere is none. Body and status must agree, as machines read the one and people the other
    (draft-inadarei-api-health-check-06 §3).
    """

    name: ClassVar[str] = "http.health"
    target: ClassVar[Target] = Target.DEPLOYMENT

    paths: tuple[str, ...]
    within: float = 1.0

    def __post_init__(self) -> None:
        """Refuse paths and seconds that make no sense."""
        require_paths(self.paths)
        if not self.within > 0:
            raise ValueError("within must be a number of seconds above 0")

    def questions(self) -> tuple[Question[Any], ...]:
        """Each path, and one that cannot exist."""
        return (*(HttpGet(path, anonymous=True) for path in self.paths), HttpGet(MISSING_PATH))

    def judge(self, facts: Facts) -> Judgement:
        """Judge the path that looks most like it."""
        responses = [facts[HttpGet(path, anonymous=True)] for path in self.paths]
        nowhere = facts[HttpGet(MISSING_PATH)]
        hidden = [one for one in responses if one.wall or one.status == HTTPStatus.TOO_MANY_REQUESTS]
        candidates = [one for one in responses if one not in hidden and _is_endpoint(one, nowhere)]
        endpoint = max(candidates, key=_likeness, default=None)
        statuses = ", ".join(f"{one.url} ({one.status})" for one in responses)
        if endpoint is None and hidden:
            return unknown("; ".join(map(ungraded, hidden)))
        if endpoint is None and is_server_error(nowhere.status):
            return failed(statuses, [at(nowhere, f"every path answers {nowhere.status}, a health endpoint's too")])
        if endpoint is None:
            return failed(statuses, [Finding(f"no health endpoint at {', '.join(self.paths)}")])
        problems = [at(endpoint, problem) for problem in self._problems(endpoint)]
        examined = f"{endpoint.url} answers {endpoint.status} in {endpoint.seconds:.2f} s"
        return failed(examined, problems) if problems else passed(examined, Strength.OBSERVED)

    def _problems(self, response: HttpResponse) -> Iterator[str]:
        if response.status in (401, 403):
            yield f"it is not open to the machines that must ask it ({response.status})"
            return
        well = response.status < HTTPStatus.BAD_REQUEST
        if not well:
            yield f"it answers {response.status}"
        word = reported(response)
        if well and word in _DOWN:
            yield f"its body says {word!r} and its status {response.status}: machines take it for healthy"
        if response.seconds > self.within:
            yield f"it took {response.seconds:.2f} s, and {self.within:g} s are allowed"
        yield from _kept(response)
        yield from _leaks(response)


def _is_endpoint(response: HttpResponse, nowhere: HttpResponse) -> bool:
    everywhere = (response.status, response.body) == (nowhere.status, nowhere.body)
    # Flask and Express call a bare word text/html unless they are told otherwise; without a tag it is no page.
    page = is_html(response) and "<" in response.body
    other = response.status in ABSENT or is_redirect(response.status) or page
    return not (everywhere or other or response.body.lstrip().startswith("["))


def _likeness(response: HttpResponse) -> int:
    if reported(response):
        return 3
    return 2 if is_success(response.status) else 1 if is_server_error(response.status) else 0


def reported(response: HttpResponse) -> str:
    """The word that the body has for the state, in lower case; empty when it has none."""
    text = response.body.strip()
    try:
        content = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        content = text if len(text) < 40 else ""  # noqa: PLR2004 - a word or two, not a page
    if isinstance(content, dict):
        content = next((content[key] for key in _STATUS_KEYS if key in content), "")
        content = content.get("status", "") if isinstance(content, dict) else content
    word = str(content).strip().lower()
    return word if word in _UP | _WARN | _DOWN else ""


def _kept(response: HttpResponse) -> Iterator[str]:
    line = response.value("cache-control") or ""
    said = {name for name, _ in directives(line, ",")}
    lasting = (seconds_of(line, "max-age", ",") or 0) > 0 or (seconds_of(line, "s-maxage", ",") or 0) > 0
    if said & {"no-store", "no-cache"}:
        return
    if lasting or "immutable" in said or int(_digits(response.value("age"))) > 0:
        yield f"it may be kept by caches ({line or 'Age: ' + str(response.value('age'))}): it would tell of the past"


def _digits(value: str | None) -> str:
    value = (value or "").strip()
    return value if re.fullmatch(r"[0-9]{1,10}", value) else "0"


def _leaks(response: HttpResponse) -> Iterator[str]:
    found = dict.fromkeys(what for what, pattern in _LEAKS if first_line(pattern, response.body) is not None)
    yield from (f"its body shows {what}" for what in found)
