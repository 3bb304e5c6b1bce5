"""Says what a repository's refs name: where a walk over everything starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from readycheck.gather.git import Git, GitError
from readycheck.gather.gittree import resolved

_FORM = "--format=%(objectname) %(objecttype) %(*objecttype) %(taggerdate:iso-strict)"


class Refs(NamedTuple):
    """The ids that refs and HEAD name: those that lead to commits, others (tags of a file or tree), and tags with their dates."""

    commits: tuple[str, ...]
    others: tuple[str, ...]
    tags: dict[str, str]

    @property
    def all(self) -> tuple[str, ...]:
        """Every id, in a stable order."""
        return (*self.commits, *self.others)


def refs(git: Git) -> Refs:
    """What the refs name now.

    Raises:
        GitError: git cannot read them.
    """
    commits, others, tags = set[str](), set[str](), {}
    for line in git.run("for-each-ref", _FORM).decode("utf-8", "replace").splitlines():
        name, kind, peeled, date = (*line.split(" "), "", "", "")[:4]
        (commits if "commit" in (kind, peeled) else others).add(name)
        if kind == "tag":
            tags[name] = date
    head = resolved(git, "HEAD")
    return Refs(tuple(sorted(commits | ({head} if head else set()))), tuple(sorted(others)), tags)


def grew(git: Git, old: Sequence[str], new: Sequence[str]) -> bool:
    """Is everything that the old ids reach reached by the new ones still?"""
    gone = set(old) - set(new)
    if not gone:
        return True
    from readycheck.gather.secrets.listing import revisions_file

    try:
        with (
            revisions_file([*gone, *(f"^{each}" for each in new)]) as given,
            git.start("rev-list", "--max-count=1", "--stdin", stdin=given.fileno()) as said,
        ):
            return not said.read()
    except GitError:  # one of them is no longer there
        return False
