"""A plan of what to mend, made of a scorecard: one script for each tool, advice for the rest, the heaviest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from readycheck.catalogue import Check
from readycheck.fixing.headers import stack_for
from readycheck.fixing.scripts import Line, script
from readycheck.fixing.worth import UNDECIDED, Worth
from readycheck.model import Outcome, Target, Verdict
from readycheck.remedy import Tool, parts_of, said, shell, written
from readycheck.scorecard import CheckRow, ItemRow, Scorecard

#: Options that give an audit what a check of this target needs, for the commands that verify.
_GIVING = {
    Target.REPOSITORY: "",
    Target.DATABASE: " --database URL",
    Target.DEPLOYMENT: " --deployment URL",
    Target.ENVIRONMENT: " --env-file FILE",
}
#: How many findings a command that verifies names, and how many reasons for not having seen something are told.
_FEW, _REASONS = 8, 5
#: SQLAlchemy's names of dialects, as URLs begin with them.
_DIALECTS = {
    "postgresql": Tool.POSTGRESQL,
    "postgres": Tool.POSTGRESQL,
    "mysql": Tool.MYSQL,
    "mariadb": Tool.MARIADB,
    "sqlite": Tool.SQLITE,
    "mssql": Tool.MSSQL,
}


class Kind(StrEnum):
    """How a step is done: by a script to review, by hand, by a person's word, or by asking what was not asked."""

    SCRIPT = "script"
    HAND = "hand"
    WORD = "word"
    EVIDENCE = "evidence"


class Step(Struct, frozen=True, kw_only=True):
    """One step of the plan.

    `gain` is the weight that the score gains, `points` the same in points of the score; a line's weight is shared
    evenly among all that keeps it from counting. `required` says that the gate requires a check of it whatever its
    weight. `places` are those of the first findings. `first` must be done before the script, `verify` are commands that
    show that it worked; `names` are the variables that get new values.
    """

    kind: Kind
    tool: str
    title: str
    gain: float
    points: float
    required: bool
    lines: tuple[str, ...]
    checks: tuple[str, ...]
    findings: int
    first: tuple[str, ...] = ()
    script: str = ""
    advice: str = ""
    places: tuple[str, ...] = ()
    verify: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


class Plan(Struct, frozen=True, kw_only=True):
    """What to mend, the heaviest first, and what the score would then be at most."""

    service: str
    commit: str
    score: float | None
    weight: float
    steps: tuple[Step, ...]


def plan(card: Scorecard, catalogue: Mapping[str, Check], *, stack: str = "") -> Plan:
    """The plan for a scorecard. `catalogue` are checks by id, whose scripts are used; `stack` is what headers are for."""
    worth = Worth(card)
    failing = {key: row for key, row in card.checks.items() if _unwaived(row)}
    tools: dict[Tool, list[tuple[str, CheckRow, list[Line]]]] = {}
    by_hand = []
    for key, row in failing.items():
        found = _lines(row, catalogue.get(row.id), card)
        for tool, lines in found.items():
            tools.setdefault(tool, []).append((key, row, lines))
        if not found and (worth.of(key) or key in worth.required or worth.used(key)):
            by_hand.append(_by_hand(key, row, catalogue.get(row.id), worth))
    chosen = stack_for(card.repository.stacks if card.repository else (), stack)
    steps = [_scripted(tool, rows, catalogue, worth, chosen) for tool, rows in tools.items()]
    steps += [*by_hand, *_words(worth), *_evidence(card, worth)]
    order = list(Tool)
    ranked = sorted(
        steps,
        key=lambda step: (
            not step.required,
            -step.gain,
            -max(
                (card.checks[key].severity.weight for key in failing if card.checks[key].id in step.checks), default=0
            ),
            order.index(Tool(step.tool)) if step.kind is Kind.SCRIPT else len(order),
            step.title,
        ),
    )
    commit = card.repository.commit if card.repository else ""
    return Plan(
        service=card.service, commit=commit, score=card.tally.score, weight=card.tally.weight, steps=tuple(ranked)
    )


