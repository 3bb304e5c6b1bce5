"""Answers which variables an environment sets, how long and how random they are; a value never becomes a fact."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from readycheck.facts.environment import Environment, Variable, Variables
from readycheck.facts.question import Question, Unavailable
from readycheck.model import Outcome, Target
from readycheck.redact import entropy

#: Below this many bits a character a value is a word, a date or a repeated pattern.
LEAST_ENTROPY = 3.0

#: A value this long and of hexadecimal or base64 letters counts as random (32 hexadecimal characters are 128 bits).
LONG_ENOUGH = 32

_RANDOM = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_HEXADECIMAL = re.compile(r"[0-9a-fA-F-]+")
#: Distinct letters that a random value of `LONG_ENOUGH` characters has (16 are to be had; 8 or fewer is one in 10⁵).
_LEAST_LETTERS_HEX, _LEAST_LETTERS = 9, 15

_WRAPPED = re.compile(r"<[^<>]*>|\[[^\[\]]*\]|\{\{[^{}]*\}\}|\$\{[^{}]*\}|%[^%]*%|__[^_].*__")
# Words that only somebody who explains writes into a value. Short ones must stand alone: a random text of 40 letters
# holds a given run of three about once in a thousand.
_EXAMPLE_WORDS = re.compile(
    r"change[-_ ]?(?:me|this|it)|replace[-_ ]?(?:me|this|with)|fix[-_ ]?me|to[-_ ]?be[-_ ]?(?:set|filled|changed)"
    r"|placeholder|example|dummy|sample|default|redacted|insert[-_ ]|your[-_ ]|key[-_ ]?here"
    r"|(?:my|new|some|dev|test)[-_ ]?(?:secret|password|key|token)|(?:super|not|not[-_ ]so)[-_ ]?secret"
    r"|secret[-_ ]?(?:key|here|string)|\*{3,}|\.{3,}|(?<![A-Za-z0-9])(?:todo|tbd|x{3,})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"(?:secret|password|passwd|pass|pwd|token|key|jwt|admin|root|user|test|testing|dev|development|foo|bar|foobar|baz"
    r"|abc|abc123|qwerty|letmein|none|null|undefined|nil|empty|value|string|hello|welcome|postgres|mysql|redis|guest|demo"
    r"|0+|x+|-+|_+|\*+|0?123456789?0?|1234(?:5(?:67?8?)?)?)[-_!@#.]?\d{0,4}",
    re.IGNORECASE,
)


class EnvironmentGatherer:
    """Answers for a mapping of variables.

    `source` names where they were read; `examples` are the values that the repository's own example file gives.
    """

    name = "environment"
    target: ClassVar[Target] = Target.ENVIRONMENT
    kinds: ClassVar[tuple[type[Question[Any]], ...]] = (Environment,)

    def __init__(self, values: Mapping[str, str], source: str, examples: Mapping[str, str] | None = None) -> None:
        self.values = values
        self.source = source
        self.examples = examples or {}

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """What may be known of the variables that were asked for."""
        for question in questions:
            if isinstance(question, Environment):
                yield question, self._variables(question)
            else:
                yield question, Unavailable(Outcome.ERROR, f"{type(question).__name__} is no question for variables")

    def stop(self) -> None:
        """Nothing is ever under way."""

    def _variables(self, question: Environment) -> Variables:
        expected = dict(question.expected)
        described = tuple(self._variable(name, expected.get(name)) for name in question.names)
        return Variables(self.source, described, len(self.values))

    def _variable(self, name: str, expected: str | None) -> Variable:
        value = self.values.get(name)
        if value is None:
            return Variable(name, present=False, expected=None if expected is None else False)
        return Variable(
            name,
            present=True,
            length=len(value),
            entropy=randomness(value),
            placeholder=is_placeholder(value),
            example=bool(value) and self.examples.get(name) == value,
            expected=None if expected is None else value == expected,
        )


def randomness(value: str) -> str:
    """`low` for words, dates and patterns, `high` for 32 random letters or more, `medium` for what lies between."""
    value = value.strip()
    if entropy(value) < LEAST_ENTROPY or _is_repeated(value) or is_placeholder(value):
        return "low"
    hexadecimal = _HEXADECIMAL.fullmatch(value) is not None
    letters = len(set(value.lower() if hexadecimal else value))
    enough = _LEAST_LETTERS_HEX if hexadecimal else _LEAST_LETTERS
    looks_random = hexadecimal or (_RANDOM.fullmatch(value) is not None and not _is_words(value))
    return "high" if len(value) >= LONG_ENOUGH and letters >= enough and looks_random else "medium"


def _is_repeated(value: str) -> bool:
    # A text is a repetition of a shorter one exactly when it occurs inside itself doubled, its ends cut off.
    doubled = (value + value).find(value, 1)
    return 0 < doubled < len(value)


def _is_words(value: str) -> bool:
    parts = re.split(r"[-_+/=]+", value)
    return len(parts) > 1 and all(re.fullmatch(r"[a-z]+|[A-Z][a-z]+|\d{1,4}", part) for part in parts if part)


def is_placeholder(value: str) -> bool:
    """Does it look like an example: `changeme`, `<new-secret>`, `your-secret-here`, `xxx`, `1234`?"""
    value = value.strip().strip("\"'`").strip()
    return bool(
        not value or _WRAPPED.fullmatch(value) or _WHOLE.fullmatch(value) or _EXAMPLE_WORDS.search(value[:1000])
    )
