"""Routes of Flask, FastAPI, Starlette and their like: decorators on applications, blueprints and routers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ast_grep_py import SgNode

from readycheck.facts.repository import Route
from readycheck.gather.code.links import text_of
from readycheck.gather.code.routes.django import DjangoRoutes
from readycheck.gather.code.routes.table import Kind, RouteTable
from readycheck.gather.code.scanning import Parsed

_METHODS = {name: name.upper() for name in ("get", "post", "put", "patch", "delete", "options", "head", "websocket")}
_ROUTES = frozenset({"route", "api_route", "add_url_rule", "add_api_route", "add_route"})
_MOUNTS = frozenset({"include_router", "register_blueprint", "mount", "init_app", "add_namespace", "add_routes"})
_ROOTS = frozenset({"Flask", "FastAPI", "Starlette", "Quart", "Sanic", "APIFlask", "OpenAPI", "Litestar", "Bottle"})
_ROUTERS = frozenset({"APIRouter", "Blueprint", "APIBlueprint", "Router", "Namespace", "Api", "InferringRouter"})
_NAMED_ROUTER = re.compile(r"(?:self\.)?(?:app|application|api|bp|blueprint|\w*_?(?:router|bp|blueprint|app))\Z")
_WORDS = frozenset(
    [
        "route",
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "include_router",
        "register_blueprint",
        "add_url_rule",
        "add_resource",
    ]
) | (_ROOTS | _ROUTERS | {"urlpatterns", "add_api_route", "add_namespace"})


class PythonRoutes:
    """Collects the routes of all Python files."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.table = RouteTable()
        self._django = DjangoRoutes(paths)

    def wants(self, path: str, words: frozenset[str]) -> bool:  # noqa: ARG002 - by its words alone
        """Could this file declare or mount routes?"""
        return not words.isdisjoint(_WORDS)

    def read(self, parsed: Parsed, *, reached: bool) -> None:
        """Read one file."""
        self.table.enter(parsed, reached=reached)
        if "urlpatterns" in parsed.words:
            self._django.read(parsed, reached=reached)
        if not parsed.words.isdisjoint(_WORDS):
            _File(parsed, self.table).read()

    def routes(self) -> Iterator[Route]:
        """Every route with its whole path."""
        yield from self.table.routes()
        yield from self._django.routes()


class _File:
    """What one file says about routes."""

    def __init__(self, parsed: Parsed, table: RouteTable) -> None:
        self.parsed = parsed
        self.table = table
        self.path = parsed.path
        self.made: set[str] = set()

    def read(self) -> None:
        for node in self.parsed.root.find_all(kind="assignment"):
            value = node.field("right")
            if value is not None and value.kind() == "call":
                self._bound(text_of(node.field("left")), value)
        for call in self.parsed.root.find_all(kind="call"):
            callee = call.field("function")
            if callee is not None and callee.kind() == "attribute":
                self._call(call, text_of(callee.field("object")), text_of(callee.field("attribute")))

    def _bound(self, name: str, value: SgNode) -> None:
        maker = text_of(value.field("function")).rpartition(".")[2]
        if maker in _ROOTS:
            self._make(name, Kind(root=True, prefix=keyword(value, "root_path")))
        elif maker in _ROUTERS:
            given = arguments(value)
            # flask-restful's Api is built on the application or blueprint whose routes it adds.
            on = given[0].text() if maker in ("Api", "OpenAPI") and given and given[0].kind() == "identifier" else ""
            place = keyword(value, "prefix", "url_prefix", "path")
            self._make(name, Kind(passed_in=maker == "Api" and not on, prefix=place))
            if on:
                self.table.mount(self.path, self._known(on), "", (name,))

    def _make(self, name: str, kind: Kind) -> None:
        self.made.add(name)
        self.table.router(self.path, name, kind)

    def _known(self, name: str) -> str:
        if name not in self.made:
            self.table.router(self.path, name, Kind(passed_in=not self.table.imported(self.path, name)))
        return name

    def _call(self, call: SgNode, receiver: str, method: str) -> None:
        if len(receiver) > 80 or not (receiver in self.made or _NAMED_ROUTER.match(receiver)):  # noqa: PLR2004
            return
        line = call.range().start.line + 1
        decorates = call.parent() is not None and (call.parent() or call).kind() == "decorator"
        if method in _METHODS and decorates:
            self._declare(receiver, call, [_METHODS[method]], line)
        elif method in _ROUTES:
            self._declare(receiver, call, _methods(call), line)
        elif method == "add_resource":
            for path in [text_of(node) for node in arguments(call)[1:] if node.kind() == "string"]:
                self.table.route(self.path, self._home(receiver), "*", path, line)
        elif method in _MOUNTS:
            self._mount(receiver, call)

    def _declare(self, receiver: str, call: SgNode, methods: list[str], line: int) -> None:
        given = arguments(call)
        path = _text(given[0]) if given and given[0].kind() == "string" else keyword(call, "path", "rule", "endpoint")
        for method in methods:
            self.table.route(self.path, self._home(receiver), method, path, line)

    def _home(self, receiver: str) -> str:
        """The router's name; one that another file made is mounted on that file's."""
        return self._known(receiver)

    def _mount(self, receiver: str, call: SgNode) -> None:
        prefix = keyword(call, "prefix", "url_prefix", "path")
        given = arguments(call)
        if given and given[0].kind() == "string":
            prefix, given = _text(given[0]), given[1:]
        targets = [node.field("value") or node for node in given if node.kind() != "keyword_argument"]
        targets += [value for node in given if (value := _keyword(node, "router", "blueprint", "app")) is not None]
        for target in targets[:1]:
            inner = target.field("function") if target.kind() == "call" else target
            if inner is not None and re.fullmatch(r"[\w.]{1,120}", inner.text()):
                self.table.mount(self.path, self._known(receiver), prefix, tuple(inner.text().split(".")))


def arguments(call: SgNode) -> list[SgNode]:
    """The arguments of a call, comments aside."""
    given = call.field("arguments")
    return [child for child in given.named_children() if child.kind() != "comment"] if given else []


def _keyword(node: SgNode, *names: str) -> SgNode | None:
    named = node.kind() == "keyword_argument" and text_of(node.field("name")) in names
    return node.field("value") if named else None


def keyword(call: SgNode, *names: str) -> str:
    """The text that a keyword argument has; empty when it is computed or not given."""
    for node in arguments(call):
        value = _keyword(node, *names)
        if value is not None and value.kind() == "string":
            return _text(value)
    return ""


def _text(node: SgNode) -> str:
    """A text without its quotes and prefix; what an f-string puts in is left out, as it is not known."""
    return re.sub(r"\{[^{}]*\}", "", text_of(node)[2:-1]) if node.text()[:1] in "fF" else python_text(node)


def python_text(node: SgNode) -> str:
    """The text of a string without its quotes and prefix (`r"…"`)."""
    return re.sub(r"^[rRbBuUfF]{0,2}(\"\"\"|'''|\"|')(.*)\1$", r"\2", node.text(), flags=re.DOTALL)


def _methods(call: SgNode) -> list[str]:
    for node in arguments(call):
        value = _keyword(node, "methods")
        if value is not None:
            return re.findall(r"[A-Z]+", value.text()[:200].upper())
    return ["GET"]
