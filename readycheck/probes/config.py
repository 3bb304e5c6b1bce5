"""Judgements on what stands at a key of parsed configuration files."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal

from readycheck.facts.question import Question
from readycheck.facts.repository import ConfigFound, ConfigLookup, ConfigValue
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.files import named, require_patterns
from readycheck.probes.pattern import Absent, nothing_there, require_regexes
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown


class ConfigHolds(Probe, frozen=True, kw_only=True):
    """The values at a key (or at several) are as they should be.

    Exactly one of these says how: `matches` (an expression), `equals` (a text), `present`, or `no_match` (an expression
    that no value may match). With `every`, all values must; with `each_file`, every file that parses must have one that
    does. `absent` is the outcome where no file has these paths, `missing` where files are there and the key is not,
    `unreadable` where a file does not parse: `unknown` unless something else decides, or `fail`.
    """

    name: ClassVar[str] = "config.value"
    target: ClassVar[Target] = Target.REPOSITORY

    paths: tuple[str, ...]
    key: str | tuple[str, ...]
    matches: str = ""
    equals: str | None = None
    present: bool = False
    no_match: str = ""
    every: bool = False
    each_file: bool = False
    absent: Absent = "fail"
    missing: Absent = "fail"
    unreadable: Literal["unknown", "fail"] = "unknown"
    strength: Strength = Strength.WIRED
    message: str = ""

    def __post_init__(self) -> None:
        """Refuse keys, patterns and combinations that make no sense."""
        require_patterns(self.paths)
        if not self._keys or not all(self._keys) or any(key.count("**") > 2 for key in self._keys):  # noqa: PLR2004
            raise ValueError("key must name at least one key, with at most two `**` in each")
        given = [bool(self.matches), self.equals is not None, self.present, bool(self.no_match)]
        if sum(given) != 1:
            raise ValueError("give exactly one of matches, equals, present and no_match")
        require_regexes(tuple(filter(None, (self.matches, self.no_match))), "matches and no_match")
        if self.no_match and (self.every or self.each_file):
            raise ValueError("no_match already means every value of every file")

    @property
    def _keys(self) -> tuple[str, ...]:
        return (self.key,) if isinstance(self.key, str) else self.key

    def questions(self) -> tuple[Question[Any], ...]:
        """The values at each key."""
        return tuple(ConfigLookup(self.paths, key) for key in self._keys)

    def judge(self, facts: Facts) -> Judgement:
        """Pass when they are as they should be; a file that does not parse leaves a pass in doubt."""
        answers = [facts[question] for question in self.questions()]
        values = [value for answer in answers for value in answer.values]
        first = answers[0]
        if not first.searched:
            return unknown("the repository has no files")
        if not first.files and not first.unreadable:
            return nothing_there(self.absent, f"no file matches {named(self.paths)}")
        if first.unreadable and self.unreadable == "fail":
            return self._doubt(first)
        good = [value for value in values if self._good(value.value)]
        bad = [value for value in values if not self._good(value.value)]
        if self.no_match or self.every:
            return self._all(answers, good, bad)
        return self._each_file(first, good, bad) if self.each_file else self._any(first, good, bad)

    def _good(self, text: str) -> bool:
        if self.no_match:
            return re.search(self.no_match, text) is None
        if self.matches:
            return re.search(self.matches, text) is not None
        return self.present or text == self.equals

    def _all(self, answers: list[ConfigFound], good: list[ConfigValue], bad: list[ConfigValue]) -> Judgement:
        first = answers[0]
        if bad:
            return failed(_examined(first), self._wrong(bad))
        if first.unreadable:
            return self._doubt(first)
        if any(answer.total > len(answer.values) for answer in answers):
            return unknown("there are more values than one answer carries")
        if not good:
            return nothing_there(self.missing, f"{_examined(first)}: nothing at {self._named()}")
        return passed(_examined(first), self.strength, _shown(good))

    def _any(self, first: ConfigFound, good: list[ConfigValue], bad: list[ConfigValue]) -> Judgement:
        if good:
            return passed(_examined(first), self.strength, _shown(good))
        if first.unreadable:
            return self._doubt(first)
        if not bad:
            return nothing_there(self.missing, f"{_examined(first)}: nothing at {self._named()}")
        return failed(_examined(first), self._wrong(bad))

    def _each_file(self, first: ConfigFound, good: list[ConfigValue], bad: list[ConfigValue]) -> Judgement:
        held = {value.path for value in good}
        lacking = [path for path in first.files if path not in held]
        wrong = [value for value in bad if value.path in lacking]
        without = sorted(set(lacking) - {value.path for value in wrong})
        findings = [*self._wrong(wrong), *(Finding(f"nothing at {self._named()}", Location(path)) for path in without)]
        if wrong or (without and self.missing == "fail"):
            return failed(_examined(first), findings)
        if first.unreadable:
            return self._doubt(first)
        if without:
            return nothing_there(self.missing, f"nothing at {self._named()} of {', '.join(without[:3])}")
        return passed(_examined(first), self.strength, _shown(good))

    def _doubt(self, found: ConfigFound) -> Judgement:
        places = [Finding(reason, Location(path)) for path, reason in found.unreadable]
        examined = f"could not be read: {found.unreadable[0][0]} ({found.unreadable[0][1]})"
        return failed(examined, places) if self.unreadable == "fail" else unknown(examined, places)

    def _named(self) -> str:
        return " or ".join(self._keys)

    def _wrong(self, bad: list[ConfigValue]) -> list[Finding]:
        return [
            Finding(
                f"{self.message or 'not as it should be'}: {value.key} is {value.value!r}",
                Location(value.path, value.line),
                f"{value.key}: {value.value}",
            )
            for value in bad[:50]
        ]


def _examined(found: ConfigFound) -> str:
    shown = ", ".join(found.files[:3])
    more = f" and {len(found.files) - 3} more" if len(found.files) > 3 else ""  # noqa: PLR2004 - three fit a line
    return f"parsed {shown or 'no file'}{more}"


def _shown(values: list[ConfigValue]) -> list[Finding]:
    return [
        Finding(f"{value.key} is {value.value!r}", Location(value.path, value.line), f"{value.key}: {value.value}")
        for value in values[:5]
    ]
