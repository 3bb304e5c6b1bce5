"""Turns what a scan suspects in a buffer of many texts into credentials, each by text and line, and veiled at once."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from readycheck.gather.secrets.judge import AFTER, BEFORE, Match, chosen, matches, pieces_at
from readycheck.gather.secrets.loose import LONGEST_LINE as LONGEST_LOOSE
from readycheck.gather.secrets.rules import Rule
from readycheck.gather.secrets.scan import Scanner, Suspicion
from readycheck.gather.secrets.veil import Veiled, veiled

#: So many judgements on pieces of text are remembered: versions of a file repeat nearly all of their lines.
MOST_REMEMBERED = 200_000
#: A text with a NUL among its first bytes is binary, as git sees it.
BINARY_HEAD = 8000
_SHORT = 256
_SHORTEST_UTF16 = 16
_UTF16 = re.compile(rb"\A(?:\xff\xfe|\xfe\xff|(?:[\t\r\n -~]\0){8}|(?:\0[\t\r\n -~]){8})")

_Spans = tuple[tuple[int, int], ...]


class Span(NamedTuple):
    """A text in a buffer: its number among all that are scanned, where it starts and ends, and lines that went before."""

    number: int
    start: int
    end: int
    lines: int = 0


class Site(NamedTuple):
    """A credential in a text: the text's number, the line, the rule's id, and what may be known of the credential."""

    number: int
    line: int
    rule: str
    secret: Veiled


class Sifter:
    """Scans buffers and judges what is suspected; serves one thread."""

    def __init__(self, rules: Sequence[Rule], scanner: Scanner, key: bytes) -> None:
        self._rules, self._scanner, self._key = rules, scanner, key
        self._judged: dict[tuple[int, bytes], _Spans] = {}
        self._veiled: dict[bytes, Veiled] = {}

    def twin(self) -> Sifter:
        """A sifter for another thread."""
        return Sifter(self._rules, self._scanner.twin(), self._key)

    def sift(self, buffer: bytes | bytearray, size: int, spans: Sequence[Span]) -> Iterator[Site]:
        """The credentials of the texts that stand in the first `size` bytes of a buffer, in their order."""
        with memoryview(buffer) as view:
            suspicions = self._scanner.suspicions(view[:size])
        starts = [span.start for span in spans]
        at = 0
        while at < len(suspicions):
            index = bisect_right(starts, suspicions[at][0] - 1) - 1
            first, limit = at, spans[index].end if index >= 0 else 0
            at += 1
            while at < len(suspicions) and suspicions[at][0] <= limit:
                at += 1
            if index >= 0 and suspicions[first][0] <= limit:
                yield from self._text(buffer, spans[index], suspicions[first:at])
        for span in spans:
            # Two bytes, one of them NUL or a mark of order, tell UTF-16 from all but binary files.
            if span.end - span.start >= _SHORTEST_UTF16 and (
                not buffer[span.start] or not buffer[span.start + 1] or buffer[span.start] >= 0xFE  # noqa: PLR2004
            ):
                yield from self._wide(buffer, span)

    def _text(self, buffer: bytes | bytearray, span: Span, suspicions: Iterable[Suspicion]) -> Iterator[Site]:
        found: set[Match] = set()
        for (start, stop), numbers in self._suspected(buffer, span, suspicions).items():
            piece = bytes(buffer[start:stop])
            key = piece if len(piece) <= _SHORT else blake2b(piece, digest_size=16).digest()
            for number in numbers:
                rule = self._rules[number]
                found.update(Match(start + low, start + high, rule) for low, high in self._judge(number, key, piece))
        if found and buffer.find(b"\0", span.start, min(span.end, span.start + BINARY_HEAD)) >= 0:
            found = {match for match in found if not match.rule.text.loose}
        for match in chosen(found):
            line = span.lines + buffer.count(b"\n", span.start, match.start) + 1
            yield Site(span.number, line, match.rule.id, self._veil(bytes(buffer[match.start : match.end])))

    def _suspected(
        self, buffer: bytes | bytearray, span: Span, suspicions: Iterable[Suspicion]
    ) -> dict[tuple[int, int], dict[int, None]]:
        """The pieces of a text that are to be judged, each once, and the rules that are to judge them."""
        found: dict[tuple[int, int], dict[int, None]] = {}
        start = stop = -1
        for end, number in suspicions:
            text = self._rules[number].text
            if text.lines:
                first = buffer.rfind(b"\n", span.start, max(span.start, end - BEFORE)) + 1 or span.start
                last = buffer.find(b"\n", min(span.end, end + AFTER), span.end)
                found.setdefault((first, span.end if last < 0 else last), {})[number] = None
                continue
            if (
                not start < end <= stop
            ):  # suspicions come in the order of their places: most are on the line of the last
                start = buffer.rfind(b"\n", span.start, end - 1) + 1 or span.start
                stop = buffer.find(b"\n", end - 1, span.end)
                stop = span.end if stop < 0 else stop
            for low, high in pieces_at(start, stop, end):
                if not (text.loose and high - low > LONGEST_LOOSE):
                    found.setdefault((low, high), {})[number] = None
        return found

    def _judge(self, number: int, key: bytes, piece: bytes) -> _Spans:
        known = self._judged.get((number, key))
        if known is None:
            if len(self._judged) >= MOST_REMEMBERED:
                self._judged.clear()
            known = tuple((match.start, match.end) for match in matches(self._rules[number], piece))
            self._judged[number, key] = known
        return known

    def _wide(self, buffer: bytes | bytearray, span: Span) -> Iterator[Site]:
        head = bytes(buffer[span.start : span.start + 16])
        if not _UTF16.match(head):
            return
        order = "utf-16" if head[:1] >= b"\xfe" else "utf-16-le" if head[1] == 0 else "utf-16-be"
        text = bytes(buffer[span.start : span.end]).decode(order, "replace").encode("utf-8", "replace")
        yield from self.sift(text, len(text), [Span(span.number, 0, len(text), span.lines)])

    def _veil(self, secret: bytes) -> Veiled:
        key = blake2b(secret, key=self._key, digest_size=16).digest()
        if key not in self._veiled:
            self._veiled[key] = veiled(secret, self._key)
        return self._veiled[key]
