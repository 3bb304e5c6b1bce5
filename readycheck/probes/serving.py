"""Judgements on how well responses are served: encoded, cacheable, revalidated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from readycheck.facts.deployment import HttpResponse, PageSample, Revalidation, Samples
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Strength, Target
from readycheck.probes.header_syntax import directives, seconds_of
from readycheck.probes.live import at, media_type, require_paths, sampled, ungraded
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

#: Text below this many bytes gains nothing by being encoded.
LEAST_TEXT = 1024

_TEXT = re.compile(
    r"text/(?!event-stream).*|application/(?:javascript|json|xml|manifest\+json|.*\+(?:json|xml)|x-javascript|wasm)"
    r"|image/svg\+xml"
)
_NOT_MODIFIED = 304


class Compression(Probe, frozen=True):
    """Text of 1 KiB and more is smaller on the wire than it is.

    The bytes are compared; what `Content-Encoding` promises is not enough.
    """

    name: ClassVar[str] = "http.compression"
    target: ClassVar[Target] = Target.DEPLOYMENT

    paths: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse paths that are none."""
        if self.paths:
            require_paths(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """A sample of the site, and the same for a client that knows newer codings."""
        return (PageSample(self.paths), self._newer())

    def _newer(self) -> PageSample:
        return PageSample(self.paths, ("page", "asset"), headers=(("Accept-Encoding", "zstd, br, gzip"),))

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each text that is sent as it is."""
        found = sampled(facts[PageSample(self.paths)], ("page", "asset", "api", "path"))
        texts = [one for one in found.responses if _TEXT.fullmatch(media_type(one)) and one.decoded >= LEAST_TEXT]
        sizes = ", ".join(f"{one.url} ({one.received} of {one.decoded} bytes)" for one in texts)
        plain = [
            at(one, f"{one.decoded} bytes of text are sent unencoded") for one in texts if one.received >= one.decoded
        ]
        if plain:
            return failed(sizes, plain)
        if not texts or found.ungraded:
            none = "" if texts else f"no text of {LEAST_TEXT} bytes or more to encode; "
            return unknown(none + found.examined)
        notes = [note for one in texts if (note := _vary(one))]
        return passed(sizes, Strength.OBSERVED, [*notes, *_newer_notes(facts[self._newer()], texts)])


def _newer_notes(newer: Samples, texts: Sequence[HttpResponse]) -> Iterator[Finding]:
    """What brotli and Zstandard save; the bytes on the wire are compared, because neither is decoded here."""
    whole = {one.url: one.decoded for one in texts}
    for sample in newer.responses:
        one = sample.response
        coding = (one.value("content-encoding") or "").strip().lower()
        if coding in ("br", "zstd") and one.received < whole.get(one.url, 0):
            yield at(one, f"{coding} is spoken: {one.received} of {whole[one.url]} bytes")
            return
    yield at(texts[0], "could be stricter: neither brotli nor Zstandard is spoken")


def _vary(response: HttpResponse) -> Finding | None:
    varies = [name.strip().lower() for name in (response.value("vary") or "").split(",")]
    if "accept-encoding" in varies or "*" in varies:
        return None
    return at(response, "could be stricter: no `Vary: Accept-Encoding`, so that a cache may mix encodings up")


class Cached(Probe, frozen=True):
    """A client that has the response already is told so with a 304, and nobody's own answer is open to shared caches.

    `path` empty is the static asset of the front page. A response that says `no-store` is not meant to be kept.
    """

    name: ClassVar[str] = "http.cached"
    target: ClassVar[Target] = Target.DEPLOYMENT

    path: str = ""

    def __post_init__(self) -> None:
        """Refuse a path that is none."""
        if self.path:
            require_paths((self.path,))

    def questions(self) -> tuple[Question[Any], ...]:
        """The response asked twice, and a sample of the site."""
        return (Revalidation(self.path), PageSample())

    def judge(self, facts: Facts) -> Judgement:
        """Fail when asking again brings everything again, or somebody's cookie may be shared."""
        seen = facts[Revalidation(self.path)]
        shared = [finding for one in facts[PageSample()].responses for finding in _shared(one.response)]
        first, second = seen.first, seen.second
        if reason := ungraded(first):
            return failed(reason, shared) if shared else unknown(reason)
        examined = f"{first.url} was asked twice, the second time with its {seen.validator or 'validator'}"
        problems = [*shared, *_unvalidated(first, second)]
        if problems:
            return failed(examined, problems)
        if second is None or second.status != _NOT_MODIFIED:
            return unknown(ungraded(second) if second is not None else f"{first.url} is not meant to be cached")
        return passed(examined, Strength.OBSERVED, [at(second, f"304 by {seen.validator}")])


def _unvalidated(first: HttpResponse, second: HttpResponse | None) -> Iterator[Finding]:
    said = {name for name, _ in directives(first.value("cache-control") or "", ",")}
    if second is None:
        if "no-store" not in said:
            yield at(first, "neither ETag nor Last-Modified is sent: every look costs the whole transfer")
    elif second.status != _NOT_MODIFIED and not ungraded(second):
        yield at(second, f"asked again with its validator it answers {second.status}, not 304")


def _shared(response: HttpResponse) -> Iterator[Finding]:
    line = response.value("cache-control") or ""
    said = {name for name, _ in directives(line, ",")}
    # Without `private` a shared cache may keep whatever says how long it is fresh (RFC 9111 §3).
    public = "public" in said or any((seconds_of(line, name, ",") or 0) > 0 for name in ("s-maxage", "max-age"))
    # RFC 9111 §7.3: what sets a cookie for one client must not be kept for another.
    kept = not said & {"no-store", "private", "no-cache"}
    if response.values("set-cookie") and public and kept:
        yield at(response, "it sets a cookie, and Cache-Control lets shared caches keep it", line)
    # The very same cookie for everybody: a shared cache has answered with what it kept.
    if response.values("set-cookie") and _is_kept(response):
        yield at(response, "it sets a cookie, and a shared cache answered with it", line)


def _is_kept(response: HttpResponse) -> bool:
    age = (response.value("age") or "").strip()
    hit = any(
        "hit" in (response.value(name) or "").lower() for name in ("x-cache", "cf-cache-status", "x-vercel-cache")
    )
    return hit or (age.isascii() and age.isdigit() and int(age[:10]) > 0)
