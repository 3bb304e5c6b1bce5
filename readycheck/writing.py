"""Writes plain values as YAML that people read and edit: texts as they stand, no escapes for pictures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: A list or mapping of short values stands on one line up to this width.
_WIDTH = 120

_PLAIN = re.compile(
    r"[A-Za-z\u00c0-\u024f\u0400-\u04ff\u3040-\u9fff\uac00-\ud7af(/$.][^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]*\Z"
)
_RESERVED = re.compile(
    r"(?i:y|n|yes|no|on|off|true|false|null|none|~|nan|\.nan|[-+]?\.inf)\Z|[-+.]?\d|\$?\{|.*(?::(?:\s|\Z)|\s#)|\.\.\.|.*\s\Z|=\Z",
    re.DOTALL,
)
_FLOW = re.compile(r"[\[\]{},]")
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def to_yaml(value: Mapping[str, Any]) -> str:
    """The mapping as YAML; `None`, empty texts, lists and mappings are left out by the caller."""
    return "\n".join(_mapping(value, 0)) + "\n"


def _mapping(value: Mapping[str, Any], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for key, inner in value.items():
        name = _scalar(str(key), flow=False)
        if isinstance(inner, str) and "\n" in inner and not _UNWRITABLE.search(inner.replace("\n", "")):
            yield from _block(f"{indent}{name}:", inner, depth)
        elif isinstance(inner, Mapping | list | tuple) and inner and _flow(inner, len(indent) + len(name) + 2) is None:
            yield f"{indent}{name}:"
            yield from _mapping(inner, depth + 1) if isinstance(inner, Mapping) else _sequence(inner, depth + 1)
        else:
            shown = (_flow(inner, 0) or "") if isinstance(inner, Mapping | list | tuple) else _scalar(inner, flow=False)
            yield f"{indent}{name}: {shown}"


def _sequence(value: Sequence[Any], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for inner in value:
        if isinstance(inner, Mapping) and inner:
            line = _flow(inner, len(indent) + 2) if _short(inner) else None
            if line is not None:
                yield f"{indent}- {line}"
                continue
            lines = list(_mapping(inner, depth + 1))
            yield f"{indent}- {lines[0][len(indent) + 2 :]}"
            yield from lines[1:]
        elif isinstance(inner, str) and "\n" in inner and not _UNWRITABLE.search(inner.replace("\n", "")):
            yield from _block(f"{indent}-", inner, depth)
        else:
            yield f"{indent}- {_flow(inner, 0) or _scalar(inner, flow=False)}"


def _short(value: Mapping[str, Any]) -> bool:
    """Metrics, contacts and steps stand on one line; items do not, so that a diff shows one thing a line."""
    return "claim" not in value and "items" not in value


def _block(head: str, text: str, depth: int) -> Iterator[str]:
    """A text of several lines as a block, with an indentation mark where it begins with a space."""
    lines = text.split("\n")
    kept = len(text) - len(text.rstrip("\n"))
    chomp = "-" if not kept else "" if kept == 1 else "+"
    lines = lines[: len(lines) - 1] if kept == 1 else lines
    if not text.strip("\n") or kept > 1:
        yield f"{head} {_quoted(text)}"
        return
    mark = "2" if next((line for line in lines if line), "")[:1] in (" ", "\t") or not lines[0] else ""
    yield f"{head} |{mark}{chomp}"
    indent = "  " * (depth + 1)
    for line in lines:
        yield f"{indent}{line}" if line else ""


def _flow(value: Any, taken: int) -> str | None:
    """The value on one line, or None when it is too long or holds long texts."""
    if isinstance(value, Mapping):
        parts = [(f"{_scalar(str(key), flow=True)}: ", _flow(inner, taken)) for key, inner in value.items()]
        inside = [f"{name}{part}" for name, part in parts if part is not None]
        text = "{" + ", ".join(inside) + "}"
        whole = len(inside) == len(parts)
    elif isinstance(value, list | tuple):
        entries = [_flow(inner, taken) for inner in value]
        text = "[" + ", ".join(entry for entry in entries if entry is not None) + "]"
        whole = None not in entries
    else:
        text = _scalar(value, flow=True)
        whole = "\n" not in str(value)
    return text if whole and len(text) + taken <= _WIDTH else None


def _scalar(value: Any, *, flow: bool) -> str:
    if value is True or value is False:
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    if _PLAIN.match(text) and not _RESERVED.match(text) and not (flow and _FLOW.search(text)):
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    return _UNWRITABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))
