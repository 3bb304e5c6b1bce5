"""Judgements on what stands at a key of parsed configuration files."""

from __future__ import annotations

from typing import Any, ClassVar

from readycheck.facts.question import Question
from readycheck.facts.repository import ConfigFound, ConfigLookup, ConfigValue
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Outcome, Strength, Target
from readycheck.probes.files import require_patterns
from readycheck.probes.patterns import compiled
from readycheck.probes.probe import Judgement, Probe, failed, not_applicable, passed, unknown
from readycheck.probes.text import require_absence

#: The most values that a judgement shows.
_SHOWN = 5


class ConfigIs(Probe, frozen=True):
    """A value at one of the keys is there and, where that is asked, `equals` a text or `matches` a regular expression.

    `keys` are dotted paths; `*` is one step, `**` any number. With `every`, each value found must do. `absent` is the
    outcome where no file has these paths, `missing` where files do and none has the key.
    """

    name: ClassVar[str] = "config.value"
    target: ClassVar[Target] = Target.REPOSITORY

    paths: tuple[str, ...]
    keys: tuple[str, ...]
    equals: str | None = None
    matches: str = ""
    every: bool = False
    absent: Outcome = Outcome.FAIL
    missing: Outcome = Outcome.FAIL
    strength: Strength = Strength.WIRED

    def __post_init__(self) -> None:
        """Refuse keys and patterns that could not match."""
        require_patterns(self.paths)
        require_keys(self.keys)
        compiled(self.matches)
        require_absence(self.absent)
        require_absence(self.missing)

    def questions(self) -> tuple[Question[Any], ...]:
        """One look-up for each key."""
        return tuple(ConfigLookup(self.paths, key) for key in self.keys)

    def judge(self, facts: Facts) -> Judgement:
        """Pass when a value (or each) is as asked."""
        found = gathered(facts, self.paths, self.keys)
        nothing = _nothing(found, self.paths, self.absent)
        if nothing:
            return nothing
        examined = f"{', '.join(self.keys)} looked up in {', '.join(found.files[:_SHOWN])}"
        if not found.values:
            missing = Finding(f"none has {' or '.join(self.keys)}", Location(found.files[0]))
            return Judgement(self.missing, examined, (missing,) if self.missing is Outcome.FAIL else ())
        good = [value for value in found.values if self._holds(value.value)]
        bad = [value for value in found.values if not self._holds(value.value)]
        if good and not (self.every and bad):
            return passed(examined, self.strength, [shown(value) for value in good[:_SHOWN]])
        return failed(examined, [shown(value) for value in bad])

    def _holds(self, value: str) -> bool:
        return (self.equals is None or value == self.equals) and bool(compiled(self.matches).search(value))


class ConfigIsNot(Probe, frozen=True):
    """No value at any of the keys matches the regular expression; a value that matches `unless` is left aside."""

    name: ClassVar[str] = "config.no_value"
    target: ClassVar[Target] = Target.REPOSITORY

    paths: tuple[str, ...]
    keys: tuple[str, ...]
    matches: str
    unless: str = ""
    finding: str = ""
    absent: Outcome = Outcome.NOT_APPLICABLE

    def __post_init__(self) -> None:
        """Refuse keys and patterns that could not match."""
        require_patterns(self.paths)
        require_keys(self.keys)
        compiled(self.matches)
        compiled(self.unless)
        require_absence(self.absent)

    def questions(self) -> tuple[Question[Any], ...]:
        """One look-up for each key."""
        return tuple(ConfigLookup(self.paths, key) for key in self.keys)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each value that matches; a file that could not be read keeps it from passing."""
        found = gathered(facts, self.paths, self.keys)
        nothing = _nothing(found, self.paths, self.absent)
        if nothing:
            return nothing
        examined = f"{', '.join(self.keys)} looked up in {', '.join(found.files[:_SHOWN])}"
        bad = [value for value in found.values if self._matches(value.value)]
        if bad:
            return failed(examined, [shown(value, self.finding) for value in bad])
        if found.unreadable:
            return unknown("; ".join(f"{path}: {reason}" for path, reason in found.unreadable[:_SHOWN]))
        return passed(examined, Strength.WIRED)

    def _matches(self, value: str) -> bool:
        return bool(compiled(self.matches).search(value)) and not (self.unless and compiled(self.unless).search(value))


def require_keys(keys: tuple[str, ...]) -> None:
    """Refuse an empty list or an empty key.

    Raises:
        ValueError: there is nothing to look up.
    """
    if not keys or not all(key.strip() for key in keys):
        raise ValueError("keys must name at least one key, none of them empty")


def gathered(facts: Facts, paths: tuple[str, ...], keys: tuple[str, ...]) -> ConfigFound:
    """The answers for every key as one."""
    found = [facts[ConfigLookup(paths, key)] for key in keys]
    values = tuple(value for one in found for value in one.values)
    return ConfigFound(values, found[0].files, found[0].unreadable, found[0].searched)


def _nothing(found: ConfigFound, paths: tuple[str, ...], absent: Outcome) -> Judgement | None:
    if not found.searched:
        return unknown("the repository has no files")
    if found.files:
        return None
    if found.unreadable:
        return unknown("; ".join(f"{path}: {reason}" for path, reason in found.unreadable[:_SHOWN]))
    reason = f"no file is {' or '.join(paths)}"
    if absent is Outcome.NOT_APPLICABLE:
        return not_applicable(reason)
    return failed(reason, [Finding(reason)]) if absent is Outcome.FAIL else unknown(reason)


def shown(value: ConfigValue, message: str = "") -> Finding:
    """A value as a finding."""
    return Finding(
        message or f"{value.key} is {value.value!r}", Location(value.path, value.line), f"{value.key}: {value.value}"
    )
