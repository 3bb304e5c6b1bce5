from __future__ import annotations

from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.errors import FactsError
from readycheck.facts import store
from readycheck.facts.environment import Environment, Variable, Variables
from readycheck.facts.question import FactUnavailable, Question, Unavailable
from readycheck.facts.repository import Files, FilesFound
from readycheck.facts.store import QUESTIONS, Answer, Audited, Facts
from readycheck.model import Outcome, Target

HEAD = b'{"schema": 1, "readycheck": "x", "collected_at": "", "audited": [], '
WHEN = "2026-03-01T12:00:00+00:00"


def facts(answers: dict[Question[Any], Answer]) -> Facts:
    return Facts(answers, collected_at=WHEN, audited=[Audited(Target.REPOSITORY, "shop")])


def test_a_fact_is_found_by_an_equal_question() -> None:
    found = FilesFound(("a",), 1, 2)
    assert facts({Files(("a",)): Answer(found)})[Files(("a",))] is found


def test_a_fact_that_could_not_be_had_says_why() -> None:
    known = facts({Files(("a",)): Answer(Unavailable(Outcome.ERROR, "time-out"))})
    with pytest.raises(FactUnavailable, match="time-out") as caught:
        known[Files(("a",))]
    assert caught.value.unavailable.outcome is Outcome.ERROR


def test_a_question_to_a_target_that_was_not_given_is_not_checked() -> None:
    with pytest.raises(FactUnavailable, match="no environment was given") as caught:
        facts({})[Environment(("A",))]
    assert caught.value.unavailable.outcome is Outcome.NOT_CHECKED


def test_facts_survive_being_saved() -> None:
    known = facts(
        {
            Files(("a", "b")): Answer(FilesFound(("a",), 1, 2), 0.25),
            Environment(("A",), (("A", "1"),)): Answer(Variables("process", (Variable("A", present=True),), 1)),
            Files(("c",)): Answer(Unavailable(Outcome.ERROR, "time-out")),
        }
    )
    again = store.load(store.dump(known), "facts.json")
    assert again.answers == known.answers
    assert again.audited == known.audited
    assert store.dump(again) == store.dump(known)


def test_the_order_of_asking_does_not_show_in_the_file() -> None:
    one, other = (Files((name,)) for name in "ab")
    answer = Answer(FilesFound((), 0, 1))
    assert store.dump(facts({one: answer, other: answer})) == store.dump(facts({other: answer, one: answer}))


@pytest.mark.parametrize("kind", QUESTIONS, ids=lambda kind: kind.__name__)
def test_every_question_has_a_target_and_an_answer_that_can_be_saved(kind: type[Question[Any]]) -> None:
    assert isinstance(kind.target, Target)
    assert get_type_hints(kind.answer)
    msgspec.json.schema(kind.answer)
    msgspec.json.schema(kind)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b'{"schema": 1}',
        b'{"schema": 99, "readycheck": "x", "collected_at": "", "audited": [], "facts": []}',
        HEAD + b'"facts": [{"question": "Nope", "ask": {}}]}',
        HEAD + b'"facts": [{"question": "Files", "ask": {"patterns": 3}}]}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_facts_file_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(FactsError, match=r"facts\.json"):
        store.load(data, "facts.json")


@given(st.binary(max_size=200))
def test_no_bytes_make_loading_raise_anything_else(data: bytes) -> None:
    with pytest.raises(FactsError):
        store.load(data, "facts.json")
