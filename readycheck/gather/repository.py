"""Answers what a repository is, which files it has, and what stands in its text and configuration."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, ClassVar, Generic, TypeVar

from readycheck.facts.decisions import BoundDigest, BoundFiles
from readycheck.facts.question import Question, Unavailable
from readycheck.facts.repository import (
    LONGEST_EXCERPT,
    MOST,
    MOST_VALUES,
    ConfigFound,
    ConfigLookup,
    ConfigValue,
    Digest,
    Document,
    DocumentLine,
    DocumentText,
    FileDigest,
    Files,
    FilesFound,
    RepositoryFacts,
    RepositorySummary,
    TextFound,
    TextMatch,
    TextSearch,
)
from readycheck.gather.comments import lines, without_comments
from readycheck.gather.config import parse
from readycheck.gather.ecosystems import ecosystems
from readycheck.gather.entrypoints import entry_points
from readycheck.gather.manifests import stacks
from readycheck.gather.sources import Sources
from readycheck.gather.state import state
from readycheck.gather.values import Unparsable, Value, found
from readycheck.model import Outcome, Target
from readycheck.redact import redact

#: The most lines of a document and names of files that one answer carries.
MOST_LINES, MOST_NAMES = 5000, 1000
#: How many parsed values, and lines without comments, are kept for the next question.
_KEPT_VALUES, _KEPT_LINES = 400_000, 400_000

V = TypeVar("V")


class RepositoryGatherer:
    """Answers for the files of one tree; each file is read and parsed once for all questions while memory lasts."""

    name = "repository"
    target: ClassVar[Target] = Target.REPOSITORY
    kinds: ClassVar[tuple[type[Question[Any]], ...]] = (
        RepositorySummary,
        Files,
        TextSearch,
        ConfigLookup,
        Digest,
        BoundFiles,
        Document,
    )

    def __init__(self, sources: Sources, stop: Callable[[], None] = lambda: None) -> None:
        self._sources = sources
        self._stop = stop
        self._values: _Kept[list[Value] | str] = _Kept(_KEPT_VALUES)
        self._lines: _Kept[list[str]] = _Kept(_KEPT_LINES)

    def stop(self) -> None:
        """End git."""
        self._stop()

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """The answers, in order; a question with a malformed pattern gets an error."""
        self._sources.paths()
        for question in questions:
            try:
                yield question, self._answer(question)
            except (ValueError, re.error) as error:
                yield question, Unavailable(Outcome.ERROR, f"the question makes no sense: {error}")

    def _answer(self, question: Question[Any]) -> Any:
        if isinstance(question, RepositorySummary):
            return self._summary()
        if isinstance(question, Files):
            paths = self._sources.match(question.patterns)
            return FilesFound(tuple(paths[:MOST]), len(paths), len(self._sources.paths()))
        if isinstance(question, TextSearch):
            return self._search(question)
        if isinstance(question, ConfigLookup):
            return self._lookup(question)
        if isinstance(question, Digest):
            return self._digest(question.path)
        if isinstance(question, BoundFiles):
            return self._bound(question.patterns)
        return (
            self._document(question.path)
            if isinstance(question, Document)
            else Unavailable(Outcome.ERROR, "not asked here")
        )

    def _summary(self) -> RepositoryFacts:
        sources = self._sources
        now = state(sources.tree)
        return RepositoryFacts(
            commit=now.commit,
            branch=now.branch,
            dirty=now.dirty,
            bare=now.bare,
            shallow=now.shallow,
            files=len(sources.paths()),
            ecosystems=ecosystems(sources.paths()),
            stacks=stacks(sources),
            entry_points=entry_points(sources)[:MOST],
            skipped=sources.skipped(),
        )

    def _search(self, question: TextSearch) -> TextFound:
        patterns = [re.compile(pattern) for pattern in question.patterns]
        matches: list[TextMatch] = []
        read: list[str] = []
        for path in self._sources.match(question.paths):
            text = self._text_lines(path, comments=question.comments)
            if text is not None:
                read.append(path)
                hits = (
                    TextMatch(path, number, redact(line.strip())[:LONGEST_EXCERPT])
                    for number, line in enumerate(text, 1)
                    if line and any(pattern.search(line) for pattern in patterns)
                )
                matches += islice(hits, MOST - len(matches))
        return TextFound(tuple(matches), tuple(read[:MOST_NAMES]), len(self._sources.paths()))

    def _text_lines(self, path: str, *, comments: bool) -> list[str] | None:
        kept = self._lines.get(f"{comments}:{path}")
        if kept is not None:
            return kept
        text = self._sources.text(path)
        if text is None:
            return None
        found_lines = lines(text) if comments else without_comments(text, path)
        return self._lines.put(f"{comments}:{path}", found_lines, len(found_lines))

    def _lookup(self, question: ConfigLookup) -> ConfigFound:
        values: list[ConfigValue] = []
        total = 0
        read: list[str] = []
        unreadable: list[tuple[str, str]] = []
        for path in self._sources.match(question.paths):
            parsed = self._parsed(path)
            if isinstance(parsed, str):
                unreadable.append((path, parsed))
                continue
            read.append(path)
            for value in found(parsed, question.key):
                total += 1
                if total <= MOST_VALUES:
                    values.append(ConfigValue(path, value.line, value.key, value.text))
        searched = len(self._sources.paths())
        return ConfigFound(tuple(values), tuple(read[:MOST_NAMES]), tuple(unreadable[:MOST]), searched, total)

    def _parsed(self, path: str) -> list[Value] | str:
        """The values of a file, or why it has none."""
        kept = self._values.get(path)
        if kept is not None:
            return kept
        text = self._sources.text(path)
        if text is None:
            return self._sources.problem(path)
        try:
            values: list[Value] | str = parse(text, path)
        except Unparsable as error:
            values = str(error)
        return self._values.put(path, values, len(values))

    def _digest(self, path: str) -> FileDigest | Unavailable:
        try:
            return FileDigest(hashlib.sha256(self._sources.data(path)).hexdigest())
        except FileNotFoundError:
            return FileDigest("")
        except OSError as error:
            return Unavailable(Outcome.ERROR, f"{path}: {error.strerror or error}")

    def _bound(self, patterns: Sequence[str]) -> BoundDigest | Unavailable:
        whole = hashlib.sha256()
        paths = self._sources.match(patterns)
        for path in paths:
            try:
                # A checkout may write other line ends than the commit has; the files are the same all the same.
                content = self._sources.data(path).replace(b"\r\n", b"\n")
            except OSError as error:
                return Unavailable(Outcome.ERROR, f"{path}: {error.strerror or error}")
            whole.update(f"{path}\0{hashlib.sha256(content).hexdigest()}\n".encode())
        return BoundDigest(whole.hexdigest() if paths else "", len(paths))

    def _document(self, path: str) -> DocumentText | Unavailable:
        text = self._sources.text(path)
        if text is None:
            missing = path not in self._sources.paths()
            return DocumentText(()) if missing else Unavailable(Outcome.ERROR, f"{path}: {self._sources.problem(path)}")
        written = (
            DocumentLine(number, redact(line)[: 5 * LONGEST_EXCERPT])
            for number, line in enumerate(lines(text), 1)
            if line.strip()
        )
        return DocumentText(tuple(islice(written, MOST_LINES)))


class _Kept(Generic[V]):
    """The values that were used last, as many as fit within a weight."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._weight = 0
        self._kept: OrderedDict[str, tuple[V, int]] = OrderedDict()

    def get(self, key: str) -> V | None:
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def put(self, key: str, value: V, weight: int) -> V:
        self._kept[key] = (value, weight)
        self._weight += weight
        while self._weight > self._most and len(self._kept) > 1:
            self._weight -= self._kept.popitem(last=False)[1][1]
        return value
