"""Writes out the examples of rules: their files hold templates, so that no scanner takes them for secrets."""

from __future__ import annotations

import re
import string
from random import Random

_KINDS = {
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "digits": string.digits,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "alpha": string.ascii_letters,
    "alnum": string.ascii_letters + string.digits,
    "lowernum": string.ascii_lowercase + string.digits,
    "uppernum": string.ascii_uppercase + string.digits,
    "base32": string.ascii_uppercase + "234567",
    "base64": string.ascii_letters + string.digits + "+/",
    "base64url": string.ascii_letters + string.digits + "-_",
    "print": string.ascii_letters + string.digits + "!#$%&*+-.:;=?@^_~",
}
_PLACE = re.compile(r"%\{(?P<kind>\w+) (?P<count>\d+)\}")


def written(template: str, random: Random) -> str:
    """The template with `%{hex 40}` and the like filled in; `%{uuid 1}` is a UUID of version 4, `%{text foo}` no place.

    Raises:
        KeyError: there is no such kind of characters.
    """

    def fill(match: re.Match[str]) -> str:
        kind, count = match["kind"], int(match["count"])
        if kind == "uuid":
            digits = "".join(random.choices(_KINDS["hex"], k=32))
            return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
        letters = _KINDS[kind]
        # Each letter at most so often as chance would have it: a run of one letter is no secret.
        return "".join(random.sample(letters * (count // len(letters) + 1), k=count))

    return _PLACE.sub(fill, template)
