"""Routers, their routes and where they are mounted; gives each route its whole path and says whether anything mounts it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from posixpath import dirname, join
from typing import NamedTuple

from readycheck.facts.repository import Route
from readycheck.gather.code.links import EVERYTHING, WHOLE
from readycheck.gather.code.routes.paths import canonical
from readycheck.gather.code.scanning import Parsed

#: Bounds on what mounts may multiply to: prefixes of one router, and steps to a router through other files.
MOST_PREFIXES, MOST_STEPS = 20, 8
#: What stands for the file's only router where nothing names it.
ANY = ""


class Router(NamedTuple):
    """A router by the file and the name that it has there."""

    file: str
    name: str


class Kind(NamedTuple):
    """What a router is: the application itself (`root`), a parameter that somebody passes in, or one to be mounted."""

    root: bool = False
    passed_in: bool = False
    prefix: str = ""


class _Declared(NamedTuple):
    router: Router
    method: str
    path: str
    line: int


class _Mount(NamedTuple):
    on: Router
    prefix: str
    target: tuple[str, ...]


class RouteTable:
    """Everything that the files of one ecosystem say about routes."""

    def __init__(self) -> None:
        self.routers: dict[Router, Kind] = {}
        self._declared: list[_Declared] = []
        self._mounts: list[_Mount] = []
        self._reached: dict[str, bool] = {}
        self._imports: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        self._handed: dict[str, list[tuple[tuple[str, ...], tuple[str, ...], str]]] = {}
        self.exports: dict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
        self._parents: dict[Router, set[tuple[Router, str]]] = defaultdict(set)

    def enter(self, parsed: Parsed, *, reached: bool) -> None:
        """Remember a file and where its imports lead."""
        self._reached[parsed.path] = reached
        known = {}
        for one, files in parsed.targets.items():
            module = files[0].endswith((f"/{one.imported}.py", f"/{one.imported}/__init__.py"))
            named = () if module or one.imported in (WHOLE, EVERYTHING, "default", "") else (one.imported,)
            if one.local:
                known[one.local] = (files[:1], (*named, *one.reach))
        self._imports[parsed.path] = known
        handed = [(passed.exported, files, passed.imported) for passed, files in parsed.handed.items()]
        self._handed[parsed.path] = handed

    def router(self, file: str, name: str, kind: Kind) -> None:
        """A router was made or is passed in."""
        self.routers.setdefault(Router(file, name), kind)

    def route(self, file: str, router: str, method: str, path: str, line: int) -> None:
        """A route was declared on a router."""
        self._declared.append(_Declared(Router(file, router), method.upper(), path, line))

    def mount(self, file: str, router: str, prefix: str, target: tuple[str, ...]) -> None:
        """What these names stand for in the file (`routes.users`) was mounted on one of its routers."""
        self._mounts.append(_Mount(Router(file, router), prefix, target))

    def imported(self, file: str, name: str) -> bool:
        """Does this name come from another file of the project?"""
        return name in self._imports.get(file, ())

    def inline(self, file: str, imported: str, files: tuple[str, ...]) -> tuple[str, ...]:
        """A name for an import that has none because it is used where it stands."""
        name = f"<{files[0]}>"
        named = () if imported in (WHOLE, "default") else (imported,)
        self._imports.setdefault(file, {})[name] = (files[:1], named)
        return (name,)

    def routes(self) -> Iterator[Route]:
        """Every route under each of the prefixes that its router is mounted on."""
        for mount in self._mounts:
            for target in self._locate(mount.on.file, mount.target, MOST_STEPS):
                if target != mount.on:
                    self._parents[target].add((mount.on, mount.prefix))
        known: dict[Router, tuple[set[str], bool]] = {}
        for declared in self._declared:
            prefixes, mounted = self._prefixes(declared.router, known, ())
            reached = mounted and self._reached.get(declared.router.file, False)
            for prefix in sorted(prefixes):
                path = canonical(prefix, declared.path)
                yield Route(declared.method, path, declared.router.file, declared.line, reached)

    def _prefixes(
        self, router: Router, known: dict[Router, tuple[set[str], bool]], path: tuple[Router, ...]
    ) -> tuple[set[str], bool]:
        if router in known:
            return known[router]
        kind = self.routers.get(router, Kind(passed_in=True))
        if router in path or len(path) > MOST_STEPS * 4:
            return set(), False
        found: set[str] = set()
        mounted = False
        for parent, prefix in sorted(self._parents.get(router, ())):
            above, connected = self._prefixes(parent, known, (*path, router))
            mounted = mounted or connected
            found |= {f"{start}/{prefix}/{kind.prefix}" for start in above}
        if not found:
            found, mounted = {kind.prefix}, kind.root or kind.passed_in
        known[router] = (set(sorted(found)[:MOST_PREFIXES]), mounted)
        return known[router]

    def _locate(self, file: str, names: tuple[str, ...], steps: int) -> list[Router]:
        """The routers that these names stand for in a file."""
        if steps <= 0 or not names:
            return []
        for size in range(len(names), 0, -1):
            router = Router(file, ".".join(names[:size]))
            if router in self.routers:
                return [router]
        files, reach = self._imports.get(file, {}).get(names[0], ((), ()))
        return [one for target in files for one in self._in_module(target, (*reach, *names[1:]), steps - 1)]

    def _in_module(self, file: str, path: tuple[str, ...], steps: int) -> list[Router]:
        """The routers that a file exports under this path; all of its own when it is not seen which."""
        if steps <= 0:
            return []
        if not path:
            local = self.exports[file].get((), ANY)
            return (self._locate(file, tuple(local.split(".")), steps) if local else []) or self._own(file)
        local = self.exports[file].get(path[:1], path[0])
        found = self._locate(file, (*local.split("."), *path[1:]), steps)
        found = found or self._below(file, path, steps) or self._handed_on(file, path, steps)
        return found or self._own(file)

    def _below(self, file: str, path: tuple[str, ...], steps: int) -> list[Router]:
        """`users.views.blueprint` where `users` is a package and `views` a module in it."""
        for inside in (join(dirname(file), f"{path[0]}.py"), join(dirname(file), path[0], "__init__.py")):
            if inside in self._reached and file.endswith("__init__.py"):
                return self._in_module(inside, path[1:], steps - 1)
        return []

    def _handed_on(self, file: str, path: tuple[str, ...], steps: int) -> list[Router]:
        for exported, files, imported in self._handed.get(file, ()):
            if exported == path[:1] or imported == EVERYTHING:
                named = () if imported in (WHOLE, "default") else (imported,)
                rest = path if imported == EVERYTHING else (*named, *path[1:])
                return [one for target in files for one in self._in_module(target, rest, steps - 1)]
        return []

    def _own(self, file: str) -> list[Router]:
        """The file's routers that it does not mount on another of its own."""
        inner = {mount.target[0] for mount in self._mounts if mount.on.file == file and mount.target}
        made = [router for router in self.routers if router.file == file and router.name not in inner]
        return [router for router in made if not self.routers[router].root] or made
