"""Answers which credentials a repository holds: in its history, its index or its files, and in its submodules."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar

from msgspec import structs

from readycheck.facts.history import TrackedPath
from readycheck.facts.question import Question, Unavailable
from readycheck.facts.secrets import MOST_LEAKS, Scope, SecretsFound, SecretsIn
from readycheck.gather.git import Git, GitError, GitPlace, find_git
from readycheck.gather.secrets.fold import folded
from readycheck.gather.secrets.hunt import Hunt, Hunted
from readycheck.gather.secrets.memory import Memory, machine_key
from readycheck.gather.secrets.rules import RuleFiles
from readycheck.gather.secrets.scan import MUCH, scanner
from readycheck.gather.secrets.sift import Sifter
from readycheck.gather.worktree import showable
from readycheck.model import Outcome, Target

#: Submodules in submodules are followed so far.
DEEPEST = 5

Seen = Callable[[int], None]


class SecretsGatherer:
    """Answers for a repository, or a folder without one (`Scope.FILES` alone).

    `cache` is the folder that remembers what was scanned, `rules` the files of the rules, `seen` is told of bytes as they
    are scanned.
    """

    name = "secrets"
    target: ClassVar[Target] = Target.REPOSITORY
    kinds: ClassVar[tuple[type[Question[Any]], ...]] = (SecretsIn,)

    def __init__(
        self,
        path: Path | str,
        *,
        cache: Path | None = None,
        rules: RuleFiles | None = None,
        jobs: int = 0,
        seen: Seen | None = None,
    ) -> None:
        self._path = Path(path)
        self._cache, self._jobs, self._seen = cache, jobs, seen
        self._rules = rules or RuleFiles()
        self._gits: list[Git] = []
        self._sifters: dict[bool, Sifter] = {}
        place = find_git(self._path)
        self._git = self._opened(place) if place else None

    def stop(self) -> None:
        """End every git."""
        for git in self._gits:
            git.stop()

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """The answers, one after the other."""
        for question in questions:
            if isinstance(question, SecretsIn):
                yield question, self._answer(question)

    def _answer(self, question: SecretsIn) -> SecretsFound | Unavailable:
        if question.scope is Scope.FILES:
            return self._looked(self._found([("", self._files())], [], []))
        if self._git is None:
            return Unavailable(Outcome.NOT_CHECKED, "the folder is no git repository: it has no history")
        hunt = self._hunt(self._git, question)
        if question.scope is Scope.STAGED:
            return self._found([("", hunt.blobs(_staged(self._git)))], [], [])
        if question.scope is Scope.RANGE:
            return self._found([("", hunt.among(_revisions(self._git, question.revisions)))], [], [])
        unreached = question.scope is Scope.OBJECTS
        parts, notes = [("", hunt.everything(unreached=unreached))], list[str]()
        for path, git in self._submodules(self._git, "", DEEPEST, notes):
            parts.append((path, self._hunt(git, question).everything(unreached=unreached)))
        return self._looked(self._found(parts, notes, self._tracked(parts)))

    @staticmethod
    def _looked(found: SecretsFound) -> SecretsFound:
        """The answer, which says so when there was nothing at all to look at."""
        if found.objects or found.remembered:
            return found
        return structs.replace(found, incomplete=(*found.incomplete, "there is nothing to look at"))

    @staticmethod
    def _tracked(parts: Sequence[tuple[str, Hunted]]) -> list[TrackedPath]:
        """The watched paths, those at HEAD first."""
        found = [
            TrackedPath(f"{inside}/{path}" if inside else path, path in hunted.at_head, commit.id, commit.date)
            for inside, hunted in parts
            for path, commit in hunted.tracked.items()
        ]
        return sorted(found, key=lambda each: (not each.at_head, each.path))

    def _found(
        self, parts: Sequence[tuple[str, Hunted]], notes: Sequence[str], tracked: Sequence[TrackedPath]
    ) -> SecretsFound:
        leaks = [
            leak
            for repository, hunted in parts
            for leak in (
                folded(hunted.places, hunted.known, self._rules.rules.by_id, repository) if hunted.places else ()
            )
        ]
        counted = [leak for leak in leaks if not leak.aside]
        aside = [leak for leak in leaks if leak.aside]
        incomplete = tuple(
            f"{repository}: {reason}" if repository else reason
            for repository, hunted in parts
            for reason in hunted.incomplete
        )
        return SecretsFound(
            leaks=tuple(counted[:MOST_LEAKS]),
            total=len(counted),
            objects=sum(hunted.objects for _, hunted in parts),
            bytes=sum(hunted.bytes for _, hunted in parts),
            commits=sum(hunted.commits for _, hunted in parts),
            remembered=sum(hunted.remembered for _, hunted in parts),
            incomplete=incomplete,
            notes=tuple(notes),
            aside=tuple(aside[:MOST_LEAKS]),
            tracked=tuple(tracked[:MOST_LEAKS]),
        )

    def _opened(self, place: GitPlace) -> Git:
        git = Git(place)
        self._gits.append(git)
        return git

    def _hunt(self, git: Git, question: SecretsIn) -> Hunt:
        memory = None
        if self._cache is not None:
            name = blake2b(os.fsencode(git.place.git_dir), digest_size=8).hexdigest()
            memory = Memory(self._cache, name, self._rules.version, self._key, (*question.paths, *question.exclude))
        return Hunt(git, self._sifter, memory, jobs=self._jobs, seen=self._seen, watched=_watched(question))

    @cached_property
    def _key(self) -> bytes:
        # Without a cache nothing is compared with another run, and a key of the moment will do.
        return machine_key() if self._cache is not None else os.urandom(32)

    def _sifter(self, size: int) -> Sifter:
        """A sifter for so many bytes: what scans fastest takes longest to make."""
        much = size >= MUCH
        if much not in self._sifters:
            rules = self._rules.rules.rules
            self._sifters[much] = Sifter(rules, scanner(rules, expressions=much), self._key)
        return self._sifters[much]

    def _files(self) -> Hunted:
        from readycheck.gather.secrets.files import hunt_files

        return hunt_files(self._path, self._sifter(MUCH), self._seen)

    def _submodules(self, git: Git, prefix: str, depth: int, notes: list[str]) -> Iterator[tuple[str, Git]]:
        if not depth:
            return
        for path in _gitlinks(git):
            shown = prefix + showable(os.fsdecode(path))
            place = _submodule(git.place, os.fsdecode(path))
            if place is None:
                notes.append(f"the submodule {shown} is not here: nothing is known of it")
                continue
            inner = self._opened(place)
            yield shown, inner
            yield from self._submodules(inner, f"{shown}/", depth - 1, notes)


def _watched(question: SecretsIn) -> Callable[[str], bool]:
    from readycheck.gather.patterns import matcher

    wanted = [matcher(pattern).search for pattern in question.paths]
    unwanted = [matcher(pattern).search for pattern in question.exclude]
    return lambda path: any(see(path) for see in wanted) and not any(see(path) for see in unwanted)


def _gitlinks(git: Git) -> list[bytes]:
    """The paths of submodules at HEAD."""
    try:
        records = list(git.records("ls-tree", "-r", "-z", "--full-tree", "HEAD"))
    except GitError:  # no HEAD yet
        return []
    return [record.partition(b"\t")[2] for record in records if record.startswith(b"160000")]


def _submodule(outer: GitPlace, path: str) -> GitPlace | None:
    """The repository of a submodule: in its work tree, else where git keeps it beside the outer one."""
    kept = outer.git_dir / "modules" / path
    for folder in [*([outer.top / path] if outer.top else []), kept]:
        resolved = folder.resolve()
        inside = any(resolved.is_relative_to(root) for root in (outer.top, outer.git_dir) if root)
        if not inside or not resolved.is_dir():
            continue
        place = find_git(resolved)
        # A folder of a submodule that was never fetched belongs to the outer repository.
        if place and place.git_dir != outer.git_dir:
            return place
    return None


def _staged(git: Git) -> Mapping[str, str]:
    """The ids of what the index holds and HEAD does not, by path."""
    try:
        records = git.records("diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "HEAD", "--")
        found = {}
        for about in records:
            path = next(records, b"")
            _, mode, _, name, _ = about.split(b" ")
            if mode not in (b"000000", b"160000"):
                found[os.fsdecode(path)] = name.decode()
    except GitError:  # no HEAD yet: all of the index is new
        entries = (record.partition(b"\t") for record in git.records("ls-files", "-s", "-z"))
        found = {os.fsdecode(path): about.split(b" ")[1].decode() for about, _, path in entries}
    return found


def _revisions(git: Git, given: Sequence[str]) -> list[str]:
    """What the user's revisions stand for, as ids with `^` before what is left out.

    Raises:
        GitError: git knows no such revision.
    """
    ids: list[str] = []
    for revision in given:
        ids += git.run("rev-parse", "--revs-only", "--end-of-options", revision).decode().split()
    if not ids:
        raise GitError(f"nothing is called {' '.join(given)!r}")
    return ids
