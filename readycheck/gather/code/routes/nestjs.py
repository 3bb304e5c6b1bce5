"""Routes of NestJS (and of routing-controllers, which writes them alike): decorators on controllers and their methods."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ast_grep_py import SgNode

from readycheck.facts.repository import Route
from readycheck.gather.code.links import text_of
from readycheck.gather.code.routes.paths import canonical
from readycheck.gather.code.scanning import Parsed

_METHODS = {"All": "*"} | {name: name.upper() for name in ("Get", "Post", "Put", "Patch", "Delete", "Options", "Head")}
_CONTROLLERS = frozenset({"Controller", "JsonController", "RestController"})


def nest_routes(parsed: Parsed, *, reached: bool) -> Iterator[Route]:
    """The routes of each controller class in the file, without the prefix of the application."""
    for decorator in parsed.root.find_all(kind="decorator"):
        name, given = _called(decorator)
        if name in _CONTROLLERS:
            body = _class_body(decorator)
            for prefix in _texts(given) or [""]:
                yield from _methods(parsed, body, prefix, reached=reached)


def nest_prefix(parsed: Parsed) -> str:
    """`/api` where the file says `app.setGlobalPrefix("api")`."""
    if "setGlobalPrefix" not in parsed.words:
        return ""
    call = parsed.root.find(pattern="$APP.setGlobalPrefix($PREFIX, $$$REST)")
    prefix = call.get_match("PREFIX") if call is not None else None
    return canonical(text_of(prefix)) if prefix is not None and prefix.kind() == "string" else ""


def _methods(parsed: Parsed, body: SgNode | None, prefix: str, *, reached: bool) -> Iterator[Route]:
    for decorator in body.find_all(kind="decorator") if body is not None else []:
        name, given = _called(decorator)
        if name in _METHODS:
            line = decorator.range().start.line + 1
            for path in _texts(given) or [""]:
                yield Route(_METHODS[name], canonical(prefix, path), parsed.path, line, reached)


def _called(decorator: SgNode) -> tuple[str, list[SgNode]]:
    call = next(iter(decorator.named_children()), None)
    if call is None or call.kind() != "call_expression":
        return "", []
    arguments = call.field("arguments")
    return text_of(call.field("function")), arguments.named_children() if arguments else []


def _class_body(decorator: SgNode) -> SgNode | None:
    """The body of the class that the decorator stands before: around it, or after it when the class is exported."""
    parent = decorator.parent()
    for _ in range(2):
        if parent is None:
            return None
        if (body := parent.field("body")) is not None:
            return body
        declared = parent.field("declaration")
        if declared is not None and (body := declared.field("body")) is not None:
            return body
        parent = parent.parent()
    return None


def _texts(given: list[SgNode]) -> list[str]:
    """The paths that a decorator is given: a text, a list of texts, or `{path: …}`."""
    if not given:
        return []
    first = given[0]
    if first.kind() == "object":
        pairs = [pair for pair in first.find_all(kind="pair") if text_of(pair.field("key")) == "path"]
        return [text for pair in pairs[:1] if (value := pair.field("value")) is not None for text in _texts([value])]
    nodes = first.named_children() if first.kind() == "array" else [first]
    return [re.sub(r"^`|`$", "", text_of(node)) for node in nodes if node.kind() in ("string", "template_string")]
