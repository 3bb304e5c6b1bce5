"""A tree of files to read: a work tree, a commit, or one in memory; each path once, no link followed out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol


class Entry(NamedTuple):
    """A file of the tree: its path from the root with `/`, and its size in bytes."""

    path: str
    size: int


class Tree(Protocol):
    """Files by path. Everything in it is hostile."""

    def entries(self) -> Iterable[Entry]:
        """Every regular file that the project tracks or would track; ignored files, links and submodules aside."""

    def skipped(self) -> Mapping[str, list[str]]:
        """Paths that are not among the entries, by the reason."""

    def unlisted(self, patterns: Sequence[str]) -> Iterable[str]:
        """Files of these patterns that are there though the project ignores them, such as the reports of its tools."""

    def read(self, path: str) -> bytes:
        """The file's bytes.

        Raises:
            OSError: it cannot be read.
        """

    def modified_at(self, path: str) -> float | None:
        """When the file was last changed, in seconds of the epoch; None where that is not known."""


class MemoryTree:
    """A tree made of texts, for the examples of checks."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self.files = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}

    def entries(self) -> Iterable[Entry]:
        """Every file."""
        return [Entry(path, len(data)) for path, data in sorted(self.files.items())]

    def skipped(self) -> Mapping[str, list[str]]:
        """Nothing is left out."""
        return {}

    def unlisted(self, patterns: Sequence[str]) -> Iterable[str]:  # noqa: ARG002 - every file is listed
        """None: every file is an entry."""
        return ()

    def read(self, path: str) -> bytes:
        """The file's bytes."""
        try:
            return self.files[path]
        except KeyError as error:
            raise FileNotFoundError(path) from error

    def modified_at(self, path: str) -> float | None:  # noqa: ARG002 - nothing is dated
        """Not known."""
        return None
