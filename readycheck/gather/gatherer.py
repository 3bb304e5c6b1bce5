"""Puts questions to gatherers, side by side, each under its own deadline."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol

from readycheck.errors import ReadycheckError
from readycheck.facts.question import Question, Unavailable
from readycheck.facts.store import Answer, Audited, Facts
from readycheck.model import Outcome, Target
from readycheck.redact import redact


class Gatherer(Protocol):
    """Answers some kinds of questions about one target.

    `answers` yields each answer as soon as it is known; a question that it cannot answer gets an `Unavailable`. `stop`
    is called from another thread when the deadline has passed: it ends child processes and connections.
    """

    name: str
    target: ClassVar[Target]

    @property
    def kinds(self) -> tuple[type[Question[Any]], ...]:
        """The questions that it takes."""

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """The answers, in any order."""

    def stop(self) -> None:
        """Give up whatever is under way."""


class Progress(Protocol):
    """Is told how gathering goes; every call comes from one thread."""

    def started(self, name: str, questions: int) -> None:
        """A gatherer began."""

    def answered(self, name: str) -> None:
        """It answered one more question."""

    def ended(self, name: str, seconds: float, problem: str) -> None:
        """It is done, or gave up with this problem."""


class Silent:
    """Progress that nobody sees."""

    def started(self, name: str, questions: int) -> None:
        """Say nothing."""

    def answered(self, name: str) -> None:
        """Say nothing."""

    def ended(self, name: str, seconds: float, problem: str) -> None:
        """Say nothing."""


def gather(  # noqa: PLR0913 - each is a word of the command line
    gatherers: Sequence[Gatherer],
    questions: Iterable[Question[Any]],
    audited: Sequence[Audited] = (),
    *,
    timeout: float = 60.0,
    jobs: int = 8,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> Facts:
    """The answers of the gatherers to these questions; each gatherer has `timeout` seconds from its start.

    A gatherer that fails or is late leaves its open questions with an error: never a crash, never a pass.
    A question that no gatherer takes stays out of the facts and reads as not checked.
    """
    asked = list(dict.fromkeys(questions))
    runs = []
    for gatherer in gatherers:
        own = [question for question in asked if isinstance(question, gatherer.kinds)]
        if own:
            runs.append(_Run(gatherer, own))
    collected = _collect(runs, timeout, max(1, jobs), progress or Silent())
    when = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    return Facts(collected, collected_at=when, audited=audited)


class _Run:
    """A gatherer at work in a thread of its own."""

    def __init__(self, gatherer: Gatherer, questions: list[Question[Any]]) -> None:
        self.gatherer = gatherer
        self.questions = questions
        self.open = dict.fromkeys(questions)
        self.started = 0.0
        self.ended = False

    def start(self, inbox: queue.SimpleQueue[tuple[_Run, Question[Any] | None, Any]]) -> None:
        self.started = time.monotonic()
        threading.Thread(target=self._work, args=(inbox,), name=self.gatherer.name, daemon=True).start()

    def _work(self, inbox: queue.SimpleQueue[tuple[_Run, Question[Any] | None, Any]]) -> None:
        problem = ""
        last = time.monotonic()
        try:
            for question, value in self.gatherer.answers(self.questions):
                now = time.monotonic()
                inbox.put((self, question, Answer(value, round(now - last, 4))))
                last = now
        except ReadycheckError as error:
            problem = error.message
        except Exception as error:  # noqa: BLE001 - whatever breaks in a gatherer is that target's error, not a crash
            problem = f"{type(error).__name__}: {error}"
        inbox.put((self, None, redact(problem)[:500]))


def _collect(runs: list[_Run], timeout: float, jobs: int, progress: Progress) -> dict[Question[Any], Answer]:
    answers: dict[Question[Any], Answer] = {}
    inbox: queue.SimpleQueue[tuple[_Run, Question[Any] | None, Any]] = queue.SimpleQueue()
    waiting, running = list(runs), list[_Run]()
    while waiting or running:
        while waiting and len(running) < jobs:
            run = waiting.pop(0)
            running.append(run)
            progress.started(run.gatherer.name, len(run.questions))
            run.start(inbox)
        deadline = min(run.started for run in running) + timeout
        try:
            run, question, value = inbox.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            late = min(running, key=lambda run: run.started)
            late.gatherer.stop()
            _end(late, running, answers, f"no answer within {timeout:g} s", progress)
            continue
        if run.ended:
            continue
        if question is None:
            _end(run, running, answers, value, progress)
        elif question in run.open:
            del run.open[question]
            answers[question] = value
            progress.answered(run.gatherer.name)
    return answers


def _end(
    run: _Run, running: list[_Run], answers: dict[Question[Any], Answer], problem: str, progress: Progress
) -> None:
    run.ended = True
    running.remove(run)
    reason = problem or "the question was left without an answer"
    for question in run.open:
        answers[question] = Answer(Unavailable(Outcome.ERROR, reason))
    progress.ended(run.gatherer.name, time.monotonic() - run.started, problem)
