"""Which files of the project an import means."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from posixpath import dirname, join, normpath
from typing import Any, Protocol

from readycheck.gather.code.selection import SourceFiles

_SUFFIXES = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")
_WRITTEN_AS = {".js": (".ts", ".tsx", ".jsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}


class Resolver(Protocol):
    """Finds the files of one ecosystem's modules."""

    def files(self, module: str, importer: str) -> tuple[str, ...]:
        """The project's files that this module is, seen from the importing file; none for a package from elsewhere."""

    def submodule(self, module: str, name: str, importer: str) -> tuple[str, ...]:
        """The files of a name that is itself a module (`from package import module`)."""


def folder_files(folders: Mapping[str, list[str]], start: str, importer: str) -> list[str]:
    """The files that a computed name with this constant start could load, the importer aside."""
    base = dirname(importer)
    place = normpath(join(base, start)) if start.startswith(".") else base
    if start.startswith(".") and not start.endswith("/"):
        place = dirname(place) if place not in folders else place
    prefix = "" if place in ("", ".") else f"{place}/"
    inside = [path for folder, paths in folders.items() if f"{folder}/".startswith(prefix) for path in paths]
    return [path for path in inside if path != importer]


def by_folder(paths: Iterable[str]) -> dict[str, list[str]]:
    """Paths by the folder that they are in."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        found[dirname(path)].append(path)
    return dict(found)


def read_json(text: str | None) -> dict[str, Any]:
    """A JSON object, comments and trailing commas allowed (tsconfig.json has them); empty when it is none."""
    if not text:
        return {}
    bare = re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', lambda match: match[1] or "", text, flags=re.DOTALL)
    try:
        value = json.loads(re.sub(r",(\s*[}\]])", r"\1", bare))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


class JavaScriptResolver:
    """Relative imports with guessed suffixes, `paths` and `baseUrl` of tsconfig.json, and packages of a workspace."""

    def __init__(self, sources: SourceFiles, code: Iterable[str], every: Iterable[str]) -> None:
        self._code = set(code)
        self._aliases: list[tuple[str, str, str]] = []
        self._bases: list[tuple[str, str]] = []
        self._packages: dict[str, str] = {}
        for path in every:
            name = path.rpartition("/")[2]
            if name in ("tsconfig.json", "tsconfig.base.json", "jsconfig.json"):
                self._configured(dirname(path), read_json(sources.text(path)))
            elif name == "package.json":
                self._named(dirname(path), read_json(sources.text(path)))

    def _configured(self, folder: str, config: dict[str, Any]) -> None:
        options = config.get("compilerOptions")
        options = options if isinstance(options, dict) else {}
        base = normpath(join(folder, str(options.get("baseUrl", "."))))
        if "baseUrl" in options:
            self._bases.append((folder, base))
        paths = options.get("paths")
        for alias, goals in (paths if isinstance(paths, dict) else {}).items():
            for goal in goals if isinstance(goals, list) else []:
                self._aliases.append((folder, str(alias), normpath(join(base, str(goal)))))

    def _named(self, folder: str, package: dict[str, Any]) -> None:
        if isinstance(package.get("name"), str) and folder:
            self._packages[package["name"]] = folder
        for key in ("_moduleAliases", "imports"):
            aliases = package.get(key)
            for alias, goal in (aliases if isinstance(aliases, dict) else {}).items():
                if isinstance(goal, str):
                    star = "" if alias.endswith("*") or key == "imports" else "/*"
                    self._aliases.append((folder, alias, normpath(join(folder, goal))))
                    self._aliases.append((folder, alias + star, normpath(join(folder, goal)) + star))

    def files(self, module: str, importer: str) -> tuple[str, ...]:
        """The one file that is meant, if it is the project's."""
        if module.startswith("."):
            return self._first([normpath(join(dirname(importer), module))])
        return self._first(self._places(module, importer))

    def submodule(self, module: str, name: str, importer: str) -> tuple[str, ...]:  # noqa: ARG002 - not of this language
        """Never: a name of a JavaScript module is no module."""
        return ()

    def _places(self, module: str, importer: str) -> list[str]:
        places = []
        for folder, alias, goal in self._aliases:
            start, star, _ = alias.partition("*")
            if f"{importer}/".startswith(f"{folder}/" if folder else "") and (
                module.startswith(start) if star else module == alias
            ):
                places.append(goal.replace("*", module[len(start) :], 1))
        parts = module.split("/")
        for size in (2, 1):
            folder = self._packages.get("/".join(parts[:size]), "")
            rest = "/".join(parts[size:])
            if folder:
                places += [join(folder, rest), join(folder, "src", rest or "index")]
        return places + [join(base, module) for folder, base in self._bases if importer.startswith(folder)]

    def _first(self, places: Iterable[str]) -> tuple[str, ...]:
        for place in places:
            for candidate in _spellings(normpath(place)):
                if candidate in self._code:
                    return (candidate,)
        return ()


