from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from readycheck.errors import ContentError
from readycheck.model import Shorthand
from readycheck.reading import DEEPEST, Located, compose, plain, read_file


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Note(Located, Shorthand, frozen=True, kw_only=True):
    shorthand: ClassVar[str] = "text"

    text: str


class Pot(Located, frozen=True, kw_only=True):
    name: str
    colour: Colour = Colour.RED
    size: int = 1
    weight: float = 1.0
    made: date | None = None
    open: bool = False
    kind: Literal["jar", "vase"] = "jar"
    notes: tuple[Note, ...] = ()
    labels: dict[str, str] = {}


class Shelf(Struct, frozen=True, kw_only=True):
    pots: tuple[Pot, ...]


def mistakes(text: str) -> list[str]:
    with pytest.raises(ContentError) as caught:
        read_file(text, Shelf, "shelf.yaml")
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_file_becomes_typed_values_that_know_their_lines() -> None:
    shelf, _ = read_file(
        "pots:\n  - name: 1.10\n    colour: green\n    made: 2026-01-02\n    weight: 2\n"
        "    notes: [bare, {text: whole}]\n",
        Shelf,
        "shelf.yaml",
    )
    pot = shelf.pots[0]
    assert (pot.name, pot.colour, pot.made, pot.weight, pot.line) == ("1.10", Colour.GREEN, date(2026, 1, 2), 2.0, 2)
    assert [(note.text, note.line) for note in pot.notes] == [("bare", 6), ("whole", 6)]


def test_every_mistake_is_told_with_its_line_and_the_nearest_word() -> None:
    text = (
        "pots:\n"
        "  - nam: a\n"
        "  - name: b\n"
        "    colour: gren\n"
        "    size: big\n"
        "    made: 2026-13-01\n"
        "  - {name: c, open: yes, kind: vace, notes: 3, labels: [x]}\n"
        "shelves: 1\n"
    )
    assert mistakes(text) == [
        "shelf.yaml:2: pots[0] needs 'name'",
        "shelf.yaml:2: unknown key 'nam' in pots[0] (did you mean 'name'?)",
        "shelf.yaml:4: pots[1].colour must be one of red, green, not 'gren' (did you mean 'green'?)",
        "shelf.yaml:5: pots[1].size must be a whole number, not 'big'",
        "shelf.yaml:6: pots[1].made must be a date (YYYY-MM-DD), not '2026-13-01'",
        "shelf.yaml:7: pots[2].kind must be one of jar, vase, not 'vace' (did you mean 'vase'?)",
        "shelf.yaml:7: pots[2].labels must be a mapping, not a list",
        "shelf.yaml:7: pots[2].notes must be a list, not '3'",
        "shelf.yaml:7: pots[2].open must be true or false, not 'yes'",
        "shelf.yaml:8: unknown key 'shelves' in the file",
    ]


def test_a_key_written_twice_is_a_mistake() -> None:
    assert mistakes("pots: []\npots: []\n") == ["shelf.yaml:2: 'pots' is written twice in the file"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("# only a comment\n", "empty"),
        ("pots: [", "not valid YAML"),
        ("pots: []\n---\npots: []\n", "not valid YAML"),
        ("- a\n", "must be a mapping"),
        ("pots: !!python/object/apply:os.system [echo]\n", "must be a mapping"),
        ("\tpots: []", "not valid YAML"),
        ("pots: \x00", "not valid YAML"),
    ],
)
def test_what_is_no_such_file_is_refused_in_a_sentence(text: str, words: str) -> None:
    assert words in mistakes(text)[0]


def test_a_file_that_nests_without_end_is_refused() -> None:
    assert "nested too deeply" in mistakes("pots: " + "[" * (DEEPEST + 1))[0]
    assert "nested too deeply" in mistakes("pots: " + "[" * 100_000)[0]


def test_a_billion_laughs_are_refused() -> None:
    text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for this, last in zip("bcdefghij", "abcdefghi", strict=True):
        text += f"{this}: &{this} [{', '.join(['*' + last] * 9)}]\n"
    node = compose(text, "laughs.yaml")
    with pytest.raises(ValueError, match="too large"):
        plain(node)


def test_many_aliases_are_refused() -> None:
    assert "too many aliases" in mistakes("pots: &p []\nx: [" + "*p, " * 300 + "*p]\n")[0]


def test_aliases_that_multiply_typed_values_are_refused() -> None:
    text = f"notes: &n [{', '.join(['a'] * 1500)}]\npots:\n" + "".join("  - {name: a, notes: *n}\n" for _ in range(180))
    with pytest.raises(ContentError, match="too large"):
        read_file(text, Shelf, "shelf.yaml")


def test_an_alias_of_itself_is_refused() -> None:
    with pytest.raises((ContentError, ValueError)):
        plain(compose("a: &a [*a]", "loop.yaml"))


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_raise_anything_but_a_content_error(text: str) -> None:
    found: tuple[object, ...] = ()
    try:
        found = (read_file(text, Shelf, "shelf.yaml"),)
    except ContentError as error:
        found = error.mistakes
    assert found
