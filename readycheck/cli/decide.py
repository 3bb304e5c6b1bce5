"""`readycheck attest`, `waive`, `sign` and `decisions`: what people decide, written down and listed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from datetime import UTC, date
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from readycheck.cli.inputs import (
    Inputs,
    decisions_path,
    load_decisions_file,
    load_inputs,
    moment,
    read_text,
    require_folder,
    shown,
)
from readycheck.cli.text import Printer
from readycheck.decisions import Attestation, DecisionsFile, Evidence, SignOff, Waiver, after, load_decisions
from readycheck.errors import ContentError, UsageError
from readycheck.facts.decisions import BoundFiles
from readycheck.facts.question import Question
from readycheck.facts.repository import Digest, RepositorySummary
from readycheck.facts.store import Facts
from readycheck.gather.gatherer import gather
from readycheck.gather.targets import Targets, gatherers
from readycheck.reading import nearest
from readycheck.register import added
from readycheck.report import words
from readycheck.scorecard import DecisionRow
from readycheck.weighing import Weighed

#: How a fingerprint is told from the id of an item.
_HEX = frozenset("0123456789abcdef")
_FINGERPRINT = 16


class Desk:
    """Where decisions are written: the checklist that they speak of, their file, and today."""

    def __init__(self, repository: str, checklist: str, checks: tuple[str, ...], decisions: str, now: str) -> None:
        require_folder(repository)
        self.repository = repository
        self.now = moment(now).astimezone(UTC)
        self.inputs: Inputs = load_inputs(repository, checklist, checks)
        self._named = decisions
        self.path = decisions_path(decisions, self.inputs)

    @property
    def today(self) -> date:
        """The day in UTC."""
        return self.now.date()

    @cached_property
    def decided(self) -> DecisionsFile:
        """What the file says already.

        Raises:
            ContentError: a decision in it breaks a rule.
        """
        named = self._named if self.path.is_file() else ""
        return load_decisions_file(named, self.inputs, self.today)

    def ask(self, questions: Iterable[Question[Any]], ref: str = "") -> Facts:
        """What the repository answers."""
        targets = Targets(repository=self.repository, ref=ref)
        return gather(gatherers(targets), questions, targets.audited(), now=self.now)

    def last_day(self, text: str, option: str) -> date:
        """The day that the user named, or the day that lies a duration after today.

        Raises:
            UsageError: it is neither, or it has passed.
        """
        try:
            day = date.fromisoformat(text) if len(text) == len("2026-12-31") else after(self.today, text)
        except ValueError as error:
            raise UsageError(
                f"{option} {text}: neither a day nor a duration", hint="write 2026-12-31, or 90d, 12w, 6mo, 1y"
            ) from error
        if day < self.today:
            raise UsageError(f"{option} {text}: that day has passed")
        return day

    def write(self, decision: Attestation | Waiver | SignOff, instead_of: int = 0) -> None:
        """Write the decision into the file, which must then hold what it held and this.

        Raises:
            UsageError: the decision breaks a rule, or the file cannot be written.
        """
        _ = self.decided
        before = read_text(str(self.path)) if self.path.is_file() else ""
        after_ = added(before, shown(str(self.path)), decision, instead_of=instead_of)
        items = [item.id for item in self.inputs.checklist.items]
        try:
            made = load_decisions(after_, str(self.path), items, self.today, self.inputs.checklist.step_ids)
        except ContentError as error:
            raise UsageError("; ".join(dict.fromkeys(mistake.message for mistake in error.mistakes))) from error
        _require_kept(self.decided, made, instead_of)
        _replace(self.path, after_)
        self.__dict__.pop("decided", None)  # it is read again when it is needed again


def _require_kept(before: DecisionsFile, made: DecisionsFile, instead_of: int) -> None:
    kept = {_plain(one) for one in _all(before) if one.line != instead_of}
    if not kept <= {_plain(one) for one in _all(made)}:
        raise UsageError(
            "the decision cannot be written without changing another one", hint="write it into the file by hand"
        )


def _all(file: DecisionsFile) -> list[Attestation | Waiver | SignOff]:
    return [*file.attestations, *file.waivers, *file.sign_offs]


def _plain(decision: Attestation | Waiver | SignOff) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(decision, line=0))


def _replace(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(text.encode())
        if path.exists():
            new.chmod(path.stat().st_mode & 0o777)
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def attest(  # noqa: PLR0913 - what an attestation is made of
    desk: Desk,
    item: str,
    *,
    statement: str,
    by: str,
    expires: str,
    every: str,
    evidence: str,
    binds: tuple[str, ...],
    failed: bool,
    renew: bool,
) -> None:
    """Write an attestation, with the digests of what it rests on.

    Raises:
        UsageError: there is no such item, the evidence is not there, a pattern binds nothing, or a rule is broken.
    """
    line = _line_of({one.item: one.line for one in desk.decided.attestations}, item, "attested", renew=renew)
    _require_item(item, desk)
    proof = _evidence(evidence, desk)
    decision = Attestation(
        item=item,
        statement=statement,
        by=by,
        at=desk.today,
        result="fail" if failed else "pass",
        expires=desk.last_day(expires, "--expires") if expires else None,
        every=every,
        evidence=proof,
        binds=binds,
        bound_sha256=_bound(binds, desk),
    )
    desk.write(decision, line)
    _say(desk, f"{item} attested by {by} until {decision.last_day}", decision.last_day)
    for hint in _caveats(item, desk):
        sys.stdout.write(f"  note: {hint}\n")


def _caveats(item: str, desk: Desk) -> Iterable[str]:
    entry = next(one for one in desk.inputs.checklist.items if one.id == item)
    checks = desk.inputs.checklist.checks(entry)
    if not entry.claim.ticked:
        yield f"the checklist has `claim: {entry.claim.value}`: a word proves nothing until the line is ticked"
    if checks and not entry.attest:
        yield f"{', '.join(check.id for check in checks)} judge this line: a word counts only where none of them can"


def _require_item(item: str, desk: Desk) -> None:
    items = [one.id for one in desk.inputs.checklist.items]
    if item not in items:
        near = nearest(item, items)
        raise UsageError(f"there is no item {item!r}", hint=f"did you mean {near!r}?" if near else "")


def _line_of(known: dict[str, int], subject: str, verb: str, *, renew: bool) -> int:
    if subject in known and not renew:
        raise UsageError(f"{subject} is {verb} already, on line {known[subject]}", hint="--renew replaces it")
    if renew and subject not in known:
        raise UsageError(f"--renew: {subject} is not {verb} yet")
    return known.get(subject, 0)


def _evidence(text: str, desk: Desk) -> Evidence | None:
    if not text:
        return None
    if "://" in text:
        return Evidence(url=text)
    root = Path(desk.repository).resolve()
    near, there = Path(text).resolve(), (root / text).resolve()
    path = near if near.is_file() and near.is_relative_to(root) else there
    if not path.is_relative_to(root):
        raise UsageError(f"--evidence {text}: it lies outside the repository", hint="give a file inside, or a URL")
    name = path.relative_to(root).as_posix()
    digest = desk.ask([Digest(name)])[Digest(name)].sha256
    if not digest:
        raise UsageError(f"--evidence {text}: there is no such file in the repository")
    return Evidence(path=name, sha256=digest)


def _bound(patterns: tuple[str, ...], desk: Desk) -> str:
    if not patterns:
        return ""
    found = desk.ask([BoundFiles(patterns)])[BoundFiles(patterns)]
    if not found.files:
        raise UsageError(f"--binds {' '.join(patterns)}: no file of the repository matches")
    return found.sha256


def waive(  # noqa: PLR0913 - what a waiver is made of
    desk: Desk, subject: str, *, reason: str, owner: str, expires: str, ticket: str, renew: bool
) -> None:
    """Write a waiver of an item or of a finding.

    Raises:
        UsageError: there is no such item, or a rule is broken.
    """
    finding = len(subject) == _FINGERPRINT and set(subject) <= _HEX
    if not finding:
        _require_item(subject, desk)
    line = _line_of({one.subject: one.line for one in desk.decided.waivers}, subject, "waived", renew=renew)
    decision = Waiver(
        item="" if finding else subject,
        fingerprint=subject if finding else "",
        reason=reason,
        owner=owner,
        expires=desk.last_day(expires, "--expires"),
        ticket=ticket,
        at=desk.today,
    )
    desk.write(decision, line)
    _say(desk, f"{subject} waived by {owner} until {decision.expires}", decision.expires)


def sign(  # noqa: PLR0913 - what a sign-off is made of
    desk: Desk, steps: tuple[str, ...], *, by: str, note: str, failed: bool, ref: str
) -> None:
    """Sign off steps for the commit that is released.

    Raises:
        UsageError: there is no such step, or no commit that it could be for.
    """
    known = desk.inputs.checklist.step_ids
    for step in steps:
        if step not in known:
            near = nearest(step, list(known))
            hint = f"did you mean {near!r}?" if near else f"there are: {', '.join(known) or 'none'}"
            raise UsageError(f"there is no step {step!r}", hint=hint)
    seen = desk.ask([RepositorySummary()], ref)[RepositorySummary()]
    if not seen.commit:
        raise UsageError("a sign-off is for a commit, and this is no git repository with one")
    if seen.dirty and not ref:
        sys.stdout.write(f"note: there are uncommitted changes; the sign-off is for {seen.commit[:12]} without them\n")
    at = desk.now.replace(microsecond=0)
    for step in steps:
        decision = SignOff(step=step, by=by, at=at, commit=seen.commit, result="fail" if failed else "pass", note=note)
        desk.write(decision)
        verb = "seen to fail" if failed else "signed off"
        _say(desk, f"{step} {verb} by {by} for {seen.commit[:12]}, counted until {decision.last_day}")


def _say(desk: Desk, text: str, last_day: date | None = None) -> None:
    left = f" ({words.days((last_day - desk.today).days)})" if last_day else ""
    sys.stdout.write(f"{shown(str(desk.path))}: {text}{left}\n")


def decisions(desk: Desk, *, as_json: bool, check: bool, color: bool) -> int:
    """List the decisions; with `check`, 1 when one of them no longer counts."""
    weighed = Weighed(desk.decided, desk.ask(Weighed.questions(desk.decided)), desk.today)
    rows = weighed.register()
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode() + "\n")
    else:
        _list(rows, desk, Printer(color=color))
    lapsed = [row for row in rows if row.standing in ("expired", "void") and row.kind != "sign-off"]
    return 1 if check and lapsed else 0


def _list(rows: tuple[DecisionRow, ...], desk: Desk, printer: Printer) -> None:
    if not rows:
        printer.line(
            f"nothing is decided yet; `readycheck attest` and `readycheck waive` write {shown(str(desk.path))}"
        )
    for row in rows:
        badge = words.standing(row)
        style = printer.good if badge.tone == "good" else printer.bad if badge.tone == "bad" else printer.faint
        days = words.days(row.days_left)
        printer.line(
            f"{style(f'{badge.word:<10}')}{row.kind:<12} {row.subject}  {printer.faint(f'{row.last_day}, {days}')}"
        )
        printer.term("by", f"{row.by}: {row.text}")
        if row.ground:
            printer.term("on", row.ground)
        if row.reason:
            printer.term("because", row.reason)
    if rows:
        lapsed = sum(row.standing in ("expired", "void") for row in rows)
        printer.line(
            printer.faint(
                f"{words.count(len(rows), 'decision')}, {lapsed} no longer counting; an audit says which are unused"
            )
        )