def _spellings(place: str) -> Iterable[str]:
    yield place
    for written, meant in _WRITTEN_AS.items():
        if place.endswith(written):
            yield from (place[: -len(written)] + suffix for suffix in meant)
    yield from (place + suffix for suffix in _SUFFIXES)
    inside = "" if place == "." else f"{place}/"
    yield from (f"{inside}index{suffix}" for suffix in _SUFFIXES)


class PythonResolver:
    """Relative imports, and absolute ones from each folder above the importer (any of them may be on the path)."""

    def __init__(self, code: Iterable[str]) -> None:
        self._code = set(code)

    def files(self, module: str, importer: str) -> tuple[str, ...]:
        """The module's file and the `__init__.py` of each package on the way to it, which run first."""
        dots = len(module) - len(module.lstrip("."))
        parts = [part for part in module[dots:].split(".") if part]
        if dots:
            place = dirname(importer)
            for _ in range(dots - 1):
                place = dirname(place)
            return self._at(place, parts)
        return self._absolute(parts, importer)

    def submodule(self, module: str, name: str, importer: str) -> tuple[str, ...]:
        """The files of `from module import name` when the name is a module."""
        full = f"{module}{name}" if module.endswith(".") else f"{module}.{name}"
        found = self.files(full, importer)
        ends = (f"{name}.py", f"{name}/__init__.py")
        return found if found and found[0].endswith(ends) else ()

    def _absolute(self, parts: list[str], importer: str) -> tuple[str, ...]:
        place = dirname(importer)
        while True:
            for start in (place, join(place, "src")):
                if found := self._at(start, parts):
                    return found
            if not place:
                return ()
            place = dirname(place)

    def _at(self, place: str, parts: list[str]) -> tuple[str, ...]:
        whole = join(place, *parts) if parts else place
        last = next((file for file in (f"{whole}.py", join(whole, "__init__.py")) if file in self._code), None)
        if last is None:
            return ()
        packages = [join(place, *parts[:size], "__init__.py") for size in range(1, len(parts))]
        return (last, *(package for package in packages if package in self._code))


class GoResolver:
    """Packages below the module paths that `go.mod` files declare."""

    def __init__(self, sources: SourceFiles, code: Iterable[str], every: Iterable[str]) -> None:
        self._folders = by_folder(code)
        self._modules: dict[str, str] = {}
        for path in every:
            if path.rpartition("/")[2] == "go.mod":
                declared = re.search(r"^module\s+(\S+)", sources.text(path) or "", re.MULTILINE)
                if declared:
                    self._modules[declared[1].strip('"')] = dirname(path)

    def files(self, module: str, importer: str) -> tuple[str, ...]:
        """Every file of the package; `.` is the importer's own."""
        if module == ".":
            return tuple(path for path in self._folders.get(dirname(importer), ()) if path != importer)
        for name, folder in self._modules.items():
            if module == name or module.startswith(f"{name}/"):
                return tuple(self._folders.get(normpath(join(folder, module[len(name) + 1 :])).lstrip("."), ()))
        return ()

    def submodule(self, module: str, name: str, importer: str) -> tuple[str, ...]:  # noqa: ARG002 - not of this language
        """Never: a name of a Go package is no package."""
        return ()
