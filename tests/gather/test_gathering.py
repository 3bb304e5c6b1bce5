from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pytest

from readycheck.errors import TargetError
from readycheck.facts.question import FactUnavailable, Question
from readycheck.facts.repository import Files, FilesFound
from readycheck.facts.store import Audited
from readycheck.gather.gatherer import gather
from readycheck.model import Outcome, Target

FOUND = FilesFound(("a",), 1, 1)
ONE, TWO = Files(("one",)), Files(("two",))


class Obliging:
    """Answers everything, and counts what it was asked."""

    name = "obliging"
    target: ClassVar[Target] = Target.REPOSITORY
    kinds: ClassVar[tuple[type[Question[Any]], ...]] = (Files,)

    def __init__(self) -> None:
        self.asked: list[Question[Any]] = []
        self.stopped = threading.Event()

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        for question in questions:
            self.asked.append(question)
            yield question, FOUND

    def stop(self) -> None:
        self.stopped.set()


class Breaking(Obliging):
    """Answers one question and breaks."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        yield questions[0], FOUND
        raise self.error


class Hanging(Obliging):
    """Answers one question and then waits until it is told to stop."""

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        yield questions[0], FOUND
        self.stopped.wait()


class Forgetful(Obliging):
    """Answers nothing."""

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        yield from ()


class Noting:
    """Remembers what progress was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    def started(self, name: str, questions: int) -> None:
        self.told.append(("started", name, str(questions)))

    def answered(self, name: str) -> None:
        self.told.append(("answered", name))

    def ended(self, name: str, seconds: float, problem: str) -> None:
        self.told.append(("ended", name, problem))


def outcome(facts: Any, question: Question[Any]) -> tuple[Outcome, str]:
    with pytest.raises(FactUnavailable) as caught:
        facts[question]
    return caught.value.unavailable.outcome, caught.value.unavailable.reason


def test_each_question_is_asked_once() -> None:
    gatherer = Obliging()
    facts = gather([gatherer], [ONE, TWO, ONE, Files(("one",))])
    assert gatherer.asked == [ONE, TWO]
    assert facts[ONE] == FOUND


@pytest.mark.parametrize(
    "error", [TargetError("no such host"), ValueError("odd"), RecursionError("deep"), MemoryError()]
)
def test_a_gatherer_that_breaks_leaves_errors_and_keeps_its_answers(error: Exception) -> None:
    facts = gather([Breaking(error)], [ONE, TWO])
    assert facts[ONE] == FOUND
    assert outcome(facts, TWO)[0] is Outcome.ERROR


def test_what_a_gatherer_says_when_it_breaks_is_redacted() -> None:
    facts = gather([Breaking(ValueError("cannot reach postgres://app:hunter2hunter2@db/loans"))], [ONE, TWO])
    assert "hunter2" not in outcome(facts, TWO)[1]


def test_a_gatherer_that_is_late_is_stopped_and_leaves_errors() -> None:
    gatherer = Hanging()
    facts = gather([gatherer], [ONE, TWO], timeout=0.05)
    assert facts[ONE] == FOUND
    assert outcome(facts, TWO) == (Outcome.ERROR, "no answer within 0.05 s")
    assert gatherer.stopped.is_set()


def test_one_that_hangs_does_not_keep_the_others() -> None:
    other = Obliging()
    other.name = "other"
    facts = gather([Hanging(), other], [ONE, TWO], timeout=0.05, jobs=1)
    assert facts[TWO] == FOUND or outcome(facts, TWO)[0] is Outcome.ERROR
    assert other.asked == [ONE, TWO]


def test_a_question_that_is_left_without_an_answer_is_an_error() -> None:
    assert outcome(gather([Forgetful()], [ONE]), ONE)[0] is Outcome.ERROR


def test_a_question_that_nobody_takes_is_not_checked() -> None:
    facts = gather([], [ONE], [Audited(Target.REPOSITORY, "shop")])
    assert outcome(facts, ONE) == (Outcome.NOT_CHECKED, "it was not asked")


def test_progress_is_told_in_order() -> None:
    noting = Noting()
    gather([Obliging()], [ONE, TWO], progress=noting)
    assert noting.told == [
        ("started", "obliging", "2"),
        ("answered", "obliging"),
        ("answered", "obliging"),
        ("ended", "obliging", ""),
    ]
