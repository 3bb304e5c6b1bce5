"""Turns what a scan suspects in a buffer of many texts into credentials, each by text and line, and veiled at once."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from readycheck.gather.secrets.judge import AFTER, BEFORE, LONGEST_LINE, Match, chosen, matches, pieces_at
from readycheck.gather.secrets.loose import LONGEST_LINE as LONGEST_LOOSE
from readycheck.gather.secrets.rules import Rule
from readycheck.gather.secrets.scan import Scanner, Suspicion
from readycheck.gather.secrets.veil import Veiled, veiled

#: So many bytes of judgements on pieces of text are remembered: versions of a file repeat nearly all of their lines.
MOST_REMEMBERED = 24 * 1024 * 1024
_ENTRY = 250  # what an entry of a dictionary takes beside its bytes
#: A text with a NUL among its first bytes is binary, as git sees it.
BINARY_HEAD = 8000
_PLAIN, _LOOSE, _LINES = "plain", "loose", "lines"
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
        self._kinds = [_LINES if rule.text.lines else _LOOSE if rule.text.loose else _PLAIN for rule in rules]
        self._judged: dict[tuple[int, bytes], _Spans] = {}
        self._held = 0
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
        found = self._found(buffer, span, suspicions)
        if found and buffer.find(b"\0", span.start, min(span.end, span.start + BINARY_HEAD)) >= 0:
            found = {each for each in found if not self._rules[each[2]].text.loose}
        line, counted = span.lines + 1, span.start
        for match in chosen(Match(low, high, self._rules[number]) for low, high, number in found):
            line += buffer.count(b"\n", counted, match.start)
            counted = match.start
            yield Site(span.number, line, match.rule.id, self._veil(bytes(buffer[match.start : match.end])))

    def _found(
        self, buffer: bytes | bytearray, span: Span, suspicions: Iterable[Suspicion]
    ) -> set[tuple[int, int, int]]:
        """What the rules that are suspected find on the lines where they are: starts, ends, and numbers of rules."""
        found: set[tuple[int, int, int]] = set()
        judged, kinds = self._judged, self._kinds
        start = stop = -1
        piece, short = b"", False
        # Suspicions come in the order of their places, and most are on the line of the last.
        for end, number in suspicions:
            if kinds[number] is _LINES:
                self._over_lines(buffer, span, end, number, found)
                continue
            if not start < end <= stop:
                start = buffer.rfind(b"\n", span.start, end - 1) + 1 or span.start
                stop = buffer.find(b"\n", end - 1, span.end)
                stop = span.end if stop < 0 else stop
                short = stop - start <= LONGEST_LINE
                piece = bytes(buffer[start:stop]) if short else b""
            if not short:
                for low, high in pieces_at(start, stop, end):
                    self._look(buffer, low, high, number, found)
            elif kinds[number] is _PLAIN or len(piece) <= LONGEST_LOOSE:
                known = judged.get((number, piece))
                if known is None:
                    known = self._judge(number, piece)
                for low, high in known:
                    found.add((start + low, start + high, number))
        return found

    def _over_lines(
        self, buffer: bytes | bytearray, span: Span, end: int, number: int, found: set[tuple[int, int, int]]
    ) -> None:
        widest = self._rules[number].widest
        first = buffer.rfind(b"\n", span.start, max(span.start, end - min(BEFORE, widest))) + 1 or span.start
        last = buffer.find(b"\n", min(span.end, end + min(AFTER, widest)), span.end)
        self._look(buffer, first, span.end if last < 0 else last, number, found)

    def _look(
        self, buffer: bytes | bytearray, low: int, high: int, number: int, found: set[tuple[int, int, int]]
    ) -> None:
        if self._kinds[number] is _LOOSE and high - low > LONGEST_LOOSE:
            return
        piece = bytes(buffer[low:high])
        key = piece if len(piece) <= LONGEST_LINE else blake2b(piece, digest_size=16).digest()
        known = self._judged.get((number, key))
        for first, last in self._judge(number, piece, key) if known is None else known:
            found.add((low + first, low + last, number))

    def _judge(self, number: int, piece: bytes, key: bytes | None = None) -> _Spans:
        if self._held > MOST_REMEMBERED:
            self._judged.clear()
            self._held = 0
        known = tuple((match.start, match.end) for match in matches(self._rules[number], piece))
        self._judged[number, piece if key is None else key] = known
        self._held += len(piece if key is None else key) + _ENTRY
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
