"""Judgements on which headers a site sends, and on what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from msgspec import Struct

from readycheck.facts.deployment import HttpGet, HttpResponse, PageSample
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Outcome, Strength, Target
from readycheck.probes.header_syntax import policies, seconds_of
from readycheck.probes.live import Missing, Seen, at, pages, require_paths, sampled, seen
from readycheck.probes.patterns import compiled
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")

Kind = Literal["page", "asset", "api", "health", "missing", "redirect", "path"]

#: Everything that a site answers as itself. What a redirect says besides where it points only HSTS and leaks ask for.
EVERYWHERE: tuple[Kind, ...] = ("page", "asset", "api", "health", "missing", "path")


class Header(Probe, frozen=True, rename={"header": "name"}):
    """A header is sent and says what it should, or (`absent`) is not sent; by every response that was looked at.

    Any header of `also` will do as well as `name`. `matches` is a pattern for the value; `one_of` are the tokens that
    it may have, of which with `decides: last` only the last one counts (Referrer Policy §11.1); `max_age_at_least` are
    seconds. With `sample` the responses that stand for the site and the `paths` are looked at, those of `kinds`; with
    `html` only pages that a browser shows; else the `paths`. With `anywhere` one response that sends it is enough. When
    no response sends it, `missing` is the outcome, where `note` is a pass that says so.
    """

    name: ClassVar[str] = "http.header"
    target: ClassVar[Target] = Target.DEPLOYMENT

    header: str
    also: tuple[str, ...] = ()
    present: bool = False
    matches: str = ""
    one_of: tuple[str, ...] = ()
    decides: Literal["all", "last"] = "all"
    max_age_at_least: int = 0
    absent: bool = False
    paths: tuple[str, ...] = ("/",)
    sample: bool = False
    kinds: tuple[Kind, ...] = EVERYWHERE
    html: bool = False
    anywhere: bool = False
    missing: Missing | Literal["note"] = "fail"

    def __post_init__(self) -> None:
        """Refuse names that are none, and a header of which nothing is asked."""
        _require_names((self.header, *self.also))
        require_paths(self.paths)
        if not (self.present or self.matches or self.one_of or self.max_age_at_least or self.absent):
            raise ValueError("one of present, matches, one_of, max_age_at_least or absent is needed")
        if self.absent and (self.present or self.one_of or self.max_age_at_least):
            raise ValueError("a header that must not be sent can have no value that it must have")
        if self.matches:
            compiled(self.matches)

    def questions(self) -> tuple[Question[Any], ...]:
        """The responses."""
        if self.sample or self.html:
            return (PageSample(self._named()),)
        return tuple(HttpGet(path) for path in self.paths)

    @property
    def _names(self) -> tuple[str, ...]:
        return (self.header, *self.also)

    def _named(self) -> tuple[str, ...]:
        return tuple(path for path in self.paths if path != "/")

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each response that lacks it or says something else."""
        found = self._seen(facts)
        if isinstance(found, Judgement):
            return found
        if not found.responses:
            return unknown(found.examined)
        sending = [response for response in found.responses if self._values(response)]
        if not sending and self.missing == "note" and not found.ungraded:
            return passed(
                found.examined,
                Strength.OBSERVED,
                [at(found.responses[0], f"could be stricter: {self.header} is not sent")],
            )
        if not sending and not self.absent and self.missing not in ("fail", "note"):
            return Judgement(Outcome(self.missing), f"no {' or '.join(self._names)} is sent; {found.examined}")
        judged = sending if self.anywhere and sending else found.responses
        problems = [at(one, problem, " ".join(self._values(one))) for one in judged for problem in self._wrong(one)]
        if problems:
            return failed(found.examined, problems)
        if found.ungraded:
            return unknown(found.examined)
        shown = [at(response, value) for response in sending[:3] for value in self._values(response)[:1]]
        return passed(found.examined, Strength.OBSERVED, shown)

    def _seen(self, facts: Facts) -> Seen | Judgement:
        if self.html:
            return pages(facts[PageSample(self._named())])
        if self.sample:
            return sampled(facts[PageSample(self._named())], self.kinds)
        return seen(facts[HttpGet(path)] for path in self.paths)

    def _values(self, response: HttpResponse) -> tuple[str, ...]:
        return next((values for name in self._names if (values := response.values(name))), ())

    def _wrong(self, response: HttpResponse) -> Iterator[str]:
        values = self._values(response)
        name = self.header
        if self.absent:
            if any(not self.matches or compiled(self.matches).search(value) for value in values):
                yield f"{name} is sent"
        elif not values:
            yield f"{name} is not sent"
        else:
            yield from self._wrong_value(name, values)

    def _wrong_value(self, name: str, values: tuple[str, ...]) -> Iterator[str]:
        if self.matches and not all(compiled(self.matches).search(value) for value in values):
            yield f"{name} is {_quoted(values)}"
        if self.one_of and not self._allowed(values):
            yield f"{name} is {_quoted(values)}, not {' or '.join(self.one_of)}"
        if self.max_age_at_least:
            # Of several lines of HSTS only the first counts (RFC 6797 §8.1); Cache-Control is one list (RFC 9110 §5.3).
            listed = name.lower() == "cache-control"
            age = seconds_of(", ".join(values), "max-age", ",") if listed else seconds_of(values[0], "max-age", ";")
            if age is None:
                yield f"{name} has no max-age that can be read: {_quoted(values)}"
            elif age < self.max_age_at_least:
                yield f"{name} lasts {age} seconds, and {self.max_age_at_least} are needed"

    def _allowed(self, values: tuple[str, ...]) -> bool:
        listed = [token for value in values for token in value.split(",")]
        # Parameters of a structured field (RFC 9651), such as where to report, do not change what it says.
        tokens = [word for token in listed if (word := token.partition(";")[0].strip().lower())]
        judged = tokens[-1:] if self.decides == "last" else tokens
        return bool(judged) and all(token in {one.lower() for one in self.one_of} for token in judged)


