"""The reader of routes for each ecosystem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from readycheck.facts.repository import Route
from readycheck.gather.code.routes.javascript import JavaScriptRoutes
from readycheck.gather.code.routes.others import OtherRoutes
from readycheck.gather.code.routes.python import PythonRoutes
from readycheck.gather.code.scanning import Parsed


class RouteReader(Protocol):
    """Collects routes file by file, and joins them when all files are read."""

    def wants(self, path: str, words: frozenset[str]) -> bool:
        """Could this file declare or mount routes?"""

    def read(self, parsed: Parsed, *, reached: bool) -> None:
        """Read one file."""

    def routes(self) -> Iterator[Route]:
        """Every route with its whole path."""


def route_reader(ecosystem: str, paths: Iterable[str]) -> RouteReader:
    """A fresh reader for the code of one ecosystem of a project with these files."""
    if ecosystem == "javascript":
        return JavaScriptRoutes()
    if ecosystem == "python":
        return PythonRoutes(paths)
    return OtherRoutes(ecosystem)
