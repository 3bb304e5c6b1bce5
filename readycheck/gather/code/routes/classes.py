"""Routes that are annotations on classes and their methods: Spring (Java, Kotlin), JAX-RS and ASP.NET."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ast_grep_py import SgNode

from readycheck.gather.code.links import text_of
from readycheck.gather.code.scanning import Parsed

Found = tuple[str, str, int]

_SPRING = re.compile(r"@(?P<verb>Get|Post|Put|Delete|Patch|Request)Mapping\b")
_HTTP = re.compile(r"(?P<verb>Http(?:Get|Post|Put|Delete|Patch|Head|Options)|Route)\b")
_TEXT = re.compile(r"\"([^\"\n]{0,300})\"")
_METHOD = re.compile(r"\b(?:RequestMethod\.)?(GET|POST|PUT|DELETE|PATCH)\b")
_CONSTANT = re.compile(
    r"(?:consumes|produces|headers|params|name|Name|Order)\s*=\s*(?:\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\")"
)


def spring_routes(parsed: Parsed) -> Iterator[Found]:
    """`@GetMapping` and its kin under the `@RequestMapping` of their class; none for interfaces of a client."""
    kinds = ("annotation", "marker_annotation") if parsed.path.endswith(".java") else ("annotation",)
    for kind in kinds:
        for annotation in parsed.root.find_all(kind=kind):
            found = _SPRING.match(annotation.text())
            owner = annotation.parent().parent() if found and annotation.parent() is not None else None  # type: ignore[union-attr]
            if not found or owner is None or owner.kind() not in ("method_declaration", "function_declaration"):
                continue
            around = [node for node in owner.ancestors() if node.kind() == "class_declaration"][:1]
            if any("FeignClient" in _head(node) for node in around):
                continue
            line = annotation.range().start.line + 1
            for prefix in _class_paths(around):
                for path in _texts(annotation.text()):
                    yield from ((verb, f"{prefix}/{path}", line) for verb in _verbs(found["verb"], annotation.text()))


def _head(node: SgNode) -> str:
    """What stands before the body of a class: its annotations."""
    modifiers = next((child for child in node.named_children() if child.kind() == "modifiers"), None)
    return modifiers.text()[:4000] if modifiers is not None else ""


def _class_paths(around: list[SgNode]) -> list[str]:
    for node in around:
        found = re.search(r"@RequestMapping\s*(\([^)]*\))", _head(node))
        return _texts(found[1]) if found else [""]
    return [""]


def _texts(annotation: str) -> list[str]:
    return _TEXT.findall(_CONSTANT.sub("", annotation[:2000])) or [""]


def _verbs(verb: str, annotation: str) -> list[str]:
    return [verb.upper()] if verb != "Request" else _METHOD.findall(_TEXT.sub("", annotation[:2000])) or ["*"]


def aspnet_routes(parsed: Parsed) -> Iterator[Found]:
    """`[HttpGet("{id}")]` under the `[Route("api/[controller]")]` of its class."""
    for attribute in parsed.root.find_all(kind="attribute"):
        found = _HTTP.match(attribute.text())
        owner = next((node for node in attribute.ancestors()[:3] if node.kind() == "method_declaration"), None)
        if not found or owner is None or found["verb"] == "Route":
            continue
        holder = next((node for node in owner.ancestors() if node.kind() == "class_declaration"), None)
        prefix = _controller_prefix(holder)
        own = _TEXT.search(attribute.text()) or _route_of(owner)
        path = own[1] if own else ""
        line = attribute.range().start.line + 1
        yield (
            found["verb"].removeprefix("Http").upper(),
            path if path.startswith(("/", "~/")) else f"{prefix}/{path}",
            line,
        )


def _route_of(node: SgNode) -> re.Match[str] | None:
    for attributes in (child for child in node.named_children() if child.kind() == "attribute_list"):
        if found := re.search(r"Route\(\s*\"([^\"]{0,300})\"", attributes.text()[:2000]):
            return found
    return None


def _controller_prefix(holder: SgNode | None) -> str:
    found = _route_of(holder) if holder is not None else None
    if holder is None or found is None:
        return ""
    name = text_of(holder.field("name")).removesuffix("Controller").lower()
    return found[1].replace("[controller]", name)
