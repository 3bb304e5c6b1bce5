"""Routes of Rails (`config/routes.rb`) and Sinatra: verbs, resources, namespaces and scopes."""

from __future__ import annotations

from collections.abc import Iterator

from ast_grep_py import SgNode

from readycheck.gather.code.links import text_of
from readycheck.gather.code.scanning import Parsed

Found = tuple[str, str, int]

_VERBS = frozenset({"get", "post", "put", "patch", "delete"})
_ACTIONS = {
    "index": ("GET", ""),
    "create": ("POST", ""),
    "new": ("GET", "/new"),
    "show": ("GET", "/:id"),
    "edit": ("GET", "/:id/edit"),
    "update": ("PATCH", "/:id"),
    "destroy": ("DELETE", "/:id"),
}


def ruby_routes(parsed: Parsed) -> Iterator[Found]:
    """The routes of a routes file, or of a Sinatra application (verbs with a block)."""
    rails = "/routes" in f"/{parsed.path}" and "draw" in parsed.words
    if not rails and "Sinatra" not in parsed.words and "sinatra" not in parsed.words:
        return
    for call in parsed.root.find_all(kind="call"):
        name, given = text_of(call.field("method")), _given(call)
        if call.field("receiver") is not None or not given:
            continue
        line = call.range().start.line + 1
        if name in _VERBS:
            yield name.upper(), f"{_around(call)}/{_name(given[0])}", line
        elif name in ("resources", "resource") and rails:
            yield from _resources(call, given, line, plural=name == "resources")


def _given(call: SgNode) -> list[SgNode]:
    arguments = call.field("arguments")
    return arguments.named_children() if arguments is not None else []


def _name(node: SgNode) -> str:
    """`up` of `"/up" => "health#show"`, `:up` and `"up"`."""
    first = node.field("key") if node.kind() == "pair" else node
    return text_of(first).lstrip(":")


def _resources(call: SgNode, given: list[SgNode], line: int, *, plural: bool) -> Iterator[Found]:
    only, aside = _listed(given, "only"), _listed(given, "except") or []
    for name in [_name(node) for node in given if node.kind() in ("simple_symbol", "string")]:
        for action, (verb, tail) in _ACTIONS.items():
            if (only is None or action in only) and action not in aside:
                path = tail if plural else tail.replace("/:id", "")
                if plural or action != "index":
                    yield verb, f"{_around(call)}/{name}{path}", line


def _listed(given: list[SgNode], key: str) -> list[str] | None:
    for pair in given:
        if pair.kind() == "pair" and text_of(pair.field("key")).strip(":") == key:
            value = pair.field("value")
            return [word.strip(":[],%i ()") for word in value.text().split()] if value is not None else []
    return None


def _around(call: SgNode) -> str:
    """The prefix of the namespaces, scopes and resources around a call."""
    prefixes = []
    for parent in call.ancestors()[:60]:
        name = text_of(parent.field("method")) if parent.kind() == "call" else ""
        given = _given(parent) if name in ("namespace", "scope", "resources", "resource") else []
        if given and given[0].kind() in ("simple_symbol", "string"):
            prefixes.append(_name(given[0]))
            collection = "collection" in call.text() or _within(call, parent, "collection")
            if name == "resources":
                member = text_of(call.field("method")) in _VERBS and not collection
                prefixes[-1] += "/:id" if member else "/:parent_id" if not collection else ""
        elif given:
            paths = [text_of(pair.field("value")) for pair in given if text_of(pair.field("key")).strip(":") == "path"]
            prefixes += paths[:1]
    return "".join(f"/{prefix.strip('/')}" for prefix in reversed(prefixes))


def _within(call: SgNode, outer: SgNode, name: str) -> bool:
    for parent in call.ancestors()[:60]:
        if parent == outer:
            return False
        if parent.kind() == "call" and text_of(parent.field("method")) == name:
            return True
    return False
