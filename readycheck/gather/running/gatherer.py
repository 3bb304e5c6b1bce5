"""Answers whether a project's lock files, named files and test configuration agree with what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from posixpath import dirname, join
from typing import Any, ClassVar

from readycheck.facts.faults import MOST_FAULTS, Fault, FaultsFound, ProjectAspect, ProjectFaults
from readycheck.facts.question import Question
from readycheck.gather.code.resolving import read_json
from readycheck.gather.running.locks import lock_faults
from readycheck.gather.running.named import named_faults
from readycheck.gather.sources import Sources
from readycheck.model import Target

_JEST = ("jest.config.js", "jest.config.ts", "jest.config.mjs", "jest.config.cjs", "jest.config.json")


class RunningGatherer:
    """Answers for the files of one tree."""

    name = "running"
    target: ClassVar[Target] = Target.REPOSITORY
    kinds: ClassVar[tuple[type[Question[Any]], ...]] = (ProjectFaults,)

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def stop(self) -> None:
        """Nothing runs on."""

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """The answers, in order."""
        for question in questions:
            if isinstance(question, ProjectFaults):
                faults, examined = _READERS[question.about](self._sources)
                found = sorted(dict.fromkeys(faults), key=lambda fault: (fault.path, fault.line, fault.message))
                yield question, FaultsFound(tuple(found[:MOST_FAULTS]), tuple(examined[:MOST_FAULTS]), len(found))


def test_faults(sources: Sources) -> tuple[list[Fault], list[str]]:
    """Two configurations of one test runner in one folder: Jest refuses to start, pytest silently leaves one out."""
    faults: list[Fault] = []
    examined: list[str] = []
    for path in sources.match(("package.json", "!fixtures/", "!examples/")):
        files = [one for name in _JEST if (one := join(dirname(path), name)) in sources.every()]
        inside = "jest" in read_json(sources.text(path))
        examined += [path] if inside or files else []
        if len(files) + inside > 1:
            others = [*files, *([path] if inside else [])]
            faults.append(Fault(f"Jest finds {' and '.join(others[:3])} and refuses to start", others[0], 1))
    for path in sources.match(("pyproject.toml", "!fixtures/", "!examples/")):
        if not re.search(r"^\[tool\.pytest\.ini_options\]", sources.text(path) or "", re.MULTILINE):
            continue
        examined.append(path)
        if (other := join(dirname(path), "pytest.ini")) in sources.every():
            faults.append(Fault(f"pytest reads {other} and leaves out what {path} says", other, 1))
    return faults, examined


_READERS = {
    ProjectAspect.LOCKS: lock_faults,
    ProjectAspect.FILES: named_faults,
    ProjectAspect.TESTS: test_faults,
}
