"""Routes of Express, Fastify, Koa, Hono, hapi and restify: calls on routers, and routers mounted on each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ast_grep_py import SgNode

from readycheck.facts.repository import Route
from readycheck.gather.code.links import text_of
from readycheck.gather.code.routes.files import file_routes
from readycheck.gather.code.routes.nestjs import nest_prefix, nest_routes
from readycheck.gather.code.routes.table import Kind, RouteTable
from readycheck.gather.code.scanning import Parsed

#: Methods that declare a route, and what they are in HTTP.
_METHODS = {"del": "DELETE", "all": "*", "any": "*"} | {
    name: name.upper() for name in ("get", "post", "put", "patch", "delete", "options", "head")
}
_MOUNTS = frozenset({"use", "register", "mount", "route", "basePath"})
#: Methods that give the router back, so that calls can be chained.
_CHAINED = _MOUNTS | _METHODS.keys()
#: The name of a router that has none because it is exported where it is made.
EXPORTED = "module.exports"
_MAKES_ROOT = re.compile(
    r"(?:^|[.\s])(?:express|[fF]astify|Koa|Hono|Elysia|OpenAPIHono|restify\.createServer|Hapi\.server|polka)$"
    r"|require\([\"'](?:express|fastify|koa)[\"']\)$"
)
_MAKES_ROUTER = re.compile(r"(?:Router|PromiseRouter|router)$")
_NAMED_ROUTER = re.compile(r"(?:this\.)?_?(?:app|server|fastify|instance|api|\w*[rR]outer|\w*Routes)\Z")
_WORDS = frozenset(
    [
        "express",
        "Router",
        "router",
        "app",
        "server",
        "fastify",
        "koa",
        "hono",
        "Controller",
        "restify",
        "Hapi",
        "hapi",
        "polka",
        "Elysia",
        "routes",
    ]
)


class JavaScriptRoutes:
    """Collects the routes of all JavaScript and TypeScript files."""

    def __init__(self) -> None:
        self.table = RouteTable()
        self._nest: list[Route] = []
        self._prefix = ""
        self._files: list[Route] = []

    def wants(self, path: str, words: frozenset[str]) -> bool:  # noqa: ARG002 - by its words alone
        """Could this file declare or mount routes?"""
        return not words.isdisjoint(_WORDS)

    def read(self, parsed: Parsed, *, reached: bool) -> None:
        """Read one file."""
        self.table.enter(parsed, reached=reached)
        self._files += file_routes(parsed, reached=reached)
        if parsed.words.isdisjoint(_WORDS):
            return
        if "Controller" in parsed.words:
            self._nest += nest_routes(parsed, reached=reached)
        self._prefix = nest_prefix(parsed) or self._prefix
        _File(parsed, self.table).read()

    def routes(self) -> Iterator[Route]:
        """Every route with its whole path."""
        yield from self.table.routes()
        yield from self._files
        for route in self._nest:
            path = f"{self._prefix}{route.path}".rstrip("/") or "/"
            yield Route(route.method, path, route.file, route.line, route.reached)


class _File:
    """What one file says about routes."""

    def __init__(self, parsed: Parsed, table: RouteTable) -> None:
        self.parsed = parsed
        self.table = table
        self.path = parsed.path
        self.made: set[str] = set()

    def read(self) -> None:
        root = self.parsed.root
        for kind, (target, held) in self.parsed.grammar.bindings.items():
            for node in root.find_all(kind=kind):
                # A class keeps its router in a field: `router = Router()` is `this.router` in its methods.
                owner = "this." if kind.endswith("field_definition") else ""
                self._bound(owner + text_of(node.field(target)), node.field(held))
        for node in root.find_all(kind="export_statement"):
            if (value := node.field("value")) is not None:
                self._exported((), value)
        for call in root.find_all(kind="call_expression"):
            self._call(call)
        for new in root.find_all(kind="new_expression"):
            self._handed_over(new, new.field("constructor"))

    def _bound(self, name: str, value: SgNode | None) -> None:
        if value is None:
            return
        if name in ("module.exports", "exports"):
            self._exported((), value)
        elif name.startswith(("module.exports.", "exports.")):
            self._exported((name.rpartition(".")[2],), value)
        self._made(name, value)

    def _made(self, name: str, value: SgNode) -> bool:
        """Is the value a new router? Then it is remembered by this name."""
        made = _innermost(value)
        maker = re.sub(r"<[^<>]*>$", "", text_of(made.field("function") or made.field("constructor")))
        if _MAKES_ROOT.search(maker):
            self._make(name, Kind(root=True, prefix=_option(made, "prefix", "basePath")))
        elif _MAKES_ROUTER.search(maker):
            self._make(name, Kind(prefix=_option(made, "prefix")))
        else:
            return False
        return True

    def _make(self, name: str, kind: Kind) -> None:
        self.made.add(name)
        self.table.router(self.path, name, kind)

    def _exported(self, name: tuple[str, ...], value: SgNode) -> None:
        if value.kind() == "object":
            for part in value.named_children():
                if part.kind() == "shorthand_property_identifier":
                    self.table.exports[self.path][(part.text(),)] = part.text()
                elif part.kind() == "pair" and part.field("value") is not None:
                    self.table.exports[self.path][(text_of(part.field("key")),)] = text_of(part.field("value"))
        elif value.kind() in ("identifier", "member_expression"):
            self.table.exports[self.path][name] = value.text()
        elif self._made(EXPORTED, value):
            self.table.exports[self.path][name] = EXPORTED

    def _call(self, call: SgNode) -> None:
        callee, arguments = call.field("function"), _arguments(call)
        if callee is None:
            return
        if callee.kind() != "member_expression":
            self._handed_over(call, callee)
            return
        method, receiver = text_of(callee.field("property")), callee.field("object")
        if method in _METHODS and receiver is not None:
            self._route(call, method, receiver, arguments)
        elif method in _MOUNTS and receiver is not None and (router := self._router(receiver)):
            self._mounted(router, method, call, arguments)

    def _route(self, call: SgNode, method: str, receiver: SgNode, arguments: list[SgNode]) -> None:
        line = (call.field("function") or call).range().end.line + 1
        chained = _chained(receiver)
        if chained is not None and arguments and (router := self._router(chained[0])):
            self.table.route(self.path, router, _METHODS[method], chained[1], line)
            return
        # A route has a handler behind its path: `cache.get("/x")` is none.
        if len(arguments) > 1 and (router := self._router(receiver)):
            for path in _paths(arguments[0]):
                self.table.route(self.path, router, _METHODS[method], path, line)

    def _router(self, receiver: SgNode) -> str:
        """The name of the router that a method is called on; empty when it is none. Chained calls keep the router."""
        node = _innermost(receiver)
        if node.kind() in ("call_expression", "new_expression"):
            return self._name_of(node)
        text = node.text()
        if len(text) < 80 and (text in self.made or _NAMED_ROUTER.match(text)):  # noqa: PLR2004 - a name, not code
            if text not in self.made:
                self.table.router(self.path, text, Kind(passed_in=True))
            return text
        return ""

    def _name_of(self, made: SgNode) -> str:
        """The name that a router gets which is made and used in one expression; empty when it is no router."""
        for parent in made.ancestors()[:30]:
            if parent.kind() in self.parsed.grammar.bindings:
                name = text_of(parent.field(self.parsed.grammar.bindings[parent.kind()][0]))
                name = EXPORTED if name == "module.exports" else name
                return name if name in self.made else ""
            if parent.kind() == "export_statement":
                return EXPORTED if EXPORTED in self.made else ""
        return ""

    def _mounted(self, router: str, method: str, call: SgNode, arguments: list[SgNode]) -> None:
        if not arguments:
            return
        if method == "route" and arguments[0].kind() in ("object", "array"):
            self._described(router, arguments[0], call.range().start.line + 1)
            return
        paths = _paths(arguments[0])
        rest = arguments[1:] if paths else arguments
        prefixes = paths or [_option(call, "prefix")]
        targets = [target for argument in rest for target in self._targets(argument) if self._known(target)]
        if not targets and method in ("use", "register") and not paths:
            self._in_a_loop(router)
        for prefix in prefixes:
            for target in targets:
                self.table.mount(self.path, router, prefix, target)

    def _described(self, router: str, given: SgNode, line: int) -> None:
        """`fastify.route({method, url, handler})`, and hapi's `server.route([{method, path, handler}])`."""
        for entry in given.named_children() if given.kind() == "array" else [given]:
            fields = {text_of(pair.field("key")): pair.field("value") for pair in entry.find_all(kind="pair")[:40]}
            path = fields.get("url") or fields.get("path")
            method = fields.get("method")
            if path is not None and method is not None:
                for name in re.findall(r"[A-Za-z]+|\*", method.text()[:100]):
                    self.table.route(self.path, router, name, text_of(path), line)

    def _targets(self, argument: SgNode) -> list[tuple[str, ...]]:
        """What an argument of a mount may stand for, as names in this file."""
        node = argument
        while node.kind() in ("call_expression", "await_expression", "parenthesized_expression"):
            callee = node.field("function")
            if callee is not None and callee.text() in ("require", "import"):
                return [self._inline(node)]
            node = callee or node.named_children()[0]
        if node.kind() == "member_expression" and text_of(node.field("property")) in ("routes", "middleware"):
            node = node.field("object") or node
        if node.kind() == "member_expression" and node.text().startswith("require("):
            return [self._inline(node)]
        return [tuple(node.text().split("."))] if re.fullmatch(r"[\w$.]{1,120}", node.text()) else []

    def _known(self, target: tuple[str, ...]) -> bool:
        if not target:
            return False
        named = target[0] in self.made or ".".join(target) in self.made
        return named or self.table.imported(self.path, target[0])

    def _inline(self, node: SgNode) -> tuple[str, ...]:
        """A name for a module that is required where it is mounted."""
        text = node.text()
        for one, files in self.parsed.targets.items():
            if one.node is not None and (one.node.text() in text or text in one.node.text()):
                return self.table.inline(self.path, one.imported, files)
        return ()

    def _handed_over(self, call: SgNode, callee: SgNode | None) -> None:
        """`routes(app)`, `require("./routes")(app)` and `new Routes(app)` mount what they get the router for."""
        if callee is None:
            return
        routers = [
            argument.text() for argument in _arguments(call) if argument.kind() in ("identifier", "member_expression")
        ]
        for router in routers[:3]:
            if router in self.made or _NAMED_ROUTER.match(router):
                for target in self._targets(callee):
                    if target and self.table.imported(self.path, target[0]):
                        self.table.router(self.path, router, Kind(passed_in=True))
                        self.table.mount(self.path, router, "", target)

    def _in_a_loop(self, router: str) -> None:
        """`router.use(route.path, route.handler)` over a list: the pairs of path and router that the file lists."""
        for entry in self.parsed.root.find_all(kind="object")[:300]:
            values = [pair.field("value") for pair in entry.named_children() if pair.kind() == "pair"]
            paths = [text_of(value) for value in values if value is not None and value.kind() == "string"]
            names = [value.text() for value in values if value is not None and value.kind() == "identifier"]
            for path in [path for path in paths if path.startswith("/")][:1]:
                for name in [name for name in names if self.table.imported(self.path, name)]:
                    self.table.mount(self.path, router, path, (name,))


