"""The checklist: a team's document, mirrored line by line, with the checks that can prove each line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import msgspec
from msgspec import Struct
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from readycheck.catalogue import Catalogue, Check
from readycheck.errors import ContentError, Mistake
from readycheck.model import Claim, Severity, Shorthand
from readycheck.reading import Deferred, Located, Reader, compose, nearest

#: The phase of the steps under `rollback`.
ROLLBACK = "rollback"


class CodeBlock(Struct, frozen=True):
    """A fenced block of the document: its language and its text. It is shown, never run."""

    language: str
    text: str


class Line(Located, frozen=True, kw_only=True, rename={"parameters": "with"}):
    """Anything in the document that checks can bear on. `parameters` override a check's own, by check id."""

    checks: tuple[str, ...] = ()
    parameters: dict[str, Deferred] = {}


class MappingEntry(Struct, frozen=True, kw_only=True):
    """Why an imported item has its checks: how sure the mapping is (0 to 1), and the next best check."""

    confidence: float
    runner_up: str = ""


class ItemEntry(Line, frozen=True, kw_only=True):
    """A line with a box. `reason` is required when the claim is that it does not apply.

    An imported item has what the document says beside its words: `under` is the id of the item that it is part of,
    `mapping` how its checks were found (gone once somebody chose them), `markdown` the line as written where that is
    not `- [x] text`, `shared` that it stands on the line of the item or heading before it, and `notes` what follows it.
    """

    id: str
    text: str
    claim: Claim
    severity: Severity = Severity.MEDIUM
    owner: str = ""
    reason: str = ""
    attest: str = ""
    under: str = ""
    mapping: MappingEntry | None = None
    markdown: str = ""
    shared: bool = False
    notes: str = ""


class SectionEntry(Located, frozen=True, kw_only=True):
    """A heading and its items.

    An imported section has the `level` of its heading (0 for none), the `heading` as written where that is not the
    title alone, and as `notes` what stands between it and its first item.
    """

    title: str
    id: str = ""
    level: int = 2
    heading: str = ""
    notes: str = ""
    items: tuple[ItemEntry, ...] = ()


class ActionEntry(Line, frozen=True, kw_only=True):
    """A critical action: a heading, and code blocks that say what to do."""

    id: str
    title: str
    code: tuple[CodeBlock, ...] = ()


class StepEntry(Line, Shorthand, frozen=True, kw_only=True):
    """A step of a procedure."""

    shorthand: ClassVar[str] = "text"

    text: str


class PhaseEntry(Located, frozen=True, kw_only=True):
    """A phase of the deployment and its steps."""

    id: str
    title: str
    steps: tuple[StepEntry, ...]


class MetricEntry(Located, frozen=True, kw_only=True):
    """A row of the metrics table. `source` names what can measure it; without one the typed value is unsourced.

    `path` is what is asked for `latency` and `errors` (empty: the API, else the front page).
    """

    id: str
    name: str
    target: str
    current: str = ""
    source: Literal["", "coverage", "score", "uptime", "latency", "errors", "openapi"] = ""
    path: str = ""


class ContactEntry(Located, frozen=True, kw_only=True):
    """Whom to call: a role, and an e-mail address, phone number or URL."""

    role: str
    address: str


class DocumentEntry(Struct, frozen=True, kw_only=True):
    """The document that the checklist mirrors, and its footer as written.

    `front_matter`, the `heading` of the title where it is more than the title, and the `notes` below it are kept so
    that the document can be written again.
    """

    path: str = ""
    title: str = ""
    heading: str = ""
    front_matter: str = ""
    notes: str = ""
    last_updated: str = ""
    reviewed_by: str = ""
    next_review: str = ""


class DeploymentEntry(Shorthand, frozen=True, kw_only=True):
    """A deployment: its URL, and what its owner says of it.

    `profile` is `web` or `api` (empty: what the front page looks like); `api` and `health` are paths that answer
    anonymously. `headers` are sent with requests that are not meant to be a stranger's, each value a `${VARIABLE}`.
    `prometheus` is the URL of a server that counts its requests, `selector` its labels there, such as `job="loans"`.
    `image` is a file with the output of `docker image inspect` for the image that is deployed.
    """

    shorthand: ClassVar[str] = "url"

    url: str = ""
    profile: Literal["", "web", "api"] = ""
    api: str = ""
    health: str = ""
    headers: dict[str, str] = {}
    prometheus: str = ""
    selector: str = ""
    image: str = ""

    def __post_init__(self) -> None:
        """Refuse paths that are none, and credentials that stand in the file."""
        for path in (self.api, self.health):
            if path and not re.fullmatch(r"/[\x21-\x7e]{0,1000}", path):
                raise ValueError(f"{path!r} must be a path that starts with `/`")
        for name, value in self.headers.items():
            require_reference(name, value)


