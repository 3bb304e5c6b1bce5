"""Judgements on which files a repository has."""

from __future__ import annotations

from typing import Any, ClassVar

from readycheck.facts.question import Question
from readycheck.facts.repository import Files, FilesFound
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown


class FilePresent(Probe, frozen=True):
    """At least `at_least` files match one of the patterns."""

    name: ClassVar[str] = "file.present"
    target: ClassVar[Target] = Target.REPOSITORY

    paths: tuple[str, ...]
    at_least: int = 1
    strength: Strength = Strength.WIRED

    def __post_init__(self) -> None:
        """Refuse a pattern list that could never or always match."""
        require_patterns(self.paths)
        if self.at_least < 1:
            raise ValueError("at_least must be 1 or more")

    def questions(self) -> tuple[Question[Any], ...]:
        """The files that match."""
        return (Files(self.paths),)

    def judge(self, facts: Facts) -> Judgement:
        """Pass when there are enough of them."""
        found = facts[Files(self.paths)]
        examined = looked_through(found, self.paths)
        if not found.searched:
            return unknown("the repository has no files")
        if found.total >= self.at_least:
            return passed(examined, self.strength, _shown(found))
        return failed(examined, [Finding(f"no file matches {named(self.paths)}"), *_shown(found)])


class FileAbsent(Probe, frozen=True):
    """No file matches any of the patterns."""

    name: ClassVar[str] = "file.absent"
    target: ClassVar[Target] = Target.REPOSITORY

    paths: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a pattern list that could never match."""
        require_patterns(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """The files that match."""
        return (Files(self.paths),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each file that is there."""
        found = facts[Files(self.paths)]
        examined = looked_through(found, self.paths)
        if not found.searched:
            return unknown("the repository has no files")
        if found.total:
            return failed(examined, [Finding(f"{path} is in the repository", Location(path)) for path in found.paths])
        return passed(examined, Strength.WIRED)


def require_patterns(patterns: tuple[str, ...]) -> None:
    """Refuse an empty list or an empty pattern.

    Raises:
        ValueError: there is nothing to look for.
    """
    if not patterns or not all(pattern.strip() for pattern in patterns):
        raise ValueError("paths must name at least one pattern, none of them empty")
    if all(pattern.startswith("!") for pattern in patterns):
        raise ValueError("paths only takes away: name what is looked for too")


def looked_through(found: FilesFound, paths: tuple[str, ...]) -> str:
    """In words: how many files were looked through for what."""
    return f"{found.searched} files looked through for {named(paths)}"


def named(paths: tuple[str, ...]) -> str:
    """The first patterns in words, and how many more there are; those that take away are left out."""
    wanted = [path for path in paths if not path.startswith("!")]
    more = f" or {len(wanted) - 3} more patterns" if len(wanted) > 3 else ""  # noqa: PLR2004 - three fit a line
    return " or ".join(wanted[:3]) + more


def _shown(found: FilesFound) -> list[Finding]:
    return [Finding(path, Location(path)) for path in found.paths[:5]]


def few(patterns: tuple[str, ...], most: int = 4) -> str:
    """The first patterns in words, and how many more there are."""
    more = f" and {len(patterns) - most} more" if len(patterns) > most else ""
    return ", ".join(patterns[:most]) + more
