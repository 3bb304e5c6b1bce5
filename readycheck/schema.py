"""JSON Schemas of every file that readycheck reads or writes, made from the types that read and write them."""

from __future__ import annotations

from typing import Any

import msgspec

from readycheck.catalogue import CheckFile
from readycheck.changes import Comparison
from readycheck.checklist import ChecklistFile
from readycheck.decisions import DecisionsFile
from readycheck.errors import UsageError
from readycheck.facts.store import QUESTIONS, FactsFile
from readycheck.model import Shorthand
from readycheck.reading import Deferred, Located, nearest
from readycheck.scorecard import Scorecard

#: Schema names and the types behind them; the first three are written by people.
KINDS: dict[str, type[msgspec.Struct]] = {
    "checklist": ChecklistFile,
    "check": CheckFile,
    "decisions": DecisionsFile,
    "facts": FactsFile,
    "scorecard": Scorecard,
    "comparison": Comparison,
}
_BY_PEOPLE = ("checklist", "check", "decisions")


def schema_text(name: str) -> str:
    """The schema of that name as JSON (draft 2020-12).

    Raises:
        UsageError: there is none.
    """
    if name not in KINDS:
        near = nearest(name, list(KINDS))
        raise UsageError(
            f"there is no schema {name!r}", hint=f"did you mean {near!r}?" if near else f"one of {', '.join(KINDS)}"
        )
    return msgspec.json.format(msgspec.json.encode(schema(name)), indent=2).decode() + "\n"


def schema(name: str) -> dict[str, Any]:
    """The schema of that name as plain values."""
    kinds = _reachable(KINDS[name])
    made = _facts_schema() if name == "facts" else msgspec.json.schema(KINDS[name], schema_hook=_hook)
    for title, definition in made.get("$defs", {}).items():
        _as_written(definition, kinds.get(title), strict=name in _BY_PEOPLE)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"readycheck {name}", **made}


def _facts_schema() -> dict[str, Any]:
    """The facts file with, for every kind of question, the shape of the question and of its answer."""
    types = [FactsFile, *QUESTIONS, *(kind.answer for kind in QUESTIONS)]
    found, definitions = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    pairs = zip(QUESTIONS, found[1 : len(QUESTIONS) + 1], found[len(QUESTIONS) + 1 :], strict=True)
    row = definitions["_Row"]
    row["oneOf"] = [
        {
            "properties": {
                "question": {"const": kind.__name__},
                "ask": ask,
                "answer": {"anyOf": [answer, {"type": "null"}]},
            }
        }
        for kind, ask, answer in pairs
    ]
    return {**found[0], "$defs": definitions}


def _hook(kind: type) -> dict[str, Any]:
    if kind is Deferred:
        return {"type": "object"}
    raise NotImplementedError(kind)


def _as_written(definition: dict[str, Any], kind: type | None, *, strict: bool) -> None:
    """Close a definition to unknown keys, drop what the reader sets, and let shorthands be a bare text."""
    if kind is None or not strict:
        return
    if issubclass(kind, Located):
        definition.get("properties", {}).pop("line", None)
    definition["additionalProperties"] = False
    if issubclass(kind, Shorthand):
        whole = dict(definition)
        definition.clear()
        definition["anyOf"] = [{"type": "string"}, whole]


def _reachable(kind: type) -> dict[str, type]:
    found: dict[str, type] = {}

    def visit(seen: Any) -> None:
        if seen is None:
            return
        if isinstance(seen, msgspec.inspect.StructType):
            if seen.cls.__name__ in found:
                return
            found[seen.cls.__name__] = seen.cls
            for field in seen.fields:
                visit(field.type)
        for name in ("item_type", "value_type"):
            visit(getattr(seen, name, None))
        for member in (
            *getattr(seen, "item_types", ()),
            *(seen.types if isinstance(seen, msgspec.inspect.UnionType) else ()),
        ):
            visit(member)

    visit(msgspec.inspect.type_info(kind))
    return found
