"""Routes that are calls, with groups that are calls around or before them: Go, Laravel, ASP.NET's minimal APIs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ast_grep_py import SgNode

from readycheck.gather.code.links import text_of
from readycheck.gather.code.scanning import Parsed

Found = tuple[str, str, int]

_VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_GO_GROUPS = frozenset({"Group", "Route", "PathPrefix", "Mount"})
_RESOURCE = (("GET", ""), ("POST", ""), ("GET", "/:id"), ("PUT", "/:id"), ("DELETE", "/:id"))


def go_routes(parsed: Parsed) -> Iterator[Found]:
    """Gin, Echo, Fiber, chi, gorilla/mux and `net/http`; groups are followed within the file."""
    groups = _go_groups(parsed.root)
    for call in parsed.root.find_all(kind="call_expression"):
        callee = call.field("function")
        if callee is None or callee.kind() != "selector_expression":
            continue
        name, receiver = text_of(callee.field("field")), text_of(callee.field("operand"))
        given = _given(call)
        if not given or not _is_text(given[0]):
            continue
        path, line = text_of(given[0]), call.range().start.line + 1
        prefix = groups.get(receiver, "") + _around(call, _GO_GROUPS)
        if (name.upper() in _VERBS and len(given) > 1 and path.startswith("/")) or (name.isupper() and name in _VERBS):
            yield name.upper(), f"{prefix}/{path}", line
        elif name in ("HandleFunc", "Handle", "Any", "All") and len(given) > 1:
            verb, _, rest = path.rpartition(" ")
            yield verb or _mux_method(call), f"{prefix}/{rest}", line


def _go_groups(root: SgNode) -> dict[str, str]:
    """Prefixes by the name of the group: `v1 := r.Group("/v1")`, and groups of groups."""
    groups: dict[str, str] = {}
    for binding in root.find_all(kind="short_var_declaration"):
        call = binding.find(pattern="$R.$M($PATH, $$$REST)")
        method = call.get_match("M") if call is not None else None
        path = call.get_match("PATH") if call is not None else None
        if (
            call is not None
            and method is not None
            and method.text() in _GO_GROUPS
            and path is not None
            and _is_text(path)
        ):
            above = groups.get(text_of(call.get_match("R")), "")
            groups[text_of(binding.field("left"))] = f"{above}/{text_of(path)}"
    return groups


def _mux_method(call: SgNode) -> str:
    """`POST` of `r.HandleFunc("/x", h).Methods("POST")`; `*` when none is named."""
    parent = call.parent()
    after = parent.parent() if parent is not None else None
    if parent is not None and after is not None and text_of(parent.field("field")) == "Methods":
        found = re.search(r"[A-Z]{3,7}", after.text()[-80:])
        return found[0] if found else "*"
    return "*"


def laravel_routes(parsed: Parsed) -> Iterator[Found]:
    """`Route::get`, resources, and groups with a prefix; `routes/api.php` is under `/api` as Laravel serves it."""
    start = "/api" if parsed.path.endswith("routes/api.php") else ""
    for call in parsed.root.find_all(kind="scoped_call_expression"):
        if text_of(call.field("scope")) not in ("Route", "Facades\\Route"):
            continue
        name, given = text_of(call.field("name")), _given(call)
        if not given or not _is_text(given[0]):
            continue
        path, line = f"{start}{_laravel_prefix(call)}/{text_of(given[0])}", call.range().start.line + 1
        if name.upper() in _VERBS or name == "any":
            yield "*" if name == "any" else name.upper(), path, line
        elif name in ("resource", "apiResource"):
            yield from ((verb, path + tail, line) for verb, tail in _RESOURCE)


def _laravel_prefix(call: SgNode) -> str:
    prefixes = []
    for parent in call.ancestors()[:80]:
        if (
            parent.kind() in ("member_call_expression", "scoped_call_expression")
            and text_of(parent.field("name")) == "group"
        ):
            head = parent.text()[: max(0, call.range().start.index - parent.range().start.index)][:2000]
            own = re.split(r"\bgroup\s*\(\s*(?:static\s+)?(?:function|fn)", head)[0]
            found = re.search(r"prefix\(\s*[\"']([^\"']{0,200})", own) or re.search(
                r"[\"']prefix[\"']\s*=>\s*[\"']([^\"']{0,200})", head
            )
            prefixes += [found[1]] if found else []
    return "".join(f"/{prefix}" for prefix in reversed(prefixes))


def minimal_routes(parsed: Parsed) -> Iterator[Found]:
    """`app.MapGet("/x", …)` and the like, with groups that are made in the same file."""
    groups: dict[str, str] = {}
    for maker in parsed.root.find_all(pattern="$A.MapGroup($PATH)"):
        binding = maker.parent()
        path = maker.get_match("PATH")
        if binding is not None and binding.kind() == "variable_declarator" and path is not None:
            above = groups.get(text_of(maker.get_match("A")), "")
            groups[text_of(binding.field("name"))] = f"{above}/{text_of(path)}"
    for call in parsed.root.find_all(kind="invocation_expression"):
        callee = call.field("function")
        name = text_of(callee.field("name")) if callee is not None else ""
        given = _given(call)
        if callee is not None and name.startswith("Map") and given and _is_text(given[0]):
            verb = name.removeprefix("Map").upper()
            prefix = groups.get(text_of(callee.field("expression")), "")
            whole, line = f"{prefix}/{text_of(given[0])}", call.range().start.line + 1
            if verb in _VERBS or verb == "HEALTHCHECKS":
                yield "GET" if verb == "HEALTHCHECKS" else verb, whole, line


def _given(call: SgNode) -> list[SgNode]:
    arguments = call.field("arguments")
    given = [child for child in arguments.named_children() if child.kind() != "comment"] if arguments else []
    return [
        child.named_children()[-1] if child.kind() == "argument" and child.named_children() else child
        for child in given
    ]


def _is_text(node: SgNode) -> bool:
    return node.text()[:1] in "\"'`"


def _around(call: SgNode, groups: frozenset[str]) -> str:
    """The prefix of groups that are calls around this one: `r.Route("/x", func(r chi.Router) { … })`."""
    prefixes = []
    for parent in call.ancestors()[:80]:
        callee = parent.field("function") if parent.kind() == "call_expression" else None
        if callee is not None and text_of(callee.field("field")) in groups:
            prefixes += [text_of(node) for node in _given(parent)[:1] if _is_text(node)]
    return "".join(f"/{prefix}" for prefix in reversed(prefixes))
