"""Finds the responses that stand for a site: its page, an asset, an API path, its health, a 404, a redirect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import msgspec

from readycheck.facts.deployment import HEALTH_PATHS, MISSING_PATH, HttpResponse, PageSample, Sample, Samples
from readycheck.gather.deployment.assets import first_asset
from readycheck.gather.deployment.exchange import FailedExchange, Received, Request
from readycheck.gather.deployment.session import Session
from readycheck.gather.deployment.site import API_PATHS, Site

_REDIRECTS = range(300, 400)
_SUCCESS = range(200, 300)
#: What a front page answers where there is none: an interface for machines often has nothing at its root.
_NO_PAGE = (404, 405, 406, 410)

Headers = tuple[tuple[str, str], ...]


class Sampler:
    """The places of one site, each looked for once, and their responses however they are asked."""

    def __init__(self, session: Session, site: Site, at: Callable[[str], httpx.URL]) -> None:
        self.session = session
        self.site = site
        self._at = at
        self._found: dict[str, asyncio.Task[httpx.URL | None]] = {}

    async def sample(self, question: PageSample) -> Samples:
        """The responses of these kinds. A kind that the site does not have is left out.

        Raises:
            FailedExchange: the front page could not be had at all.
        """
        _, front = await self._front()
        profile = self.site.profile or _looks_like(front)
        wanted = [("path", path) for path in question.paths]
        kinds = [kind for kind in question.kinds if kind != "page"]
        places = await asyncio.gather(*(self.place(kind) for kind in kinds))
        urls = [("page", self._at("/"))] if "page" in question.kinds else []
        urls += [(kind, url) for kind, url in zip(kinds, places, strict=True) if url is not None]
        urls += [(kind, self._at(path)) for kind, path in wanted]
        found = await asyncio.gather(*(self._sampled(kind, url, question, profile) for kind, url in urls))
        return Samples(
            tuple(one for one in found if isinstance(one, Sample)),
            tuple(one for one in found if isinstance(one, str)),
            profile,
        )

    async def place(self, kind: str) -> httpx.URL | None:
        """Where the site has this kind of thing, or None.

        Raises:
            FailedExchange: the front page could not be had at all.
        """
        if kind not in self._found:
            self._found[kind] = asyncio.create_task(self._finders()[kind]())
        return await self._found[kind]

    def _finders(self) -> dict[str, Callable[[], Coroutine[Any, Any, httpx.URL | None]]]:
        return {
            "asset": self._asset,
            "api": self._api,
            "health": self._health,
            "missing": self._missing,
            "redirect": self._redirect,
            "folder": self._folder,
            "map": self._map,
            "data": self._data,
        }

    async def _front(self) -> tuple[Received, HttpResponse]:
        return await self.session.ask(Request("GET", self._at("/"), self.site.headers))

    async def _asset(self) -> httpx.URL | None:
        received, page = await self._front()
        return first_asset(page.body, received.url)

    async def _missing(self) -> httpx.URL | None:
        return self._at(MISSING_PATH)

    async def _health(self) -> httpx.URL | None:
        if self.site.health:
            return self._at(self.site.health)
        answers = await asyncio.gather(*(self._tried(path) for path in HEALTH_PATHS))
        return next((received.url for received in answers if received is not None and _for_machines(received)), None)

    async def _api(self) -> httpx.URL | None:
        if self.site.api:
            return self._at(self.site.api)
        health = await self.place("health")
        if health is not None and health.path.startswith("/api/"):
            return health
        answers = await asyncio.gather(*(self._tried(path) for path in API_PATHS))
        return next((one.url for one in answers if one is not None and _is_json(one)), None)

    async def _data(self) -> httpx.URL | None:
        return await self.place("api") or self._at("/")

    async def _redirect(self) -> httpx.URL | None:
        received, _ = await self._front()
        if received.hops:
            return self._at("/")
        folder = await self.place("folder")
        if folder is None or folder.path == "/":
            return None
        url = folder.copy_with(raw_path=folder.raw_path.rstrip(b"/"))
        try:
            answer, _ = await self.session.ask(Request("GET", url, self.site.headers, follow=False))
        except FailedExchange:
            return None
        return url if answer.status in _REDIRECTS else None

    async def _folder(self) -> httpx.URL | None:
        asset = await self.place("asset")
        return (
            None
            if asset is None
            else asset.copy_with(raw_path=asset.raw_path.partition(b"?")[0].rpartition(b"/")[0] + b"/")
        )

    async def _map(self) -> httpx.URL | None:
        asset = await self.place("asset")
        if asset is None or not asset.path.endswith((".js", ".mjs", ".css")):
            return None
        return asset.copy_with(raw_path=asset.raw_path.partition(b"?")[0] + b".map")

    async def _tried(self, path: str) -> Received | None:
        try:
            received, _ = await self.session.ask(Request("GET", self._at(path), self.site.headers))
        except FailedExchange:
            return None
        return received if received.status in _SUCCESS else None

    async def _sampled(self, kind: str, url: httpx.URL, question: PageSample, profile: str) -> Sample | str:
        asked = tuple((name, value.replace("{host}", self._at("/").host)) for name, value in question.headers)
        headers = together(self.site.headers, asked)
        named = {
            "page": profile == "web",
            "path": True,
            "data": True,
            "api": bool(self.site.api),
            "health": bool(self.site.health),
        }
        request = Request(question.method, url, headers, follow=kind != "redirect")
        try:
            _, response = await self.session.ask(request)
        except FailedExchange as failure:
            return failure.reason
        return Sample(kind, response, named.get(kind, False))


def together(given: Headers, asked: Headers) -> Headers:
    """Both, and of two with one name the one that the question asks for."""
    names = {name.lower() for name, _ in asked}
    return (*(line for line in given if line[0].lower() not in names), *asked)


def _looks_like(front: HttpResponse) -> str:
    """`api` where the front page is not there or is for machines; `web` for everything else, errors and walls too."""
    if front.wall:
        return "web"
    html = "html" in (front.value("content-type") or "html") or front.body.lstrip()[:1] == "<"
    if front.status in _NO_PAGE and front.status != 404:  # noqa: PLR2004 - a page that is lost is no interface
        return "api"
    return "api" if not html and (front.status in _SUCCESS or front.status in _NO_PAGE) else "web"


def _is_json(received: Received) -> bool:
    return "json" in received.value("content-type").lower() and _is_value(received.body)


def _is_value(body: bytes) -> bool:
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        # What is encoded for the wire is not undone for this.
        return body[:2] == b"\x1f\x8b"
    return True


def _for_machines(received: Received) -> bool:
    kind = received.value("content-type").lower()
    # Frameworks call a bare word text/html unless they are told otherwise.
    word = kind.startswith(("text/plain", "text/html")) and len(received.body) < 200 and b"<" not in received.body  # noqa: PLR2004 - a word, not a text
    return _is_json(received) or word
