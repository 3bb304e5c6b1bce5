"""Reads YAML into typed values; tells every mistake with file, line, what stands there and what was meant."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
import yaml
from msgspec import Struct
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from readycheck.errors import ContentError, Mistake
from readycheck.model import Shorthand

#: Bounds on YAML from outside: bytes of text, levels of nesting, and uses of aliases (a "billion laughs" needs few).
LARGEST, DEEPEST, MOST_ALIASES, MOST_NODES = 4 * 1024 * 1024, 40, 200, 200_000

S = TypeVar("S", bound=Struct)

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:null"}


class Located(Struct, frozen=True, kw_only=True):
    """A value that knows the line of its file; the line is the reader's to set, never the author's."""

    line: int = 0


class Deferred:
    """A part of a file that can be read only later, when it is known what it should be."""

    def __init__(self, node: Node) -> None:
        self.node = node


def compose(text: str, source: str) -> Node | None:
    """The YAML node tree of a text (None when it is empty).

    Raises:
        ContentError: it is not YAML, has several documents, or is too large, too deep or too full of aliases.
    """
    if len(text) > LARGEST:
        raise ContentError([Mistake(source, 1, f"the file has more than {LARGEST // 1024 // 1024} MiB")])
    try:
        _check_bounds(text, source)
        return yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        marks = [mark for mark in (error.problem_mark, error.context_mark) if mark]
        line = marks[0].line + 1 if marks else 1
        if "nesting depth" in str(error.problem):  # libyaml has a bound of its own, and may come to it first
            raise ContentError([Mistake(source, line, "refused: nested too deeply")]) from error
        raise ContentError([Mistake(source, line, f"not valid YAML: {error.problem}")]) from error
    except yaml.YAMLError as error:
        raise ContentError([Mistake(source, 1, f"not valid YAML: {error}")]) from error


def _check_bounds(text: str, source: str) -> None:
    depth = aliases = 0
    for nodes, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        aliases += isinstance(event, yaml.AliasEvent)
        if depth > DEEPEST or aliases > MOST_ALIASES or nodes > MOST_NODES:
            line = _line(event)
            what = (
                "nested too deeply"
                if depth > DEEPEST
                else "too many aliases"
                if aliases > MOST_ALIASES
                else "too large"
            )
            raise ContentError([Mistake(source, line, f"refused: {what}")])


def plain(node: Node | None) -> Any:
    """The node as plain Python values: dicts, lists, texts, numbers, booleans and None; dates stay text.

    Raises:
        ValueError: aliases make it larger than `MOST_NODES` values, or contain themselves.
    """
    return _plain(node, [MOST_NODES], 0)


def _plain(node: Node | None, budget: list[int], depth: int) -> Any:
    budget[0] -= 1
    if budget[0] < 0 or depth > DEEPEST * 2:
        raise ValueError("aliases make the document too large")
    if isinstance(node, MappingNode):
        return {str(_plain(key, budget, depth + 1)): _plain(value, budget, depth + 1) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [_plain(value, budget, depth + 1) for value in node.value]
    return _scalar(node) if isinstance(node, ScalarNode) else None


def _scalar(node: ScalarNode) -> Any:
    text: str = node.value
    if node.tag not in _PLAIN:
        return text
    if node.tag.endswith("null"):
        return None
    if node.tag.endswith("bool"):
        return {"true": True, "false": False}.get(text.lower(), text)
    try:
        return int(text, 0) if node.tag.endswith("int") else float(text)
    except ValueError:
        return text


def nearest(word: str, words: Iterator[str] | list[str] | tuple[str, ...] | set[str]) -> str:
    """The word that was probably meant, or an empty text."""
    return next(iter(get_close_matches(word, sorted(words), n=1, cutoff=0.55)), "")


class Reader:
    """Turns nodes of one file into typed values, collecting mistakes instead of stopping at the first."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.mistakes: list[Mistake] = []
        self._left = MOST_NODES
        #: Called with each struct that was read without a mistake of its own, for rules that only the caller knows.
        self.on_read: Callable[[Struct], None] = lambda _: None

    def mistake(self, line: int, message: str, suggestion: str = "") -> None:
        """Remember a mistake; `check()` raises them all."""
        self.mistakes.append(Mistake(self.source, line, message, suggestion))

    def check(self) -> None:
        """Raise every mistake that was found.

        Raises:
            ContentError: there was at least one.
        """
        if self.mistakes:
            raise ContentError(self.mistakes)

    def read(self, node: Node, kind: Any, name: str) -> Any:
        """The node as a value of the type `kind`; a mistake is remembered and gives a stand-in that is never used."""
        self._left -= 1
        if self._left < 0:
            raise ContentError([Mistake(self.source, _line(node), "refused: aliases make the file too large")])
        origin = get_origin(kind)
        if origin in (Union, types.UnionType):
            return self._optional(node, kind, name)
        if origin in (tuple, list):
            return self._sequence(node, get_args(kind)[0], name, origin)
        if origin in (dict, Mapping):
            return self._mapping(node, get_args(kind)[1], name)
        if isinstance(kind, type) and issubclass(kind, Struct):
            value = self.struct(node, kind, name)
            return _BAD if value is None else value
        return self._leaf(node, kind, name)

    def struct(self, node: Node, kind: type[S], name: str) -> S | None:
        """A mapping as a struct, or None with a mistake: unknown, missing and repeated keys are mistakes."""
        if isinstance(node, ScalarNode) and issubclass(kind, Shorthand):
            return self._built(node, kind, {kind.shorthand: node.value}, name)
        fields = _fields(kind)
        values = {}
        pairs = self._pairs(node, name, list(fields))
        for key, (key_node, value) in pairs.items():
            if key in fields:
                values[fields[key].name] = self.read(value, fields[key].type, f"{name}.{key}" if name else key)
            else:
                self.mistake(
                    _line(key_node),
                    f"unknown key {key!r} in {name or 'the file'}",
                    nearest(key, set(fields) - set(pairs)),
                )
        missing = [key for key, field in fields.items() if field.required and key not in pairs]
        if missing:
            self.mistake(_line(node), f"{name or 'the file'} needs {', '.join(map(repr, missing))}")
        if missing or not isinstance(node, MappingNode) or any(value is _BAD for value in values.values()):
            return None
        return self._built(node, kind, values, name)

    def _built(self, node: Node, kind: type[S], values: dict[str, Any], name: str) -> S | None:
        if issubclass(kind, Located):
            values["line"] = _line(node)
        try:
            value = kind(**values)
        except ValueError as error:
            self.mistake(_line(node), f"{name}: {error}")
            return None
        self.on_read(value)
        return value

    def _pairs(self, node: Node, name: str, valid: list[str]) -> dict[str, tuple[Node, Node]]:
        if not isinstance(node, MappingNode):
            keys = f" with {', '.join(valid[:6])}" if valid else ""
            self.mistake(_line(node), f"{name or 'the file'} must be a mapping{keys}, not {_describe(node)}")
            return {}
        pairs: dict[str, tuple[Node, Node]] = {}
        for key, value in node.value:
            text = key.value if isinstance(key, ScalarNode) else _describe(key)
            if text in pairs:
                self.mistake(_line(key), f"{text!r} is written twice in {name or 'the file'}")
            pairs[text] = (key, value)
        return pairs

    def _mapping(self, node: Node, kind: Any, name: str) -> Any:
        pairs = self._pairs(node, name, [])
        values = {key: self.read(value, kind, f"{name}.{key}") for key, (_, value) in pairs.items()}
        return _BAD if any(value is _BAD for value in values.values()) or not isinstance(node, MappingNode) else values

    def _sequence(self, node: Node, kind: Any, name: str, made: Any) -> Any:
        if not isinstance(node, SequenceNode):
            self.mistake(_line(node), f"{name} must be a list, not {_describe(node)}")
            return _BAD
        values = [self.read(value, kind, f"{name}[{index}]") for index, value in enumerate(node.value)]
        return _BAD if any(value is _BAD for value in values) else made(values)

    def _optional(self, node: Node, kind: Any, name: str) -> Any:
        if isinstance(node, ScalarNode) and node.tag.endswith("null") and type(None) in get_args(kind):
            return None
        members = [member for member in get_args(kind) if member is not type(None)]
        structured = [member for member in members if _is_structured(member)]
        scalar = [member for member in members if not _is_structured(member)]
        if isinstance(node, ScalarNode) and scalar:
            return self._leaf(node, Union[tuple(scalar)], name)  # noqa: UP007 - built at run time
        return self.read(node, (structured or members)[0], name)

    def _leaf(self, node: Node, kind: Any, name: str) -> Any:
        if kind is Any:
            return self._any(node, name)
        if kind is Deferred:
            return Deferred(node)
        if not isinstance(node, ScalarNode):
            self.mistake(_line(node), f"{name} must be {_wanted(kind)}, not {_describe(node)}")
            return _BAD
        if kind is str and not node.tag.endswith("null"):
            return node.value
        if isinstance(kind, type) and issubclass(kind, Enum):
            return self._choice(node, {str(member.value): member for member in kind}, name)
        if get_origin(kind) is Literal:
            return self._choice(node, {str(value): value for value in get_args(kind)}, name)
        try:
            return msgspec.convert(_scalar(node), kind)
        except msgspec.ValidationError:
            self.mistake(_line(node), f"{name} must be {_wanted(kind)}, not {node.value!r}")
            return _BAD

    def _any(self, node: Node, name: str) -> Any:
        try:
            return plain(node)
        except ValueError as error:
            self.mistake(_line(node), f"{name}: {error}")
            return _BAD

    def _choice(self, node: ScalarNode, choices: Mapping[str, Any], name: str) -> Any:
        if node.value in choices:
            return choices[node.value]
        self.mistake(
            _line(node),
            f"{name} must be one of {', '.join(choices)}, not {node.value!r}",
            nearest(node.value, list(choices)),
        )
        return _BAD