def _unwaived(row: CheckRow) -> bool:
    return row.outcome is Outcome.FAIL and not (row.findings and all(finding.waived for finding in row.findings))


def _lines(row: CheckRow, check: Check | None, card: Scorecard) -> dict[Tool, list[Line]]:
    """The lines of scripts that mend the findings, by tool; SQL only in the dialect that was audited."""
    if check is None:
        return {}
    found: dict[Tool, list[Line]] = {}
    for tool, template in check.fix.scripts.templates().items():
        if tool.is_sql and tool is not _dialect(card):
            continue
        filled = [
            Line(text, check.id)
            for finding in row.findings
            if not finding.waived and (text := written(tool, template, parts_of(finding.location, finding.parts)))
        ]
        if filled:
            found[tool] = list(dict.fromkeys(filled))
    return found


def _dialect(card: Scorecard) -> Tool | None:
    name = next((audited.name for audited in card.audited if audited.target is Target.DATABASE), "")
    return _DIALECTS.get(name.partition(":")[0].partition("+")[0])


def _scripted(
    tool: Tool,
    rows: Sequence[tuple[str, CheckRow, list[Line]]],
    catalogue: Mapping[str, Check],
    worth: Worth,
    stack: str,
) -> Step:
    keys = [key for key, _, _ in rows]
    checks = [catalogue[row.id] for _, row, _ in rows]
    gain = round(sum(worth.of(key) for key in keys), 2)
    lines = [line for _, _, found in rows for line in found]
    return Step(
        kind=Kind.SCRIPT,
        tool=tool.value,
        title=_TITLES[tool].format(stack=stack),
        gain=gain,
        points=worth.points(gain),
        required=any(key in worth.required for key in keys),
        lines=worth.lines(keys),
        checks=tuple(dict.fromkeys(check.id for check in checks)),
        findings=len(lines),
        first=_before(tool, checks, [row for _, row, _ in rows]),
        script=script(tool, lines, stack),
        names=tuple(dict.fromkeys(line.text for line in lines)) if tool is Tool.SECRETS else (),
        verify=_verify(checks, [row for _, row, _ in rows], worth.items(keys)),
    )


_TITLES = {
    Tool.GIT: "Take files out of the index of git",
    Tool.HISTORY: "Take what was committed out of the history",
    Tool.GITIGNORE: "Keep files out of git from now on",
    Tool.SECRETS: "Give secrets new values",
    Tool.HEADERS: "Send response headers ({stack})",
    Tool.POSTGRESQL: "Mend the database (PostgreSQL)",
    Tool.MYSQL: "Mend the database (MySQL)",
    Tool.MARIADB: "Mend the database (MariaDB)",
    Tool.SQLITE: "Mend the database (SQLite)",
    Tool.MSSQL: "Mend the database (SQL Server)",
    Tool.SHELL: "Run commands",
}


def _before(tool: Tool, checks: Sequence[Check], rows: Sequence[CheckRow]) -> tuple[str, ...]:
    """What comes before a script. To ignore a file is never too early."""
    if tool is Tool.GITIGNORE:
        return ()
    return tuple(dict.fromkeys(line for check, row in zip(checks, rows, strict=True) for line in _first(check, row)))


def _places(row: CheckRow) -> tuple[str, ...]:
    places = (str(finding.location) for finding in row.findings if not finding.waived)
    return tuple(dict.fromkeys(place for place in places if place))[:_FEW]


def _first(check: Check, row: CheckRow) -> tuple[str, ...]:
    """What must be done before the rest: once for all findings, or for each when it names parts of them."""
    if not check.fix.first:
        return ()
    told = [
        said(check.fix.first, parts_of(finding.location, finding.parts))
        for finding in row.findings
        if not finding.waived
    ]
    return tuple(dict.fromkeys(line for line in told if line))


