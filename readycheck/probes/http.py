"""Judgements on what the paths of a deployment answer: status, body, redirects, what must not be there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from readycheck.facts.deployment import MISSING_PATH, HttpGet, HttpResponse, PlainAnswer, PlainHttp
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Outcome, Strength, Target
from readycheck.probes.live import (
    ABSENT,
    Method,
    Missing,
    Seen,
    at,
    fields,
    is_client_error,
    is_everywhere,
    is_redirect,
    is_undecided,
    require_paths,
    seen,
    ungraded,
)
from readycheck.probes.patterns import compiled, first_line
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

_RANGE = re.compile(r"([1-5])xx|([1-5]\d\d)(?:-([1-5]\d\d))?")

_TOO_MANY = 429

#: What a proxy answers in the place of a service (RFC 9110 §15.6.3 to §15.6.5).
_GATEWAY = (502, 503, 504)


class HttpStatus(Probe, frozen=True, rename={"allowed": "is"}):
    """A path answers with one of these statuses: numbers, ranges (`200-299`) or classes (`4xx`).

    The status is the point here, so that refusals and error pages are judged; a bot wall is not, and a rate limit only
    where 429 itself is listed.
    """

    name: ClassVar[str] = "http.status"
    target: ClassVar[Target] = Target.DEPLOYMENT

    path: str = "/"
    allowed: tuple[int | str, ...] = (200,)
    method: Method = "GET"
    headers: tuple[str, ...] = ()
    scheme: Literal["", "http", "https"] = ""
    follow: bool = True

    def __post_init__(self) -> None:
        """Refuse statuses, paths and headers that are none."""
        require_paths((self.path,))
        fields(self.headers)
        if not self.allowed or not all(_RANGE.fullmatch(str(status)) for status in self.allowed):
            raise ValueError("`is` must list statuses such as 200, 200-299 or 4xx")

    def questions(self) -> tuple[Question[Any], ...]:
        """The response."""
        return (HttpGet(self.path, self.method, fields(self.headers), self.scheme, self.follow),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail when the status is another one."""
        response = facts[self.questions()[0]]
        examined = f"{self.method} {response.url} answers {response.status}"
        if response.wall or (response.status == _TOO_MANY and str(_TOO_MANY) not in map(str, self.allowed)):
            return unknown(ungraded(response))
        if self._is_allowed(response.status):
            return passed(examined, Strength.OBSERVED, [at(response, examined)])
        return failed(examined, [at(response, f"{examined}, not {' or '.join(map(str, self.allowed))}")])

    def _is_allowed(self, status: int) -> bool:
        return any(_within(status, str(one)) for one in self.allowed)


def _within(status: int, stated: str) -> bool:
    found = _RANGE.fullmatch(stated)
    if found is None:
        return False
    if found[1]:
        return status // 100 == int(found[1])
    return int(found[2]) <= status <= int(found[3] or found[2])


