"""Imports of the project's own files that lead nowhere, and names that nothing defines."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from posixpath import basename, dirname, join, normpath

from ast_grep_py import SgNode

from readycheck.facts.faults import Fault
from readycheck.facts.repository import LONGEST_EXCERPT
from readycheck.gather.code.links import Import, Links
from readycheck.gather.code.selection import SourceFiles
from readycheck.gather.patterns import hostile_matcher
from readycheck.redact import redact

#: Folders that a build fills, and names of what it writes.
_BUILT = re.compile(
    r"(?:^|/)(?:dist|build|out|lib|generated|__generated__|gen|\.next|\.nuxt|\.svelte-kit|\.expo|node_modules|coverage)(?:/|$)"
    r"|generated|\.g$|\+types|/\$types|paraglide|i18n/locales"
)
_GUARDED = frozenset({"try_statement", "if_statement", "ternary_expression", "binary_expression"})
_MANIFESTS = re.compile(
    r"(?:^|/)(?:requirements[^/]*\.(?:txt|in)|requirements/[^/]*\.txt|pyproject\.toml|Pipfile|setup\.(?:py|cfg)|environment\.ya?ml)$"
)


class Places:
    """Every file and folder of the tree, those set aside included, to tell what is missing from what is not read."""

    def __init__(self, sources: SourceFiles, every: Iterable[str]) -> None:
        self.files = set(every)
        self.folders = {"", "."}
        self._stems: set[str] = set()
        for path in self.files:
            stem, dot, _ = path.rpartition(".")
            while dot and stem:
                self._stems.add(stem)
                stem, dot, _ = stem.rpartition(".") if "." in basename(stem) else ("", "", "")
            folder = dirname(path)
            while folder and folder not in self.folders:
                self.folders.add(folder)
                folder = dirname(folder)
        self._ignored = [
            (dirname(path), matches)
            for path in self.files
            if basename(path) == ".gitignore"
            for line in (sources.text(path) or "").splitlines()[:500]
            if line.strip() and not line.startswith(("#", "!"))
            if (matches := hostile_matcher(line.strip())) is not None
        ]

    def there(self, place: str) -> bool:
        """Is there such a file, whatever its ending, or such a folder?"""
        return place in self.files or place in self.folders or place in self._stems

    def made(self, place: str) -> bool:
        """Does a build write it, so that the repository rightly does not hold it?"""
        if _BUILT.search(place):
            return True
        for folder, matches in self._ignored:
            inside = place if not folder else place[len(folder) + 1 :] if place.startswith(f"{folder}/") else ""
            if inside and any(matches(inside + ending) for ending in ("", ".js", ".ts", ".json", "/index.js", ".py")):
                return True
        return False


def broken_imports(path: str, text: str, root: SgNode, links: Links, places: Places) -> Iterator[Fault]:
    """Relative imports of a JavaScript file for which there is no file."""
    for module in dict.fromkeys(one.module for one in links.imports if one.module.startswith(".")):
        if not re.fullmatch(r"[\w./@$()\[\]-]+", module):
            continue
        place = normpath(join(dirname(path), module))
        written = re.sub(r"\.(?:[cm]?js|jsx)$", "", place)
        if place.startswith("..") or places.there(place) or places.there(written) or places.made(place):
            continue
        if (line := _line(module, root)) is not None:
            yield Fault(f"imports {module}, and there is no such file", path, line, _shown(text, line))


def _line(module: str, root: SgNode) -> int | None:
    """The line of the import; None when it may fail without harm."""
    quoted = re.escape(module)
    for node in root.find_all(kind="string", regex=f"^[\"'`]{quoted}[\"'`]$"):
        if not any(parent.kind() in _GUARDED for parent in node.ancestors()[:12]):
            return node.range().start.line + 1
    return None


def _shown(text: str, line: int) -> str:
    lines = text.split("\n")
    return redact(lines[line - 1].strip())[:LONGEST_EXCERPT] if line <= len(lines) else ""


class PythonPlaces:
    """Which modules of a Python project exist, seen from a file."""

    def __init__(self, sources: SourceFiles, places: Places) -> None:
        self._places = places
        manifests = [sources.text(path) or "" for path in places.files if _MANIFESTS.search(path)]
        self._declared = {word.lower().replace("-", "_") for text in manifests for word in re.findall(r"[\w-]+", text)}

    def missing(self, path: str, text: str, links: Links) -> Iterator[Fault]:
        """Imports of the project's own modules for which there is no file."""
        for one in dict.fromkeys(links.imports):
            wanted = self._wanted(one, path)
            if wanted and not self._guarded(one.module, text):
                line = _python_line(one.module, text)
                if line:
                    yield Fault(f"imports {one.module}, and there is no such module", path, line, _shown(text, line))

    def _wanted(self, one: Import, path: str) -> bool:
        dots = len(one.module) - len(one.module.lstrip("."))
        parts = [part for part in one.module[dots:].split(".") if part]
        if dots:
            place = dirname(path)
            for _ in range(dots - 1):
                if not place:
                    return False
                place = dirname(place)
            return bool(parts) and not self._module(join(place, *parts)) and not self._places.made(join(place, *parts))
        return len(parts) > 1 and self._own(parts, path)

    def _own(self, parts: list[str], path: str) -> bool:
        """Is the first part a package of the project, and is the rest of it nowhere?"""
        if parts[0] in sys.stdlib_module_names or parts[0].lower() in self._declared:
            return False
        found, place = False, dirname(path)
        while True:
            for start in (place, join(place, "src")):
                if f"{join(start, parts[0])}/__init__.py" in self._places.files:
                    if self._module(join(start, *parts)) or self._places.made(join(start, *parts)):
                        return False
                    found = True
            if not place:
                return found
            place = dirname(place)

    def _module(self, place: str) -> bool:
        return place in self._places.folders or any(
            f"{place}{ending}" in self._places.files for ending in (".py", ".pyi", ".pyx", ".so", ".c", ".pyd")
        )

    @staticmethod
    def _guarded(module: str, text: str) -> bool:
        """Does the import stand in a block that may fail, or that only type checkers read?"""
        return re.search(rf"^[ \t]+(?:from|import)\s+{re.escape(module)}\b", text, re.MULTILINE) is not None


def _python_line(module: str, text: str) -> int:
    found = re.search(rf"^(?:from|import)\s+{re.escape(module)}(?![\w.])", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 0
