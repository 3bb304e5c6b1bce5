"""Judgement on the documentation of environment variables, both ways."""

from __future__ import annotations

from typing import Any, ClassVar

from readycheck.facts.question import Question
from readycheck.facts.repository import Files
from readycheck.facts.store import Facts
from readycheck.facts.variables import EnvironmentVariables, VariablesFound
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.files import require_patterns
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

#: The most names that a judgement shows.
SHOWN = 12


class VariablesDocumented(Probe, frozen=True):
    """The variables that the code reads are set in an example file or named in a document.

    At most the share `missing` of them may be left out; what platforms set by themselves does not count. What an example
    file sets and nothing reads is told, and fails nothing: another program may read it.
    """

    name: ClassVar[str] = "environment.documented"
    target: ClassVar[Target] = Target.REPOSITORY

    examples: tuple[str, ...]
    documents: tuple[str, ...]
    missing: float = 0.1

    def __post_init__(self) -> None:
        """Refuse patterns that could never match, and a share that is none."""
        require_patterns(self.examples)
        require_patterns(self.documents)
        if not 0 <= self.missing < 1:
            raise ValueError("missing is a share from 0 to below 1")

    def questions(self) -> tuple[Question[Any], ...]:
        """The variables."""
        return (EnvironmentVariables(self.examples, self.documents), Files(self.examples))

    def judge(self, facts: Facts) -> Judgement:
        """Fail when too many of those that are read are documented nowhere, and name them."""
        found = facts[EnvironmentVariables(self.examples, self.documents)]
        if not facts[Files(self.examples)].searched:
            return unknown("the repository has no files")
        documented = {one.name for one in found.examples} | set(found.described)
        absent = [one for one in found.read if one.name not in documented]
        examined = f"{len(found.read)} variables read in {found.files} files, {len(found.read) - len(absent)} of them documented"
        if not found.read:
            return self._nothing_read(found, examined)
        unread = list(_unread(found))
        if len(absent) > self.missing * len(found.read):
            wrong = [
                Finding(f"{one.name} is read here and documented nowhere", Location(one.path, one.line))
                for one in absent
            ]
            return failed(
                f"{examined}; missing: {', '.join(one.name for one in absent[:40])}", [*wrong[:SHOWN], *unread]
            )
        return passed(examined, Strength.WIRED, unread)

    @staticmethod
    def _nothing_read(found: VariablesFound, examined: str) -> Judgement:
        if found.examples:
            return passed(f"{examined}; {len(found.examples)} set in example files", Strength.WIRED)
        return unknown(f"{examined}: nothing is read in a way that is known, and no example file sets one")


def _unread(found: VariablesFound) -> list[Finding]:
    """One line for what example files set and nothing reads."""
    spare = [one for one in found.examples if one.name in found.spare]
    if not spare:
        return []
    names = ", ".join(one.name for one in spare[:SHOWN])
    more = f" and {len(spare) - SHOWN} more" if len(spare) > SHOWN else ""
    return [
        Finding(
            f"set in the example and read by no code that is understood: {names}{more}",
            Location(spare[0].path, spare[0].line),
        )
    ]
