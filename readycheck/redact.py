"""Takes secrets out of text, once, where facts are made."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import log2

#: A value longer than this, in a place that is named like a secret, is taken for one.
SHORTEST_SECRET = 6

# A name starts only where a run of its letters starts, and its tail gives no letter back: text made to be hostile
# ("a-a-a-…") is then read in linear time.
_NAMED = (
    r"(?<![\w.-])[\w.-]*(?:passw(?:or)?d|passwd|pwd|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credential|dsn"
    r"|encryption[_-]?key)[\w-]{0,200}+"
)
_ASSIGNED = re.compile(
    rf"(?P<head>{_NAMED}[\"']?\s*(?:[:=]|=>|:=)\s*)(?P<quote>[\"'`]?)(?P<value>[^\s\"'`,;)}}\]]{{{SHORTEST_SECRET},}})",
    re.IGNORECASE,
)
_URL_PASSWORD = re.compile(
    r"(?P<head>\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"']{0,200}:)(?P<value>[^\s@/\"']{1,500})(?=@)", re.IGNORECASE
)
_KNOWN = re.compile(
    r"""\b(?:
      (?:AKIA|ASIA)[0-9A-Z]{16}
    | gh[pousr]_[A-Za-z0-9]{20,255}
    | github_pat_[A-Za-z0-9_]{20,255}
    | glpat-[A-Za-z0-9_-]{20,255}
    | xox[abeoprs]-[A-Za-z0-9-]{10,255}
    | (?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,255}
    | sk-[A-Za-z0-9_-]{20,255}
    | AIza[0-9A-Za-z_-]{30,60}
    | SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}
    | npm_[A-Za-z0-9]{36}
    | eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{0,2000}
    )""",
    re.VERBOSE,
)
_ARMOUR = re.compile(
    r"-----BEGIN (?P<kind>[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?)-----.*?(?:-----END (?P=kind)-----|\Z)", re.DOTALL
)
_REFERENCE = re.compile(
    r"^(?:\[redacted|\$|process\.env|os\.environ|os\.getenv|env\(|ENV\[|<|\{\{|%\(|System\.getenv|config\.|settings\.)"
)


def mask(value: str) -> str:
    """What may be shown of a secret: that it is there, and how long it is."""
    return f"[redacted, {len(value)} characters]"


def _assigned(match: re.Match[str], spare: Callable[[str, str], bool]) -> str:
    value = match["value"]
    if _REFERENCE.match(value) or spare(match["head"], value):
        return match[0]
    return f"{match['head']}{match['quote']}{mask(value)}"


def _in_url(match: re.Match[str], spare: Callable[[str, str], bool]) -> str:
    reference = re.fullmatch(r"\$\{?\w+\}?", match["value"]) or spare(f"{match['head']}=", match["value"])
    return match[0] if reference else f"{match['head']}[redacted]"


def _spare_nothing(_head: str, _value: str) -> bool:
    return False


def redact(text: str, spare: Callable[[str, str], bool] = _spare_nothing) -> str:
    """The text with everything that looks like a secret masked.

    References to secrets (`process.env.JWT_SECRET`, `${TOKEN}`) stay: they are the evidence that a secret is not there.
    `spare` is asked of each assignment (what stands before the value, and the value) whether it is none.
    """
    text = _ARMOUR.sub(lambda match: f"-----BEGIN {match['kind']}----- [redacted]", text)
    text = _KNOWN.sub(lambda match: mask(match[0]), text)
    text = _URL_PASSWORD.sub(lambda match: _in_url(match, spare), text)
    return _ASSIGNED.sub(lambda match: _assigned(match, spare), text)


def redact_url(url: str) -> str:
    """A URL without user, password, query values and fragment: enough to know which target it was.

    Of a text that is no URL nothing is shown, as nobody knows where in it a password would be.
    """
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return "[not a URL]"
    host = parts.netloc.rpartition("@")[2]
    user = "[redacted]@" if "@" in parts.netloc else ""
    # urlunsplit would drop the slashes of an empty host, and with them what SQLite's URLs mean.
    scheme = f"{parts.scheme}://" if parts.scheme else ""
    return f"{scheme}{user}{host}{parts.path}" + ("?[redacted]" if parts.query else "")


def entropy(value: str) -> float:
    """Shannon entropy of the value in bits a character (0 for an empty value)."""
    size = len(value)
    return -sum(count / size * log2(count / size) for count in (value.count(letter) for letter in set(value)))
