"""Answers what the reports in a repository's tree measured, and whether the code has changed since."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from readycheck.facts.drills import DRILL_PLACES, DrillRecord, Drills, DrillsFound, read_record
from readycheck.facts.measured import Coverage, Measurement, Measurements
from readycheck.facts.question import Question
from readycheck.gather.coverage import NoReport, Report, read_report
from readycheck.gather.ecosystems import ecosystem
from readycheck.gather.git import Git
from readycheck.gather.gittree import GitTree
from readycheck.gather.patterns import select
from readycheck.gather.sources import Sources
from readycheck.gather.worktree import WorkTree, showable
from readycheck.model import Target
from readycheck.redact import redact

#: Where test runners leave their coverage reports.
USUAL_PLACES = (
    "lcov.info",
    "*.lcov",
    "coverage.xml",
    "cobertura.xml",
    "cobertura-coverage.xml",
    "coverage.cobertura.xml",
    "clover.xml",
    "jacoco.xml",
    "jacocoTestReport.xml",
    "coverage-summary.json",
    "coverage.json",
    "**/coverage/.last_run.json",
    "coverage.out",
    "cover.out",
)
_NOT_THE_PRODUCT = ("fixtures/", "__fixtures__/", "testdata/", "examples/", "node_modules/")
#: The most reports that are read.
MOST_REPORTS = 50


class MeasuredGatherer:
    """Answers for the reports in one tree, those that the project ignores included: reports usually are ignored."""

    name = "measured"
    target: ClassVar[Target] = Target.REPOSITORY
    kinds: ClassVar[tuple[type[Question[Any]], ...]] = (Coverage, Drills)

    def __init__(self, sources: Sources, stop: Callable[[], None] = lambda: None) -> None:
        self._sources = sources
        self._stop = stop

    def stop(self) -> None:
        """End git."""
        self._stop()

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """The answers, in order."""
        for question in questions:
            if isinstance(question, Coverage):
                yield question, self._coverage(question.paths or USUAL_PLACES)
            elif isinstance(question, Drills):
                yield question, self._drills(question)

    def _coverage(self, patterns: Sequence[str]) -> Measurements:
        own = frozenset(select(self._sources.paths(), patterns, _NOT_THE_PRODUCT))
        ignored = select(self._sources.tree.unlisted(patterns), ("**",), _NOT_THE_PRODUCT)
        found: list[Measurement] = []
        unreadable: list[tuple[str, str]] = []
        for path in sorted({*own, *ignored})[:MOST_REPORTS]:
            try:
                report = read_report(self._sources.data(path), path)
            except NoReport as error:
                unreadable.append((path, str(error)))
            except OSError as error:
                unreadable.append((path, error.strerror or "cannot be read"))
            else:
                found.append(self._measurement(path, report))
        return Measurements(tuple(found), tuple(unreadable))

    def _drills(self, question: Drills) -> DrillsFound:
        patterns = question.paths or DRILL_PLACES
        own = frozenset(select(self._sources.paths(), patterns, ()))
        found: list[tuple[str, DrillRecord]] = []
        unreadable: list[tuple[str, str]] = []
        for path in sorted({*own, *self._sources.tree.unlisted(patterns)})[-MOST_REPORTS:]:
            try:
                found.append((path, read_record(self._sources.data(path))))
            except ValueError as error:
                unreadable.append((path, redact(str(error))))
            except OSError as error:
                unreadable.append((path, error.strerror or "cannot be read"))
        return DrillsFound(tuple(pair for pair in found if pair[1].kind == question.kind), tuple(unreadable))

    def _measurement(self, path: str, report: Report) -> Measurement:
        """With its age: a checkout dates every tracked file anew, so a tracked report is as old as its last commit."""
        tree = self._sources.tree
        git = tree.git if isinstance(tree, WorkTree | GitTree) else None
        commit = tree.commit if isinstance(tree, GitTree) else "HEAD"
        committed = _committed(git, commit, path) if git else 0.0
        if git and committed:
            when = report.measured_at or committed
            newer = _changed_since(git, commit, when)
        else:
            when = report.measured_at or tree.modified_at(path) or 0.0
            newer = self._modified_since(when)
        measured_at = datetime.fromtimestamp(when, UTC).isoformat(timespec="seconds") if when else ""
        return Measurement(report.percent, "%", report.format, path, measured_at, newer)

    def _modified_since(self, when: float) -> int:
        if not when:
            return 0
        code = (path for path in self._sources.paths() if ecosystem(path))
        return sum((self._sources.tree.modified_at(path) or 0.0) > when for path in code)


def _committed(git: Git, commit: str, path: str) -> float:
    """When the newest commit that touched the file was made; 0 when none did."""
    said = git.asked("log", "-1", "--format=%ct", "--no-show-signature", commit, "--", f":(literal){path}")
    return float(said) if said.isdigit() else 0.0


def _changed_since(git: Git, commit: str, when: float) -> int:
    """How many files of code the commits after that time changed."""
    since = f"--since={int(when) + 1}"
    records = git.records(
        "log", since, "--name-only", "-z", "--no-renames", "--relative", "--format=", "--no-show-signature", commit
    )
    names = (showable(os.fsdecode(record.lstrip(b"\n"))) for record in records)
    return len({name for name in names if ecosystem(name)})
