"""Reads dotenv files as the libraries of that name do; nothing in them is run or expanded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from readycheck.errors import TargetError

#: The most bytes of a file that is read; a longer one is no dotenv file.
LARGEST = 1024 * 1024

_HEAD = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def read_dotenv(path: str | Path) -> dict[str, str]:
    """The variables of a file; of two with one name the later counts.

    Raises:
        TargetError: it cannot be read, is no text, or has more than `LARGEST` bytes.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise TargetError(f"cannot read the environment from {path}: {error}") from error
    if len(data) > LARGEST or b"\0" in data:
        raise TargetError(f"{path} is no dotenv file", hint="it must be text of at most 1 MiB, with lines NAME=value")
    return parse_dotenv(data.decode("utf-8-sig", "replace"))


def parse_dotenv(text: str) -> dict[str, str]:
    r"""The variables of a dotenv text.

    Lines are `NAME=value`, `export` before them allowed. In single quotes and backticks a value is literal, in double
    quotes `\n`, `\"` and the like are undone; both may go over lines. An unquoted value ends at ` #` or with its line.
    A line that is nothing of this is left out.
    """
    return dict(_pairs(text.replace("\r\n", "\n").replace("\r", "\n")))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text):
        head = _HEAD.match(text, place)
        if head is None:
            place = _next_line(text, place)
            continue
        value, place = _value(text, head.end())
        yield head[1], value


def _value(text: str, start: int) -> tuple[str, int]:
    quote = text[start : start + 1]
    end = _closing(text, start + 1, quote) if quote and quote in "\"'`" else -1
    if end >= 0:
        inner = text[start + 1 : end]
        if quote == '"':
            inner = _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), inner)
        return inner, _next_line(text, end)
    after = _next_line(text, start)
    line = text[start:after].rstrip("\n")
    return re.split(r"(?:^|[ \t])#", line, maxsplit=1)[0].strip(), after


def _closing(text: str, start: int, quote: str) -> int:
    end = text.find(quote, start)
    while quote == '"' and end >= 0 and _is_escaped(text, end, start):
        end = text.find(quote, end + 1)
    return end


def _is_escaped(text: str, place: int, start: int) -> bool:
    slashes = 0
    while place - slashes > start and text[place - slashes - 1] == "\\":
        slashes += 1
    return slashes % 2 == 1


def _next_line(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end + 1
