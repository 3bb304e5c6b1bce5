"""Hunts one repository's history for credentials: scans what is new, beside one walk that says where each came from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from readycheck.gather.git import Git, GitError
from readycheck.gather.secrets.crew import Seen, scan
from readycheck.gather.secrets.fold import Known, Place
from readycheck.gather.secrets.listing import every_object, reached, size_of, sized
from readycheck.gather.secrets.memory import Memory, State
from readycheck.gather.secrets.refs import Refs, grew, refs
from readycheck.gather.secrets.sift import Sifter
from readycheck.gather.secrets.walk import Commit, Origin, Walk, Walked, merged
from readycheck.gather.worktree import showable

_SHALLOW = "the clone is shallow: older commits are not here (`git fetch --unshallow`)"
_NOBODY = Commit("", "")
_NOTHING = Walked({}, set(), {}, {})


class Hunted(NamedTuple):
    """The credentials' places and what is known of them, what was looked at, and why it may not be everything."""

    places: Sequence[Place]
    known: Known
    objects: int = 0
    bytes: int = 0
    commits: int = 0
    remembered: int = 0
    missing: Sequence[str] = ()
    problems: Sequence[str] = ()
    shallow: str = ""
    tracked: Mapping[str, Commit] = {}
    at_head: Collection[str] = ()

    @property
    def incomplete(self) -> list[str]:
        """Why this may not be everything."""
        count = len(self.missing)
        lacking = f"{count} file{'s' if count > 1 else ''} of the history {'are' if count > 1 else 'is'} missing in this clone"
        return [*self.problems, *([lacking] if count else []), *([_SHALLOW] if self.shallow else [])]


class _Scan(NamedTuple):
    """What one scan of objects gave: places, and the ids of objects that hold nothing and of those that cannot be read."""

    places: list[Place]
    clean: set[str]
    unread: list[bytes]
    objects: int
    bytes: int


