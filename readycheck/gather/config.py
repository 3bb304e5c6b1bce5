"""Parses configuration files of every common format into values with their lines; bounded, and nothing in them runs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from readycheck.gather.comments import lines, without_comments
from readycheck.gather.dockerfile import is_dockerfile, read_dockerfile
from readycheck.gather.jsonlines import read_json
from readycheck.gather.values import DEEPEST, MOST_VALUES, Collector, Unparsable, Value, safe_item

#: The most uses of aliases in a YAML file; a "billion laughs" needs few.
MOST_ALIASES = 1000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEMPLATED = re.compile(r"(?<!\$)\{\{|\{%|<%")
_TEMPLATE = "a template: only rendering it would show its values"


def parse(text: str, path: str) -> list[Value]:
    """Every value of the file, in its order.

    Raises:
        Unparsable: it is of no known format, malformed, a template, or too large.
    """
    parser = _parser(path)
    collector = Collector()
    try:
        parser(text, path, collector)
    except Unparsable as error:
        if parser is _yaml and _TEMPLATED.search(text):
            raise Unparsable(_TEMPLATE) from error
        raise
    return collector.values


def _parser(path: str) -> Callable[[str, str, Collector], None]:
    name = path.rpartition("/")[2].lower()
    if name == ".env" or name.startswith(".env.") or name.endswith(".env"):
        return _pairs
    if is_dockerfile(path):
        return lambda text, path, into: read_dockerfile(without_comments(text, path), into)
    suffix = name.rpartition(".")[2]
    if suffix in _PARSERS:
        return _PARSERS[suffix]
    raise Unparsable("of no configuration format that is known")


def _yaml(text: str, path: str, into: Collector) -> None:  # noqa: ARG001 - parsers share a signature
    try:
        _bounded(text)
        for document in yaml.compose_all(text, Loader=_LOADER):
            if document is not None:
                _node(document, (), 1, into)
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        raise Unparsable(f"not valid YAML: {error.problem} (line {mark.line + 1 if mark else 1})") from error
    except yaml.YAMLError as error:
        raise Unparsable("not valid YAML") from error


def _bounded(text: str) -> None:
    depth = aliases = 0
    for count, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        aliases += isinstance(event, yaml.AliasEvent)
        if depth > DEEPEST or aliases > MOST_ALIASES or count > MOST_VALUES:
            raise Unparsable("refused: nested too deeply, too many aliases, or too large")


def _node(node: Node, steps: tuple[str, ...], line: int, into: Collector) -> None:
    if isinstance(node, ScalarNode):
        into.add(steps, line, node.value)
    elif isinstance(node, SequenceNode):
        into.add(steps, line, ", ".join(safe_item(item.value) for item in node.value if isinstance(item, ScalarNode)))
        for index, item in enumerate(node.value):
            _node(item, (*steps, str(index)), _line(item), into)
    elif isinstance(node, MappingNode):
        _mapping(node, steps, line, into)


def _mapping(node: MappingNode, steps: tuple[str, ...], line: int, into: Collector) -> None:
    if any(not isinstance(key, ScalarNode) for key, _ in node.value):
        raise Unparsable(_TEMPLATE if node.flow_style else "a key that is no text")
    pairs = list(_merged(node, DEEPEST))
    into.add(steps, line, ", ".join(key.value for key, _ in pairs), named="keys")
    texts = {key.value: value for key, value in pairs if isinstance(value, ScalarNode)}
    for key, value in pairs:
        if key.value == "value" and "name" in texts and isinstance(value, ScalarNode):
            # The `env` of a Kubernetes container: the secret is named beside its value, not above it.
            name = texts["name"].value
            into.add((*steps, "value"), _line(value), value.value, named=name)
            into.add((*steps[:-1], name), _line(value), value.value)
        else:
            _node(value, (*steps, key.value), _line(key), into)


def _merged(node: MappingNode, depth: int) -> Iterator[tuple[ScalarNode, Node]]:
    """The pairs of a mapping, those that `<<` merges after its own, which go before them."""
    own = [(key, value) for key, value in node.value if key.value != "<<"]
    yield from own
    if depth == 0:
        raise Unparsable("refused: nested too deeply")
    names = {key.value for key, _ in own}
    for key, value in node.value:
        if key.value == "<<":
            for merged in value.value if isinstance(value, SequenceNode) else [value]:
                if isinstance(merged, MappingNode):
                    inherited = _merged(merged, depth - 1)
                    yield from (pair for pair in inherited if pair[0].value not in names)


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _json(text: str, path: str, into: Collector) -> None:
    try:
        read_json(text, into)
    except Unparsable:
        into.values.clear()
        read_json("\n".join(without_comments(text, path)), into)


_HEADER = re.compile(r"^\s*\[\[?\s*(?P<name>[^\]]+?)\s*\]\]?\s*$")
_ASSIGNED = re.compile(r"^\s*(?P<key>[\w.\"'-]+)\s*=")


def _toml(text: str, path: str, into: Collector) -> None:  # noqa: ARG001 - parsers share a signature
    if text.count("[") + text.count("{") > MOST_VALUES:
        raise Unparsable("refused: too large")
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Unparsable(f"not valid TOML: {str(error)[:100]}") from error
    _plain(document, (), _toml_lines(text), 1, into)


def _toml_lines(text: str) -> dict[tuple[str, ...], int]:
    """The line of each key: `tomllib` has read the file and keeps none."""
    placed: dict[tuple[str, ...], int] = {}
    section: tuple[str, ...] = ()
    for number, line in enumerate(lines(text), 1):
        header, assigned = _HEADER.match(line), _ASSIGNED.match(line)
        if header:
            section = _dotted(header["name"])
            placed.setdefault(section, number)
        elif assigned:
            placed.setdefault((*section, *_dotted(assigned["key"])), number)
    return placed


def _dotted(name: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", name))


def _plain(value: Any, steps: tuple[str, ...], placed: dict[tuple[str, ...], int], line: int, into: Collector) -> None:
    line = placed.get(tuple(step for step in steps if not step.isdigit()), line)
    if isinstance(value, dict):
        into.add(steps, line, ", ".join(map(str, value)), named="keys")
        for key, item in value.items():
            _plain(item, (*steps, str(key)), placed, line, into)
    elif isinstance(value, list):
        into.add(steps, line, ", ".join(safe_item(str(item)) for item in value if not isinstance(item, dict | list)))
        for index, item in enumerate(value):
            _plain(item, (*steps, str(index)), placed, line, into)
    else:
        into.add(steps, line, str(value).lower() if isinstance(value, bool) else str(value))


_PAIR = re.compile(r"^\s*(?:export\s+)?(?P<key>[\w.\[\]/-]+)\s*(?:[=:]\s*|\s+)(?P<value>.*?)\s*$")
_QUOTED = re.compile(r"""^(["'])(?P<inner>.*)\1$""")


def _pairs(text: str, path: str, into: Collector) -> None:
    """INI sections, Java properties and dotenv: one `key = value` a line."""
    section: tuple[str, ...] = ()
    for number, line in enumerate(without_comments(text, path), 1):
        header = _HEADER.match(line)
        if header:
            section = (header["name"],)
            into.add(section, number, "")
            continue
        pair = _PAIR.match(line)
        if pair:
            quoted = _QUOTED.match(pair["value"])
            steps = tuple(pair["key"].split(".")) if path.endswith(".properties") else (pair["key"],)
            into.add((*section, *steps), number, quoted["inner"] if quoted else pair["value"])


_PARSERS: dict[str, Callable[[str, str, Collector], None]] = {
    **dict.fromkeys(("yml", "yaml"), _yaml),
    **dict.fromkeys(("json", "jsonc", "json5", "tfstate"), _json),
    "toml": _toml,
    **dict.fromkeys(("ini", "cfg", "properties", "editorconfig", "conf"), _pairs),
}
