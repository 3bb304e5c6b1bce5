"""Judges what a site shows that is not meant for strangers: internals, listings of folders, maps to sources."""

from __future__ import annotations

import re
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from readycheck.facts.deployment import HttpGet, HttpResponse, PageSample
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Strength, Target
from readycheck.probes.live import Method, at, fields, is_success, is_undecided, require_paths, ungraded
from readycheck.probes.patterns import compiled, first_line
from readycheck.probes.probe import Judgement, Probe, failed, not_applicable, passed, unknown

# Of nginx, Apache, lighttpd and Caddy; of Python, serve-index and Jetty; of IIS.
_LISTING = re.compile(
    r"<(?:title|h1)[^<>]{0,100}>\s*(?:Index of|Directory listing for|Directory: |listing directory) ?/|\[To Parent Directory\]",
    re.IGNORECASE,
)


class NoListing(Probe, frozen=True):
    """The folder of the site's static files does not list them to whoever asks."""

    name: ClassVar[str] = "http.no_listing"
    target: ClassVar[Target] = Target.DEPLOYMENT

    def questions(self) -> tuple[Question[Any], ...]:
        """The folder of the front page's asset."""
        return (PageSample(kinds=("folder",)),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail when the body is a list of files."""
        found = facts[self.questions()[0]].responses
        if not found:
            return not_applicable("the front page links no static asset, so there is no folder to ask for")
        response = found[0].response
        examined = (
            f"{response.url} answers {response.status}{', and lists nothing' if is_success(response.status) else ''}"
        )
        if is_success(response.status) and _LISTING.search(response.body):
            return failed(f"{response.url} was asked for", [at(response, f"{response.url} lists its files")])
        return unknown(ungraded(response)) if is_undecided(response) else passed(examined, Strength.OBSERVED)


class NoSourceMaps(Probe, frozen=True):
    """The map from a script back to its source is not served to everybody."""

    name: ClassVar[str] = "http.no_source_maps"
    target: ClassVar[Target] = Target.DEPLOYMENT

    def questions(self) -> tuple[Question[Any], ...]:
        """The map of the front page's asset."""
        return (PageSample(kinds=("map",)),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail when it is one."""
        found = facts[self.questions()[0]].responses
        if not found:
            return not_applicable("the front page links no script of its own that could have a map")
        response = found[0].response
        examined = f"{response.url} answers {response.status}"
        if is_success(response.status) and _is_map(response):
            return failed(examined, [at(response, f"{response.url} maps the script back to its source")])
        return unknown(ungraded(response)) if is_undecided(response) else passed(examined, Strength.OBSERVED)


class _Map(msgspec.Struct):
    version: int
    mappings: str


def _is_map(response: HttpResponse) -> bool:
    try:
        msgspec.json.decode(response.body.lstrip(")]}'\n"), type=_Map)
    except (msgspec.DecodeError, RecursionError):
        # A map that was cut still shows what it is.
        return response.body.lstrip()[:1] == "{" and '"mappings"' in response.body and '"sources"' in response.body
    return True


class Exposure(Struct, frozen=True, forbid_unknown_fields=True):
    """A path, and the pattern of a line that only the real thing has.

    What is `local` servers show to their own host and to nobody else unless they are told to, so that from there nothing
    follows (Apache's `Require local`).
    """

    path: str
    matches: str
    method: Method = "GET"
    headers: tuple[str, ...] = ()
    local: bool = False

    @property
    def question(self) -> HttpGet:
        """The request that would show it."""
        return HttpGet(self.path, self.method, fields(self.headers), anonymous=True)


class NotExposed(Probe, frozen=True):
    """Nothing of this can be fetched. Only a body that shows it counts: many sites answer 200 for any path."""

    name: ClassVar[str] = "http.not_exposed"
    target: ClassVar[Target] = Target.DEPLOYMENT

    exposures: tuple[Exposure, ...]

    def __post_init__(self) -> None:
        """Refuse paths, patterns and headers that are none."""
        require_paths([exposure.path for exposure in self.exposures])
        for exposure in self.exposures:
            fields(exposure.headers)
            if not exposure.matches:
                raise ValueError(f"{exposure.path} needs a pattern that tells the real thing from a page")
            compiled(exposure.matches)

    def questions(self) -> tuple[Question[Any], ...]:
        """Each path."""
        return tuple(exposure.question for exposure in self.exposures)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each that is there."""
        answered = [(exposure, facts[exposure.question]) for exposure in self.exposures]
        shown = [(exposure, response, line) for exposure, response in answered if (line := _shown(exposure, response))]
        found = [
            at(response, f"{response.url} is open to anybody", line)
            for exposure, response, line in shown
            if not (exposure.local and _is_near(response))
        ]
        statuses = ", ".join(f"{_asked(exposure)}{response.url} ({response.status})" for exposure, response in answered)
        if found:
            return failed(f"asked for {statuses}", found)
        hidden = [response for exposure, response in answered if _is_hidden(exposure, response)]
        inside = [
            f"{one.url} answers the host itself, whether strangers too cannot be seen from here" for _, one, _ in shown
        ]
        if hidden or inside:
            return unknown("; ".join([*map(ungraded, hidden), *inside]))
        return passed(f"asked for {statuses}", Strength.OBSERVED)


def _shown(exposure: Exposure, response: HttpResponse) -> str:
    if not is_success(response.status) or response.wall:
        return ""
    return first_line(exposure.matches, response.body) or ""


def _is_near(response: HttpResponse) -> bool:
    try:
        return ip_address(response.peer).is_loopback
    except ValueError:
        return False


def _is_hidden(exposure: Exposure, response: HttpResponse) -> bool:
    # A method that is not implemented is switched off (RFC 9110 §15.6.2).
    refused = exposure.method != "GET" and response.status == HTTPStatus.NOT_IMPLEMENTED
    return is_undecided(response) and not refused


def _asked(exposure: Exposure) -> str:
    return "" if exposure.method == "GET" else f"{exposure.method} "
