"""Finds patterns in a syntax tree, and says by which words of its text a file can be passed over unread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ast_grep_py import Rule, SgNode, SgRoot

from readycheck.facts.repository import Pattern
from readycheck.gather.code.grammar import Grammar, languages
from readycheck.gather.code.shapes import holds

#: The most matches of one pattern that are looked at in one file.
MOST_MATCHES = 300
#: What stands for a whole file where a pattern names a kind of node.
FILE = "file"

_WORD = re.compile(r"\w+")
_HOLE = re.compile(r"\$+[A-Z_][A-Z0-9_]*|\$\$\$")
_EACH = re.compile(r"\.(?:map|forEach|flatMap|filter|reduce|some|every|each|each_with_index|collect|find_each)$")


class PatternError(Exception):
    """A pattern that the grammar refuses."""


def words_in(text: str) -> frozenset[str]:
    """The words of a text: what any name, number or text in it is made of."""
    return frozenset(_WORD.findall(text))


@lru_cache(maxsize=4096)
def needed_words(code: str) -> frozenset[str]:
    """The words that a file must have for this ast-grep pattern to match in it."""
    return words_in(_HOLE.sub(" ", code))


def may_match(pattern: Pattern, words: frozenset[str]) -> bool:
    """Could the pattern match in a file with these words?"""
    return needed_words(pattern.code) <= words and (not pattern.words or not words.isdisjoint(pattern.words))


def matches(root: SgNode, pattern: Pattern, grammar: Grammar) -> Iterator[SgNode]:
    """Where the pattern matches with all its conditions, at most `MOST_MATCHES` places.

    Raises:
        PatternError: the grammar has no such kind of node, or a regular expression is malformed.
    """
    if pattern.kind == FILE:
        found = [root]
    else:
        rule: Rule = code_rule(pattern.code, grammar.ecosystem) if pattern.code else {"kind": pattern.kind}
        found = _find(root, {**rule, "regex": pattern.matches} if pattern.matches else rule, grammar)
    for node in found[:MOST_MATCHES]:
        if _meets(node, pattern, root, grammar):
            yield node


def _find(root: SgNode, rule: Rule, grammar: Grammar) -> list[SgNode]:
    try:
        return root.find_all(**rule)
    except RuntimeError as error:
        if _known_elsewhere(rule, grammar):
            return []
        reason = re.sub(r"\s+", " ", str(error).partition("Stack backtrace")[0]).strip()
        raise PatternError(f"the pattern {dict(rule)} makes no sense: {reason}") from error


def _known_elsewhere(rule: Rule, grammar: Grammar) -> bool:
    """Do files with another suffix have such a node? TypeScript without JSX has no `jsx_attribute`."""
    for language in languages(grammar.ecosystem):
        try:
            SgRoot("", language).root().find_all(**rule)
        except RuntimeError:
            continue
        return True
    return False


def _meets(node: SgNode, pattern: Pattern, root: SgNode, grammar: Grammar) -> bool:
    for where in pattern.where:
        matched = node.get_match(where.name)
        if matched is None or not holds(where, matched, root, grammar):
            return False
    if any(contains(node, code, grammar) for code in pattern.without):
        return False
    if pattern.unless and node.matches(regex=pattern.unless):
        return False
    return not (pattern.inside or pattern.outside) or _stands(node, pattern, grammar)


def _stands(node: SgNode, pattern: Pattern, grammar: Grammar) -> bool:
    around = set(_around(node, grammar))
    return (not pattern.inside or not around.isdisjoint(pattern.inside)) and around.isdisjoint(pattern.outside)


def _around(node: SgNode, grammar: Grammar) -> Iterator[str]:
    """Kinds of what encloses the node, and `loop` for a loop or a function that is called for each element."""
    current = node
    for parent in node.ancestors():
        kind = parent.kind()
        yield kind
        if kind in grammar.loops and not _is_head(parent, current):
            yield "loop"
        if kind in grammar.calls and current == parent.field(grammar.calls[kind][1]):
            callee = parent.field(grammar.calls[kind][0])
            if callee is not None and _EACH.search(callee.text()[-40:]):
                yield "loop"
        current = parent


def _is_head(loop: SgNode, part: SgNode) -> bool:
    """What a loop runs over is worked out once: it is not inside the loop."""
    return part in (loop.field("right"), loop.field("value"), loop.field("initializer"))


def contains(node: SgNode, code: str, grammar: Grammar) -> bool:
    """Is there a match of this ast-grep pattern inside the node?"""
    return node.find(**code_rule(code, grammar.ecosystem)) is not None


@lru_cache(maxsize=4096)
def code_rule(code: str, ecosystem: str) -> Rule:
    """The rule for an ast-grep pattern, as loose as its author means it.

    Commas around `$$$`, quotes of texts and comments make no difference; neither do operators. A Go call by itself would
    be read as a conversion, and a Ruby call may be written without its parentheses.
    """
    if ecosystem == "go" and code.endswith(")"):
        return {
            "pattern": {"context": f"func _() {{ {code} }}", "selector": "call_expression", "strictness": "relaxed"}
        }
    written = [code]
    if ecosystem == "ruby" and (bare := re.fullmatch(r"([^\s()]+)\((.+)\)", code)):
        written.append(f"{bare[1]} {bare[2]}")
    rules: list[Rule] = [{"pattern": {"context": one, "selector": None, "strictness": "relaxed"}} for one in written]
    return rules[0] if len(rules) == 1 else {"any": rules}
