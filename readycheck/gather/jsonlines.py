"""Reads JSON with the line of every value; trailing commas, which configuration files of the web have, are allowed."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from readycheck.gather.values import DEEPEST, Collector, Unparsable, safe_item

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n\ufeff]+)
      | (?P<text>"(?:[^"\\\n]|\\.)*")
      | (?P<word>true|false|null|-?\d[\d.eE+-]*)
      | (?P<sign>[][{}:,])""",
    re.VERBOSE,
)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def read_json(text: str, into: Collector) -> None:
    """Every value of a JSON text, in its order.

    Raises:
        Unparsable: it is no JSON, or nested too deeply.
    """
    reader = _Reader(text)
    reader.value((), into)
    if reader.next.kind != "end":
        reader.refuse()


class _Reader:
    """The tokens of a text, one ahead."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._line = 1
        self.next = self._token()

    def _token(self) -> _Token:
        while self._position < len(self._text):
            found = _TOKEN.match(self._text, self._position)
            if found is None:
                raise Unparsable(f"not valid JSON (line {self._line})")
            self._position = found.end()
            if found.lastgroup == "space":
                self._line += found[0].count("\n")
                continue
            return _Token(str(found.lastgroup), found[0], self._line)
        return _Token("end", "", self._line)

    def take(self) -> _Token:
        taken, self.next = self.next, self._token()
        return taken

    def refuse(self) -> None:
        raise Unparsable(f"not valid JSON (line {self.next.line})")

    def value(self, steps: tuple[str, ...], into: Collector) -> str:
        """Read one value; gives its text, or nothing for a mapping or a list."""
        if len(steps) > DEEPEST:
            raise Unparsable("refused: nested too deeply")
        token = self.take()
        if token.text == "{":
            return self._container(steps, into, token, "}")
        if token.text == "[":
            return self._container(steps, into, token, "]")
        if token.kind not in ("text", "word"):
            raise Unparsable(f"not valid JSON (line {token.line})")
        text = _unquoted(token)
        into.add(steps, token.line, text)
        return text

    def _container(self, steps: tuple[str, ...], into: Collector, opened: _Token, closing: str) -> str:
        place = len(into.values)
        names: list[str] = []
        while self.next.text != closing or self.next.kind != "sign":
            if closing == "}":
                names.append(self._key())
                self.value((*steps, names[-1]), into)
            else:
                names.append(self.value((*steps, str(len(names))), into))
            if self.next.text == ",":
                self.take()
            elif self.next.text != closing:
                self.refuse()
        self.take()
        into.add(
            steps, opened.line, ", ".join(map(safe_item, filter(None, names))), named="keys" if closing == "}" else ""
        )
        if steps:
            # A container comes before what is in it, and reads as what only its end completes.
            into.values.insert(place, into.values.pop())
        return ""

    def _key(self) -> str:
        key = self.take()
        if key.kind != "text" or self.take().text != ":":
            self.refuse()
        return _unquoted(key)


def _unquoted(token: _Token) -> str:
    if token.kind != "text":
        return token.text
    try:
        return str(json.loads(token.text, strict=False)).encode("utf-8", "replace").decode("utf-8")
    except ValueError as error:
        raise Unparsable(f"not valid JSON (line {token.line})") from error
