"""Writes a decision into the text of decisions.yaml, leaving every other character of it as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
import yaml
from msgspec import Struct
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from readycheck.decisions import Attestation, SignOff, Waiver
from readycheck.errors import ContentError, Mistake
from readycheck.reading import compose

#: Under which key each kind of decision stands.
LISTS: dict[type[Struct], str] = {Attestation: "attestations", Waiver: "waivers", SignOff: "sign_offs"}


def added(text: str, source: str, decision: Attestation | Waiver | SignOff, *, instead_of: int = 0) -> str:
    """The text of the file with this decision at the end of its list, or in place of the one on line `instead_of`.

    Raises:
        ContentError: the file is no mapping, or its list is not one.
    """
    key = LISTS[type(decision)]
    root = compose(text, source)
    if root is None:
        return _ended(text) + f"version: 1\n{_whole(key, decision)}"
    if not isinstance(root, MappingNode):
        raise ContentError([Mistake(source, 1, "the file must be a mapping with attestations and waivers")])
    if root.flow_style:
        raise ContentError([Mistake(source, 1, "the file is one line of braces: write it as a block, key by key")])
    found = next((value for name, value in root.value if isinstance(name, ScalarNode) and name.value == key), None)
    if found is None:
        return _spliced(_ended(text), len(_ended(text)), len(_ended(text)), _whole(key, decision))
    if isinstance(found, SequenceNode):
        old = next((entry for entry in found.value if entry.start_mark.line + 1 == instead_of), None)
        return _replaced(text, old, decision) if old is not None else _appended(text, found, decision)
    raise ContentError([Mistake(source, found.start_mark.line + 1, f"{key} must be a list")])


def _appended(text: str, found: SequenceNode, decision: Struct) -> str:
    if not found.value:
        return _spliced(text, found.start_mark.index, found.end_mark.index, f"\n{_block(decision, '  ')}".rstrip("\n"))
    if found.flow_style:
        return _spliced(text, found.end_mark.index - 1, found.end_mark.index - 1, f", {_flow(decision)}")
    first, last = found.value[0], found.value[-1]
    dash = text.rindex("-", 0, first.start_mark.index)
    indent = " " * (dash - (text.rfind("\n", 0, dash) + 1))
    end = _line_end(text, _end(text, last))
    return _spliced(text, end, end, "\n" + _block(decision, indent).rstrip("\n"))


def _replaced(text: str, old: Node, decision: Struct) -> str:
    indent = " " * old.start_mark.column
    body = (
        _flow(decision)
        if isinstance(old, CollectionNode) and old.flow_style
        else _lines(decision).replace("\n", f"\n{indent}").strip()
    )
    return _spliced(text, old.start_mark.index, _end(text, old), body)


def _end(text: str, node: Node) -> int:
    """Where an entry ends: a block reaches over the blank lines and comments after it, which are not its own."""
    if not isinstance(node, CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    inner = last[1] if isinstance(last, tuple) else last
    end = _end(text, inner)
    return end if isinstance(inner, ScalarNode) and inner.style not in ("|", ">") else _trimmed(text, end)


def _line_end(text: str, end: int) -> int:
    """The end of the line when only a comment follows on it, which belongs to what stands before it."""
    match = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=\r?\n|\Z)").match(text, end)
    return match.end() if match else end


def _trimmed(text: str, end: int) -> int:
    return len(text[:end].rstrip())


def _spliced(text: str, start: int, end: int, new: str) -> str:
    line_end = "\r\n" if "\r\n" in text else "\n"
    return text[:start] + new.replace("\n", line_end) + text[end:]


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _whole(key: str, decision: Struct) -> str:
    return f"{key}:\n{_block(decision, '  ')}"


def _block(decision: Struct, indent: str) -> str:
    first, *rest = _lines(decision).splitlines()
    return "".join([f"{indent}- {first}\n", *(f"{indent}  {line}\n" for line in rest)])


def _lines(decision: Struct) -> str:
    return "".join(f"{name}: {_written(value)}\n" for name, value in _fields(decision).items())


def _flow(decision: Struct) -> str:
    return "{" + ", ".join(f"{name}: {_written(value)}" for name, value in _fields(decision).items()) + "}"


def _fields(decision: Struct) -> Mapping[str, Any]:
    """What an author would write: no line, nothing empty, nothing that is the default."""
    given = {}
    for field in msgspec.structs.fields(decision):
        value = getattr(decision, field.name)
        if field.name != "line" and value not in (None, "", ()) and (field.required or value != field.default):
            given[field.name] = value
    return given


def _written(value: Any) -> str:
    if isinstance(value, Struct):
        return _flow(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    # Words that nobody could take for anything else stand bare; everything else is quoted by the library.
    text = str(value)
    if re.fullmatch(r"[A-Za-z][A-Za-z -]*[A-Za-z]", text) and text.lower() not in _WORDS:
        return text
    return str(yaml.dump(text, default_style='"', allow_unicode=True, width=1_000_000)).strip()


#: Plain words that YAML 1.1 reads as something else.
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null"})
