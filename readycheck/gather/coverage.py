"""Reads line coverage out of the reports that test runners write; XML without entities, everything bounded."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from xml.parsers import expat

from msgspec import Struct

#: The most elements of an XML report and the deepest nesting.
MOST_ELEMENTS, DEEPEST = 5_000_000, 100


class NoReport(ValueError):  # noqa: N818 - the sentence is the reason that a reader is shown
    """The file is no coverage report, or one that measured nothing; the message says why."""


class Report(Struct, frozen=True):
    """Line coverage in percent, the format that it was read from, and when it was measured (0 if that is not said)."""

    percent: float
    format: str
    measured_at: float = 0.0


def read_report(data: bytes, path: str) -> Report:
    """The coverage that a report shows; the format is told by the content, not by the name.

    Raises:
        NoReport: it is none of lcov, Cobertura, Clover, JaCoCo, Istanbul's summary, coverage.py JSON, SimpleCov's last
            run or a Go cover profile; or it is malformed, uses entities, or counts no lines.
    """
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return _xml(data)
    if start.startswith(b"{"):
        return _json(data)
    if start.startswith(b"mode:"):
        return _go(data)
    if re.search(rb"^SF:", start, re.MULTILINE) or path.endswith((".info", ".lcov")):
        return _lcov(data)
    raise NoReport("of no coverage format that is known")


def _percent(covered: float, total: float, kind: str, measured_at: float = 0.0) -> Report:
    if total <= 0:
        raise NoReport("it counts no lines")
    if not 0 <= covered <= total:
        raise NoReport("its counts contradict each other")
    return Report(round(100 * covered / total, 2), kind, measured_at)


def _lcov(data: bytes) -> Report:
    """LF and LH are optional (geninfo(1)): a file without them is counted by its DA lines."""
    covered = total = 0
    hits: dict[str, bool] = {}
    declared: dict[str, int] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        word, _, rest = line.strip().partition(":")
        if word == "DA":
            number, _, count = rest.partition(",")
            hits[number] = hits.get(number, False) or not count.partition(",")[0].strip().startswith(("0", "-"))
        elif word in ("LF", "LH"):
            declared[word] = _whole(rest)
        elif line.strip() == "end_of_record":
            total += declared.get("LF", len(hits))
            covered += declared.get("LH", sum(hits.values()))
            hits, declared = {}, {}
    return _percent(covered, total, "lcov")


def _go(data: bytes) -> Report:
    covered = total = 0
    for line in data.decode("utf-8", "replace").splitlines()[1:]:
        words = line.split()
        if len(words) == 3:  # noqa: PLR2004 - place, statements, count
            total += _whole(words[1])
            covered += _whole(words[1]) if _whole(words[2]) else 0
    return _percent(covered, total, "go cover profile")


def _whole(text: str) -> int:
    text = text.strip()
    if not text.isdigit() or len(text) > 12:  # noqa: PLR2004 - no report counts a trillion lines
        raise NoReport("a count in it is no number")
    return int(text)


def _json(data: bytes) -> Report:
    try:
        report = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NoReport("not valid JSON") from error
    for reader in (_istanbul, _coveragepy, _simplecov):
        try:
            return reader(report)
        except (KeyError, TypeError, AttributeError):
            continue
    raise NoReport("of no coverage format that is known")


def _istanbul(report: Any) -> Report:
    lines = report["total"]["lines"]
    return _percent(lines["covered"], lines["total"], "istanbul summary")


def _coveragepy(report: Any) -> Report:
    totals, meta = report["totals"], report["meta"]
    return _percent(
        totals["covered_lines"], totals["num_statements"], "coverage.py", _moment(meta.get("timestamp", ""))
    )


def _simplecov(report: Any) -> Report:
    result = report["result"]
    return _percent(float(result.get("line", result.get("covered_percent"))), 100, "simplecov")


def _moment(text: str) -> float:
    """Seconds of the epoch from seconds, milliseconds or ISO 8601 (coverage.py writes local time); 0 if it is none."""
    try:
        number = float(text)
    except (TypeError, ValueError):
        try:
            return datetime.fromisoformat(text).timestamp()
        except (TypeError, ValueError, OverflowError, OSError):
            return 0.0
    number = number / 1000 if number > 1e11 else number  # noqa: PLR2004 - seconds reach that in the year 5138
    return number if 0 < number < datetime(9999, 1, 1, tzinfo=UTC).timestamp() else 0.0


class _Counts:
    """What the three XML formats say of the whole report, picked up in one pass."""

    def __init__(self) -> None:
        self.stack: list[str] = []
        self.elements = 0
        self.root: dict[str, str] = {}
        self.metrics: dict[str, str] = {}
        self.project: dict[str, str] = {}
        self.counter: dict[str, str] = {}
        self.dumped = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS or len(self.stack) > DEEPEST:
            raise NoReport("refused: too large or nested too deeply")
        if not self.stack:
            self.root = attributes
        elif self.stack == ["report"] and name == "counter" and attributes.get("type") == "LINE":
            self.counter = attributes
        elif self.stack == ["report"] and name == "sessioninfo":
            self.dumped = max(self.dumped, attributes.get("dump", ""), key=lambda text: (len(text), text))
        elif self.stack == ["coverage", "project"] and name == "metrics":
            self.metrics = attributes
        elif self.stack == ["coverage"] and name == "project":
            self.project = attributes
        self.stack.append(name)

    def end(self, _: str) -> None:
        self.stack.pop()

    def report(self) -> Report:
        if self.counter:
            hit, missed = _whole(self.counter.get("covered", "")), _whole(self.counter.get("missed", ""))
            return _percent(hit, hit + missed, "jacoco", _moment(self.dumped))
        if self.metrics:
            covered, total = self.metrics.get("coveredstatements", ""), self.metrics.get("statements", "")
            generated = self.root.get("generated") or self.project.get("timestamp", "")
            return _percent(_whole(covered), _whole(total), "clover", _moment(generated))
        if "lines-valid" in self.root:
            covered, total = self.root.get("lines-covered", ""), self.root["lines-valid"]
            return _percent(_whole(covered), _whole(total), "cobertura", _moment(self.root.get("timestamp", "")))
        if "line-rate" in self.root:
            return _percent(_rate(self.root["line-rate"]), 1, "cobertura", _moment(self.root.get("timestamp", "")))
        raise NoReport("of no coverage format that is known")


def _rate(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise NoReport("a rate in it is no number") from error


def _xml(data: bytes) -> Report:
    counts = _Counts()
    parser = expat.ParserCreate()
    # JaCoCo and Cobertura name a DTD, which is never loaded; what a DTD inside the file could do starts with an entity.
    parser.EntityDeclHandler = _refuse
    parser.UnparsedEntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    parser.StartElementHandler = counts.start
    parser.EndElementHandler = counts.end
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat's own flag for the last piece
    except expat.ExpatError as error:
        raise NoReport(f"not valid XML: {error}") from error
    return counts.report()


def _refuse(*_: object) -> int:
    raise NoReport("refused: it declares or uses XML entities")
