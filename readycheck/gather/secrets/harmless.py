"""Tells what only looks like a credential: placeholders, references, counters, runs of one letter."""

from __future__ import annotations

import re
from math import log2

_PLACEHOLDER = re.compile(
    rb"example|sample|placeholder|changeme|change[_-]me|your[_-]?|xxxx|\*\*\*\*|\.\.\.|dummy|fake|todo|redacted|<[\w -]+>|\$\{|\{\{|%\(",
    re.IGNORECASE,
)


def is_harmless(secret: bytes) -> bool:
    """Is the value one that nobody could log in with?"""
    return bool(_PLACEHOLDER.search(secret)) or len(set(secret)) <= 3  # noqa: PLR2004 - three letters are no secret


def bits(value: bytes) -> float:
    """Shannon entropy of the bytes, in bits each (0 for none)."""
    size = len(value)
    return -sum(count / size * log2(count / size) for count in (value.count(byte) for byte in set(value)))
