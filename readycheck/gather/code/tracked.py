"""The words in which a value is followed: what a name stands for, and what a file exports of it."""

from __future__ import annotations

from typing import NamedTuple


class TooDeepError(Exception):
    """The file is nested deeper than `DEEPEST`."""


class Value(NamedTuple):
    """What a name stands for: something of the package, or something `built` from it `hops` functions away.

    A `result` is what a built value gave back when it was put to work (a validated body, a row): passing it on says
    something, building on it does not.
    """

    built: bool = False
    hops: int = 0
    result: bool = False


#: Exports by the members that lead to them (none for the module itself).
Exports = dict[tuple[str, ...], Value]


class Tracked(NamedTuple):
    """A local name that stands for the value: `reach` are the members to go through first, `origin` its name at home.

    `own` says that it is a member of the object itself (`this.limiter`, `self.limiter`).
    """

    name: str
    value: Value = Value()
    origin: str = ""
    reach: tuple[str, ...] = ()
    own: bool = False


def better(one: Value, other: Value | None) -> Value:
    """The value that says more of two that a name may stand for."""
    if other is None or (one.built, -one.hops) > (other.built, -other.hops):
        return one
    return other