def _verify(checks: Sequence[Check], rows: Sequence[CheckRow], items: Sequence[str]) -> tuple[str, ...]:
    own = [_filled(check.fix.verify, row) for check, row in zip(checks, rows, strict=False) if check.fix.verify]
    giving = "".join(dict.fromkeys(_GIVING[row.target] for row in rows))
    only = "".join(f" --only {shell(item)}" for item in items)
    return tuple(dict.fromkeys([*own, f"readycheck audit{giving}{only}"]))


def _filled(command: str, row: CheckRow) -> str:
    """The command with the parts of all findings, the first few of each."""
    parts: dict[str, tuple[str, ...]] = {}
    for finding in row.findings:
        for name, values in parts_of(finding.location, finding.parts).items():
            parts[name] = tuple(dict.fromkeys([*parts.get(name, ()), *values]))[:_FEW]
    return written(Tool.SHELL, command, parts) or command


def _by_hand(key: str, row: CheckRow, check: Check | None, worth: Worth) -> Step:
    gain = worth.of(key)
    return Step(
        kind=Kind.HAND,
        tool="",
        title=row.title,
        gain=gain,
        points=worth.points(gain),
        required=key in worth.required,
        lines=worth.lines([key]),
        checks=(row.id,),
        findings=len(row.findings),
        first=_first(check, row) if check else (),
        advice=row.fix,
        places=_places(row),
        verify=_verify([check] if check else [], [row], worth.items([key])),
    )


def _words(worth: Worth) -> list[Step]:
    """Lines that only a person can answer for, as one step."""
    ticked = [item for item in worth.words if item.claim.ticked]
    unticked = [item for item in worth.words if not item.claim.ticked]
    steps = []
    for items, title in (
        (ticked, "Stand for what no check can see"),
        (unticked, "Do what no check can see, and tick it"),
    ):
        if items:
            gain = sum(item.weight for item in items)
            steps.append(
                Step(
                    kind=Kind.WORD,
                    tool="attest",
                    title=title,
                    gain=gain,
                    points=worth.points(gain),
                    required=False,
                    lines=tuple(item.text for item in items),
                    checks=(),
                    findings=len(items),
                    script="".join(_attest(item) for item in sorted(items, key=lambda item: -item.weight)),
                    verify=("readycheck decisions",),
                )
            )
    return steps


def _attest(item: ItemRow) -> str:
    renew = " --renew" if item.verdict is Verdict.ATTESTATION_EXPIRED else ""
    return f'readycheck attest {shell(item.id)}{renew} --statement "…" --by "…" --every 1y --evidence FILE\n'


def _evidence(card: Scorecard, worth: Worth) -> list[Step]:
    """What an audit of more targets would decide, one step for each target."""
    found: dict[Target, list[str]] = {}
    for key, row in card.checks.items():
        if row.outcome in UNDECIDED and worth.of(key):
            found.setdefault(row.target, []).append(key)
    given = {audited.target for audited in card.audited if audited.state == "audited"}
    steps = []
    for target, keys in found.items():
        gain = round(sum(worth.of(key) for key in keys), 2)
        steps.append(
            Step(
                kind=Kind.EVIDENCE,
                tool="audit",
                title=f"See more of the {target}" if target in given else f"Let the audit see the {target}",
                gain=gain,
                points=worth.points(gain),
                required=False,
                lines=worth.lines(keys),
                checks=tuple(dict.fromkeys(card.checks[key].id for key in keys)),
                findings=len(keys),
                script="" if target in given else f"readycheck audit{_GIVING[target]}\n",
                advice=_reasons(card, keys) if target in given else "",
            )
        )
    return steps


def _reasons(card: Scorecard, keys: Sequence[str]) -> str:
    rows = [card.checks[key] for key in keys]
    told = list(dict.fromkeys(f"{row.id}: {row.examined}" for row in rows))
    more = [f"and {len(told) - _REASONS} more checks; the report names them"] if len(told) > _REASONS else []
    return "\n".join([*told[:_REASONS], *more])
