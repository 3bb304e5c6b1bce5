"""Routes of frameworks in which the place of a file is the path: Next.js, Nuxt, SvelteKit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readycheck.facts.repository import Route
from readycheck.gather.code.routes.paths import canonical
from readycheck.gather.code.scanning import Parsed

_PAGES = re.compile(r"(?:^|/)pages(?P<path>/api(?:/.+)?)\.[jt]sx?$")
_APP = re.compile(r"(?:^|/)(?:app|routes)(?P<path>(?:/.+)?)/\+?(?:route|server)\.[jt]s$")
_NITRO = re.compile(r"(?:^|/)server/(?P<path>(?:api|routes)/.+?)(?:\.(?P<method>get|post|put|patch|delete))?\.[jt]s$")
_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def file_routes(parsed: Parsed, *, reached: bool) -> Iterator[Route]:
    """The routes that the file is by the place where it stands, if its content agrees."""
    path = parsed.path
    if (found := _PAGES.search(path)) and "default" in parsed.words:
        yield Route("*", _placed(found["path"]), path, 1, reached)
    elif found := _APP.search(path):
        for verb in (verb for verb in _VERBS if verb in parsed.words):
            yield Route(verb, _placed(found["path"]), path, 1, reached)
    elif (found := _NITRO.search(path)) and not parsed.words.isdisjoint(("defineEventHandler", "eventHandler")):
        place = found["path"].removeprefix("routes/")
        yield Route((found["method"] or "*").upper(), _placed(place), path, 1, reached)


def _placed(path: str) -> str:
    """Folders in parentheses group files and are no part of the path; `index` is the folder itself."""
    return canonical(re.sub(r"/index$", "", re.sub(r"/\([^/]+\)", "", path)))
