"""Answers how the project's own code uses packages and which routes it has; every file is read and parsed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from readycheck.facts.faults import CodeFaults
from readycheck.facts.question import Question, Unavailable
from readycheck.facts.repository import (
    CODE_ECOSYSTEMS,
    MOST,
    MOST_ROUTES,
    CodeUse,
    Routes,
    RoutesFound,
    Signal,
    Skipped,
    Use,
    UsesFound,
)
from readycheck.gather.code.browser import browser_files
from readycheck.gather.code.declared import declared, manifests
from readycheck.gather.code.health import HEALTH, Health
from readycheck.gather.code.interest import Interest
from readycheck.gather.code.resolving import GoResolver, JavaScriptResolver, PythonResolver, Resolver
from readycheck.gather.code.roots import roots
from readycheck.gather.code.routes.reader import RouteReader, route_reader
from readycheck.gather.code.scanning import Scan
from readycheck.gather.code.selection import Code, SourceFiles, code_files
from readycheck.model import Outcome, Target

#: From this share of the code on, a question that leaves an ecosystem out cannot say that nothing is there.
UNASKED_SHARE = 0.2


class CodeGatherer:
    """Answers `CodeUse` and `Routes` from the files of one tree.

    `entry_points` gives the files that something starts (as scripts, images and process files name them); what
    frameworks load by convention is added here. It is called once, when the first question is put.
    """

    name = "code"
    target: ClassVar[Target] = Target.REPOSITORY
    kinds: ClassVar[tuple[type[Question[Any]], ...]] = (CodeUse, Routes, CodeFaults)

    def __init__(self, sources: SourceFiles, entry_points: Callable[[], Iterable[str]]) -> None:
        self._sources = sources
        self._entry_points = entry_points
        self._stopped = False

    def stop(self) -> None:
        """Read no further file."""
        self._stopped = True

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """The answers, when all code has been read; a question with a malformed pattern gets an error."""
        reading = _Reading(self._sources, tuple(self._entry_points()), questions, lambda: self._stopped)
        reading.read()
        if self._stopped:
            return
        for question in questions:
            if isinstance(question, CodeUse):
                yield question, reading.uses(question)
            elif isinstance(question, CodeFaults):
                yield question, reading.health.found(question.about)
            else:
                yield question, reading.routes()


class _Ecosystem:
    """The code of one ecosystem and what was read in it."""

    def __init__(self, scan: Scan, tests: Scan | None, reader: RouteReader | None, *, known: bool) -> None:
        self.scan = scan
        self.tests = tests
        self.reader = reader
        self.known = known
        self.declared: dict[Signal, list[Use]] = {}
        self._by_signal: dict[Signal, list[Use]] = {}
        for one in (scan, tests) if tests else (scan,):
            for sights in one.sights.values():
                for sight in sights:
                    self._by_signal.setdefault(one.interest.signals[sight.signal], []).append(sight.use)

    def files(self, aside: frozenset[str], *, tests: bool) -> int:
        """How many files were read, those aside not counted."""
        read = self.scan.files - len(self.scan.reached.keys() & aside)
        return max(read, 0) + (self.tests.files if tests and self.tests else 0)

    def uses(self, signal: Signal, *, tests: bool) -> list[Use]:
        found = self._by_signal.get(signal, [])
        if not tests and self.tests is not None:
            found = [use for use in found if use.path in self.scan.paths]
        return found + self.declared.get(signal, [])


class _Reading:
    """One reading of all code for a set of questions."""

    def __init__(
        self,
        sources: SourceFiles,
        entry_points: tuple[str, ...],
        questions: Sequence[Question[Any]],
        stopped: Callable[[], bool],
    ) -> None:
        self.sources = sources
        self.paths = tuple(sources.paths())
        self.entry_points = entry_points
        self.stopped = stopped
        self.asked = [question for question in questions if isinstance(question, CodeUse)]
        self.aspects = frozenset(question.about for question in questions if isinstance(question, CodeFaults))
        self.health = Health(sources, self.aspects)
        self.with_routes = any(isinstance(question, Routes) for question in questions)
        self.ecosystems: dict[str, _Ecosystem] = {}
        self.in_browser: frozenset[str] = frozenset()
        self.counts: Counter[str] = Counter()

    def read(self) -> None:
        """Read the code of every ecosystem that is asked about."""
        code = code_files(self.paths)
        scripts = [file.path for file in code if file.ecosystem == "javascript"]
        self.in_browser = browser_files(self.sources, scripts, self.paths)
        self.counts = Counter(file.ecosystem for file in code if not file.test and file.path not in self.in_browser)
        for ecosystem in CODE_ECOSYSTEMS:
            own = [file for file in code if file.ecosystem == ecosystem]
            signals = self._signals(ecosystem, tests=False)
            if own and (self.with_routes or self.aspects or signals or self._signals(ecosystem, tests=True)):
                self.ecosystems[ecosystem] = self._ecosystem(ecosystem, own, signals)

    def _signals(self, ecosystem: str, *, tests: bool) -> list[Signal]:
        asked = (question for question in self.asked if question.tests or not tests)
        return list(dict.fromkeys(s for question in asked for s in question.signals if s.ecosystem == ecosystem))

    def _ecosystem(self, ecosystem: str, own: list[Code], signals: list[Signal]) -> _Ecosystem:
        paths = [file.path for file in own if not file.test]
        found = roots(ecosystem, paths, self.paths, self.entry_points)
        reader = route_reader(ecosystem, self.paths) if self.with_routes else None
        scan = self._scan(ecosystem, paths, signals)
        if ecosystem in HEALTH and found.known:
            scan.inspect = self.health.inspector(ecosystem, self.in_browser)
        scan.walk(found.paths, reached=True, readers=[reader] if reader else [])
        scan.walk(paths, reached=False, readers=[reader] if reader else [])
        scan.settle()
        read = _Ecosystem(scan, self._test_scan(ecosystem, own), reader, known=found.known)
        named = manifests(self.sources, ecosystem, self.paths)
        for signal in signals:
            read.declared[signal] = list(declared(named, signal.packages))
        return read

    def _test_scan(self, ecosystem: str, own: list[Code]) -> Scan | None:
        signals = self._signals(ecosystem, tests=True)
        tests = [file.path for file in own if file.test]
        if not signals or not tests:
            return None
        scan = self._scan(ecosystem, tests, signals)
        # A test runner starts every test.
        scan.walk(tests, reached=True)
        scan.settle()
        return scan

    def _scan(self, ecosystem: str, paths: list[str], signals: list[Signal]) -> Scan:
        scan = Scan(self.sources, Interest(ecosystem, signals), self._resolver(ecosystem, paths), paths)
        scan.stopped = self.stopped
        return scan

    def _resolver(self, ecosystem: str, paths: list[str]) -> Resolver | None:
        if ecosystem == "javascript":
            return JavaScriptResolver(self.sources, paths, self.paths)
        if ecosystem == "python":
            return PythonResolver(paths)
        return GoResolver(self.sources, paths, self.paths) if ecosystem == "go" else None

    def uses(self, question: CodeUse) -> UsesFound | Unavailable:
        """The answer to one question about signals."""
        wanted = dict.fromkeys(signal.ecosystem for signal in question.signals)
        problems = [
            problem
            for name in wanted
            if name in self.ecosystems
            for signal, problem in self.ecosystems[name].scan.problems.items()
            if signal in question.signals
        ]
        if problems:
            return Unavailable(Outcome.ERROR, problems[0])
        read = {name: self.ecosystems[name] for name in wanted if name in self.ecosystems}
        aside = frozenset() if question.browser else self.in_browser
        uses = [
            use
            for signal in question.signals
            if signal.ecosystem in read
            for use in read[signal.ecosystem].uses(signal, tests=question.tests)
            if use.path not in aside
        ]
        files = {name: one.files(aside, tests=question.tests) for name, one in read.items()}
        return UsesFound(
            tuple(sorted(dict.fromkeys(uses), key=_by_strength)[:MOST]),
            tuple(name for name, count in files.items() if count),
            sum(files.values()),
            tuple(name for name, one in read.items() if files[name] and not one.known),
            _unread(read.values()),
            self._unasked(wanted),
        )

    def _unasked(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Ecosystems that hold a good part of the code that runs on servers, and that the question is not about."""
        asked, total = set(wanted), sum(self.counts.values())
        return tuple(
            name for name, count in self.counts.most_common() if name not in asked and count >= UNASKED_SHARE * total
        )

    def routes(self) -> RoutesFound:
        """The answer to the question about routes."""
        read = {name: one for name, one in self.ecosystems.items() if one.reader is not None}
        found = [route for one in read.values() if one.reader for route in one.reader.routes()]
        found.sort(key=lambda route: (route.path, route.method, route.file, route.line))
        return RoutesFound(
            tuple(found[:MOST_ROUTES]),
            tuple(name for name, one in read.items() if one.scan.files),
            sum(one.scan.files for one in read.values()),
            len(found),
            tuple(name for name, one in read.items() if one.scan.files and not one.known),
            _unread(read.values()),
        )


def _by_strength(use: Use) -> tuple[int, bool, str, int]:
    return (-use.strength.rank, not use.reached, use.path, use.line)


def _unread(read: Iterable[_Ecosystem]) -> tuple[Skipped, ...]:
    reasons: dict[str, list[str]] = {}
    for one in read:
        for reason, paths in one.scan.unread.items():
            reasons.setdefault(reason, []).extend(paths)
    return tuple(Skipped(reason, len(paths), tuple(sorted(paths)[:5])) for reason, paths in sorted(reasons.items()))
