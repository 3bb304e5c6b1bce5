"""Finds a static asset of a page's own host in its HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx

# Bounded by hand instead of html.parser, whose time on broken mark-up has been quadratic (CVE-2025-6069).
_TAG = re.compile(r"<(script|link|img)\b([^<>]{1,2000})>?", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"\b(src|href|rel)\s*=\s*(?:\"([^\"]{1,1000})\"|'([^']{1,1000})'|([^\s\"'>]{1,1000}))", re.IGNORECASE
)
_SHEETS = frozenset({"stylesheet", "preload", "modulepreload"})
_PICTURES = frozenset({"icon", "apple-touch-icon"})


def first_asset(html: str, page: httpx.URL) -> httpx.URL | None:
    """The first script or style sheet of the page's own host, else the first picture, else None."""
    own = [
        (kind, url) for kind, url in _assets(uncommented(html), page) if url.host == page.host and url.path != page.path
    ]
    return next((url for kind, url in own if kind == "code"), None) or next((url for _, url in own), None)


def uncommented(html: str) -> str:
    """The mark-up without its comments; one that never ends hides everything after it, as it does in a browser."""
    kept = []
    place = 0
    while (start := html.find("<!--", place)) >= 0:
        kept.append(html[place:start])
        end = html.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        place = end + 3
    return "".join([*kept, html[place:]])


def _assets(html: str, page: httpx.URL) -> Iterator[tuple[str, httpx.URL]]:
    for tag in _TAG.finditer(html):
        attributes = {found[1].lower(): found[2] or found[3] or found[4] for found in _ATTRIBUTE.finditer(tag[2])}
        kind = _kind(tag[1].lower(), attributes.get("rel", ""))
        reference = attributes.get("href" if tag[1].lower() == "link" else "src", "")
        if kind and reference and (url := _joined(page, reference)) is not None:
            yield kind, url


def _kind(tag: str, rel: str) -> str:
    if tag != "link":
        return "code" if tag == "script" else "picture"
    relations = set(rel.lower().split())
    if relations & _SHEETS:
        return "code"
    return "picture" if relations & _PICTURES else ""


def _joined(page: httpx.URL, reference: str) -> httpx.URL | None:
    try:
        url = page.join(reference.strip().replace("&amp;", "&")).copy_with(fragment=None, username=None, password=None)
    except (httpx.InvalidURL, ValueError, TypeError):
        return None
    return url if url.scheme in ("http", "https") else None
