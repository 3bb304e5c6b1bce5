"""Follows a value through one file: from the name that it is imported by to what is built of it, and where that goes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ast_grep_py import SgNode
from msgspec import Struct

from readycheck.facts.repository import Signal
from readycheck.gather.code.grammar import Grammar
from readycheck.gather.code.javascript import destructured
from readycheck.gather.code.links import text_of
from readycheck.gather.code.matching import contains
from readycheck.model import Strength

#: Bounds for one signal in one file: names that are followed, places that are looked at, and levels that are climbed.
MOST_NAMES, MOST_PLACES, MOST_LEVELS = 40, 400, 60
#: A handler that calls a service that calls a validator validates; the main function that calls the handler does not.
MOST_HOPS = 3
#: A place nested deeper than this was not written by hand; climbing from many of them would never end.
DEEPEST = 1500


class TooDeepError(Exception):
    """The file is nested deeper than `DEEPEST`."""


class Value(NamedTuple):
    """What a name stands for: something of the package, or something `built` from it `hops` functions away.

    A `result` is what a built value gave back when it was put to work (a validated body, a row): passing it on says
    something, building on it does not.
    """

    built: bool = False
    hops: int = 0
    result: bool = False


#: Exports by the members that lead to them (none for the module itself).
Exports = dict[tuple[str, ...], Value]


class Tracked(NamedTuple):
    """A local name that stands for the value: `reach` are the members to go through first, `origin` its name at home.

    `own` says that it is a member of the object itself (`this.limiter`, `self.limiter`).
    """

    name: str
    value: Value = Value()
    origin: str = ""
    reach: tuple[str, ...] = ()
    own: bool = False


class Place(NamedTuple):
    """A node where the value shows, and how strongly."""

    node: SgNode
    strength: Strength


class Flow(Struct):
    """What came of following the value through one file."""

    places: list[Place]
    exports: Exports


class Follower:
    """Follows the values of one signal through one file."""

    def __init__(self, root: SgNode, grammar: Grammar, signal: Signal) -> None:
        self.root = root
        self.grammar = grammar
        self.signal = signal
        self.places: list[Place] = []
        self.exports: Exports = {}
        self._known: dict[Tracked, None] = {}
        self._waiting: list[Tracked] = []

    def follow(self, names: Iterable[Tracked], inline: Sequence[tuple[SgNode, Tracked]] = ()) -> Flow:
        """Where the values behind these names and nodes go.

        Raises:
            TooDeepError: the file is nested too deeply.
        """
        for name in names:
            self._track(name)
        for node, name in inline:
            self._climb(node, name)
        while self._waiting:
            name = self._waiting.pop()
            for node in self._occurrences(name):
                self._climb(node, name)
        for text in self._texts():
            self._climb(text, Tracked(""))
        return Flow(self.places, self.exports)

    def _track(self, name: Tracked) -> None:
        if name.name and name not in self._known and len(self._known) < MOST_NAMES:
            self._known[name] = None
            self._waiting.append(name)

    def _occurrences(self, name: Tracked) -> list[SgNode]:
        pattern = f"^{re.escape(name.name)}$"
        if name.own:
            found = []
            for kind, (holder, member) in self.grammar.members.items():
                rule: Any = {"kind": kind, "has": {"field": member, "regex": pattern}}
                found += [node for node in self.root.find_all(**rule) if _is_self(node.field(holder))]
            return found[:MOST_PLACES]
        kinds: Any = [{"kind": kind} for kind in sorted(self.grammar.names)]
        return self.root.find_all(any=kinds, regex=pattern)[:MOST_PLACES]

    def _texts(self) -> list[SgNode]:
        if not self.signal.strings:
            return []
        wanted = "|".join(re.escape(text) for text in self.signal.strings)
        kinds: Any = [{"kind": kind} for kind in sorted(self.grammar.strings)]
        return self.root.find_all(any=kinds, regex=f"^[\"'](?:{wanted})[\"']$")[:MOST_PLACES]

    def _climb(self, node: SgNode, name: Tracked) -> None:
        ancestors = node.ancestors()
        if len(ancestors) > DEEPEST:
            raise TooDeepError
        climb = _Climb(self, node, name, ancestors[:MOST_LEVELS])
        strength = climb.run()
        if strength is not None:
            self.places.append(Place(climb.marked, strength))

    def spoiled(self, node: SgNode) -> bool:
        """Is there something inside the node that makes it worthless?"""
        return any(contains(node, code) for code in self.signal.without)


def _is_self(node: SgNode | None) -> bool:
    return node is not None and node.text() in ("this", "self", "cls")


class _Climb:
    """One way up: from an occurrence of a name to the statement that it is in."""

    def __init__(self, follower: Follower, node: SgNode, name: Tracked, ancestors: list[SgNode]) -> None:
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
        for level, parent in enumerate(self.ancestors):
            verdict = self._step(parent, self.ancestors[level + 1 :])
            if isinstance(verdict, Strength):
                return verdict
            if verdict is False:
                break
            self.current = parent
        return Strength.CONSTRUCTED if self.active else None

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

    def _bound(self, left: SgNode, above: list[SgNode]) -> None:
        text = left.text()
        if text in ("module.exports", "exports"):
            self._export(())
        elif text.startswith(("module.exports.", "exports.")):
            self._export((text.rpartition(".")[2],))
        elif left.kind() in self.grammar.members:
            self._alias(text.rpartition(".")[2], own=True)
        elif left.kind() == "object_pattern":
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
        self.follower._track(Tracked(local, self.value, exported, rest))  # noqa: SLF001 - its own climb

    def _alias(self, name: str, *, own: bool = False) -> None:
        reach = (*self.keys, *self.reach)
        origin = self.last if not self.active else ""
        self.follower._track(Tracked(name, self.value, origin, reach, own))  # noqa: SLF001 - its own climb
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
            self._alias(name.text(), own=True)
            self._class_alias(owner)
            return False
        self._alias(name.text())
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


def better(one: Value, other: Value | None) -> Value:
    """The value that says more of two that a name may stand for."""
    if other is None or (one.built, -one.hops) > (other.built, -other.hops):
        return one
    return other


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