class HttpBody(Probe, frozen=True):
    """A body has a line that matches (of one of the paths), or has none (of any of the paths).

    A site that answers the same at a path which cannot exist shows nothing by matching. `missing` is the outcome when
    none of the paths has it: `unknown` where they are guesses. With `errors` the pages of errors are what is looked at,
    too. `shows` are the words for what a body must not have.
    """

    name: ClassVar[str] = "http.body"
    target: ClassVar[Target] = Target.DEPLOYMENT

    paths: tuple[str, ...]
    matches: str = ""
    no_match: str = ""
    method: Method = "GET"
    headers: tuple[str, ...] = ()
    missing: Missing = "fail"
    errors: bool = False
    shows: str = "what it must not have"

    def __post_init__(self) -> None:
        """Refuse paths, patterns and headers that are none."""
        require_paths(self.paths)
        fields(self.headers)
        if bool(self.matches) == bool(self.no_match):
            raise ValueError("either matches or no_match is needed")
        if self.errors and self.matches:
            raise ValueError("an error page is no place where something must be: errors goes with no_match")
        compiled(self.matches or self.no_match)

    def questions(self) -> tuple[Question[Any], ...]:
        """The responses, and that of a path which cannot exist."""
        return (*(self._asked(path) for path in self.paths), HttpGet(MISSING_PATH))

    def _asked(self, path: str) -> HttpGet:
        return HttpGet(path, self.method, fields(self.headers))

    def judge(self, facts: Facts) -> Judgement:
        """Pass or fail by the lines of those paths that are there."""
        responses = [facts[self._asked(path)] for path in self.paths]
        if self.errors:
            return self._judged_absence(_with_errors(responses))
        there = [response for response in responses if response.wall or response.status not in ABSENT]
        found = seen(there)
        if not there:
            listed = ", ".join(self.paths)
            return Judgement(Outcome(self.missing), f"nothing is at {listed}", _if_failed(self.missing, listed))
        if self.no_match:
            return self._judged_absence(found)
        return self._judged_presence(found, facts[HttpGet(MISSING_PATH)])

    def _judged_absence(self, found: Seen) -> Judgement:
        hits = [(response, first_line(self.no_match, response.body)) for response in found.responses]
        problems = [
            at(response, f"{response.url} shows {self.shows}", line) for response, line in hits if line is not None
        ]
        if problems:
            return failed(found.examined, problems)
        # What a proxy says for a service that is down says nothing of the service.
        proxied = [response for response in found.responses if response.status in _GATEWAY]
        if proxied:
            return unknown("; ".join(map(ungraded, proxied)))
        whole = found.responses and not found.ungraded and not any(response.incomplete for response in found.responses)
        return passed(found.examined, Strength.OBSERVED) if whole else unknown(found.examined)

    def _judged_presence(self, found: Seen, nowhere: HttpResponse) -> Judgement:
        hits = [(response, first_line(self.matches, response.body)) for response in found.responses]
        shown = [at(response, f"{response.url} has it", line) for response, line in hits if line is not None]
        if shown and not ungraded(nowhere) and first_line(self.matches, nowhere.body) is not None:
            return unknown(f"any path answers so, {MISSING_PATH} too; {found.examined}")
        if shown:
            return passed(found.examined, Strength.OBSERVED, shown[:1])
        if found.ungraded:
            return unknown(found.examined)
        own = [response for response in found.responses if not is_everywhere(response, nowhere)]
        listed = ", ".join(self.paths)
        if not own or self.missing == "unknown":
            where = f"nothing of it is at {listed}"
            return Judgement(Outcome(self.missing), where, _if_failed(self.missing, listed))
        return failed(found.examined, [at(response, f"{response.url} does not have it") for response in own])


def _with_errors(responses: Sequence[HttpResponse]) -> Seen:
    hidden = [one for one in responses if one.wall or one.status == _TOO_MANY]
    return Seen(tuple(one for one in responses if one not in hidden), tuple(map(ungraded, hidden)))


def _if_failed(outcome: str, listed: str) -> tuple[Finding, ...]:
    return (Finding(f"nothing is at {listed}"),) if outcome == "fail" else ()