def require_reference(name: str, value: str) -> None:
    """Refuse a header whose name is none, or whose value is not the name of an environment variable.

    Raises:
        ValueError: it is so.
    """
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", name):
        raise ValueError(f"{name!r} is no name of a header")
    if not re.fullmatch(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}", value):
        raise ValueError(f"the value of {name} must be a reference such as ${{TOKEN}}: a secret has no place here")


class TargetsEntry(Struct, frozen=True, kw_only=True):
    """What to audit when the command line does not say: values, or `${VARIABLE}` for whatever is secret."""

    repository: str = ""
    database: str = ""
    deployment: DeploymentEntry = DeploymentEntry()
    environment: str = ""


class GateEntry(Located, frozen=True, kw_only=True):
    """When a release is held back: scores in percent, coverage as a share of 1, `section_min` by section id.

    `max_waived_weight` is the share of the weight that waivers may cover. With a `baseline` (a scorecard beside the
    checklist, or a commit) only what is worse than there holds a release back.
    """

    fail_on: Severity = Severity.HIGH
    min_score: float = 0.0
    min_coverage: float = 0.8
    required: tuple[str, ...] = ()
    section_min: dict[str, float] = {}
    max_waived_weight: float = 1.0
    metrics: Literal["warn", "required"] = "warn"
    baseline: str = ""

    def __post_init__(self) -> None:
        """Refuse thresholds outside their range."""
        if not 0 <= self.min_score <= 100:  # noqa: PLR2004 - percent
            raise ValueError("min_score must be from 0 to 100")
        if not 0 <= self.min_coverage <= 1:
            raise ValueError("min_coverage must be from 0 to 1")
        if not 0 <= self.max_waived_weight <= 1:
            raise ValueError("max_waived_weight must be from 0 to 1")


class ChecklistFile(Struct, frozen=True, kw_only=True):
    """readiness.yaml as written.

    `backups` are commands by name that fetch the newest backup, each a list of words and never run by an audit: they
    write it to `{output}`, or to standard output where that does not stand.
    """

    version: Literal[1]
    service: str
    document: DocumentEntry = DocumentEntry()
    targets: TargetsEntry = TargetsEntry()
    gate: GateEntry = GateEntry()
    checks: tuple[str, ...] = ()
    backups: dict[str, tuple[str, ...]] = {}
    sections: tuple[SectionEntry, ...]
    actions: tuple[ActionEntry, ...] = ()
    metrics: tuple[MetricEntry, ...] = ()
    deployment_steps: tuple[PhaseEntry, ...] = ()
    contacts: tuple[ContactEntry, ...] = ()
    rollback: tuple[StepEntry, ...] = ()


class Checklist:
    """A checklist whose every line knows its checks."""

    def __init__(self, file: ChecklistFile, bound: dict[int, tuple[Check, ...]], source: str) -> None:
        self.file = file
        self.source = source
        self._bound = bound

    def checks(self, line: Line) -> tuple[Check, ...]:
        """The checks of a line, its overrides applied."""
        return self._bound[id(line)]

    def lines(self) -> Iterator[Line]:
        """Every line that checks can bear on, in the order of the document."""
        return _lines(self.file)

    def all_checks(self) -> tuple[Check, ...]:
        """Every check of every line, each once."""
        checks = (check for line in self.lines() for check in self.checks(line))
        return tuple({(check.id, check.probe): check for check in checks}.values())

    def gated(self, gate: GateEntry) -> Checklist:
        """The same checklist behind another gate."""
        return Checklist(msgspec.structs.replace(self.file, gate=gate), self._bound, self.source)

    def narrowed(self, **parts: Any) -> Checklist:
        """The same checklist with some of its parts replaced by some of their own entries."""
        return Checklist(msgspec.structs.replace(self.file, **parts), self._bound, self.source)

    @property
    def step_ids(self) -> tuple[str, ...]:
        """The ids of what a person can sign off: actions, steps of the deployment and of the rollback."""
        file = self.file
        steps = [step_id(phase.id, step) for phase in file.deployment_steps for step in phase.steps]
        rollback = [step_id(ROLLBACK, step) for step in file.rollback]
        return tuple(dict.fromkeys([*(action.id for action in file.actions), *steps, *rollback]))

    @property
    def items(self) -> Iterator[ItemEntry]:
        """Every item, in the order of the document."""
        return (item for section in self.file.sections for item in section.items)


def section_id(section: SectionEntry) -> str:
    """The section's id: its own, or one made of its title."""
    return section.id or slug(section.title)


