"""Folds the places of each credential into one leak: what it is, where it came from, and whether it is still there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from readycheck.facts.secrets import Leak
from readycheck.gather.secrets.paths import set_aside
from readycheck.gather.secrets.rules import Rule
from readycheck.gather.secrets.veil import Veiled
from readycheck.gather.secrets.walk import Commit, Origin
from readycheck.gather.worktree import showable
from readycheck.redact import redact

#: So many further paths are named.
MOST_OTHERS = 5
_NOBODY = Commit("", "")


class Place(NamedTuple):
    """A credential in an object: the rule's id, what may be known of it, the object's id and type, and the line."""

    rule: str
    secret: Veiled
    object: str
    kind: str
    line: int


class Sighting(NamedTuple):
    """A place with a path that it has had, and the commits that brought and last changed it."""

    place: Place
    path: str
    first: Commit
    last: Commit
    at_head: bool
    reached: bool


class Known(NamedTuple):
    """What is known of objects that hold credentials, by their ids.

    `origins` are of blobs that a ref reaches, `messages` of commits and tags that one reaches, `head` the paths at HEAD.
    """

    origins: Mapping[str, Origin]
    messages: Mapping[str, Commit]
    head: Mapping[str, tuple[str, ...]]


def folded(places: Iterable[Place], known: Known, rules: Mapping[str, Rule], repository: str = "") -> list[Leak]:
    """One leak for each credential, those that count first, then by severity and place."""
    groups: dict[tuple[str, bytes], list[Place]] = {}
    for place in places:
        groups.setdefault((place.rule, place.secret.digest), []).append(place)
    leaks = [
        _leak(rules[rule], [sighting for place in group for sighting in _sightings(place, known)], repository)
        for (rule, _), group in groups.items()
    ]
    return sorted(leaks, key=_order)


def _order(leak: Leak) -> tuple[object, ...]:
    return (
        bool(leak.aside),
        -leak.severity.weight,
        not leak.at_head,
        leak.path,
        leak.line,
        leak.rule,
        leak.fingerprint,
    )


def _sightings(place: Place, known: Known) -> Iterable[Sighting]:
    if place.kind in ("commit", "tag"):
        commit = known.messages.get(place.object, _NOBODY)
        yield Sighting(place, "", commit, commit, at_head=False, reached=place.object in known.messages)
        return
    origin = known.origins.get(place.object)
    head = known.head.get(place.object, ())
    first, last = (origin.first, origin.last) if origin else (_NOBODY, _NOBODY)
    names = dict.fromkeys([*head, *(_path(path) for path in (origin.paths if origin else ()))])
    for path in names or [""]:
        yield Sighting(place, path, first, last, at_head=path in head, reached=origin is not None or bool(head))


def _path(raw: bytes) -> str:
    # A path can itself hold a credential.
    return redact(showable(os.fsdecode(raw)))


def _leak(rule: Rule, sightings: Sequence[Sighting], repository: str) -> Leak:
    reasons = {sighting.path: set_aside(sighting.path, rule) for sighting in sightings}
    counted = [sighting for sighting in sightings if not reasons[sighting.path]] or sightings
    dated = [sighting for sighting in counted if sighting.first.date] or counted
    oldest = min(dated, key=lambda sighting: (_moment(sighting.first), sighting.path))
    newest = max(dated, key=lambda sighting: (_moment(sighting.last), sighting.path))
    shown = min(
        (each for each in counted if each.at_head), key=lambda each: (each.path, each.place.line), default=newest
    )
    secret = shown.place.secret
    return Leak(
        rule=rule.id,
        title=rule.text.title,
        severity=rule.text.severity,
        preview=secret.preview,
        fingerprint=fingerprint(rule.id, oldest.path, secret),
        path=shown.path,
        line=shown.place.line,
        commit=oldest.first.id,
        date=oldest.first.date,
        first_path=oldest.path,
        first_line=oldest.place.line,
        last_commit=newest.last.id,
        last_date=newest.last.date,
        at_head=shown.at_head,
        reached=any(sighting.reached for sighting in sightings),
        kind=shown.place.kind,
        texts=len({sighting.place.object for sighting in sightings}),
        other_paths=tuple(sorted({sighting.path for sighting in counted} - {shown.path, ""})[:MOST_OTHERS]),
        repository=repository,
        aside=reasons[shown.path],
        revoke=rule.text.revoke,
        rotate=rule.text.rotate,
    )


def fingerprint(rule: str, path: str, secret: Veiled) -> str:
    """A name that stays when lines move and history is rewritten, and changes with the rule, the path or the credential.

    Sixteen hexadecimal digits; of the credential it depends on 16 bits alone.
    """
    return hashlib.sha256(f"{rule}\0{path}\0{secret.check}".encode()).hexdigest()[:16]


def _moment(commit: Commit) -> datetime:
    try:
        return datetime.fromisoformat(commit.date).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.max.replace(tzinfo=UTC)
