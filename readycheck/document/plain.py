"""The plain words of a line of Markdown: what a reader sees, without markup and decoration."""

from __future__ import annotations

import html
import re

_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\]\([^)\n]{0,1000}\)")
_LINK = re.compile(
    r"\[([^\]\n]{1,500})\](?:\([^()\n]{0,1000}(?:\([^()\n]{0,200}\)[^()\n]{0,200})?\)|\[[^\]\n]{0,200}\])"
)
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,500}>")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]{1,1000})>")
_STRONG = re.compile(r"\*\*|(?<!\w)__|__(?!\w)|~~")
_EMPHASIS = re.compile(r"(?<![\w*])[*_](?=\S)([^*_\n]{1,500}?)(?<=\S)[*_](?![\w*])")
_CODE = re.compile(r"(`+)(?P<code>.{1,1000}?)\1(?!`)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_SPACE = re.compile(r"\s+")
#: Pictures that stand before or after a text and say nothing; marks of state are taken off before.
_PICTURES = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u231a-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d"
    "\u3297\u3299\ufe0e\ufe0f\u200d\u20e3\U0001f000-\U0001faff\U000e0020-\U000e007f"
)
_DECORATION = re.compile(f"^(?:[{_PICTURES}]+[\\s:]*)+|(?:[\\s]*[{_PICTURES}]+)+$")


def plain(text: str) -> str:
    """The text without Markdown's and HTML's markup, its spaces single."""
    if not any(mark in text for mark in "*_`[<&\\~"):
        return _SPACE.sub(" ", text).strip()
    kept: list[str] = []

    def aside(match: re.Match[str]) -> str:
        kept.append(match["code"].strip())
        return f"\x00{len(kept) - 1}\x00"

    text = _CODE.sub(aside, text)
    text = _AUTOLINK.sub(r"\1", _LINK.sub(r"\1", _IMAGE.sub(r"\1", text)))
    text = _TAG.sub(" ", text)
    text = _EMPHASIS.sub(r"\1", _STRONG.sub("", text))
    text = html.unescape(_ESCAPE.sub(r"\1", text))
    text = re.sub(r"\x00(\d+)\x00", lambda match: kept[int(match[1])] if int(match[1]) < len(kept) else "", text)
    return _SPACE.sub(" ", text).strip()


def undecorated(text: str) -> str:
    """The text without the pictures before and after it; a text of nothing else stays."""
    return _DECORATION.sub("", text).strip() or text.strip()