class _Bad:
    """Stands for a value whose mistake has been remembered; it never leaves a reader that was checked."""


_BAD: Any = _Bad()


@cache
def _fields(kind: type[Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """What an author may write in a struct, by the name that stands there; found once for each type."""
    return {field.encode_name: field for field in msgspec.structs.fields(kind) if field.name != "line"}


def _is_structured(kind: Any) -> bool:
    return get_origin(kind) in (tuple, list, dict) or (isinstance(kind, type) and issubclass(kind, Struct))


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _describe(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return repr(node.value) if node.value else "nothing"
    return "a mapping" if isinstance(node, MappingNode) else "a list"


def _wanted(kind: Any) -> str:
    words = {
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        date: "a date (YYYY-MM-DD)",
        datetime: "a moment (YYYY-MM-DDThh:mm:ssZ)",
        str: "a text",
    }
    if get_origin(kind) in (Union, types.UnionType):
        return " or ".join(_wanted(member) for member in get_args(kind))
    return words.get(kind, getattr(kind, "__name__", str(kind)))


def read_file(text: str, kind: type[S], source: str) -> tuple[S, Reader]:
    """A whole file as a struct, and its reader for mistakes that only the caller can see.

    Raises:
        ContentError: the file has mistakes; all of them are named.
    """
    reader = Reader(source)
    node = compose(text, source)
    if node is None:
        raise ContentError([Mistake(source, 1, "the file is empty")])
    value = reader.struct(node, kind, "")
    reader.check()
    assert value is not None  # noqa: S101 - a reader without mistakes has read a value
    return value, reader