def _innermost(node: SgNode) -> SgNode:
    """What a chain of methods starts from: `Router()` of `Router().use(a).use(b)`, `app` of `app.use(a)`."""
    for _ in range(200):
        kind = node.kind()
        if kind in ("as_expression", "await_expression", "parenthesized_expression"):
            node = node.named_children()[0]
            continue
        callee = node.field("function") if kind == "call_expression" else None
        if callee is None or callee.kind() != "member_expression" or text_of(callee.field("property")) not in _CHAINED:
            return node
        node = callee.field("object") or node
    return node


def _arguments(call: SgNode) -> list[SgNode]:
    arguments = call.field("arguments")
    return [child for child in arguments.named_children() if child.kind() != "comment"] if arguments else []


def _paths(node: SgNode) -> list[str]:
    """The paths that a first argument names; empty when it is no path."""
    if node.kind() == "array":
        return [path for child in node.named_children() for path in _paths(child)]
    if node.kind() == "template_string":
        # `${API}/users`: the constant is not followed, its place in the path is shown.
        path = re.sub(r"\$\{[^}]*\}", "", text_of(node))
        return [path] if path.startswith(("/", "*")) else []
    if node.kind() == "regex":
        return [node.text()]
    if node.kind() == "string" and (text_of(node).startswith(("/", "*")) or not text_of(node)):
        return [text_of(node) or "/"]
    return []


def _chained(receiver: SgNode) -> tuple[SgNode, str] | None:
    """The router and the path of `router.route(path)` below a chain of methods."""
    node = receiver
    for _ in range(12):
        callee = node.field("function") if node.kind() == "call_expression" else None
        if callee is None or callee.kind() != "member_expression":
            return None
        below = callee.field("object")
        if text_of(callee.field("property")) == "route" and below is not None:
            paths = [path for argument in _arguments(node)[:1] for path in _paths(argument)]
            return (below, paths[0]) if paths else None
        if below is None:
            return None
        node = below
    return None


def _option(node: SgNode, *names: str) -> str:
    """The text that an option among the arguments has (`{prefix: "/api"}`)."""
    arguments = node.field("arguments")
    for pair in arguments.find_all(kind="pair")[:20] if arguments else []:
        value = pair.field("value")
        if text_of(pair.field("key")) in names and value is not None and value.kind() == "string":
            return text_of(value)
    return ""
