"""Finds the content that travels beside the program: checks, report templates and the default checklist."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def content(name: str) -> Traversable:
    """The folder or file called `name`: in the wheel under `readycheck/_content`, in a checkout at the top level."""
    packaged = files("readycheck").joinpath("_content", name)
    if packaged.is_dir() or packaged.is_file():
        return packaged
    return Path(__file__).resolve().parent.parent / name
