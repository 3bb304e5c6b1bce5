"""What an expression is made of: a text written out, a text built from values, a value of the environment."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

from ast_grep_py import SgNode

from readycheck.facts.repository import Shape, Where
from readycheck.gather.code.constants import member
from readycheck.gather.code.grammar import Grammar
from readycheck.gather.code.links import text_of

#: How far a plain name is followed to what is assigned to it, and how much of an expression is looked at.
_STEPS, _LONGEST, _LONGEST_VALUE = 3, 4000, 300

_ENVIRONMENT = re.compile(
    r"process\.env|import\.meta\.env|os\.(?:environ|getenv|Getenv|LookupEnv)|getenv|ENV\[|ENV\.fetch|\benv\(|\$_ENV"
    r"|Environment\.|\bconfig\b|\bsettings\b|credentials|viper\.|Configuration\[|@Value|Deno\.env|Bun\.env",
    re.IGNORECASE,
)
_GENERATED = re.compile(
    r"randomBytes|randomUUID|random_bytes|uuid|generate_key|generateKey|GenerateKey|token_hex|token_urlsafe|token_bytes"
    r"|urandom|SecureRandom|Math\.random|nanoid|generate_secret|get_random_secret_key|rand\.Read|openssl_random",
    re.IGNORECASE,
)
_NAMES = frozenset({"identifier", "variable_name", "simple_identifier"})
_REFERENCE = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*){0,4}$")
_CLEAR = frozenset({"parenthesized_expression", "as_expression", "non_null_expression", "await_expression", "await"})
_INTERPOLATIONS = frozenset(
    {
        "template_substitution",
        "interpolation",
        "interpolated_expression",
        "interpolated_identifier",
        "variable_name",
        "dynamic_variable_name",
        "member_access_expression",
        "subscript_expression",
        "string_interpolation",
    }
)
_TEXTS = frozenset(
    [
        "string",
        "template_string",
        "concatenated_string",
        "interpreted_string_literal",
        "raw_string_literal",
        "string_literal",
        "encapsed_string",
        "verbatim_string_literal",
        "interpolated_string_expression",
        "line_string_literal",
        "multi_line_string_literal",
        "heredoc",
    ]
)
_NUMBERS = frozenset(["number", "integer", "float", "int_literal", "decimal_integer_literal", "integer_literal"])
_ADDITIONS = frozenset({"binary_expression", "binary_operator", "binary", "additive_expression"})
_CALLS = frozenset(
    ["call_expression", "call", "method_invocation", "invocation_expression", "function_call_expression"]
)
#: What turns a text into bytes and changes nothing else.
_CONVERSIONS = frozenset({"type_conversion_expression", "call_expression"})
_JOINS = frozenset({"+", ".", "%", "<<", ""})
_FORMATTERS = re.compile(
    r"(?:^|\.)(?:Sprintf|Sprint|sprintf|vsprintf|String\.format|string\.Format|String\.Format)$|[\"']\.(?:format|formatted)$"
)
#: Values that nobody can put a quote into: constants, numbers, lists of placeholders, and what a driver has quoted.
_HARMLESS = re.compile(
    r"^(?:\(?(?:[A-Z][A-Z0-9_]*|[\w.]*\.[A-Z][A-Z0-9_]+|\d+|(?:parseInt|Number|int|float|Math\.\w+)\(.*\)"
    r"|[\w.$]*(?:escape|quote|quoteIdentifier|escapeId|Literal|Identifier)\(.*\)|[\w.]*(?:placeholders?|place_holders?)"
    r"|[\w.()]*(?:\.length|_count|\.tableName|\.table_name|_meta\.db_table)|.*[\"'`]\?[\"'`].*join.*|.*join\(.*[\"'`]%s[\"'`].*"
    r"|.*[\"'`]%s[\"'`].*join.*|[\w.]*(?:table|schema|tableName|schemaName|table_name|schema_name))\)?)$",
    re.DOTALL,
)


#: How much of an expression's text is searched, in characters.
LONGEST_SEARCHED = 4000


def holds(where: Where, node: SgNode, root: SgNode, grammar: Grammar) -> bool:
    """Does what a metavariable matched meet the condition?"""
    meant = list(_meant(node, root, grammar))
    # The tree's own matcher would compile the expression anew for each node; the text that is searched is bounded.
    texts = [one.text()[:LONGEST_SEARCHED] for one in meant]
    if where.matches and not any(re.search(where.matches, text) for text in texts):
        return False
    if where.unless and any(re.search(where.unless, text) for text in texts):
        return False
    return not where.shape or any(_is(shape, one) for shape in where.shape for one in meant)


def _meant(node: SgNode, root: SgNode, grammar: Grammar) -> Iterator[SgNode]:
    """The expression, and what a plain name or a member of an object in its place was last assigned, here or elsewhere."""
    for _ in range(_STEPS):
        node = _unwrapped(node)
        yield node
        source = _assigned(node, root, grammar) if node.kind() in _NAMES else None
        if source is None and _REFERENCE.match(node.text()[:_LONGEST_VALUE]):
            source = _of_object(node, root, grammar) or elsewhere.find(node.text())
        if source is None:
            return
        node = source


class Elsewhere(threading.local):
    """Finds what a name from another file stands for; the scan sets it for the file that it is looking at."""

    find: Callable[[str], SgNode | None] = staticmethod(lambda _: None)


elsewhere = Elsewhere()


def _of_object(node: SgNode, root: SgNode, grammar: Grammar) -> SgNode | None:
    """`config.secret` of an object that the same file writes out."""
    first, *members = node.text().split(".")
    for _, value in reversed(_bindings(root, grammar).get(first, []) if members else []):
        if (found := member(value, members)) is not None:
            return found
    return None


def _is(shape: Shape, node: SgNode) -> bool:
    if shape is Shape.LITERAL:
        return is_literal(node)
    if shape is Shape.FALLBACK:
        return _falls_back(node)
    if shape is Shape.INTERPOLATED:
        return _built_from_values(node)
    text = node.text()[:_LONGEST]
    return bool((_ENVIRONMENT if shape is Shape.ENVIRONMENT else _GENERATED).search(text))


def _unwrapped(node: SgNode) -> SgNode:
    while (inner := node.named_children()) and (
        node.kind() in _CLEAR
        or (node.kind() == "expression_list" and len(inner) == 1)
        or (node.kind() in ("argument_list", "argument") and len(inner) == 1)
    ):
        node = inner[0]
    if node.kind() in _CONVERSIONS and node.text().startswith("[]byte("):
        given = node.field("operand") or node.field("arguments")
        return _unwrapped(given) if given is not None else node
    return node


def _assigned(name: SgNode, root: SgNode, grammar: Grammar) -> SgNode | None:
    """What the file last assigned to this name before it is used; None when nothing is seen."""
    use = name.range().start.index
    found: SgNode | None = None
    for start, value in _bindings(root, grammar).get(name.text(), ()):
        if start < use:
            found = value
    return found


class _Latest(threading.local):
    """The bindings of the file that was asked about last; its root is kept, so that its identity stays its own."""

    root: SgNode | None = None
    bindings: dict[str, list[tuple[int, SgNode]]]


_latest = _Latest()


def _bindings(root: SgNode, grammar: Grammar) -> dict[str, list[tuple[int, SgNode]]]:
    """Every assignment of a file by the name that it sets, in the order of the file: found once for all its names."""
    if _latest.root is None or _latest.root != root:
        seen: dict[str, list[tuple[int, SgNode]]] = {}
        for kind, (target, value) in grammar.bindings.items():
            for binding in root.find_all(kind=kind):
                name, given = binding.field(target), binding.field(value)
                if name is not None and given is not None:
                    seen.setdefault(name.text(), []).append((binding.range().start.index, given))
        for places in seen.values():
            places.sort(key=lambda place: place[0])
        _latest.root, _latest.bindings = root, seen
    return _latest.bindings


def is_literal(node: SgNode) -> bool:
    """Is it a text or a number that is written out, and not an empty one?"""
    kind = node.kind()
    if kind in _TEXTS:
        return bool(text_of(node)) and not any(child.kind() in _INTERPOLATIONS for child in node.named_children())
    if kind == "expression_list" and len(node.named_children()) == 1:
        return is_literal(node.named_children()[0])
    conversion = kind in _CALLS | {"type_conversion_expression"} and bool(
        re.match(r"\[\]byte\(\s*[\"`]", node.text()[:40])
    )
    return kind in _NUMBERS or conversion


def _falls_back(node: SgNode) -> bool:
    if node.kind() in ("binary_expression", "boolean_operator", "binary", "binary_operator"):
        right = node.field("right")
        operator = node.text()[:_LONGEST]
        return (
            right is not None and is_literal(_unwrapped(right)) and bool(re.search(r"\|\||\?\?|\?:|\bor\b", operator))
        )
    if node.kind() in _CALLS:
        callee = text_of(node.field("function") or node.field("method"))
        arguments = node.field("arguments")
        given = [child for child in arguments.named_children() if child.kind() != "comment"] if arguments else []
        reads = re.search(r"(?:\.get|getenv|env|config|fetch|getProperty|getOrDefault)$", callee)
        return bool(reads) and len(given) > 1 and is_literal(_value(given[1]))
    return False


def _value(argument: SgNode) -> SgNode:
    """The value of a keyword argument or of a wrapped argument, and any other as it is."""
    if argument.kind() == "argument" and argument.named_children():
        return argument.named_children()[-1]
    return argument.field("value") or argument


def _built_from_values(node: SgNode) -> bool:
    kind = node.kind()
    if kind == "argument" and node.named_children():
        return _built_from_values(node.named_children()[-1])
    if kind in _TEXTS:
        holes = [child for child in node.named_children() if child.kind() in _INTERPOLATIONS]
        return any(not _harmless(hole) for hole in holes)
    if kind in _ADDITIONS:
        return _added(node)
    if kind in _CALLS:
        name = node.field("name")
        callee = text_of(node.field("function")) or f"{text_of(node.field('object'))}.{text_of(name)}"
        arguments = node.field("arguments")
        given = arguments.named_children() if arguments else []
        values = given if callee.endswith((".format", ".formatted")) and "String" not in callee else given[1:]
        return bool(_FORMATTERS.search(callee)) and any(not _constant(value) for value in values)
    return False


def _added(node: SgNode) -> bool:
    """A text joined with `+`, `.` or `%` to something that is not constant."""
    parts, texts, values = [node], 0, 0
    for _ in range(200):
        if not parts:
            break
        part = _unwrapped(parts.pop())
        sides = [side for side in (part.field("left"), part.field("right")) if side is not None]
        if part.kind() in _ADDITIONS and sides:
            if part == node and text_of(part.field("operator")) not in _JOINS:
                return False
            parts += sides
        elif part.kind() in _TEXTS:
            texts += 1
            values += _built_from_values(part)
        else:
            values += not _constant(part)
    return texts > 0 and values > 0


def _constant(node: SgNode) -> bool:
    if node.kind() in ("tuple", "dictionary", "list"):
        return all(_constant(child) for child in node.named_children()[:50])
    return is_literal(node) or _is_harmless(node.text())


def _harmless(hole: SgNode) -> bool:
    return _is_harmless(re.sub(r"^(?:\$\{|#\{|\{\$?)|\}$", "", hole.text()))


def _is_harmless(text: str) -> bool:
    # The bound keeps a hostile expression from making the pattern slow.
    return len(text) <= _LONGEST_VALUE and bool(_HARMLESS.match(text.strip()))