class Hunt:
    """One repository, the sifter (made for so many bytes when there are some), what is remembered, and how to go about it.

    `watched` says which paths are looked for beside credentials.
    """

    def __init__(  # noqa: PLR0913 - all but the first two are choices
        self,
        git: Git,
        sifter: Callable[[int], Sifter],
        memory: Memory | None = None,
        *,
        jobs: int = 0,
        seen: Seen | None = None,
        watched: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._git, self._sifter, self._memory, self._jobs, self._seen = git, sifter, memory, jobs, seen
        self._watched = watched

    def everything(self, *, unreached: bool = False) -> Hunted:
        """The credentials in what the refs reach, and with `unreached` in what they do not reach any more.

        Raises:
            GitError: git cannot list the objects, or was stopped.
        """
        now = refs(self._git)
        state = self._memory.state() if self._memory and not unreached else None
        if state and self._holds(state, now):
            return self._since(state, now)
        with ExitStack() as stack:
            walk = stack.enter_context(Walk(self._git, now.commits)) if now.commits else None
            headers = every_object(self._git)
            before = self._memory.seen() if self._memory else set()
            fresh = self._scan([each for each in headers if _id(each) not in before] if before else headers)
            walked, problems = self._walked(walk, _objects(fresh.places))
            missing = walked.blobs.difference(header[: header.index(b" ")] for header in headers)
        known = self._known(fresh.places, walked, now)
        tracked = self._tracked(walked)
        found = Hunted(
            [place for place in fresh.places if unreached or _is_known(place, known)],
            known,
            fresh.objects,
            fresh.bytes,
            len(walked.commits),
            len(headers) - fresh.objects,
            sorted(each.decode() for each in missing),
            [*problems, *_unread(fresh.unread)],
            _cut(self._git),
            tracked,
            self._still(tracked),
        )
        if self._memory and not unreached:
            self._keep(found, now, before | fresh.clean)
        return found

    def _since(self, state: State, now: Refs) -> Hunted:
        """What came since the last whole scan, which everything that it reached is still reached."""
        old = set(state.tips)
        new = [each for each in now.all if each not in old]
        if new:
            found = self._among([*new, *(f"^{tip}" for tip in state.tips)], now, state)
            self._keep(found._replace(remembered=state.objects), now, None)
            return found._replace(remembered=state.objects)
        known = Known(state.origins, state.messages, self._head(state.places))
        return Hunted(
            state.places,
            known,
            commits=state.commits,
            remembered=state.objects,
            missing=state.missing,
            shallow=state.shallow,
            tracked=state.tracked,
            at_head=self._still(state.tracked),
        )

    def _holds(self, state: State, now: Refs) -> bool:
        """Is all that was seen then reached still, and nothing here that was missing?"""
        if _cut(self._git) != state.shallow or not grew(self._git, state.tips, now.all):
            return False
        return not state.missing or not sized(self._git, map(str.encode, state.missing))[0]

    def among(self, revisions: Sequence[str]) -> Hunted:
        """The credentials in what these revisions bring, such as `HEAD` and `^main`.

        Raises:
            GitError: git knows no such revision, lacks a part of the history, or was stopped.
        """
        return self._among(revisions, refs(self._git), None)

    def _among(self, revisions: Sequence[str], now: Refs, state: State | None) -> Hunted:
        named, absent = reached(self._git, revisions)
        headers, missing = sized(self._git, named)
        with Walk(self._git, revisions) as walk:
            fresh = self._scan(headers)
            old = state.places if state else ()
            walked, problems = self._walked(walk, _objects([*old, *fresh.places]))
        known = self._known(fresh.places, walked, now)
        if state:
            known = _merged(state, known)
        tracked = {**(state.tracked if state else {}), **self._tracked(walked)}
        lacking = {each.decode() for each in (*absent, *missing)}.union(state.missing if state else ())
        return Hunted(
            [*old, *fresh.places],
            known._replace(head=self._head([*old, *fresh.places])),
            fresh.objects,
            fresh.bytes,
            len(walked.commits) + (state.commits if state else 0),
            missing=sorted(lacking),
            problems=[*problems, *_unread(fresh.unread)],
            shallow=_cut(self._git),
            tracked=tracked,
            at_head=self._still(tracked),
        )

    def blobs(self, paths: Mapping[str, str]) -> Hunted:
        """The credentials in these blobs (ids by path), such as those that the index holds.

        Raises:
            GitError: git was stopped.
        """
        headers, missing = sized(self._git, [each.encode() for each in dict.fromkeys(paths.values())])
        fresh = self._scan(headers)
        origins: dict[str, Origin] = {}
        for path, name in paths.items():
            names = origins[name].paths if name in origins else ()
            origins[name] = Origin(_NOBODY, _NOBODY, (*names, os.fsencode(path)))
        lacking = [each.decode() for each in missing]
        known = Known(origins, {}, {})
        return Hunted(fresh.places, known, fresh.objects, fresh.bytes, missing=lacking, problems=_unread(fresh.unread))

    def _scan(self, headers: Sequence[bytes]) -> _Scan:
        if not headers:
            return _Scan([], set(), [], 0, 0)
        total = sum(map(size_of, headers))
        result = scan(self._git, headers, self._sifter(total), jobs=self._jobs, seen=self._seen)
        places = [
            Place(
                site.rule,
                site.secret,
                _id(headers[site.number]),
                headers[site.number].split(b" ")[1].decode(),
                site.line,
            )
            for site in result.sites
        ]
        unread = set(result.unread)
        held = {place.object for place in places} | {each.decode() for each in unread}
        clean = {_id(header) for header in headers}.difference(held) if self._memory else set[str]()
        return _Scan(places, clean, sorted(unread), len(headers) - len(unread), total)

    @staticmethod
    def _walked(walk: Walk | None, objects: Iterable[str]) -> tuple[Walked, list[str]]:
        if walk is None:
            return _NOTHING, []
        try:
            return walk.read({name.encode() for name in objects}), []
        except GitError as error:
            return _NOTHING, [error.message]

    def _known(self, places: Sequence[Place], walked: Walked, now: Refs) -> Known:
        origins = {blob.decode(): origin for blob, origin in walked.origins.items()}
        messages = {}
        for place in places:
            name = place.object
            if place.kind == "commit" and name.encode() in walked.commits:
                messages[name] = Commit(name, walked.commits[name.encode()])
            elif place.kind == "tag" and name in now.tags:
                messages[name] = Commit(name, now.tags[name])
        # What no commit of the walk brought stands under a tag of its own, or is not reached.
        others = {place.object for place in places if place.kind == "blob"} - origins.keys()
        if others:
            origins.update(self._elsewhere(others, now))
        return Known(origins, messages, self._head(places))

    def _tracked(self, walked: Walked) -> dict[str, Commit]:
        shown = ((showable(os.fsdecode(path)), commit) for path, commit in walked.paths.items())
        return {path: commit for path, commit in shown if self._watched(path)}

    def _still(self, paths: Mapping[str, Commit]) -> frozenset[str]:
        return frozenset(path for path in paths if path in self._tree)

    def _elsewhere(self, blobs: Collection[str], now: Refs) -> dict[str, Origin]:
        """The origins of blobs that a ref reaches and no commit brought, such as one under a tag of its own."""
        try:
            named, _ = reached(self._git, now.all)
        except GitError:
            return {}
        paths = {blob: named[blob.encode()] for blob in blobs if blob.encode() in named}
        return {blob: Origin(_NOBODY, _NOBODY, (path,)) for blob, path in paths.items()}

    def _head(self, places: Sequence[Place]) -> dict[str, tuple[str, ...]]:
        wanted = {place.object for place in places if place.kind == "blob"}
        found: dict[str, tuple[str, ...]] = {}
        for path, name in self._tree.items() if wanted else ():
            if name in wanted:
                found[name] = (*found.get(name, ()), path)
        return found

    @cached_property
    def _tree(self) -> dict[str, str]:
        """The blobs of HEAD by path."""
        try:
            records = list(self._git.records("ls-tree", "-r", "-z", "--full-tree", "HEAD"))
        except GitError:  # no HEAD yet
            return {}
        entries = (record.partition(b"\t") for record in records)
        return {showable(os.fsdecode(path)): about.rpartition(b" ")[2].decode() for about, _, path in entries}

    def _keep(self, found: Hunted, now: Refs, clean: set[str] | None) -> None:
        assert self._memory is not None  # noqa: S101 - callers have one
        state = State(
            tips=now.all,
            missing=tuple(found.missing),
            shallow=found.shallow,
            objects=found.objects + found.remembered,
            bytes=found.bytes,
            commits=found.commits,
            places=tuple(found.places),
            origins=dict(found.known.origins),
            messages=dict(found.known.messages),
            tracked=dict(found.tracked),
        )
        self._memory.keep(None if found.problems else state, clean)


def _merged(state: State, known: Known) -> Known:
    origins = dict(state.origins)
    for name, origin in known.origins.items():
        origins[name] = merged(origins[name], origin) if name in origins else origin
    return Known(origins, {**state.messages, **known.messages}, known.head)


def _is_known(place: Place, known: Known) -> bool:
    return place.object in known.origins or place.object in known.messages or place.object in known.head


def _objects(places: Iterable[Place]) -> Iterable[str]:
    return (place.object for place in places)


def _id(header: bytes) -> str:
    return header[: header.index(b" ")].decode("ascii")


def _unread(names: Sequence[bytes]) -> list[str]:
    return [f"{len(names)} objects cannot be read, such as {names[0].decode('ascii', 'replace')[:12]}"] if names else []


def _cut(git: Git) -> str:
    """A hash of the commits at which a shallow history ends; empty for a whole one."""
    path = Path(git.asked("rev-parse", "--git-path", "shallow"))
    try:
        return hashlib.sha256((git.place.folder / path).read_bytes()).hexdigest()[:16]
    except OSError:
        return ""
