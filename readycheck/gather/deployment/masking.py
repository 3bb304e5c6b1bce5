"""Masks what is secret in header lines and URLs, once, before they become facts."""

from __future__ import annotations

import re
from collections.abc import Iterable

import httpx

from readycheck.gather.deployment.shapes import shape
from readycheck.redact import redact, redact_url

#: What stands for a value that is never shown.
MASKED = "[redacted]"

#: Name and value together, in bytes, beyond which browsers drop a cookie (RFC 6265bis §5.6).
LONGEST_COOKIE = 4097

_SECRET_HEADER = re.compile(r"authorization|.*-authorization|.*(?:token|secret|api-?key|password|session-?id)")


def shown_headers(url: httpx.URL, lines: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The header lines of a response from this URL, as they may be saved and shown."""
    return tuple((name, _shown_value(name, value, url)) for name, value in lines)


def _shown_value(name: str, value: str, url: httpx.URL) -> str:
    if name in ("set-cookie", "set-cookie2"):
        return masked_cookie(value)
    if name == "location":
        target = destination(url, value)
        return shown(target) if target is not None else redact(value)
    return MASKED if _SECRET_HEADER.fullmatch(name) else redact(value)


def masked_cookie(line: str) -> str:
    """A `Set-Cookie` line with its name, its attributes and the shape of its value, and nothing of the value itself."""
    pair, semicolon, attributes = line.partition(";")
    name, equals, value = pair.partition("=")
    kind = "oversized" if len(pair) > LONGEST_COOKIE else shape(value.strip())
    masked = f"[redacted {kind}]" if kind else MASKED
    head = f"{name.strip()}={masked}" if equals else MASKED
    return f"{head}{semicolon}{redact(attributes)}"


def destination(url: httpx.URL, location: str) -> httpx.URL | None:
    """Where a redirect points, or None when it points nowhere that HTTP can go."""
    if not location:
        return None
    try:
        target = url.join(location).copy_with(fragment=None, username=None, password=None)
    except (httpx.InvalidURL, ValueError, TypeError):
        return None
    return target if target.scheme in ("http", "https") and target.host else None


def shown(url: httpx.URL) -> str:
    """The URL as it may be shown: without user, password, query values and fragment."""
    return redact_url(str(url))
