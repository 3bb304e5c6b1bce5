"""Names that a file uses and nothing defines: what ends a program at that line, however it is tested elsewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ast_grep_py import SgNode

from readycheck.facts.faults import Fault
from readycheck.facts.repository import LONGEST_EXCERPT
from readycheck.redact import redact

#: What runtimes of JavaScript (Node, Deno, workers, browsers), test runners and old module loaders define.
_GLOBALS = frozenset(
    """
    AbortController AbortSignal AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Blob Boolean
    BroadcastChannel Buffer Bun ByteLengthQueuingStrategy Crypto CryptoKey CustomEvent DOMException DataView Date Deno Error
    EvalError Event EventSource EventTarget File FinalizationRegistry Float32Array Float64Array FormData Function Headers
    HTMLRewriter Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math MessageChannel MessageEvent
    MessagePort NaN Navigator Number Object Performance Promise Proxy RangeError ReadableStream ReferenceError Reflect
    RegExp Request Response Set SharedArrayBuffer String SubtleCrypto Symbol SyntaxError TextDecoder TextEncoder
    TransformStream TypeError URIError URL URLSearchParams Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap
    WeakRef WeakSet WebAssembly WebSocket WritableStream Worker XMLHttpRequest __dirname __filename arguments atob btoa
    clearImmediate clearInterval clearTimeout console crypto decodeURI decodeURIComponent define document encodeURI
    encodeURIComponent escape eval exports fetch global globalThis import isFinite isNaN localStorage location module
    navigator parseFloat parseInt performance process queueMicrotask require self sessionStorage setImmediate setInterval
    setTimeout structuredClone super this undefined unescape window caches addEventListener importScripts alert confirm
    """.split()  # noqa: SIM905 - a list of words
)
_KEYWORDS = frozenset(
    """
    if for while switch catch function return typeof await async yield new delete void in of do else case throw
    super constructor import get set static with export default const let var class extends
    """.split()  # noqa: SIM905 - a list of words
)
_CALLED = re.compile(r"(?<![\w.$#@\"'`/])(?:new\s+)?([A-Za-z_$][\w$]{2,60})\s*\(")
_MODULE = re.compile(r"\brequire\s*\(|^\s*(?:import|export)\b|\bmodule\.exports\b", re.MULTILINE)
_MARKED = re.compile(r"/[/*]\s*(?:global|globals|eslint-env|jshint|@ts-nocheck|global-)|\bwith\s*\(|\beval\s*\(")
_DECLARING = frozenset(
    """
    variable_declarator function_declaration generator_function_declaration class_declaration class
    function_expression formal_parameters arrow_function assignment_pattern array_pattern object_pattern
    rest_pattern import_specifier import_clause namespace_import catch_clause for_in_statement
    assignment_expression labeled_statement object_assignment_pattern pair_pattern export_specifier
    """.split()  # noqa: SIM905 - a list of words
)
#: How many names of one file are looked at.
_MOST = 60


def undefined_javascript(path: str, text: str, root: SgNode) -> Iterator[Fault]:
    """Functions and classes that a module of JavaScript calls and nothing in it declares, imports or assigns."""
    if not _MODULE.search(text) or _MARKED.search(text):
        return
    called = set(_CALLED.findall(text)) - _GLOBALS - _KEYWORDS
    for name in sorted(name for name in called if _only_used(name, text))[:_MOST]:
        line = _used_undeclared(name, root)
        if line:
            shown = redact(text.split("\n")[line - 1].strip())[:LONGEST_EXCERPT]
            yield Fault(f"calls {name}, which nothing defines or imports", path, line, shown)


def _only_used(name: str, text: str) -> bool:
    """Could each place be a use? What declares a name is followed by something else, or follows a word that does."""
    quoted = re.escape(name)
    if re.search(rf"(?:typeof\s+|function\s*\*?\s*|class\s+|\b(?:var|let|const)\s+){quoted}\b", text):
        return False
    return re.search(rf"(?<![\w.$]){quoted}(?![\w$])(?!\s*[(.\[])", text) is None


def _used_undeclared(name: str, root: SgNode) -> int:
    """The first line that calls it, or 0 when something may declare it."""
    first = 0
    for node in root.find_all(kind="identifier", regex=f"^{re.escape(name)}$"):
        parent = node.parent()
        kind = parent.kind() if parent is not None else ""
        if parent is not None and kind in ("call_expression", "new_expression"):
            called = parent.field("function") or parent.field("constructor")
            if called == node:
                first = first or node.range().start.line + 1
                continue
        if kind in _DECLARING:
            return 0
    return first


def undefined_python(path: str, text: str) -> Iterator[Fault]:
    """Names that pyflakes finds undefined in a Python module."""
    from pyflakes.checker import Checker
    from pyflakes.messages import UndefinedName

    try:
        tree = ast.parse(text)
        messages = Checker(tree, path).messages
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    quiet = _annotations(tree)
    for message in messages:
        if isinstance(message, UndefinedName) and (message.lineno, message.message_args[0]) not in quiet:
            lines = text.split("\n")
            shown = redact(lines[message.lineno - 1].strip())[:LONGEST_EXCERPT] if message.lineno <= len(lines) else ""
            yield Fault(
                f"uses {message.message_args[0]}, which nothing defines or imports", path, message.lineno, shown
            )


def _annotations(tree: ast.Module) -> set[tuple[int, str]]:
    """Names in annotations by their lines: a running program does not need them, or not yet."""
    found: set[tuple[int, str]] = set()
    for node in ast.walk(tree):
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            for inner in ast.walk(part) if isinstance(part, ast.AST) else ():
                if isinstance(inner, ast.Name):
                    found.add((inner.lineno, inner.id))
                elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                    found |= {(inner.lineno, word) for word in re.findall(r"\w+", inner.value)}
    return found
