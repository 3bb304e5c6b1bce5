"""`readycheck audit`: from targets to facts, from facts to a scorecard, from the scorecard to an exit code."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from readycheck.checklist import Checklist, section_id
from readycheck.cli.earlier import Ground, baseline
from readycheck.cli.inputs import SHIPPED, Inputs, expand, load_decisions_file, load_inputs, read_bytes, require_folder
from readycheck.cli.output import Shown, summary_line, write
from readycheck.decisions import DecisionsFile
from readycheck.errors import UsageError
from readycheck.facts import store
from readycheck.facts.store import Facts
from readycheck.gate import against
from readycheck.gather.targets import Targets
from readycheck.judge import judge, questions
from readycheck.model import Severity, Target
from readycheck.reading import nearest
from readycheck.scorecard import Scorecard


class Request(Struct, frozen=True, kw_only=True):
    """What the command line asked for; empty where it said nothing."""

    repository: str = ""
    ref: str = ""
    database: str = ""
    deployment: str = ""
    environment: str = ""
    ca_file: str = ""
    checklist: str = ""
    decisions: str = ""
    checks: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    phase: str = ""
    facts: str = ""
    save_facts: str = ""
    now: str = ""
    formats: tuple[str, ...] = ()
    reports: str = ""
    output: str = ""
    fail_on: Severity | None = None
    min_score: float | None = None
    min_coverage: float | None = None
    max_waived_weight: float | None = None
    require_metrics: bool = False
    required: tuple[str, ...] = ()
    section_min: tuple[str, ...] = ()
    baseline: str = ""
    waivers: bool = True
    exit_zero: bool = False
    timeout: float = 60.0
    jobs: int = 8
    record: bool = False
    history: str = ""
    quiet: bool = False
    verbose: bool = False
    color: bool = True

    @property
    def shown(self) -> Shown:
        """What of the scorecard to show, and how."""
        return Shown(
            formats=self.formats,
            reports=self.reports,
            output=self.output,
            sections=self.sections,
            items=self.items,
            phase=self.phase,
            quiet=self.quiet,
            verbose=self.verbose,
            color=self.color,
        )


def audit(request: Request) -> int:
    """Audit, show the scorecard, and give the exit code."""
    card = judged(request)
    if card.checklist == SHIPPED and not request.quiet:
        sys.stderr.write(f"no readiness.yaml here: held against {SHIPPED} (`readycheck init` writes your own)\n")
    write(card, request.shown)
    if request.record or request.history:
        from readycheck.history.store import History

        with History(request.history) as kept:
            kept.record(card)
    return finish(card, exit_zero=request.exit_zero)


def judged(request: Request) -> Scorecard:
    """The scorecard of what was asked for.

    Raises:
        ReadycheckError: something in the request, the checklist or the decisions is wrong.
    """
    now = _moment(request.now)
    scope = _scope(request.scope)
    require_folder(request.repository)
    inputs = load_inputs(request.repository, request.checklist, request.checks)
    checklist = _gated(inputs.checklist, request)
    decisions = load_decisions_file(request.decisions, inputs, now.date())
    if not request.waivers:
        decisions = msgspec.structs.replace(decisions, waivers=())
    request.shown.check(checklist)
    facts = _facts(request, inputs, checklist, decisions, scope, now)
    card = judge(checklist, facts, now=now, decisions=decisions, scope=scope)
    name = request.baseline or checklist.file.gate.baseline
    if not name:
        return card
    ground = Ground(
        inputs=inputs._replace(checklist=checklist),
        targets=_targets(request, inputs),
        decisions=decisions,
        facts=facts,
        scope=scope,
        now=now,
        jobs=request.jobs,
        waivers=request.waivers,
        saved=bool(request.facts),
    )
    before, called = baseline(name, ground, folder=None if request.baseline else inputs.folder)
    return against(card, before, called, checklist.file.gate)


def finish(card: Scorecard, *, exit_zero: bool) -> int:
    """Say the machine-readable last line and give the exit code."""
    code = 0 if exit_zero else card.decision.exit_code
    sys.stderr.write(summary_line(card, code) + "\n")
    return code


def _facts(  # noqa: PLR0913, PLR0917 - everything that an audit is made of
    request: Request,
    inputs: Inputs,
    checklist: Checklist,
    decisions: DecisionsFile,
    scope: tuple[Target, ...],
    now: datetime,
) -> Facts:
    if request.facts:
        return store.load(read_bytes(request.facts), request.facts)
    from readycheck.cli.progress import progress
    from readycheck.gather.gatherer import gather
    from readycheck.gather.targets import gatherers

    targets = _targets(request, inputs)
    audited = [audited for audited in targets.audited() if not scope or audited.target in scope]
    asked = questions(checklist, decisions, scope)
    with progress(show=not request.quiet) as shown:
        facts = gather(
            gatherers(targets), asked, audited, timeout=request.timeout, jobs=request.jobs, progress=shown, now=now
        )
    if request.save_facts:
        _save(request.save_facts, store.dump(facts))
    return facts


def _save(name: str, data: bytes) -> None:
    try:
        Path(name).write_bytes(data)
    except OSError as error:
        raise UsageError(f"cannot write {name}: {error.strerror or error}") from error


def _targets(request: Request, inputs: Inputs) -> Targets:
    given = inputs.checklist.file.targets
    repository = request.repository
    if not repository:
        named = expand(given.repository, "repository")
        repository = str(inputs.folder / named) if named else str(inputs.folder if not inputs.shipped else Path.cwd())
        require_folder(repository)
    environment = request.environment or expand(given.environment, "environment")
    return Targets(
        repository=repository,
        ref=request.ref,
        database=request.database or expand(given.database, "database"),
        deployment=request.deployment or expand(given.deployment, "deployment"),
        environment=environment,
        ca_file=request.ca_file,
        timeout=request.timeout,
    )


def _moment(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--now: {text!r} is no moment", hint="write 2026-12-31 or 2026-12-31T09:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _scope(names: tuple[str, ...]) -> tuple[Target, ...]:
    found = []
    for name in (part.strip() for text in names for part in text.split(",")):
        if name not in set(Target):
            near = nearest(name, [target.value for target in Target])
            raise UsageError(
                f"--scope: {name!r} is no target",
                hint=f"did you mean {near!r}?" if near else f"one of {', '.join(Target)}",
            )
        found.append(Target(name))
    return tuple(dict.fromkeys(found))


def _gated(checklist: Checklist, request: Request) -> Checklist:
    given = {
        "fail_on": request.fail_on,
        "min_score": request.min_score,
        "min_coverage": request.min_coverage,
        "max_waived_weight": request.max_waived_weight,
        "metrics": "required" if request.require_metrics else None,
        "required": _required(checklist, request.required) or None,
        "section_min": _floors(checklist, request.section_min) or None,
    }
    gate = msgspec.structs.replace(
        checklist.file.gate, **{name: value for name, value in given.items() if value is not None}
    )
    return checklist.gated(gate)


def _required(checklist: Checklist, names: tuple[str, ...]) -> tuple[str, ...]:
    """The checks that are required: those of the checklist and these."""
    known = {check.id for check in checklist.all_checks()}
    for name in names:
        if name not in known:
            near = nearest(name, known)
            raise UsageError(
                f"--require {name}: no line of the checklist uses such a check",
                hint=f"did you mean {near!r}?" if near else "`readycheck checks list` names them",
            )
    return tuple(dict.fromkeys((*checklist.file.gate.required, *names)))


def _floors(checklist: Checklist, texts: tuple[str, ...]) -> dict[str, float]:
    """The floors of sections: those of the checklist, and these, written `section=score`."""
    sections = [section_id(section) for section in checklist.file.sections]
    floors = dict(checklist.file.gate.section_min)
    for text in texts:
        name, mark, score = text.partition("=")
        if name not in sections:
            near = nearest(name, sections)
            hint = f"did you mean {near!r}?" if near else f"there are: {', '.join(sections[:12]) or 'none'}"
            raise UsageError(f"--section-min {text}: there is no section {name!r}", hint=hint)
        if not mark or not re.fullmatch(r"\d{1,3}(\.\d+)?", score) or float(score) > 100:  # noqa: PLR2004 - percent
            raise UsageError(f"--section-min {text}: write SECTION=SCORE", hint=f"such as {name}=80")
        floors[name] = float(score)
    return floors
