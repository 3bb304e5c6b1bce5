"""Turns bytes of unknown origin into text, or says why they are none."""

from __future__ import annotations

import codecs

#: A file larger than this is not read as text, in bytes.
LARGEST_TEXT = 2 * 1024 * 1024
#: How far a NUL byte is looked for; git itself judges by the same span (`buffer_is_binary`).
_LOOKED_AT = 8000
_LFS = b"version https://git-lfs.github.com/spec/v1\n"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Unreadable(ValueError):  # noqa: N818 - the sentence is the reason that a reader is shown
    """The bytes are no text that can be searched; the message says why."""


def decode(data: bytes) -> str:
    """The text of a file: by its byte order mark, else as UTF-8, else as Latin-1, which takes any byte.

    Raises:
        Unreadable: it is larger than `LARGEST_TEXT`, binary, a Git LFS pointer, or not what its mark says.
    """
    if len(data) > LARGEST_TEXT:
        raise Unreadable("larger than 2 MiB")
    if data.startswith(_LFS):
        raise Unreadable("a Git LFS pointer: its content is elsewhere")
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "")
    if not encoding and b"\0" in data[:_LOOKED_AT]:
        raise Unreadable("binary")
    try:
        return data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding:
            raise Unreadable("not decodable as its byte order mark says") from error
    return data.decode("latin-1")