def _quoted(values: tuple[str, ...]) -> str:
    return " and ".join(repr(value[:200]) for value in values[:3])


def _require_names(names: tuple[str, ...]) -> None:
    if not names or not all(_NAME.fullmatch(name) for name in names):
        raise ValueError("a header must have a name, of letters, digits and hyphens")


class Hidden(Struct, frozen=True, forbid_unknown_fields=True):
    """A header, and the pattern of the values that it must not have; without a pattern it must not be sent."""

    name: str
    matches: str = ""


class HeadersHidden(Probe, frozen=True):
    """No response tells what software runs, of which version."""

    name: ClassVar[str] = "http.headers_hidden"
    target: ClassVar[Target] = Target.DEPLOYMENT

    headers: tuple[Hidden, ...]
    paths: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse names and patterns that are none."""
        _require_names(tuple(header.name for header in self.headers))
        if self.paths:
            require_paths(self.paths)
        for header in self.headers:
            compiled(header.matches)

    def questions(self) -> tuple[Question[Any], ...]:
        """A sample of the site: what one location hides another may tell."""
        return (PageSample(self.paths),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each header that tells."""
        found = sampled(facts[PageSample(self.paths)], (*EVERYWHERE, "redirect"))
        if not found.responses:
            return unknown(found.examined)
        told = {
            (header.name, value): at(response, f"{header.name}: {value[:200]}", value)
            for response in reversed(found.responses)
            for header in self.headers
            for value in response.values(header.name)
            if compiled(header.matches).search(value)
        }
        if told:
            return failed(found.examined, told.values())
        return unknown(found.examined) if found.ungraded else passed(found.examined, Strength.OBSERVED)


class FrameControl(Probe, frozen=True):
    """Pages say who may frame them.

    `frame-ancestors` of an enforced policy decides where there is one, as in browsers (CSP 3 §6.4.2.2); else
    `X-Frame-Options` does.
    """

    name: ClassVar[str] = "http.frame_control"
    target: ClassVar[Target] = Target.DEPLOYMENT

    paths: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse paths that are none."""
        if self.paths:
            require_paths(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """A sample of the site."""
        return (PageSample(self.paths),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each page that anybody may frame."""
        found = pages(facts[PageSample(self.paths)])
        if isinstance(found, Judgement):
            return found
        problems = [at(page, problem) for page in found.responses if (problem := _framing(page))]
        if problems:
            return failed(found.examined, problems)
        if found.ungraded:
            return unknown(found.examined)
        old = [page for page in found.responses if not _ancestors(page)]
        notes = [at(page, "could be stricter: X-Frame-Options alone, which frame-ancestors replaced") for page in old]
        return passed(found.examined, Strength.OBSERVED, notes)


def _ancestors(page: HttpResponse) -> list[tuple[str, ...]]:
    enforced = policies(page.values("content-security-policy"))
    return [policy["frame-ancestors"] for policy in enforced if "frame-ancestors" in policy]


def _framing(page: HttpResponse) -> str:
    stated = _ancestors(page)
    if stated:
        # All policies are enforced, so one that keeps strangers out is enough.
        if any(not any(source.lower() in ("*", "http:", "https:") for source in sources) for sources in stated):
            return ""
        return f"frame-ancestors lets anybody frame it: {' '.join(stated[0])}"
    tokens = [token.strip().lower() for value in page.values("x-frame-options") for token in value.split(",")]
    if not tokens:
        return "neither frame-ancestors nor X-Frame-Options is sent"
    if set(tokens) <= {"deny", "sameorigin"}:
        return ""
    return f"X-Frame-Options is {', '.join(tokens)!r}, which browsers ignore"
