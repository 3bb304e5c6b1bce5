"""Undoes content codings within bounds: a few kilobytes on the wire may stand for gigabytes."""

from __future__ import annotations

import re
import zlib
from typing import NamedTuple

#: The most bytes that a body may grow to.
MOST_DECODED = 8 * 1024 * 1024

#: Codings laid over each other, of which more than two have never had a use.
MOST_LAYERS = 2

# Codecs that read text in linear time; Python knows others (`punycode`, `idna`) that do not.
_CHARSET = re.compile(
    r"utf-?8|utf-?16(?:le|be)?|(?:us-)?ascii|iso-?8859-?\d{1,2}|latin-?1|windows-125\d|cp125\d|koi8-[ru]"
    r"|shift_jis|euc-(?:jp|kr)|gb2312|gbk|gb18030|big5",
    re.IGNORECASE,
)


class Decoded(NamedTuple):
    """The bytes of a body, and why they are not all of it (empty when they are)."""

    data: bytes
    incomplete: str = ""


def decode(data: bytes, coding: str) -> Decoded:
    """The body behind a `Content-Encoding` (RFC 9110 §8.4); what cannot be undone is empty, with the reason."""
    layers = [layer.strip().lower() for layer in coding.split(",") if layer.strip().lower() not in ("", "identity")]
    if len(layers) > MOST_LAYERS:
        return Decoded(b"", f"the body is encoded {len(layers)} times over")
    found = Decoded(data)
    for layer in reversed(layers):
        if layer not in ("gzip", "x-gzip", "deflate"):
            return Decoded(b"", f"the body is encoded as {layer[:20]!r}, which was not asked for")
        inner = _inflated(found.data, layer)
        found = Decoded(inner.data, inner.incomplete or found.incomplete)
    return found


def _inflated(data: bytes, layer: str) -> Decoded:
    if not data:
        return Decoded(b"")
    # Servers send "deflate" both with the zlib header that RFC 9110 §8.4.1.2 asks for and without it.
    windows = (zlib.MAX_WBITS | 16,) if layer != "deflate" else (zlib.MAX_WBITS, -zlib.MAX_WBITS)
    problem = ""
    for window in windows:
        machine = zlib.decompressobj(window)
        try:
            out = machine.decompress(data, MOST_DECODED)
        except zlib.error as error:
            problem = str(error)
            continue
        if machine.unconsumed_tail:
            return Decoded(out, f"the body grows beyond {MOST_DECODED // 1024 // 1024} MiB")
        return Decoded(out, "" if machine.eof else "the encoded body ends early")
    return Decoded(b"", f"the body is not {layer}, as its header says: {problem}")


def text_of(data: bytes, content_type: str) -> str:
    """The bytes as text in the charset of the content type, UTF-8 if that is none; binary data is an empty text."""
    if b"\0" in data[:1024] and "utf-16" not in content_type.lower():
        return ""
    named = re.search(r"charset\s*=\s*\"?([\w.:-]{1,30})", content_type, re.IGNORECASE)
    charset = named[1] if named and _CHARSET.fullmatch(named[1]) else "utf-8"
    try:
        return data.decode(charset, "replace")
    except LookupError:
        return data.decode("utf-8", "replace")
