"""Tells a wall in front of a site (a bot challenge, a firewall's block page) from the site."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

#: Statuses that a firewall answers with when it does not let a client through.
_BLOCKED = frozenset({401, 403, 405, 406, 429, 503})


class _Wall(NamedTuple):
    name: str
    stands: Callable[[int, Mapping[str, str], str], bool]


# Each is documented by its vendor, except the two of the Akamai and Imperva block pages, which are read off the pages.
_WALLS = (
    _Wall("a Cloudflare challenge", lambda _, headers, __: headers.get("cf-mitigated", "").lower() == "challenge"),
    _Wall(
        "a Cloudflare block page",
        lambda status, headers, body: (
            status in _BLOCKED
            and headers.get("server", "").lower() == "cloudflare"
            and re.search(r"/cdn-cgi/challenge-platform/|cf-error-details|<title>Just a moment", body) is not None
        ),
    ),
    _Wall("an AWS WAF challenge", lambda _, headers, __: "x-amzn-waf-action" in headers),
    _Wall("a Vercel challenge", lambda _, headers, __: "x-vercel-mitigated" in headers),
    _Wall("a Sucuri block page", lambda _, headers, __: "x-sucuri-block" in headers),
    _Wall(
        "a DataDome challenge",
        lambda status, headers, _: status in _BLOCKED and ("x-datadome" in headers or "x-dd-b" in headers),
    ),
    _Wall(
        "an Akamai block page",
        lambda status, headers, body: (
            status in _BLOCKED
            and ("akamaighost" in headers.get("server", "").lower() or "errors.edgesuite.net" in body)
        ),
    ),
    _Wall(
        "an Imperva block page",
        lambda status, headers, body: (
            (status in _BLOCKED or "x-iinfo" in headers) and "_Incapsula_Resource" in body and len(body) < 4096  # noqa: PLR2004 - the page is a bare frame
        ),
    ),
    _Wall(
        "a HUMAN challenge",
        lambda status, _, body: status in _BLOCKED and ("_pxAppId" in body or "px-captcha" in body),
    ),
)


def wall(status: int, headers: Mapping[str, str], body: str) -> str:
    """What stood in front of the site, or an empty text. Header names are in lower case."""
    return next((known.name for known in _WALLS if known.stands(status, headers, body)), "")
