"""Judges what lies beside a site's static files: listings of their folders, and maps to their sources."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import msgspec

from readycheck.facts.deployment import HttpResponse, PageSample
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Strength, Target
from readycheck.probes.live import at, is_success, is_undecided, ungraded
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
        examined = f"{response.url} answers {response.status}"
        if is_success(response.status) and _LISTING.search(response.body):
            return failed(examined, [at(response, f"{response.url} lists its files")])
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
