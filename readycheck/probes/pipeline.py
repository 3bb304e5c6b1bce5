"""Judgements on what a pipeline does when one of its steps fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from readycheck.facts.question import Question
from readycheck.facts.repository import ConfigLookup, ConfigValue, Files, TextSearch
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.files import named, require_patterns
from readycheck.probes.pattern import require_regexes
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

#: Where GitHub Actions and GitLab CI say that a failure does not count, each with the keys of the commands under it.
_FORGIVING = (
    ("jobs.*.steps.*.continue-on-error", ("run", "uses")),
    ("jobs.*.continue-on-error", ("steps.*.run", "steps.*.uses")),
    ("*.allow_failure", ("script", "script.*")),
)
_COMMANDS = ("jobs.*.steps.*.run", "jobs.*.steps.*.uses", "*.script", "*.script.*")


class PipelineFailuresCount(Probe, frozen=True):
    """No step that judges is forgiven: neither by a setting of the pipeline nor by the command line itself.

    `judging` says which commands judge (tests, audits, linters); `swallowing` are lines that hide a failure.
    """

    name: ClassVar[str] = "pipeline.failures_count"
    target: ClassVar[Target] = Target.REPOSITORY

    paths: tuple[str, ...]
    judging: str
    swallowing: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse paths and patterns that could never match or never end."""
        require_patterns(self.paths)
        require_regexes((self.judging, *self.swallowing), "judging and swallowing")

    def _lookups(self) -> tuple[ConfigLookup, ...]:
        return tuple(ConfigLookup(self.paths, key) for key in (*(key for key, _ in _FORGIVING), *_COMMANDS))

    def questions(self) -> tuple[Question[Any], ...]:
        """The settings, the commands, and the lines that hide a failure."""
        return (Files(self.paths), TextSearch(self.paths, self.swallowing), *self._lookups())

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each judging step whose failure is forgiven."""
        there = facts[Files(self.paths)]
        if not there.total:
            return unknown(f"no file matches {named(self.paths)}")
        lines = facts[TextSearch(self.paths, self.swallowing)].matches
        findings = [Finding("a failure here is hidden", Location(hit.path, hit.line), hit.text) for hit in lines]
        findings += self._forgiven(facts)
        examined = f"{there.total} files of the pipeline read"
        if findings:
            return failed(examined, findings)
        answers = [facts[lookup] for lookup in self._lookups()]
        broken = [path for path, reason in answers[0].unreadable if not reason.startswith("of no configuration format")]
        if broken:
            return unknown(f"could not be parsed: {', '.join(broken[:3])}")
        if any(answer.total > len(answer.values) for answer in answers):
            return unknown("there are more steps than one answer carries")
        return passed(examined, Strength.WIRED)

    def _forgiven(self, facts: Facts) -> Iterator[Finding]:
        judging = [
            command
            for key in _COMMANDS
            for command in facts[ConfigLookup(self.paths, key)].values
            if re.search(self.judging, command.value)
        ]
        for key, below in _FORGIVING:
            for setting in facts[ConfigLookup(self.paths, key)].values:
                command = next((each for each in judging if _belongs(each, setting, below)), None)
                if setting.value == "true" and command:
                    where = Location(setting.path, setting.line)
                    yield Finding(f"a failure of {_first(command.value)!r} does not count", where, command.value)


def _belongs(command: ConfigValue, setting: ConfigValue, below: tuple[str, ...]) -> bool:
    """Does the command stand under the job or step that has the setting?"""
    owner = setting.key.rpartition(".")[0]
    endings = "|".join(re.escape(ending).replace(r"\*", "[^.]+") for ending in below)
    return command.path == setting.path and re.fullmatch(rf"{re.escape(owner)}\.(?:{endings})", command.key) is not None


def _first(command: str) -> str:
    return command.strip().splitlines()[0][:60] if command.strip() else command
