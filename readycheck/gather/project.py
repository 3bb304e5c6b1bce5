"""Puts together the gatherers of one repository, so that they share its files."""

from __future__ import annotations

from pathlib import Path

from readycheck.errors import TargetError
from readycheck.gather.code.gatherer import CodeGatherer
from readycheck.gather.entrypoints import entry_points
from readycheck.gather.gatherer import Gatherer
from readycheck.gather.git import find_git
from readycheck.gather.gittree import GitTree
from readycheck.gather.history import HistoryGatherer
from readycheck.gather.measured import MeasuredGatherer
from readycheck.gather.migrations.gatherer import MigrationsGatherer
from readycheck.gather.repository import RepositoryGatherer
from readycheck.gather.running.gatherer import RunningGatherer
from readycheck.gather.sources import Sources
from readycheck.gather.tree import Tree
from readycheck.gather.variables import VariablesGatherer
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
    """The gatherers for a repository's files, history, credentials and measurements.

    Raises:
        TargetError: there is no such folder or commit.
    """
    from readycheck.gather.secrets.memory import cache_folder

    return [*tree_gatherers(open_tree(path, ref)), history_gatherer(path, ref), secrets_gatherer(path, cache_folder())]


def tree_gatherers(tree: Tree) -> list[Gatherer]:
    """The gatherers for the files of one tree, its code, and what was measured in it."""
    sources = Sources(tree)
    git = tree.git if isinstance(tree, WorkTree | GitTree) else None
    stop = git.stop if git else lambda: None
    code = CodeGatherer(sources, lambda: entry_points(sources))
    return [
        RepositoryGatherer(sources, stop),
        MeasuredGatherer(sources, stop),
        MigrationsGatherer(sources, stop),
        RunningGatherer(sources),
        VariablesGatherer(sources),
        code,
    ]


def history_gatherer(path: Path | str, ref: str = "") -> Gatherer:
    """The gatherer for the history of one repository."""
    return HistoryGatherer(path, ref or "HEAD")


def secrets_gatherer(path: Path | str, cache: Path | None = None) -> Gatherer:
    """The gatherer for the credentials that one repository holds, which remembers in the folder `cache`."""
    from readycheck.gather.secrets.gatherer import SecretsGatherer

    return SecretsGatherer(path, cache=cache)
