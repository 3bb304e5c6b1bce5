"""Replaces a credential, where it is found, by what may be known of it."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

#: The most letters of a credential that are ever shown, and how long it must be for so many.
MOST_SHOWN, LONG = 4, 20
_MIDDLING = 12
#: Rounds of the check's hash: guessing through it is slow, and its 16 bits fit one wrong guess in 65,536.
_ROUNDS = 1000


class Veiled(NamedTuple):
    """What is kept of a credential.

    `digest` tells equal ones apart from others, under a key that stays on this machine. `check` are 16 bits of a slow hash:
    enough for a waiver to notice that another credential stands in its place, too little to confirm a guess. `preview` shows
    at most four letters.
    """

    digest: bytes
    check: int
    preview: str


def veiled(secret: bytes, key: bytes) -> Veiled:
    """What may be known of this credential."""
    digest = hashlib.blake2b(secret, key=key, digest_size=16).digest()
    check = hashlib.pbkdf2_hmac("sha256", secret, b"readycheck", _ROUNDS, 2)
    return Veiled(digest, int.from_bytes(check), preview(secret))


def preview(secret: bytes) -> str:
    """The first letters of a long credential, fewer of a shorter one, and how long it is."""
    shown = MOST_SHOWN if len(secret) >= LONG else MOST_SHOWN // 2 if len(secret) >= _MIDDLING else 0
    head = "".join(chr(byte) if 0x20 < byte < 0x7F else "?" for byte in secret[:shown])  # noqa: PLR2004 - what ASCII prints
    return f"{head}… ({len(secret)} characters)"
