"""Tells from a cookie's value what kind of thing it is, without keeping any of it."""

from __future__ import annotations

import re
from math import log2
from urllib.parse import unquote

#: Bits below which a random value could be guessed (OWASP Session Management asks for 64).
LEAST_BITS = 64

_JWT = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")
# Express signs with `s:value.signature`; Flask and Django with value, time and signature between dots or colons.
_SIGNED = re.compile(
    r"s:[\w-]{8,}\.[\w+/=-]{20,}|[\w-]{8,}(?:[.:][\w-]{5,7}[.:])[\w-]{20,}|[\w%+/=-]{20,}--[0-9a-f]{32,}"
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_LETTERS = re.compile(r"[\w+/=-]{16,4096}")


def shape(value: str) -> str:
    """`jwt`, `signed`, `random` (at least 64 bits without a word in them), or nothing for anything else."""
    text = unquote(value).strip('"')
    if _JWT.fullmatch(text):
        return "jwt"
    if _SIGNED.fullmatch(text):
        return "signed"
    if _UUID.fullmatch(text) or (_LETTERS.fullmatch(text) and _bits(text) >= LEAST_BITS):
        return "random"
    return ""


def _bits(text: str) -> float:
    """The bits of a text whose letters are as mixed as they look; words and numbers alone have few."""
    if text.isdecimal() or (text.isalpha() and (text.islower() or text.isupper() or text.istitle())):
        return 0.0
    shares = [text.count(letter) / len(text) for letter in set(text)]
    return -sum(share * log2(share) for share in shares) * len(text)
