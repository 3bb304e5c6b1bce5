"""The catalogue: every check that can be put to a system, read from folders of YAML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import Any, ClassVar

import msgspec
from msgspec import Struct
from yaml.nodes import MappingNode, Node, ScalarNode

from readycheck.content import content
from readycheck.errors import ContentError, Mistake, UsageError
from readycheck.model import Outcome, Severity, Shorthand, Target
from readycheck.probes.probe import Probe
from readycheck.probes.registry import probes
from readycheck.reading import Deferred, Located, Reader, compose, nearest
from readycheck.remedy import Scripts

#: A folder of this name holds no checks: it has the kinds of credentials that scanning knows.
RULES = "credentials"
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


class Fix(Shorthand, frozen=True):
    """What to do when the check fails, for everyone and in the words of one stack.

    `first` is what must be done before anything else (revoke a credential), `scripts` are for `readycheck fix`, and
    `verify` is a command that shows that it is mended. Parts of a finding in braces stand in each of them.
    """

    shorthand: ClassVar[str] = "text"

    text: str
    by_stack: dict[str, str] = {}
    first: str = ""
    scripts: Scripts = Scripts()
    verify: str = ""


class Example(Located, frozen=True, rename={"parameters": "with"}):
    """A tiny target and the outcome that the check must have on it; `because` says what it shows.

    `with` overrides parameters of the probe for this example only.
    """

    outcome: Outcome
    target: dict[str, Any]
    because: str = ""
    parameters: Deferred | None = None


class CheckFile(Located, frozen=True, rename={"parameters": "with"}):
    """A check as its file says it."""

    id: str
    title: str
    severity: Severity
    why: str
    probe: str
    fix: Fix
    examples: tuple[Example, ...]
    parameters: Deferred | None = None
    references: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


class Check(Struct, frozen=True):
    """A probe with parameters, reason, severity, fix and examples. `family` is the folder that it stands in.

    `tried` are the probes of examples with parameters of their own, by the example's line.
    """

    id: str
    title: str
    severity: Severity
    why: str
    probe: Probe
    fix: Fix
    references: tuple[str, ...]
    aliases: tuple[str, ...]
    examples: tuple[Example, ...]
    family: str
    source: str
    text: str = ""
    tried: dict[int, Probe] = {}

    def on(self, example: Example) -> Check:
        """The check with the parameters that this example of its gives."""
        probe = self.tried.get(example.line)
        return msgspec.structs.replace(self, probe=probe) if probe is not None else self

    @property
    def target(self) -> Target:
        """What must be there for the check to say anything."""
        return self.probe.target


class Catalogue:
    """Checks by id, and the YAML of their parameters so that a checklist can override some of them."""

    def __init__(self, checks: Iterable[Check], parameters: Mapping[str, Node | None]) -> None:
        self.checks = {check.id: check for check in checks}
        self._parameters = parameters

    @cached_property
    def families(self) -> dict[str, list[Check]]:
        """Checks by folder, in the order of their names."""
        grouped: dict[str, list[Check]] = {}
        for check in sorted(self.checks.values(), key=lambda check: (check.family, check.id)):
            grouped.setdefault(check.family, []).append(check)
        return grouped

    def check(self, name: str) -> Check:
        """The check of that id.

        Raises:
            UsageError: there is none; the nearest is named.
        """
        if name in self.checks:
            return self.checks[name]
        near = nearest(name, list(self.checks))
        hint = f"did you mean {near!r}?" if near else "`readycheck checks list` shows them all"
        raise UsageError(f"there is no check {name!r}", hint=hint)

    def overridden(self, check: Check, override: Node, reader: Reader) -> Check:
        """The check with some parameters of its probe replaced; mistakes go to the reader."""
        merged = _merged(self._parameters.get(check.id), override)
        probe = reader.struct(merged, type(check.probe), f"with.{check.id}")
        return msgspec.structs.replace(check, probe=probe) if probe is not None else check


def _merged(base: Node | None, override: Node) -> Node:
    if not isinstance(base, MappingNode) or not isinstance(override, MappingNode):
        return override
    replaced = {key.value for key, _ in override.value if isinstance(key, ScalarNode)}
    kept = [(key, value) for key, value in base.value if key.value not in replaced]
    return MappingNode(override.tag, [*kept, *override.value], override.start_mark, override.end_mark)


def load_catalogue(folders: Iterable[Traversable] = ()) -> Catalogue:
    """The shipped checks and those of these folders.

    Raises:
        ContentError: a check is malformed, repeated, or without a passing and a failing example.
    """
    return _load([content("checks"), *folders])


def load_folder(folder: Traversable) -> Catalogue:
    """The checks of one folder alone.

    Raises:
        ContentError: as for `load_catalogue`.
    """
    return _load([folder])


def _load(folders: Iterable[Traversable]) -> Catalogue:
    checks: dict[str, Check] = {}
    parameters: dict[str, Node | None] = {}
    mistakes: list[Mistake] = []
    found = [
        file for folder in folders for file in sorted(_files(folder, ""), key=lambda file: (file[1], file[0].name))
    ]
    for path, family in found:
        try:
            check, node = read_check(path.read_text("utf-8"), str(path), family)
        except ContentError as error:
            mistakes += error.mistakes
        except (OSError, UnicodeDecodeError) as error:
            mistakes.append(Mistake(str(path), 1, f"cannot be read: {error}"))
        else:
            if check.id in checks:
                mistakes.append(Mistake(str(path), 1, f"{check.id!r} is also the id of {checks[check.id].source}"))
            checks[check.id], parameters[check.id] = check, node
    if mistakes:
        raise ContentError(mistakes)
    return Catalogue(checks.values(), parameters)


def _files(folder: Traversable, family: str) -> Iterable[tuple[Traversable, str]]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name == RULES:
            continue
        if entry.is_dir():
            yield from _files(entry, f"{family}/{entry.name}".strip("/"))
        elif entry.name.endswith((".yaml", ".yml")):
            yield entry, family


def read_check(text: str, source: str, family: str) -> tuple[Check, Node | None]:
    """One check from its YAML, and the node of its parameters.

    Raises:
        ContentError: with every mistake in it.
    """
    reader = Reader(source)
    node = compose(text, source)
    if node is None:
        raise ContentError([Mistake(source, 1, "the file is empty")])
    file = reader.struct(node, CheckFile, "")
    if file is None:
        reader.check()
    assert file is not None  # noqa: S101 - the reader has no mistakes
    parameters = file.parameters.node if file.parameters else None
    probe = _probe(file, parameters or MappingNode(node.tag, [], node.start_mark, node.end_mark), reader)
    _check_rules(file, source, reader)
    tried = _tried(file, parameters, reader)
    reader.check()
    assert probe is not None  # noqa: S101 - the reader has no mistakes
    check = Check(
        id=file.id,
        title=file.title,
        severity=file.severity,
        why=file.why,
        probe=probe,
        fix=file.fix,
        references=file.references,
        aliases=file.aliases,
        examples=file.examples,
        family=family,
        source=source,
        text=text,
        tried=tried,
    )
    return check, parameters


def _tried(file: CheckFile, parameters: Node | None, reader: Reader) -> dict[int, Probe]:
    kind = probes().get(file.probe)
    found = {
        example.line: reader.struct(_merged(parameters, example.parameters.node), kind, "examples.with")
        for example in file.examples
        if example.parameters and kind
    }
    return {line: probe for line, probe in found.items() if probe is not None}


def _probe(file: CheckFile, parameters: Node, reader: Reader) -> Probe | None:
    kind = probes().get(file.probe)
    if kind is None:
        reader.mistake(file.line, f"there is no probe {file.probe!r}", nearest(file.probe, list(probes())))
        return None
    return reader.struct(parameters, kind, "with")


def _check_rules(file: CheckFile, source: str, reader: Reader) -> None:
    stem = re.sub(r".*[/\\]|\.ya?ml$", "", source)
    if not _ID.match(file.id):
        reader.mistake(file.line, f"the id {file.id!r} must be lower-case words joined by hyphens")
    elif file.id != stem:
        reader.mistake(file.line, f"the id {file.id!r} must be the name of its file", stem)
    shown = {example.outcome for example in file.examples}
    for outcome in (Outcome.PASS, Outcome.FAIL):
        if outcome not in shown:
            reader.mistake(file.line, f"needs an example whose outcome is {outcome}")
