"""`readycheck report`: a saved scorecard, shown again."""

from __future__ import annotations

from readycheck.cli.inputs import read_bytes
from readycheck.cli.output import Shown, write
from readycheck.scorecard import load

__all__ = ["Shown", "report"]


def report(source: str, shown: Shown) -> None:
    """Show the scorecard of a file, or of standard input for `-`."""
    card = load(read_bytes(source), source)
    write(card, shown)