class HttpAnswers(Probe, frozen=True):
    """Something is at one of the paths, were it a refusal: a feature that is deployed. No page of any path counts.

    `missing` is the outcome when nothing is at any of them: `unknown` where they are guesses.
    """

    name: ClassVar[str] = "http.answers"
    target: ClassVar[Target] = Target.DEPLOYMENT

    paths: tuple[str, ...]
    missing: Missing = "fail"

    def __post_init__(self) -> None:
        """Refuse paths that are none."""
        require_paths(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """The responses, and that of a path which cannot exist."""
        return (*map(HttpGet, self.paths), HttpGet(MISSING_PATH))

    def judge(self, facts: Facts) -> Judgement:
        """Pass by the first that is there."""
        nowhere = facts[HttpGet(MISSING_PATH)]
        responses = [facts[HttpGet(path)] for path in self.paths]
        examined = ", ".join(f"{response.url} ({response.status})" for response in responses)
        doubtful = [one for one in responses if is_undecided(one)]
        there = [one for one in responses if one not in doubtful and one.status not in ABSENT]
        own = [one for one in there if not is_everywhere(one, nowhere)]
        if own:
            return passed(examined, Strength.OBSERVED, [at(own[0], f"{own[0].url} answers {own[0].status}")])
        if doubtful:
            return unknown("; ".join(map(ungraded, doubtful)))
        where = f"nothing of its own is at {', '.join(self.paths)}"
        return Judgement(Outcome(self.missing), examined, (Finding(where),) if self.missing == "fail" else ())


class RedirectsToHttps(Probe, frozen=True):
    """Plain HTTP leads to HTTPS of the same host, and never back; or nobody speaks it."""

    name: ClassVar[str] = "http.redirects_to_https"
    target: ClassVar[Target] = Target.DEPLOYMENT

    path: str = "/"

    def __post_init__(self) -> None:
        """Refuse a path that is none."""
        require_paths((self.path,))

    def questions(self) -> tuple[Question[Any], ...]:
        """The path with and without TLS: a closed port says nothing of a host that does not answer at all."""
        return (HttpGet(self.path), PlainHttp(self.path))

    def judge(self, facts: Facts) -> Judgement:
        """Follow both chains."""
        own = facts[HttpGet(self.path)]
        plain = facts[PlainHttp(self.path)]
        if downgrade := _downgrade(own):
            return failed(f"{own.url} was asked", [downgrade])
        if plain.hops:
            return _dead_end(plain)
        if plain.response is None:
            return passed(f"nobody speaks plain HTTP: {plain.closed}", Strength.OBSERVED)
        return _plain_judged(plain.response, own)


def _downgrade(response: HttpResponse) -> Finding | None:
    chain = [hop.url for hop in response.hops] + [response.url]
    for before, after in pairwise(chain):
        if before.startswith("https://") and after.startswith("http://"):
            return at(response, f"{before} redirects back to plain {after}")
    return None


def _dead_end(plain: PlainAnswer) -> Judgement:
    chain = " → ".join([*(f"{hop.url} ({hop.status})" for hop in plain.hops), plain.hops[-1].location])
    message = f"plain HTTP redirects to where nobody answers: {plain.closed}"
    return failed(chain, [Finding(message, Location(url=plain.hops[0].url))])


def _plain_judged(response: HttpResponse, own: HttpResponse) -> Judgement:
    chain = " → ".join([*(f"{hop.url} ({hop.status})" for hop in response.hops), f"{response.url} ({response.status})"])
    if downgrade := _downgrade(response):
        return failed(chain, [downgrade])
    if response.url.startswith("https://"):
        return passed(chain, Strength.OBSERVED, _redirect_notes(response))
    if is_undecided(response):
        return unknown(ungraded(response))
    if is_redirect(response.status):
        return _elsewhere(response, chain)
    if is_client_error(response.status):
        refused = own.url.startswith("https://") and not ungraded(own)
        return passed(f"plain HTTP is refused: {chain}", Strength.OBSERVED) if refused else unknown(chain)
    return failed(chain, [at(response, f"{response.url} is answered over plain HTTP ({response.status})")])


def _elsewhere(response: HttpResponse, chain: str) -> Judgement:
    location = response.value("location") or ""
    if urlsplit_scheme(location) == "https":
        note = at(response, f"could be stricter: the first redirect leaves the host, for {location}")
        return passed(chain, Strength.OBSERVED, [note])
    return failed(chain, [at(response, f"{response.url} redirects to {location or 'nowhere'}, which is not HTTPS")])


def urlsplit_scheme(url: str) -> str:
    """The scheme of a URL in lower case; empty when it has none or is none."""
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def _redirect_notes(response: HttpResponse) -> Iterator[Finding]:
    first = response.hops[0] if response.hops else None
    if first and first.status not in (301, 308):
        yield at(response, f"could be stricter: the redirect is a temporary one ({first.status})")
    if first and first.location.startswith("http://"):
        yield at(response, f"could be stricter: the first redirect stays on plain HTTP ({first.location})")
