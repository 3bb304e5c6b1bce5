"""What a name from another file stands for: the constant behind `config.secret`, found when a rule asks for it."""

from __future__ import annotations

from posixpath import dirname

from ast_grep_py import SgNode, SgRoot

from readycheck.gather.code.grammar import Grammar, grammar_of
from readycheck.gather.code.links import WHOLE, Import, text_of
from readycheck.gather.code.selection import SourceFiles, refusal

#: How many other files are looked into for one expression, and how many are kept parsed.
_MOST_FILES, _KEPT = 12, 16
_OBJECTS = frozenset({"object", "dictionary"})
_CLEAR = frozenset({"as_expression", "satisfies_expression", "parenthesized_expression", "expression_list"})


class Constants:
    """Looks into the files that a file imports; each is parsed again only when something asks for its constants."""

    def __init__(self, sources: SourceFiles, folders: dict[str, list[str]]) -> None:
        self._sources = sources
        self._folders = folders
        self._parsed: dict[str, tuple[SgNode, Grammar] | None] = {}

    def behind(
        self, text: str, path: str, imports: list[Import], targets: dict[Import, tuple[str, ...]], grammar: Grammar
    ) -> SgNode | None:
        """The value of `name.member`, when its first name is imported from a file of the project (or its package)."""
        first, *rest = text.split(".")
        for one in imports:
            if one.local != first or one not in targets:
                continue
            wanted = rest if one.imported in (WHOLE, "default") else [one.imported, *rest]
            for target in targets[one][:_MOST_FILES]:
                if (value := self._in(target, (*one.reach, *wanted))) is not None:
                    return value
        return self._beside(text, path) if grammar.ecosystem == "go" and not rest else None

    def _beside(self, name: str, path: str) -> SgNode | None:
        """A Go file sees the constants of every file of its folder."""
        for sibling in self._folders.get(dirname(path), ())[:_MOST_FILES]:
            if sibling != path and (value := self._in(sibling, (name,))) is not None:
                return value
        return None

    def _in(self, path: str, members: tuple[str, ...]) -> SgNode | None:
        parsed = self._open(path)
        if parsed is None or not members:
            return None
        root, grammar = parsed
        found = bindings(root, grammar)
        first, *rest = members
        if grammar.ecosystem == "python":
            values = found.get(members[-1], ())
            return values[-1] if values else None
        exported = [*found.get("module.exports", ()), *_defaults(root)]
        named = [*found.get(first, ()), *found.get(f"exports.{first}", ()), *found.get(f"module.exports.{first}", ())]
        for value in named:
            if (end := member(value, rest)) is not None:
                return end
        for value in exported:
            for whole in found.get(value.text(), [value]):
                if (end := member(whole, list(members))) is not None:
                    return end
        return None

    def _open(self, path: str) -> tuple[SgNode, Grammar] | None:
        if path not in self._parsed:
            if len(self._parsed) >= _KEPT:
                self._parsed.clear()
            known, text = grammar_of(path), self._sources.text(path)
            readable = known is not None and text is not None and not refusal(text)
            self._parsed[path] = (SgRoot(text or "", known[0]).root(), known[1]) if readable and known else None
        return self._parsed[path]


def bindings(root: SgNode, grammar: Grammar) -> dict[str, list[SgNode]]:
    """Every value by the name that the file binds it to, in the order of the file."""
    found: dict[str, list[SgNode]] = {}
    for kind, (target, value) in grammar.bindings.items():
        for binding in root.find_all(kind=kind):
            name, given = binding.field(target), binding.field(value)
            if name is not None and given is not None:
                found.setdefault(name.text(), []).append(given)
    return found


def member(value: SgNode, names: list[str]) -> SgNode | None:
    """What stands at these members of an object that is written out; the value itself for none."""
    value = _bare(value)
    if not names:
        return value
    if value.kind() not in _OBJECTS:
        return None
    for pair in value.named_children():
        if pair.kind() == "pair" and text_of(pair.field("key")) == names[0]:
            inner = pair.field("value")
            return member(inner, names[1:]) if inner is not None else None
    return None


def _bare(value: SgNode) -> SgNode:
    """An object without what is around it: `as const`, `Object.freeze(…)`, parentheses."""
    for _ in range(5):
        inner = value.named_children()
        arguments = value.field("arguments") if value.text().startswith("Object.freeze(") else None
        if arguments is not None and arguments.named_children():
            value = arguments.named_children()[0]
        elif value.kind() in _CLEAR and inner:
            value = inner[0]
        else:
            break
    return value


def _defaults(root: SgNode) -> list[SgNode]:
    """What the file exports by default."""
    found = []
    for node in root.find_all(kind="export_statement") if root.kind() == "program" else []:
        value = node.field("value")
        if value is not None:
            found.append(value)
    return found
