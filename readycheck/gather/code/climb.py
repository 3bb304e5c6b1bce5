"""Climbs from one occurrence of a name to its statement, and says what is called, passed, bound and exported on the way."""

from __future__ import annotations

import re
from typing import Protocol

from ast_grep_py import SgNode

from readycheck.facts.repository import Signal
from readycheck.gather.code.grammar import Grammar
from readycheck.gather.code.javascript import destructured
from readycheck.gather.code.links import text_of
from readycheck.gather.code.tracked import Exports, Tracked, Value, better
from readycheck.model import Strength

#: A handler that calls a service that calls a validator validates; the main function that calls the handler does not.
MOST_HOPS = 3


class Following(Protocol):
    """The following of one signal through one file, to which a climb reports."""

    grammar: Grammar
    signal: Signal
    exports: Exports

    def track(self, name: Tracked) -> None:
        """Follow this name too."""

    def spoiled(self, node: SgNode) -> bool:
        """Is there something inside the node that makes it worthless?"""


class Climb:
    """One way up: from an occurrence of a name to the statement that it is in."""

    def __init__(self, follower: Following, node: SgNode, name: Tracked, ancestors: list[SgNode]) -> None:
        self.follower = follower
        self.grammar = follower.grammar
        self.signal = follower.signal
        self.current = self.marked = node
        self.reach = list(name.reach)
        self.value = name.value
        self.last = name.origin
        self.members = 0
        # `limiter.check()` puts a built value to work, `Limiter().key()` is still building it.
        self.at_work = name.value.built
        self.active = self.returned = self.foreign = False
        self.keys = [node.text()] if node.kind() == "shorthand_property_identifier" else []
        self.ancestors = ancestors

    def run(self) -> Strength | None:
        """The strength of what is seen on the way; None when it is only a mention."""
        level: int | None = 0
        while level is not None and level < len(self.ancestors):
            parent = self.ancestors[level]
            verdict = self._step(parent, self.ancestors[level + 1 :])
            if isinstance(verdict, Strength):
                return verdict
            level = level + 1 if verdict else self._enclosing(level + 1)
            if level is not None:
                self.current = self.ancestors[level - 1]
        return Strength.CONSTRUCTED if self.active else None

    def _enclosing(self, level: int) -> int | None:
        """The function in which a value was put to work (`schema.validate(body)`): it does that for its callers."""
        if self.active and self.signal.calls:
            for higher in range(level, len(self.ancestors)):
                if self.ancestors[higher].kind() in self.grammar.functions:
                    above = self.ancestors[higher + 1 : higher + 2]
                    return higher if self.members or any(self._decorated(node) for node in above) else None
        return None

    def _step(self, parent: SgNode, above: list[SgNode]) -> Strength | bool:
        """Go on (True), stop (False), or stop with a strength."""
        kind, grammar = parent.kind(), self.grammar
        if kind in grammar.imports or kind.startswith("comment"):
            return False
        if kind in grammar.members:
            return self._member(parent, *grammar.members[kind])
        if kind in grammar.calls:
            return self._call(parent, *grammar.calls[kind])
        if kind in grammar.pairs:
            return self._pair(parent, *grammar.pairs[kind])
        if kind in grammar.bindings:
            return self._binding(parent, *grammar.bindings[kind], above)
        if kind in grammar.decorators:
            return Strength.WIRED if not self.foreign and not self.reach else True
        if kind in grammar.parameters:
            return self._parameter(parent)
        if kind in grammar.functions:
            return self._function(parent, above)
        if kind in grammar.classes:
            return self._class(parent, above)
        return self._other(parent, kind)

    def _other(self, parent: SgNode, kind: str) -> bool:
        if kind in ("export_statement", "export_specifier"):
            alias = text_of(parent.field("alias")) or (self.current.text() if kind == "export_specifier" else "default")
            self._export(() if alias == "default" else (alias,))
            return False
        self.returned = self.returned or kind == "return_statement"
        return kind not in ("program", "module", "source_file")

    def _member(self, parent: SgNode, holder: str, member: str) -> bool:
        if parent.field(holder) != self.current:
            # In Python a member's own name is an identifier like any other: no reference to ours.
            return parent.kind() in ("subscript_expression", "subscript")
        name = text_of(parent.field(member))
        if self.reach:
            if name != self.reach[0]:
                return name == "default"
            self.reach.pop(0)
        else:
            self.members += 1
        self.last = name
        return True

    def _call(self, parent: SgNode, callee: str, arguments: str) -> Strength | bool:
        if parent.field(callee) == self.current:
            if self.reach or (not self.foreign and self.follower.spoiled(parent)):
                return False
            return self._called(parent)
        if parent.field(arguments) == self.current and not self.reach:
            name = _last_name(parent.field(callee))
            if name in self.signal.calls and not self.follower.spoiled(parent):
                self.marked = parent
                return Strength.WIRED
            self.foreign, self.keys = True, []
        return not self.reach

    def _called(self, call: SgNode) -> Strength | bool:
        if self.foreign or self.value.result:
            return True
        self.active, self.marked = True, call
        if self.last in self.signal.methods:
            return Strength.WIRED
        result = self.at_work and self.members > 0
        self.value = Value(built=True, hops=self.value.hops, result=result)
        return True

    def _pair(self, parent: SgNode, key: str, value: str) -> Strength | bool:
        if parent.field(value) != self.current and parent.field(key) == self.current:
            return False
        name = text_of(parent.field(key))
        if name in self.signal.calls and not self.reach:
            self.marked = parent
            return Strength.WIRED
        self.keys.insert(0, name)
        return True

    def _binding(self, parent: SgNode, target: str, _value: str, above: list[SgNode]) -> Strength | bool:
        left = parent.field(target)
        if left is None or _within(self.current, left):
            return False
        name = _last_name(left)
        if name in self.signal.calls and not self.reach:
            self.marked = parent
            return Strength.WIRED
        if self.foreign and not self.value.built:
            return False
        if not self.value.result or (left.kind() == "identifier" and not self.keys):
            self._bound(left, above)
        return False

    def _bound(self, left: SgNode, above: list[SgNode]) -> None:  # noqa: C901 - one branch for each way to bind
        text = left.text()
        if text in ("module.exports", "exports"):
            self._export(())
        elif text.startswith(("module.exports.", "exports.")):
            self._export((text.rpartition(".")[2],))
        elif left.kind() in self.grammar.members:
            self._alias(text.rpartition(".")[2], own=True)
        elif left.kind() == "object_pattern":
            if self.members and self.active:
                # What a method gave back is taken apart: `const {value} = schema.validate(input)`.
                return
            for exported, local in destructured(left):
                self._destructured(exported, local)
        elif left.kind() in ("expression_list", "pattern_list", "tuple_pattern", "array_pattern"):
            for one in left.named_children():
                self._alias(one.text())
        elif left.kind() == "property_identifier":
            self._alias(text, own=True)
        else:
            self._alias(text)
            if any(node.kind() == "export_statement" for node in above[:2]):
                self._export((text,))

    def _destructured(self, exported: str, local: str) -> None:
        if self.reach and self.reach[0] != exported:
            return
        rest = tuple(self.reach[1:])
        self.follower.track(Tracked(local, self.value, exported, rest))

    def _alias(self, name: str, *, own: bool = False, origin: str | None = None) -> None:
        reach = (*self.keys, *self.reach)
        if origin is None:
            origin = self.last if not self.active else ""
        self.follower.track(Tracked(name, self.value, origin, reach, own))
        if self.grammar.ecosystem in ("python", "go") and not own:
            self._export((name,))

    def _export(self, name: tuple[str, ...]) -> None:
        path = (*name, *self.keys, *self.reach)
        if not self.value.result:
            self.follower.exports[path] = better(self.value, self.follower.exports.get(path))

    def _parameter(self, parent: SgNode) -> bool:
        """A parameter whose type is ours, as dependency injection writes it, is a name for the value."""
        name = parent.field("pattern") or parent.field("name") or next(iter(parent.named_children()), None)
        if name is None or _within(self.current, name) or self.reach:
            return False
        if parent.field("value") is not None and _within(self.current, parent.field("value")):
            return not self.foreign
        self.value = Value(built=True, hops=self.value.hops)
        self._alias(name.text())
        self._alias(name.text(), own=True)
        return False

    def _function(self, parent: SgNode, above: list[SgNode]) -> Strength | bool:
        body = parent.field("body")
        if body is not None and not _within(self.current, body):
            return False
        block = body is not None and body.kind() in ("statement_block", "block")
        if not block:
            return True
        if not (self.returned or (self.active and self.signal.calls)) or self.value.hops >= MOST_HOPS:
            return False
        self.value, self.foreign, self.keys = Value(built=True, hops=self.value.hops + 1), False, []
        decorated = above[0] if above and above[0].kind() == "decorated_definition" else None
        if decorated is not None and self._decorated(decorated):
            self.marked = decorated
            return Strength.WIRED
        return self._named(parent, above)

    def _decorated(self, definition: SgNode) -> bool:
        for decorator in definition.named_children():
            inner = decorator.named_children()[:1] if decorator.kind() in self.grammar.decorators else []
            for node in inner:
                callee = node.field("function") if node.kind() in self.grammar.calls else node
                if _last_name(callee) in self.signal.calls:
                    return True
        return False

    def _named(self, function: SgNode, above: list[SgNode]) -> bool:
        """The function stands for the value now: by its name, by its class, or as the expression that it is."""
        name = function.field("name")
        if name is None:
            return True
        owner = next((node for node in above if node.kind() in self.grammar.classes), None)
        if owner is not None:
            self._alias(name.text(), own=True, origin=name.text())
            self._class_alias(owner)
            return False
        self._alias(name.text(), origin=name.text())
        self._exported_here(name.text(), above)
        return False

    def _class(self, parent: SgNode, _above: list[SgNode]) -> bool:
        aside = (parent.field("name"), parent.field("body"))
        if self.foreign or self.reach or any(_within(self.current, part) for part in aside):
            return False
        self.value = Value(built=True, hops=self.value.hops)
        self._class_alias(parent)
        return False

    def _class_alias(self, owner: SgNode) -> None:
        name = text_of(owner.field("name"))
        self.last, self.active = "", True
        self._alias(name)
        self._exported_here(name, owner.ancestors()[:1])

    def _exported_here(self, name: str, above: list[SgNode]) -> None:
        if above and above[0].kind() == "export_statement":
            default = any(child.kind() == "default" or child.text() == "default" for child in above[0].children()[:2])
            self._export(() if default else (name,))


def _within(node: SgNode | None, outer: SgNode | None) -> bool:
    if node is None or outer is None:
        return False
    inside, around = node.range(), outer.range()
    return around.start.index <= inside.start.index and inside.end.index <= around.end.index


def _last_name(node: SgNode | None) -> str:
    """`use` of `app.use`, `this.app.use` and `use`; empty for what has no name."""
    if node is None:
        return ""
    text = node.text()[-200:]
    found = re.search(r"([\w$]+)\s*(?:<[^<>()]*>)?$", text)
    return found[1] if found else ""
