"""Answers what a repository's history ever held and what changed lately, in one walk over every ref."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from readycheck.facts.decisions import MOST as MOST_CHANGED
from readycheck.facts.decisions import ChangedFound, ChangedSince
from readycheck.facts.history import MOST, Commit, CommitsFound, CommitsSince, PathsEverTracked, PathsFound, TrackedPath
from readycheck.facts.question import Question, Unavailable
from readycheck.facts.repository import LONGEST_EXCERPT
from readycheck.gather.git import Git, find_git
from readycheck.gather.gittree import resolved
from readycheck.gather.patterns import matcher
from readycheck.gather.state import is_shallow
from readycheck.gather.worktree import showable
from readycheck.model import Outcome, Target
from readycheck.redact import redact

#: The most commits that one answer shows, the most matching paths that are remembered, and judgements on paths kept.
MOST_COMMITS, MOST_MATCHES, _REMEMBERED = 20, 20_000, 200_000


class Touched(NamedTuple):
    """A commit of the walk, and the paths that it changed, added or took away against its parent.

    A merge counts with what it has that no parent has.
    """

    id: str
    authored: str
    committed: int
    subject: str
    paths: list[str]


class HistoryGatherer:
    """Answers for the history that the refs of a repository reach; `ref` is the commit that counts as HEAD."""

    name = "history"
    target: ClassVar[Target] = Target.REPOSITORY
    kinds: ClassVar[tuple[type[Question[Any]], ...]] = (PathsEverTracked, CommitsSince, ChangedSince)

    def __init__(self, path: Path | str, ref: str = "HEAD") -> None:
        place = find_git(Path(path))
        self._git = Git(place) if place else None
        self._ref = ref

    def stop(self) -> None:
        """End git."""
        if self._git:
            self._git.stop()

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """The answers; all that is asked of the past after one walk. A folder without a repository has no history."""
        if self._git is None:
            reason = Unavailable(Outcome.NOT_CHECKED, "the folder is no git repository: it has no history")
            yield from ((question, reason) for question in questions)
            return
        head = resolved(self._git, self._ref)
        for question in questions:
            if isinstance(question, ChangedSince):
                yield question, _changed(self._git, head, question)
        ever = [_Ever(question) for question in questions if isinstance(question, PathsEverTracked)]
        since = [_Since(question) for question in questions if isinstance(question, CommitsSince)]
        if ever or since:
            yield from self._walked(self._git, head, ever, since)

    def _walked(
        self, git: Git, head: str, ever: Sequence[_Ever], since: Sequence[_Since]
    ) -> Iterator[tuple[Question[Any], Any]]:
        reached = _reached(git, head, since)
        prefix = git.place.prefix
        commits = 0
        for commit in walk(git):
            commits += 1
            paths = [path.removeprefix(prefix) for path in commit.paths if path.startswith(prefix)]
            for each in ever:
                each.see(commit, paths)
            if commit.id in reached:
                for every in since:
                    every.see(commit, paths)
        for path in _listed(git, head) if ever else ():
            for each in ever:
                each.at_head(path)
        shallow = is_shallow(git)
        yield from ((each.question, each.answer(commits, shallow=shallow)) for each in ever)
        yield from ((every.question, every.answer()) for every in since)


def walk(git: Git) -> Iterator[Touched]:
    """Every commit that a ref or HEAD reaches, the newest first.

    Raises:
        GitError: the history cannot be read whole.
    """
    # Of the two formats of `-z`, `--raw` is the one in which a path cannot pass for the head of a commit.
    form = "--format=%H%x00%aI%x00%ct%x00%s"
    records = git.records(
        "log", "--all", "-c", "--root", "--raw", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-mailmap",
        "--no-show-signature", "--encoding=UTF-8", form,
    )  # fmt: skip
    current: Touched | None = None
    for record in records:
        head = record.lstrip(b"\n")
        if head.startswith(b":"):
            path = next(records, b"")
            if current is not None:
                current.paths.append(showable(os.fsdecode(path)))
        elif head:
            if current is not None:
                yield current
            authored, committed, subject = (next(records, b"").decode("utf-8", "replace") for _ in range(3))
            current = Touched(head.decode("ascii", "replace"), authored, int(committed or 0), subject, [])
    if current is not None:
        yield current


def _listed(git: Git, head: str) -> Iterator[str]:
    if head:
        yield from (showable(os.fsdecode(name)) for name in git.records("ls-tree", "-r", "-z", "--name-only", head))


def _changed(git: Git, head: str, question: ChangedSince) -> ChangedFound | Unavailable:
    """What differs from a commit, which a shallow clone may not have."""
    known = re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", question.commit)
    commit = git.asked("rev-parse", "--verify", "--quiet", f"{question.commit}^{{commit}}") if known else ""
    if not commit or not head:
        reason = f"this clone does not have the commit {question.commit[:12]} (`git fetch --unshallow` may bring it)"
        return Unavailable(Outcome.UNKNOWN, reason)
    if commit == head:
        return ChangedFound((), 0)
    aside = [matcher(pattern).search for pattern in question.aside]
    prefix = git.place.prefix
    names = (
        showable(os.fsdecode(name))
        for name in git.records("diff-tree", "-r", "--name-only", "-z", "--no-renames", "--no-ext-diff", commit, head)
    )
    paths = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
    left = [path for path in paths if not any(search(path) for search in aside)]
    return ChangedFound(tuple(left[:MOST_CHANGED]), len(left))


def _reached(git: Git, head: str, since: Sequence[_Since]) -> frozenset[str]:
    """Commits after the earliest day that HEAD has: what lies on other branches has not touched what is audited."""
    if not head or not since:
        return frozenset()
    earliest = min(each.after for each in since)
    return frozenset(git.run("rev-list", f"--since={earliest}", head).decode().split())


class _Ever:
    """The answer to which paths were ever tracked, as it grows."""

    def __init__(self, question: PathsEverTracked) -> None:
        self.question = question
        self._wanted = [matcher(pattern).search for pattern in question.patterns]
        self._unwanted = [matcher(pattern).search for pattern in question.exclude]
        self._seen: dict[str, bool] = {}
        self._found: dict[str, TrackedPath] = {}

    def see(self, commit: Touched, paths: Sequence[str]) -> None:
        for path in paths:
            if self._matches(path) and path not in self._found and len(self._found) < MOST_MATCHES:
                self._found[path] = TrackedPath(path, at_head=False, commit=commit.id, date=commit.authored)

    def _matches(self, path: str) -> bool:
        if path not in self._seen:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            wanted = any(search(path) for search in self._wanted)
            self._seen[path] = wanted and not any(search(path) for search in self._unwanted)
        return self._seen[path]

    def at_head(self, path: str) -> None:
        if path in self._found:
            known = self._found[path]
            self._found[path] = TrackedPath(path, at_head=True, commit=known.commit, date=known.date)
        elif self._matches(path):
            # A shallow or unrelated history may not show the commit that brought it.
            self._found[path] = TrackedPath(path, at_head=True, commit="", date="")

    def answer(self, commits: int, *, shallow: bool) -> PathsFound:
        paths = sorted(self._found.values(), key=lambda found: (not found.at_head, found.path))
        return PathsFound(tuple(paths[:MOST]), commits, shallow, len(paths))


class _Since:
    """The answer to which commits touched some paths, as it grows."""

    def __init__(self, question: CommitsSince) -> None:
        self.question = question
        self._wanted = [matcher(pattern).search for pattern in question.paths]
        # The committer's date: work that was written before the day and merged after it changed the evidence after it.
        end = datetime.combine(question.day, time(), UTC) + timedelta(days=1)
        self.after = int(end.timestamp())
        self._commits: list[Commit] = []
        self._total = 0

    def see(self, commit: Touched, paths: Sequence[str]) -> None:
        if commit.committed < self.after or not any(search(path) for path in paths for search in self._wanted):
            return
        self._total += 1
        if len(self._commits) < MOST_COMMITS:
            self._commits.append(Commit(commit.id, commit.authored, redact(commit.subject)[:LONGEST_EXCERPT]))

    def answer(self) -> CommitsFound:
        return CommitsFound(tuple(self._commits), self._total)
