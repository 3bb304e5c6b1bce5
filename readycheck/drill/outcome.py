"""How a drill can end before its end."""

from __future__ import annotations

from typing import Protocol

from readycheck.errors import ReadycheckError


class CannotDrillError(ReadycheckError):
    """The drill could not be held here, which says nothing of the backup (exit code 3)."""


class BackupError(Exception):
    """The backup is no good; the message is the finding."""


class Watcher(Protocol):
    """Is told how the drill goes."""

    def step(self, name: str, total: int = 0) -> None:
        """A step began; `total` are the bytes that it will read, 0 when that is not known."""

    def read(self, count: int) -> None:
        """So many bytes more of this step are read."""
