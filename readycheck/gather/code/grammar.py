"""What a syntax tree is called in each language: the one table from which code is read the same way everywhere."""

from __future__ import annotations

from pathlib import PurePosixPath

from msgspec import Struct, structs

Fields = dict[str, tuple[str, str]]


class Grammar(Struct, frozen=True):
    """Names of the nodes of one tree-sitter grammar, by what they mean; mappings go from a kind to its two fields.

    `calls` have a callee and arguments, `members` an object and a property, `bindings` a target and a value, `pairs` a
    key and a value. `names` are kinds that may refer to a value; `functions` and `classes` have a `name` field.
    """

    ecosystem: str
    names: frozenset[str] = frozenset()
    calls: Fields = {}
    members: Fields = {}
    bindings: Fields = {}
    pairs: Fields = {}
    functions: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    decorators: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    loops: frozenset[str] = frozenset()
    strings: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()


_JAVASCRIPT = Grammar(
    ecosystem="javascript",
    names=frozenset({"identifier", "shorthand_property_identifier"}),
    calls={"call_expression": ("function", "arguments"), "new_expression": ("constructor", "arguments")},
    members={"member_expression": ("object", "property"), "subscript_expression": ("object", "index")},
    bindings={
        "variable_declarator": ("name", "value"),
        "assignment_expression": ("left", "right"),
        "augmented_assignment_expression": ("left", "right"),
        "field_definition": ("property", "value"),
    },
    pairs={"pair": ("key", "value")},
    functions=frozenset(
        {
            "function_declaration",
            "function_expression",
            "generator_function_declaration",
            "arrow_function",
            "method_definition",
        }
    ),
    classes=frozenset({"class_declaration", "class"}),
    decorators=frozenset({"decorator"}),
    imports=frozenset({"import_statement"}),
    loops=frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"}),
    strings=frozenset({"string", "template_string"}),
    lists=frozenset({"array"}),
)
_TYPESCRIPT = structs.replace(
    _JAVASCRIPT,
    names=_JAVASCRIPT.names | {"type_identifier"},
    bindings={
        "variable_declarator": ("name", "value"),
        "assignment_expression": ("left", "right"),
        "augmented_assignment_expression": ("left", "right"),
        "public_field_definition": ("name", "value"),
    },
    classes=_JAVASCRIPT.classes | {"abstract_class_declaration"},
    parameters=frozenset({"required_parameter", "optional_parameter"}),
)
_PYTHON = Grammar(
    ecosystem="python",
    names=frozenset({"identifier"}),
    calls={"call": ("function", "arguments")},
    members={"attribute": ("object", "attribute"), "subscript": ("value", "subscript")},
    bindings={
        "assignment": ("left", "right"),
        "augmented_assignment": ("left", "right"),
        "named_expression": ("name", "value"),
    },
    pairs={"keyword_argument": ("name", "value"), "pair": ("key", "value")},
    functions=frozenset({"function_definition", "lambda"}),
    classes=frozenset({"class_definition"}),
    parameters=frozenset({"typed_parameter", "typed_default_parameter", "default_parameter"}),
    decorators=frozenset({"decorator"}),
    imports=frozenset({"import_statement", "import_from_statement", "future_import_statement"}),
    loops=frozenset({"for_statement", "while_statement", "list_comprehension", "for_in_clause"}),
    strings=frozenset({"string", "concatenated_string"}),
    lists=frozenset({"list", "tuple"}),
)
_GO = Grammar(
    ecosystem="go",
    names=frozenset({"identifier", "package_identifier", "type_identifier"}),
    calls={"call_expression": ("function", "arguments")},
    members={"selector_expression": ("operand", "field"), "qualified_type": ("package", "name")},
    bindings={
        "short_var_declaration": ("left", "right"),
        "assignment_statement": ("left", "right"),
        "var_spec": ("name", "value"),
        "const_spec": ("name", "value"),
    },
    pairs={"keyed_element": ("key", "value")},
    functions=frozenset({"function_declaration", "method_declaration", "func_literal"}),
    parameters=frozenset({"parameter_declaration"}),
    imports=frozenset({"import_declaration"}),
    loops=frozenset({"for_statement"}),
    strings=frozenset({"interpreted_string_literal", "raw_string_literal"}),
    lists=frozenset({"literal_value"}),
)
_JAVA = Grammar(
    ecosystem="java",
    bindings={"variable_declarator": ("name", "value"), "assignment_expression": ("left", "right")},
    loops=frozenset({"for_statement", "enhanced_for_statement", "while_statement", "do_statement"}),
    strings=frozenset({"string_literal"}),
)
_KOTLIN = Grammar(
    ecosystem="kotlin",
    loops=frozenset({"for_statement", "while_statement", "do_while_statement"}),
    strings=frozenset({"string_literal"}),
)
_RUBY = Grammar(
    ecosystem="ruby",
    bindings={"assignment": ("left", "right")},
    loops=frozenset({"while", "for", "do_block"}),
    strings=frozenset({"string"}),
)
_PHP = Grammar(
    ecosystem="php",
    bindings={"assignment_expression": ("left", "right")},
    loops=frozenset({"for_statement", "foreach_statement", "while_statement"}),
    strings=frozenset({"string", "encapsed_string"}),
)
_CSHARP = Grammar(
    ecosystem="csharp",
    bindings={"variable_declarator": ("name", "value"), "assignment_expression": ("left", "right")},
    loops=frozenset({"for_statement", "foreach_statement", "while_statement"}),
    strings=frozenset({"string_literal", "verbatim_string_literal", "raw_string_literal"}),
)

#: Suffix → the grammar's name for the parser, and what its nodes are called.
_BY_SUFFIX: dict[str, tuple[str, Grammar]] = {
    ".js": ("javascript", _JAVASCRIPT),
    ".jsx": ("javascript", _JAVASCRIPT),
    ".mjs": ("javascript", _JAVASCRIPT),
    ".cjs": ("javascript", _JAVASCRIPT),
    ".ts": ("typescript", _TYPESCRIPT),
    ".mts": ("typescript", _TYPESCRIPT),
    ".cts": ("typescript", _TYPESCRIPT),
    ".tsx": ("tsx", _TYPESCRIPT),
    ".py": ("python", _PYTHON),
    ".go": ("go", _GO),
    ".java": ("java", _JAVA),
    ".kt": ("kotlin", _KOTLIN),
    ".rb": ("ruby", _RUBY),
    ".php": ("php", _PHP),
    ".cs": ("csharp", _CSHARP),
}


def grammar_of(path: str) -> tuple[str, Grammar] | None:
    """The parser's name and the grammar for a path, by its suffix; None when it is no code that can be read."""
    # Express's generator calls the start script `bin/www`, without a suffix.
    return _BY_SUFFIX.get(PurePosixPath(path).suffix) or (_BY_SUFFIX[".js"] if path.endswith("bin/www") else None)


def languages(ecosystem: str) -> tuple[str, ...]:
    """The parser's names for the languages of an ecosystem."""
    return tuple(dict.fromkeys(name for name, grammar in _BY_SUFFIX.values() if grammar.ecosystem == ecosystem))
