"""Looks at each file that an entry point reaches for what would end the program: broken imports, undefined names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from readycheck.facts.faults import MOST_FAULTS, CodeAspect, Fault, FaultsFound
from readycheck.gather.code.broken import Places, PythonPlaces, broken_imports
from readycheck.gather.code.selection import SourceFiles
from readycheck.gather.code.undefined import undefined_javascript, undefined_python

if TYPE_CHECKING:
    from readycheck.gather.code.scanning import Parsed

#: The ecosystems whose languages let one see it without building.
HEALTH = ("javascript", "python")
#: How much Python is checked for names, in characters: its checker is slow.
_MOST_PYTHON = 3_000_000


class Health:
    """What is broken in the files that are reached, of the aspects that were asked about."""

    def __init__(self, sources: SourceFiles, aspects: frozenset[CodeAspect]) -> None:
        self._sources = sources
        self._aspects = aspects
        self._faults: dict[CodeAspect, list[Fault]] = {aspect: [] for aspect in CodeAspect}
        self._seen: dict[CodeAspect, int] = dict.fromkeys(CodeAspect, 0)
        self._python_left = _MOST_PYTHON
        self._places: Places | None = None
        self._modules: PythonPlaces | None = None

    def inspector(self, ecosystem: str, in_browser: frozenset[str]) -> Callable[[Parsed], None]:
        """What is to be done with each file of this ecosystem."""
        if not self._aspects:
            return lambda _: None
        look = self._javascript if ecosystem == "javascript" else self._python
        return lambda parsed: None if parsed.path in in_browser else look(parsed)

    def _javascript(self, parsed: Parsed) -> None:
        if CodeAspect.IMPORTS in self._aspects:
            self._seen[CodeAspect.IMPORTS] += 1
            found = broken_imports(parsed.path, parsed.text, parsed.root, parsed.links, self._known())
            self._faults[CodeAspect.IMPORTS] += found
        plain = parsed.path.endswith((".js", ".cjs", ".mjs"))
        if CodeAspect.NAMES in self._aspects and plain:
            self._seen[CodeAspect.NAMES] += 1
            self._faults[CodeAspect.NAMES] += undefined_javascript(parsed.path, parsed.text, parsed.root)

    def _python(self, parsed: Parsed) -> None:
        if CodeAspect.IMPORTS in self._aspects:
            self._seen[CodeAspect.IMPORTS] += 1
            if self._modules is None:
                self._modules = PythonPlaces(self._sources, self._known())
            self._faults[CodeAspect.IMPORTS] += self._modules.missing(parsed.path, parsed.text, parsed.links)
        if CodeAspect.NAMES in self._aspects and self._python_left > len(parsed.text):
            self._python_left -= len(parsed.text)
            self._seen[CodeAspect.NAMES] += 1
            self._faults[CodeAspect.NAMES] += undefined_python(parsed.path, parsed.text)

    def _known(self) -> Places:
        if self._places is None:
            self._places = Places(self._sources, self._sources.every())
        return self._places

    def found(self, aspect: CodeAspect) -> FaultsFound:
        """The faults of one aspect, in the order of their places."""
        faults = sorted(set(self._faults[aspect]), key=lambda fault: (fault.path, fault.line, fault.message))
        seen = self._seen[aspect]
        examined = (f"{seen} files that an entry point reaches",) if seen else ()
        return FaultsFound(tuple(faults[:MOST_FAULTS]), examined, len(faults))