def step_id(phase: str, step: StepEntry) -> str:
    """A step's id: its phase's and its words."""
    return f"{phase}-{slug(step.text)}"


def slug(text: str) -> str:
    """Words in lower case joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _lines(file: ChecklistFile) -> Iterator[Line]:
    for section in file.sections:
        yield from section.items
    yield from file.actions
    for phase in file.deployment_steps:
        yield from phase.steps
    yield from file.rollback


def read_folders(text: str, source: str) -> tuple[str, ...]:
    """The folders of checks that a checklist names, read first because the checklist refers to their checks."""
    node = _child(compose(text, source), "checks")
    values = node.value if isinstance(node, SequenceNode) else []
    return tuple(value.value for value in values if isinstance(value, ScalarNode))


def load_checklist(text: str, source: str, catalogue: Catalogue) -> Checklist:
    """A checklist from its YAML, its check ids and parameters resolved.

    Raises:
        ContentError: with every mistake: unknown keys, ids, checks, parameters, repeated ids.
    """
    reader = Reader(source)
    bound: dict[int, tuple[Check, ...]] = {}

    def bind(value: Struct) -> None:
        if isinstance(value, Line):
            bound[id(value)] = _bind(value, catalogue, reader)
        elif isinstance(value, GateEntry):
            _check_required(value, catalogue, reader)

    reader.on_read = bind
    return Checklist(_read(text, source, reader), bound, source)


def read_checklist(text: str, source: str) -> ChecklistFile:
    """A checklist as its file says it, whose checks nobody looked up: for those who ask none of them.

    Raises:
        ContentError: with every other mistake.
    """
    return _read(text, source, Reader(source))


def _read(text: str, source: str, reader: Reader) -> ChecklistFile:
    node = compose(text, source)
    if node is None:
        raise ContentError([Mistake(source, 1, "the file is empty")])
    file = reader.struct(node, ChecklistFile, "")
    if file is None:
        reader.check()
    assert file is not None  # noqa: S101 - the reader has no mistakes
    _check_ids(file, reader)
    _check_gate(file, reader)
    reader.check()
    return file


def _bind(line: Line, catalogue: Catalogue, reader: Reader) -> tuple[Check, ...]:
    checks = []
    for name in line.checks:
        if name not in catalogue.checks:
            reader.mistake(line.line, f"there is no check {name!r}", nearest(name, list(catalogue.checks)))
            continue
        check = catalogue.checks[name]
        given = line.parameters.get(name)
        checks.append(catalogue.overridden(check, given.node, reader) if given else check)
    for name in line.parameters:
        if name not in line.checks:
            reader.mistake(
                line.line,
                f"`with` has parameters for {name!r}, which is not among the checks",
                nearest(name, list(line.checks)),
            )
    return tuple(checks)


def _check_ids(file: ChecklistFile, reader: Reader) -> None:
    named: list[ItemEntry | ActionEntry | MetricEntry | PhaseEntry] = [
        item for section in file.sections for item in section.items
    ]
    named += [*file.actions, *file.metrics, *file.deployment_steps]
    seen: set[str] = set()
    for entry in named:
        if entry.id in seen:
            reader.mistake(entry.line, f"the id {entry.id!r} is used twice")
        seen.add(entry.id)
        if isinstance(entry, ItemEntry) and entry.claim is Claim.NOT_APPLICABLE and not entry.reason:
            reader.mistake(entry.line, f"{entry.id}: a claim that it does not apply needs a reason")
    sections = [section_id(section) for section in file.sections]
    for name in {name for name in sections if sections.count(name) > 1}:
        reader.mistake(file.sections[sections.index(name)].line, f"the section id {name!r} is used twice")


def _check_required(gate: GateEntry, catalogue: Catalogue, reader: Reader) -> None:
    for name in gate.required:
        if name not in catalogue.checks:
            reader.mistake(
                gate.line,
                f"gate.required names {name!r}, and there is no such check",
                nearest(name, list(catalogue.checks)),
            )


def _check_gate(file: ChecklistFile, reader: Reader) -> None:
    used = {name for line in _lines(file) for name in line.checks}
    for name in file.gate.required:
        if name not in used:
            reader.mistake(
                file.gate.line, f"gate.required names {name!r}, and no line of the checklist uses that check"
            )
    sections = {section_id(section) for section in file.sections}
    for name in file.gate.section_min:
        if name not in sections:
            reader.mistake(
                file.gate.line,
                f"gate.section_min names {name!r}, and there is no such section",
                nearest(name, sections),
            )


def _child(node: Node | None, key: str) -> Node | None:
    if not isinstance(node, MappingNode):
        return None
    return next((value for name, value in node.value if isinstance(name, ScalarNode) and name.value == key), None)
