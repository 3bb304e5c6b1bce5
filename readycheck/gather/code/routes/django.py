"""Routes of Django: `urlpatterns` with `path`, `re_path`, `url`, `include` and the routers of Django REST framework."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ast_grep_py import SgNode

from readycheck.facts.repository import Route
from readycheck.gather.code.links import text_of
from readycheck.gather.code.routes.paths import canonical, from_regex
from readycheck.gather.code.scanning import Parsed

_PATTERNS = frozenset({"path", "re_path", "url"})
_STEPS = 8


class _Include(NamedTuple):
    prefix: str
    module: str


class DjangoRoutes:
    """Collects URL configurations and includes them in each other."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(path for path in paths if path.endswith(".py"))
        self._own: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._included: dict[str, list[_Include]] = defaultdict(list)
        self._reached: dict[str, bool] = {}

    def read(self, parsed: Parsed, *, reached: bool) -> None:
        """Read one file that has `urlpatterns`."""
        self._reached[parsed.path] = reached
        self._own[parsed.path] = []
        registered = list(_registered(parsed.root))
        for call in parsed.root.find_all(kind="call"):
            if text_of(call.field("function")) in _PATTERNS:
                self._pattern(parsed.path, call, registered)
        if "urls" in parsed.words and not self._own[parsed.path] and registered:
            self._own[parsed.path] += registered

    def _pattern(self, file: str, call: SgNode, registered: list[tuple[str, int]]) -> None:
        given = call.field("arguments")
        arguments = [child for child in given.named_children() if child.kind() != "comment"] if given else []
        if not arguments or arguments[0].kind() != "string":
            return
        written = re.sub(r"^[rRuUbB]{0,2}[\"']|[\"']$", "", arguments[0].text())
        prefix = written if text_of(call.field("function")) == "path" else from_regex(written)
        target = arguments[1] if len(arguments) > 1 else None
        if target is None or not target.text().startswith("include"):
            # `admin.site.urls` is a tree of its own.
            self._own[file].append((prefix, call.range().start.line + 1))
            return
        named = target.find(kind="string")
        if named is not None and not re.search(r"\.urls\b", target.text().partition(named.text())[0]):
            self._included[file].append(_Include(prefix, text_of(named)))
        elif target.text().rstrip(")").endswith(".urls"):
            self._own[file] += [(f"{prefix}/{path}", line) for path, line in registered]

    def routes(self) -> Iterator[Route]:
        """Every pattern under the prefixes of the configurations that include it."""
        included = {self._file(one.module, file) for file, all_of in self._included.items() for one in all_of}
        for file in self._own:
            if file not in included:
                yield from self._under("", file, reached=self._reached[file], steps=_STEPS)

    def _under(self, prefix: str, file: str, *, reached: bool, steps: int) -> Iterator[Route]:
        for path, line in self._own[file]:
            yield Route("*", canonical(prefix, path), file, line, reached)
        for one in self._included.get(file, ()) if steps else ():
            inside = self._file(one.module, file)
            if inside in self._own:
                yield from self._under(f"{prefix}/{one.prefix}", inside, reached=reached, steps=steps - 1)

    def _file(self, module: str, importer: str) -> str:
        """The file of a dotted module, from any folder above the file that names it."""
        place, wanted = importer.rpartition("/")[0], module.replace(".", "/")
        while True:
            start = f"{place}/" if place else ""
            for candidate in (f"{start}{wanted}.py", f"{start}{wanted}/__init__.py"):
                if candidate in self._paths:
                    return candidate
            if not place:
                return ""
            place = place.rpartition("/")[0]


def _registered(root: SgNode) -> Iterator[tuple[str, int]]:
    """`router.register("users", …)`: a list and its single elements."""
    for call in root.find_all(pattern="$ROUTER.register($PATH, $$$REST)"):
        path = call.get_match("PATH")
        if path is not None and path.kind() == "string":
            name = from_regex(re.sub(r"^[rRuU]{0,2}[\"']|[\"']$", "", path.text()))
            line = call.range().start.line + 1
            yield from ((name, line), (f"{name}/:id", line))
