"""Judgements on a git history."""

from __future__ import annotations

from typing import Any, ClassVar

from readycheck.facts.history import PathsEverTracked, TrackedPath
from readycheck.facts.question import Question
from readycheck.facts.secrets import Leak, Scope, SecretsIn
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.files import require_patterns
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown


class GitNeverTracked(Probe, frozen=True):
    """No commit that a ref reaches contains a file of these patterns; `exclude` are those that may be."""

    name: ClassVar[str] = "git.never_tracked"
    target: ClassVar[Target] = Target.REPOSITORY

    patterns: tuple[str, ...]
    exclude: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a pattern list that could never match."""
        require_patterns(self.patterns)

    def questions(self) -> tuple[Question[Any], ...]:
        """The paths that were ever tracked."""
        return (PathsEverTracked(self.patterns, self.exclude),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each path, now or ever; a history that is cut off cannot prove that there was none."""
        found = facts[PathsEverTracked(self.patterns, self.exclude)]
        examined = f"{found.commits} commits of every branch and tag looked through"
        if found.paths:
            more = found.total - len(found.paths)
            rest = [Finding(f"and {more} more paths")] if more > 0 else []
            return failed(examined, [*map(_finding, found.paths), *rest])
        if found.shallow:
            return unknown("the clone is shallow: fetch the whole history (`git fetch --unshallow`) and ask again")
        return passed(examined, Strength.OBSERVED) if found.commits else unknown("the repository has no commits")


def _finding(path: TrackedPath) -> Finding:
    now = "is tracked now" if path.at_head else "is gone from HEAD and still in the history"
    when = f", last touched {path.date[:10]}" if path.date else ""
    return Finding(f"{path.path} {now}{when}", Location(path.path, commit=path.commit), path.path)


class GitSecrets(Probe, frozen=True):
    """No text that a ref reaches holds a credential: no version of any file, and no message of a commit or tag."""

    name: ClassVar[str] = "git.secrets"
    target: ClassVar[Target] = Target.REPOSITORY

    scope: Scope = Scope.REFS

    def questions(self) -> tuple[Question[Any], ...]:
        """The credentials in the history."""
        return (SecretsIn(self.scope),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each credential; a history of which a part could not be read cannot prove that there is none."""
        found = facts[SecretsIn(self.scope)]
        objects = found.objects + found.remembered
        examined = f"{objects} objects of {found.commits} commits looked through"
        if found.leaks:
            more = found.total - len(found.leaks)
            rest = [Finding(f"and {more} more")] if more > 0 else []
            return failed(examined, [*map(_leaked, found.leaks), *rest])
        if found.incomplete:
            return unknown(f"no credential in what can be read, but {'; '.join(found.incomplete)}")
        return passed(examined, Strength.OBSERVED) if objects else unknown("there is nothing committed")


def _leaked(leak: Leak) -> Finding:
    place = leak.path or f"the message of a {leak.kind}"
    now = "stands" if leak.at_head or leak.kind == "file" else "stood, and still does in the history,"
    since = f" since {leak.date[:10]}" if leak.date else ""
    inside = f"{leak.repository}/" if leak.repository else ""
    message = f"{leak.title} {leak.preview} {now} in {inside}{place}{since}. Revoke it first: {leak.revoke}"
    commit = leak.last_commit if not leak.at_head else ""
    return Finding(message, Location(f"{inside}{leak.path}", leak.line, commit), leak.fingerprint)
