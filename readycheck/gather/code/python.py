"""The imports of a Python file, and the modules that it names as texts (Django's settings, computed imports)."""

from __future__ import annotations

import re

from ast_grep_py import Rule, SgNode

from readycheck.gather.code.links import EVERYTHING, WHOLE, Import, Links, text_of

_TIES: Rule = {
    "any": [
        {"kind": "import_statement"},
        {"kind": "import_from_statement"},
        {"kind": "call", "has": {"field": "function", "regex": "^(importlib[.])?import_module$|^__import__$"}},
    ]
}
_DOTTED = re.compile(r"[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*\Z")


def python_links(root: SgNode, *, texts: bool) -> Links:
    """The ties of the file; with `texts`, each text that could be the dotted name of a module is one too."""
    links = Links()
    for node in root.find_all(**_TIES):
        kind = node.kind()
        if kind == "import_statement":
            links.imports += [_plain(name) for name in node.field_children("name")]
        elif kind == "import_from_statement":
            _from(node, links)
        else:
            _computed(node, links)
    if texts:
        links.named += [text for text in map(text_of, root.find_all(kind="string")) if _DOTTED.match(text)]
    return links


def _plain(name: SgNode) -> Import:
    if name.kind() == "aliased_import":
        return Import(text_of(name.field("name")), WHOLE, text_of(name.field("alias")))
    first, *rest = name.text().split(".")
    return Import(name.text(), WHOLE, first, None, tuple(rest))


def _from(node: SgNode, links: Links) -> None:
    module = text_of(node.field("module_name"))
    names = node.field_children("name")
    for name in names:
        if name.kind() == "aliased_import":
            links.imports.append(Import(module, text_of(name.field("name")), text_of(name.field("alias"))))
        else:
            links.imports.append(Import(module, name.text(), name.text()))
    if any(child.kind() == "wildcard_import" for child in node.named_children()):
        links.imports.append(Import(module, EVERYTHING, ""))


def _computed(node: SgNode, links: Links) -> None:
    arguments = node.field("arguments")
    first = next(iter(arguments.named_children()), None) if arguments else None
    if first is None or first.kind() != "string":
        links.computed.append("")
    elif any(child.kind() == "interpolation" for child in first.named_children()):
        links.computed.append(re.sub(r"^[rRbBfFuU]*[\"']+", "", first.text()).split("{")[0])
    else:
        links.named.append(text_of(first))
