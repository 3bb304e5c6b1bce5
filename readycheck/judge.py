"""Holds every claim against what the checks found, and rolls the verdicts up into a scorecard."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from readycheck import __version__, scorecard
from readycheck.catalogue import Check
from readycheck.checklist import ROLLBACK, Checklist, ItemEntry, Line, SectionEntry, StepEntry, section_id, step_id
from readycheck.decisions import NO_DECISIONS, DecisionsFile
from readycheck.document.plain import plain, undecorated
from readycheck.evaluate import Observation, evaluate
from readycheck.facts.measured import Coverage
from readycheck.facts.question import FactUnavailable, Question
from readycheck.facts.repository import Document, RepositoryFacts, RepositorySummary
from readycheck.facts.service import Levels, ServiceLevels
from readycheck.facts.store import Facts
from readycheck.gate import decide, is_blocker
from readycheck.model import Claim, Finding, Outcome, Overlay, Severity, Target, Verdict
from readycheck.phases import decide_phase
from readycheck.scorecard import (
    AuditedRow,
    CheckRow,
    CodeRow,
    DocumentRow,
    FindingRow,
    ItemRow,
    LineRow,
    PhaseRow,
    RepositoryRow,
    Scorecard,
    SectionRow,
    UnseenRow,
    tally,
)
from readycheck.statements import SAMPLED, contact_rows, metric_rows, review_rows
from readycheck.verdict import combine, rule
from readycheck.weighing import Weighed


def questions(
    checklist: Checklist, decisions: DecisionsFile = NO_DECISIONS, scope: Sequence[Target] = ()
) -> tuple[Question[Any], ...]:
    """Everything that judging this checklist needs to know, each question once, in a stable order."""
    asked: list[Question[Any]] = [RepositorySummary()]
    if checklist.file.document.path:
        asked.append(Document(checklist.file.document.path))
    asked += [Coverage() for metric in checklist.file.metrics if metric.source == "coverage"]
    asked += [ServiceLevels(metric.path) for metric in checklist.file.metrics if metric.source in SAMPLED]
    asked += Weighed.questions(decisions)
    asked += [question for check in checklist.all_checks() for question in check.probe.questions()]
    return tuple(dict.fromkeys(question for question in asked if not scope or question.target in scope))


def judge(  # noqa: PLR0913 - everything that a judgement rests on
    checklist: Checklist,
    facts: Facts,
    *,
    now: datetime,
    decisions: DecisionsFile = NO_DECISIONS,
    waiving: bool = True,
    scope: Sequence[Target] = (),
    phase: str = "",
) -> Scorecard:
    """The scorecard of a checklist on these facts, at this time (which decides what has expired). Pure.

    Without `waiving` no waiver counts. `phase` is the id of the phase that the checklist was narrowed to, if it was.
    """
    weighed = Weighed(decisions, facts, now.astimezone(UTC).date(), waiving=waiving)
    return _Judgement(checklist, facts, now.astimezone(UTC), weighed, tuple(scope)).scorecard(phase)


#: What stands before the text of an item: a bullet or a number, and a box.
_BOX = re.compile(r"^\s*(?:[-*+]|\d+[.)])?\s*(?:\[[^\]]{0,3}\])?\s*")


class _Judgement:
    """One judging: the observations of every check, shared by the lines that use it."""

    def __init__(
        self, checklist: Checklist, facts: Facts, now: datetime, weighed: Weighed, scope: tuple[Target, ...]
    ) -> None:
        self.checklist = checklist
        self.facts = facts
        self.now = now
        self.scope = scope
        self.weighed = weighed
        self.repository = _available(facts, RepositorySummary())
        self.lines: dict[str, int] = {
            _folded(undecorated(plain(_BOX.sub("", line.text)))): line.line for line in reversed(self._document())
        }
        self.checks: dict[str, CheckRow] = {}
        self._keys: dict[tuple[str, Any], str] = {}

    def scorecard(self, phase: str) -> Scorecard:
        """Every row, and the gate's answer to them."""
        file = self.checklist.file
        sections = tuple(self._section(section) for section in file.sections if section.items)
        total = tally(item for section in sections for item in section.items)
        actions = tuple(
            self._line(
                action, action.id, action.title, tuple(CodeRow(language=c.language, text=c.text) for c in action.code)
            )
            for action in file.actions
        )
        phases = tuple(
            PhaseRow(id=p.id, title=p.title, steps=self._steps(p.steps, p.id)) for p in file.deployment_steps
        )
        rollback = self._steps(file.rollback, ROLLBACK)
        metrics = metric_rows(
            file.metrics,
            _available(self.facts, Coverage()),
            {s.id: s.tally.score for s in sections},
            {m.path: self._levels(m.path) for m in file.metrics if m.source in SAMPLED},
        )
        found = bool(self.lines)
        decision = decide(sections, total, self.checks, file.gate, scope=self.scope, metrics=metrics)
        return Scorecard(
            schema=scorecard.SCHEMA,
            readycheck=__version__,
            service=file.service,
            checklist=self.checklist.source,
            collected_at=self.facts.collected_at,
            judged_at=self.now.isoformat(timespec="seconds"),
            scope=self.scope,
            phase=phase,
            audited=tuple(self._audited()),
            repository=_repository_row(self.repository),
            document=DocumentRow(path=file.document.path, title=file.document.title, found=found),
            decision=decide_phase(decision, sections, phases, rollback) if phase else decision,
            tally=total,
            sections=sections,
            actions=actions,
            metrics=metrics,
            phases=phases,
            contacts=contact_rows(file.contacts),
            rollback=rollback,
            review=review_rows(file.document, self.now.date()),
            decisions=self.weighed.rows([item for section in sections for item in section.items], self.checks),
            unseen=tuple(self._unseen()),
            checks=dict(sorted(self.checks.items())),
        )

    def _levels(self, path: str) -> Levels | str:
        """How the deployment answers there, or why nobody knows."""
        try:
            return self.facts[ServiceLevels(path)]
        except FactUnavailable as error:
            return error.unavailable.reason

    def _section(self, section: SectionEntry) -> SectionRow:
        items = tuple(self._item(item) for item in section.items)
        return SectionRow(id=section_id(section), title=section.title, tally=tally(items), items=items)

    def _item(self, item: ItemEntry) -> ItemRow:
        keys = self._observe(item, item.id)
        rows = [self.checks[key] for key in keys if self._in_scope(self.checks[key].target)]
        # What the targets in scope say nothing about, another one may: that is no reason to call it not applicable.
        silent = all(row.outcome is Outcome.NOT_APPLICABLE for row in rows)
        outside = len(rows) < len(keys) and silent
        outcome, strength, reason = combine(rows, item.severity, attestable=bool(item.attest), prompt=item.attest)
        if outside:
            outcome, reason = Outcome.NOT_CHECKED, "it needs a target outside the scope"
        ruling = rule(item.claim, outcome, self.weighed.attested(item.id))
        overlay, note = self.weighed.overlay(item.id, ruling.verdict, rows)
        counted = not outside and ruling.verdict is not Verdict.NOT_APPLICABLE and overlay is not Overlay.WAIVED
        row = ItemRow(
            id=item.id,
            text=item.text,
            claim=item.claim,
            severity=item.severity,
            weight=item.severity.weight,
            owner=item.owner,
            outcome=outcome,
            strength=strength,
            verdict=ruling.verdict,
            overlay=overlay,
            reason=note or ruling.reason or self._reason(item, ruling.verdict, reason),
            drift=_drift(rows),
            counted=counted,
            decided=counted and (outcome in (Outcome.PASS, Outcome.FAIL) or ruling.by_attestation),
            blocker=False,
            checks=keys,
            document_line=self._document_line(item.text),
            checklist_line=item.line,
        )
        return msgspec.structs.replace(row, blocker=is_blocker(row, self.checklist.file.gate))

    def _reason(self, item: ItemEntry, verdict: Verdict, reason: str) -> str:
        if verdict in (Verdict.ATTESTED, Verdict.ATTESTATION_EXPIRED):
            return self.weighed.word(item.id)
        return item.reason if item.claim is Claim.NOT_APPLICABLE else reason

    def _line(self, line: Line, name: str, text: str, code: tuple[CodeRow, ...] = ()) -> LineRow:
        keys = self._observe(line, name)
        rows = [self.checks[key] for key in keys if self._in_scope(self.checks[key].target)]
        outcome, _, reason = combine(rows, Severity.MEDIUM)
        sign_off, outcome, signed = self.weighed.signed(name, outcome)
        return LineRow(
            id=name, text=text, outcome=outcome, reason=signed or reason, checks=keys, code=code, sign_off=sign_off
        )

    def _steps(self, steps: Iterable[StepEntry], prefix: str) -> tuple[LineRow, ...]:
        return tuple(self._line(step, step_id(prefix, step), step.text) for step in steps)

    def _observe(self, line: Line, name: str) -> tuple[str, ...]:
        return tuple(self._key(check, name) for check in self.checklist.checks(line))

    def _key(self, check: Check, line: str) -> str:
        bound = (check.id, check.probe)
        if bound not in self._keys:
            key = check.id if check.id not in self.checks else f"{check.id}@{line}"
            self._keys[bound] = key
            self.checks[key] = self._check_row(check, evaluate(check, self.facts))
        return self._keys[bound]

    def _check_row(self, check: Check, seen: Observation) -> CheckRow:
        stacks = self.repository.stacks if self.repository else ()
        advice = next((check.fix.by_stack[stack] for stack in stacks if stack in check.fix.by_stack), "")
        return CheckRow(
            id=check.id,
            title=check.title,
            family=check.family,
            target=check.target,
            severity=check.severity,
            outcome=seen.outcome,
            examined=seen.examined,
            findings=tuple(self._finding(check.id, finding) for finding in seen.findings),
            strength=seen.strength,
            why=check.why,
            fix=f"{check.fix.text}\n{advice}".strip(),
            references=check.references,
            seconds=seen.seconds,
        )

    def _finding(self, check: str, finding: Finding) -> FindingRow:
        name = finding.fingerprint(check)
        return FindingRow(
            message=finding.message,
            location=finding.location,
            excerpt=finding.excerpt,
            fingerprint=name,
            waived=self.weighed.waives(name),
            parts=finding.parts,
        )

    def _in_scope(self, target: Target) -> bool:
        return not self.scope or target in self.scope

    def _document(self) -> Sequence[Any]:
        path = self.checklist.file.document.path
        found = _available(self.facts, Document(path)) if path else None
        return found.lines if found else ()

    def _document_line(self, text: str) -> int:
        return self.lines.get(_folded(text), 0)

    def _audited(self) -> Iterable[AuditedRow]:
        given = {audited.target: audited for audited in self.facts.audited}
        for target in Target:
            if target not in given:
                state = "out of scope" if not self._in_scope(target) else "not given"
                yield AuditedRow(target=target, name="", state=state, problem="")
            else:
                state = "failed" if given[target].problem else "audited"
                yield AuditedRow(target=target, name=given[target].name, state=state, problem=given[target].problem)

    def _unseen(self) -> Iterable[UnseenRow]:
        for audited in self._audited():
            if audited.state != "audited":
                yield UnseenRow(what=f"the {audited.target}", reason=audited.problem or audited.state)
        document = self.checklist.file.document.path
        if self.repository and document and not self.lines:
            reason = "the repository has no such file: what is ticked is the checklist's word alone"
            yield UnseenRow(what=f"the document {document}", reason=reason)
        if self.repository and not self.repository.files:
            yield UnseenRow(what="the repository", reason="it has no files")
        for skipped in self.repository.skipped if self.repository else ():
            names = f" ({', '.join(skipped.examples)})" if skipped.examples else ""
            yield UnseenRow(
                what=f"{skipped.count} file{'' if skipped.count == 1 else 's'}{names}", reason=skipped.reason
            )
        for key, row in sorted(self.checks.items()):
            if row.outcome is Outcome.ERROR:
                yield UnseenRow(what=f"the check {key}", reason=row.examined)


def _available(facts: Facts, question: Question[Any]) -> Any:
    try:
        return facts[question]
    except FactUnavailable:
        return None


def _repository_row(found: RepositoryFacts | None) -> RepositoryRow | None:
    if found is None:
        return None
    return RepositoryRow(
        commit=found.commit, branch=found.branch, dirty=found.dirty, files=found.files, stacks=found.stacks
    )


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _drift(rows: Sequence[CheckRow]) -> str:
    passing = {row.target.value for row in rows if row.outcome is Outcome.PASS}
    failing = {row.target.value for row in rows if row.outcome is Outcome.FAIL}
    yes, no = sorted(passing - failing), sorted(failing)
    if not yes or not no or failing <= passing:
        return ""
    return f"the {' and the '.join(yes)} {_say(yes)} yes, the {' and the '.join(no)} {_say(no)} no"


def _say(targets: Sequence[str]) -> str:
    return "says" if len(targets) == 1 else "say"
