"""Reads header values as browsers do. Every function takes any text and never raises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_SHAPE = re.compile(r"\[redacted (jwt|signed|random|oversized)\]")
_SECONDS = re.compile(r"\d{1,18}")
_META = re.compile(r"<meta\b([^>]{1,8000}+)>", re.IGNORECASE)
_META_ATTRIBUTE = re.compile(r"\b(http-equiv|content)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)

#: The most characters of a cookie's name that are kept.
LONGEST_NAME = 200

#: A policy: its directives by name, each with its source expressions in order.
Policy = Mapping[str, tuple[str, ...]]


class Cookie(NamedTuple):
    """A `Set-Cookie` line (RFC 6265 §5.2): name and attributes, their names in lower case; of two the last counts.

    `shape` is what the gatherer saw in the value before it masked it: `jwt`, `signed`, `random`, `oversized`, or nothing.
    """

    name: str
    attributes: Mapping[str, str]
    shape: str = ""


def directives(line: str, separator: str) -> tuple[tuple[str, str], ...]:
    """Names (in lower case) and values of a line such as `max-age=60; includeSubDomains`; quotes around values undone.

    A separator inside quotes separates nothing.
    """
    parts = re.findall(rf'(?:[^{re.escape(separator)}"]|"[^"]*"?)+', line)
    pairs = (part.partition("=") for part in parts)
    return tuple((name.strip().lower(), _unquoted(value.strip())) for name, _, value in pairs if name.strip())


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] == '"'
    return value[1:-1] if quoted else value


def seconds_of(line: str, name: str, separator: str) -> int | None:
    """The directive's seconds; None when it is missing, repeated, or no plain number (RFC 6797 §6.1)."""
    found = [value for directive, value in directives(line, separator) if directive == name]
    return int(found[0]) if len(found) == 1 and _SECONDS.fullmatch(found[0]) and found[0].isascii() else None


def cookie(line: str) -> Cookie:
    """A cookie from its line."""
    pair, *rest = line.split(";")
    name, equals, value = pair.partition("=")
    shape = _SHAPE.fullmatch(value.strip())
    attributes = {key.strip().lower(): value.strip() for key, _, value in (part.partition("=") for part in rest)}
    return Cookie(name.strip()[:LONGEST_NAME] if equals else "", attributes, shape[1] if shape else "")


def policies(lines: Iterable[str]) -> tuple[Policy, ...]:
    """Every Content-Security-Policy of these lines; commas divide policies (CSP 3 §2.2.2). All of them are enforced."""
    texts = [text for line in lines for text in line.split(",")]
    return tuple(policy for text in texts if (policy := _policy(text)))


def _policy(text: str) -> Policy:
    found: dict[str, tuple[str, ...]] = {}
    for part in text.split(";"):
        name, *sources = part.split() or [""]
        # Of a repeated directive the first counts (CSP 3 §2.2.1).
        if name:
            found.setdefault(name.lower(), tuple(sources))
    return found


def meta_policies(html: str) -> tuple[Policy, ...]:
    """The policies of a page's own `<meta>` tags, without those directives that do nothing there (HTML §4.2.5.3)."""
    contents = []
    for tag in _META.finditer(uncommented(html)):
        attributes = {found[1].lower(): found[2] or found[3] or "" for found in _META_ATTRIBUTE.finditer(tag[1])}
        if attributes.get("http-equiv", "").strip().lower() == "content-security-policy":
            contents.append(attributes.get("content", ""))
    ignored = ("frame-ancestors", "report-uri", "sandbox")
    return tuple({name: policy[name] for name in policy if name not in ignored} for policy in policies(contents))


def uncommented(html: str) -> str:
    """The mark-up without its comments; one that never ends hides everything after it, as it does in a browser."""
    kept, rest = [], html
    while rest:
        before, mark, after = rest.partition("<!--")
        kept.append(before)
        rest = after.partition("-->")[2] if mark else ""
    return "".join(kept)
