"""Judges whether scripts from other hosts are held to what they were (Subresource Integrity; ASVS 5.0 3.6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urljoin, urlsplit

from readycheck.facts.deployment import HttpResponse, PageSample
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Strength, Target
from readycheck.probes.header_syntax import uncommented
from readycheck.probes.live import at, pages, require_paths
from readycheck.probes.probe import Judgement, Probe, failed, not_applicable, passed, unknown

_TAG = re.compile(r"<(script|link)\b([^<>]{1,4000})>?", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"(?<![\w-])(src|href|rel|integrity|crossorigin)(?:\s*=\s*(?:\"([^\"]{0,2000})\"|'([^']{0,2000})'|([^\s\"'>]{1,2000})))?",
    re.IGNORECASE,
)
_DIGEST = re.compile(r"sha(?:256|384|512)-[A-Za-z0-9+/_-]{43,88}={0,2}(?:\?\S*)?")


class Resource(NamedTuple):
    """A script or a style sheet that a page loads; `kind` is the name of its tag."""

    kind: str
    url: str
    integrity: str
    crossorigin: bool


class ScriptIntegrity(Probe, frozen=True):
    """Scripts and style sheets from other sites carry a digest, so that a break-in there does not reach these pages.

    `hosts` need none: those that change what they send by design, and whose word is taken for it.
    """

    name: ClassVar[str] = "http.script_integrity"
    target: ClassVar[Target] = Target.DEPLOYMENT

    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse paths that are none."""
        if self.paths:
            require_paths(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """A sample of the site."""
        return (PageSample(self.paths),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each that is trusted blindly; without any there is nothing to judge."""
        found = pages(facts[PageSample(self.paths)])
        if isinstance(found, Judgement):
            return found
        listed = [(page, one) for page in found.responses for one in foreign(page)]
        wanted = [(page, one) for page, one in listed if urlsplit(one.url).hostname not in self.hosts]
        problems = [at(page, problem, one.url) for page, one in wanted for problem in _wrong(page, one)]
        if problems:
            return failed(found.examined, problems)
        cut = [page.incomplete for page in found.responses if page.incomplete]
        if found.ungraded or cut:
            return unknown("; ".join([found.examined, *cut]))
        if not listed:
            return not_applicable(f"every script is the site's own; {found.examined}")
        return passed(f"{len(listed)} from other sites; {found.examined}", Strength.OBSERVED)


def foreign(page: HttpResponse) -> Iterator[Resource]:
    """The scripts and style sheets that this page loads from other sites."""
    for tag in _TAG.finditer(uncommented(page.body)):
        given = {found[1].lower(): found[2] or found[3] or found[4] or "" for found in _ATTRIBUTE.finditer(tag[2])}
        kind = tag[1].lower()
        if kind == "link" and "stylesheet" not in given.get("rel", "").lower().split():
            continue
        reference = given.get("src" if kind == "script" else "href", "").strip()
        url = _joined(page.url, reference) if reference else ""
        if url and not same_site(url, page.url):
            yield Resource(kind, url, given.get("integrity", ""), "crossorigin" in given)


def _joined(base: str, reference: str) -> str:
    try:
        url = urljoin(base, reference)
        return url if urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname else ""
    except ValueError:
        return ""


def same_site(one: str, other: str) -> bool:
    """Have both hosts the same last two labels? Errs on the side of the site's own where a suffix has two (`.co.uk`)."""
    first, second = (urlsplit(url).hostname or "" for url in (one, other))
    return first == second or (
        not re.fullmatch(r"[\d.]+|.*:.*", first) and first.split(".")[-2:] == second.split(".")[-2:] and "." in first
    )


def _wrong(page: HttpResponse, one: Resource) -> Iterator[str]:
    what = "the script" if one.kind == "script" else "the style sheet"
    shown = one.url.partition("?")[0][:200]
    if one.url.startswith("http://") and page.url.startswith("https://"):
        yield f"{what} {shown} is asked for over plain HTTP, which browsers refuse on this page"
    elif not one.integrity:
        yield f"{what} {shown} has no integrity: whoever changes it there runs here"
    elif not any(_DIGEST.fullmatch(part) for part in one.integrity.split()):
        yield f"the integrity of {shown} is no digest that browsers know, so that they ignore it"
    elif not one.crossorigin:
        yield f"{what} {shown} has integrity and no crossorigin, so that browsers refuse it"
