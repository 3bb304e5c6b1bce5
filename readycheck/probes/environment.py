"""Judgements on the environment that the application runs in, without its values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from readycheck.facts.environment import Environment, Variable
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,200}")
_CLASSES = ("low", "medium", "high")


class EnvironmentValue(Probe, frozen=True):
    """Each of these variables is set, and to something that will do.

    `min_length` are characters; `entropy` is the least class of randomness; `equals` are `NAME=value` pairs of public
    values, their names among those that must be set. Variables of `equals` are held to nothing else.
    """

    name: ClassVar[str] = "environment.value"
    target: ClassVar[Target] = Target.ENVIRONMENT

    names: tuple[str, ...] = ()
    min_length: int = 1
    entropy: Literal["low", "medium", "high"] = "low"
    not_placeholder: bool = False
    not_example: bool = False
    equals: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse names that are none."""
        pairs = [pair.partition("=") for pair in self.equals]
        names = [*self.names, *(name for name, _, _ in pairs)]
        if not names or not all(_NAME.fullmatch(name) for name in names):
            raise ValueError("names must be names of variables, and at least one")
        if not all(equals for _, equals, _ in pairs):
            raise ValueError("equals must be pairs written as NAME=value")

    def questions(self) -> tuple[Question[Any], ...]:
        """The variables."""
        return (self._asked(),)

    def _asked(self) -> Environment:
        pairs = [pair.partition("=") for pair in self.equals]
        names = dict.fromkeys([*self.names, *(name for name, _, _ in pairs)])
        return Environment(tuple(names), tuple((name, value) for name, _, value in pairs))

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each variable that is missing or will not do."""
        found = facts[self._asked()]
        names = ", ".join(variable.name for variable in found.variables)
        if not found.total:
            return unknown(f"{found.source} holds no variables at all")
        problems = [
            Finding(problem, Location(object=variable.name))
            for variable in found.variables
            for problem in self._problems(variable)
        ]
        examined = f"{names} looked up in {found.source}"
        return failed(examined, problems) if problems else passed(examined, Strength.OBSERVED)

    def _problems(self, variable: Variable) -> Iterator[str]:
        name = variable.name
        if not variable.present or not variable.length:
            yield f"{name} is {'empty' if variable.present else 'not set'}"
        elif variable.expected is not None:
            if not variable.expected:
                yield f"{name} is not {self._expected(name)!r}"
        else:
            yield from self._weaknesses(variable)

    def _weaknesses(self, variable: Variable) -> Iterator[str]:
        name = variable.name
        if self.not_placeholder and variable.placeholder:
            yield f"{name} is a placeholder"
        if self.not_example and variable.example:
            yield f"{name} is what the repository's own example says, which everybody can read"
        if variable.length < self.min_length:
            yield f"{name} has {variable.length} characters, and {self.min_length} are needed"
        if _CLASSES.index(variable.entropy) < _CLASSES.index(self.entropy):
            yield f"the randomness of {name} is {variable.entropy}, and it must be {self.entropy}"

    def _expected(self, name: str) -> str:
        return next(pair.partition("=")[2] for pair in self.equals if pair.partition("=")[0] == name)
