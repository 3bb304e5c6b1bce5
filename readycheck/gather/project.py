"""Puts together the gatherers of one repository, so that they share its files."""

from __future__ import annotations

from pathlib import Path

from readycheck.errors import TargetError
from readycheck.gather.gatherer import Gatherer
from readycheck.gather.git import find_git
from readycheck.gather.gittree import GitTree
from readycheck.gather.history import HistoryGatherer
from readycheck.gather.measured import MeasuredGatherer
from readycheck.gather.repository import RepositoryGatherer
from readycheck.gather.sources import Sources
from readycheck.gather.worktree import WorkTree


def open_tree(path: Path | str, ref: str = "") -> WorkTree | GitTree:
    """The files of a folder: of the commit `ref` when one is named or the repository is bare, else as they lie on disk.

    Raises:
        TargetError: there is no such folder or commit.
    """
    if not Path(path).is_dir():
        raise TargetError(f"there is no folder {str(path)!r}", hint="name the root of the repository to audit")
    place = find_git(Path(path))
    bare = place is not None and place.top is None
    return GitTree(path, ref or "HEAD") if ref or bare else WorkTree(path)


def repository_gatherers(path: Path | str, ref: str = "") -> list[Gatherer]:
    """The gatherers for a repository's files, history and measurements.

    Raises:
        TargetError: there is no such folder or commit.
    """
    tree = open_tree(path, ref)
    sources = Sources(tree)
    stop = tree.git.stop if tree.git else lambda: None
    return [
        RepositoryGatherer(sources, stop),
        MeasuredGatherer(sources, stop),
        HistoryGatherer(path, ref or "HEAD"),
    ]
