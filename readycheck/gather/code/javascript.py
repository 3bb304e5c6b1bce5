"""The imports of a JavaScript or TypeScript file: ES modules, CommonJS and computed loading."""

from __future__ import annotations

from ast_grep_py import Rule, SgNode

from readycheck.gather.code.links import EVERYTHING, WHOLE, Import, Links, Passed, text_of

_TIES: Rule = {
    "any": [
        {"kind": "import_statement"},
        {"kind": "export_statement", "has": {"field": "source", "regex": "."}},
        {
            "kind": "call_expression",
            "has": {"field": "function", "regex": "^(require|import|fork|lazyRequire)$|[.]fork$"},
        },
        {"kind": "new_expression", "has": {"field": "constructor", "regex": "Worker$|^URL$|Piscina"}},
    ]
}
#: Nodes that hand on what is inside them unchanged.
_CLEAR = frozenset({"await_expression", "parenthesized_expression", "as_expression", "non_null_expression"})


def javascript_links(root: SgNode) -> Links:
    """The ties of the file."""
    links = Links()
    for node in root.find_all(**_TIES):
        kind = node.kind()
        if kind == "import_statement":
            _import(node, links)
        elif kind == "export_statement":
            _export_from(node, links)
        else:
            _call(node, links)
    return links


def _import(node: SgNode, links: Links) -> None:
    source = node.field("source")
    for clause in node.named_children():
        if clause.kind() == "import_require_clause":
            name, text = clause.child(0), clause.field("source")
            links.imports.append(Import(text_of(text), WHOLE, text_of(name)))
        if clause.kind() == "import_clause" and not node.text().startswith("import type"):
            links.imports += _clause(clause, text_of(source))
    if source is not None and not any(child.kind() == "import_clause" for child in node.named_children()):
        links.imports.append(Import(text_of(source), "", ""))


def _clause(clause: SgNode, module: str) -> list[Import]:
    found = []
    for part in clause.named_children():
        kind = part.kind()
        if kind == "identifier":
            found.append(Import(module, "default", part.text()))
        elif kind == "namespace_import":
            found.append(Import(module, WHOLE, part.named_children()[0].text()))
        elif kind == "named_imports":
            for one in part.named_children():
                name, alias = one.field("name"), one.field("alias")
                found.append(Import(module, text_of(name), text_of(alias or name)))
    return found


def _export_from(node: SgNode, links: Links) -> None:
    module = text_of(node.field("source"))
    clauses = [child for child in node.named_children() if child.kind() in ("export_clause", "namespace_export")]
    if not clauses:
        links.passed.append(Passed((), module, EVERYTHING))
    for clause in clauses:
        if clause.kind() == "namespace_export":
            links.passed.append(Passed((text_of(clause.named_children()[0]),), module, WHOLE))
        for one in clause.named_children():
            name, alias = one.field("name"), one.field("alias")
            if name is not None:
                links.passed.append(Passed(_exported(text_of(alias or name)), module, text_of(name)))


def _exported(name: str) -> tuple[str, ...]:
    return () if name == "default" else (name,)


def _call(node: SgNode, links: Links) -> None:
    callee = text_of(node.field("function") or node.field("constructor"))
    arguments = node.field("arguments")
    given = [child for child in arguments.named_children() if child.kind() != "comment"] if arguments else []
    if not given:
        return
    first = given[0]
    if first.kind() == "string" or (first.kind() == "template_string" and "${" not in first.text()):
        if callee in ("require", "import"):
            _bind(node, text_of(first), links)
        else:
            links.named.append(text_of(first))
    elif callee in ("require", "import"):
        links.computed.append(_constant_start(first))


def _constant_start(node: SgNode) -> str:
    """`./routes/` of `./routes/${name}` and of `"./routes/" + name`; empty when the start is computed too."""
    if node.kind() == "template_string":
        return node.text()[1:].split("${")[0]
    if node.kind() == "binary_expression":
        left = node.field("left")
        return _constant_start(left) if left is not None and left.kind() == "binary_expression" else _literal(left)
    return ""


def _literal(node: SgNode | None) -> str:
    return text_of(node) if node is not None and node.kind() == "string" else ""


def _bind(node: SgNode, module: str, links: Links) -> None:
    imported, current = WHOLE, node
    for parent in node.ancestors():
        kind = parent.kind()
        if kind == "member_expression" and imported == WHOLE and parent.field("object") == current:
            name = text_of(parent.field("property"))
            imported = WHOLE if name == "default" else name
        elif kind == "variable_declarator":
            links.imports += _declared(parent.field("name"), module, imported)
            return
        elif kind not in _CLEAR:
            break
        current = parent
    links.imports.append(Import(module, imported, "", current))


def _declared(name: SgNode | None, module: str, imported: str) -> list[Import]:
    if name is None:
        return []
    if name.kind() == "identifier":
        return [Import(module, imported, name.text())]
    reach = () if imported == WHOLE else (imported,)
    return [
        Import(module, reach[0] if reach else exported, local, None, (exported,) if reach else ())
        for exported, local in destructured(name)
    ]


def destructured(pattern: SgNode) -> list[tuple[str, str]]:
    """The names of `{a, b: c, d = 1}` with what each is bound to; empty for any other pattern."""
    found = []
    for part in pattern.named_children() if pattern.kind() == "object_pattern" else []:
        if part.kind() == "shorthand_property_identifier_pattern":
            found.append((part.text(), part.text()))
        elif part.kind() == "pair_pattern":
            found.append((text_of(part.field("key")), text_of(part.field("value"))))
        elif part.kind() == "object_assignment_pattern":
            left = text_of(part.field("left"))
            found.append((left, left))
    return found
