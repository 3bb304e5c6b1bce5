"""Finds the indexes that Django models declare: Meta.indexes and its kin, `db_index`, `unique` and foreign keys."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from readycheck.facts.migrations import SourceIndex

# docs.djangoproject.com, "Model field reference": these have an index unless they say `db_index=False`.
_INDEXED = ("ForeignKey", "OneToOneField", "SlugField")
_REFERENCES = ("ForeignKey", "OneToOneField")


def django_models(path: str, text: str) -> Iterator[SourceIndex]:
    """The indexes of every model in this file whose table and columns stand in it; abstract models have no table."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("models.Model") for base in node.bases):
            yield from _of_model(path, node)


def _of_model(path: str, model: ast.ClassDef) -> Iterator[SourceIndex]:
    meta = next((part for part in model.body if isinstance(part, ast.ClassDef) and part.name == "Meta"), None)
    options = dict(_assigned(meta)) if meta else {}
    if any(_constant(options.get(name)) is True for name in ("abstract", "proxy")):
        return
    folder = posixpath.dirname(path)
    app = _constant(options.get("app_label")) or posixpath.basename(folder.removesuffix("/models"))
    table = str(_constant(options.get("db_table")) or f"{app}_{model.name.lower()}")
    fields = {name: call for name, call in _assigned(model) if isinstance(call, ast.Call)}
    columns = {name: _column(name, call) for name, call in fields.items()}
    for name, call in fields.items():
        if _is_indexed(call):
            yield SourceIndex(table, (columns[name],), path, call.lineno)
    for line, names, called in _listed(options):
        if names and all(name in columns for name in names):
            yield SourceIndex(table, tuple(columns[name] for name in names), path, line, called)


def _assigned(body: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for part in body.body:
        if isinstance(part, ast.Assign) and len(part.targets) == 1 and isinstance(part.targets[0], ast.Name):
            yield part.targets[0].id, part.value


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _word(call: ast.Call, name: str) -> ast.expr | None:
    return next((word.value for word in call.keywords if word.arg == name), None)


def _kind(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _column(name: str, call: ast.Call) -> str:
    own = _constant(_word(call, "db_column"))
    return str(own) if own else f"{name}_id" if _kind(call) in _REFERENCES else name


def _is_indexed(call: ast.Call) -> bool:
    said = _constant(_word(call, "db_index"))
    unique = _constant(_word(call, "unique")) is True or _kind(call) == "OneToOneField"
    kind = _kind(call)
    return kind.endswith(("Field", "ForeignKey")) and (
        unique or said is True or (kind in _INDEXED and said is not False and _word(call, "db_index") is None)
    )


def _listed(options: dict[str, ast.expr]) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """The line, the fields and the name of what Meta lists; an index for some rows or on expressions is left out."""
    for name in ("indexes", "constraints"):
        for call in _elements(options.get(name)):
            if isinstance(call, ast.Call) and _is_plain(call):
                called = _constant(_word(call, "name"))
                # A leading minus is DESC.
                fields = (str(field).removeprefix("-") for field in _texts(_word(call, "fields")))
                yield call.lineno, tuple(fields), called if isinstance(called, str) and "%" not in called else ""
    for name in ("index_together", "unique_together"):
        sets = [*_elements(options.get(name))]
        flat = all(isinstance(part, ast.Constant) for part in sets)
        for part in [options[name]] if sets and flat else sets:
            yield part.lineno, tuple(_texts(part)), ""


def _is_plain(call: ast.Call) -> bool:
    special = any(_word(call, word) for word in ("condition", "opclasses", "deferrable"))
    return _kind(call) in ("Index", "UniqueConstraint") and not call.args and not special


def _elements(node: ast.expr | None) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else []


def _texts(node: ast.expr | None) -> list[str]:
    return [part.value for part in _elements(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
