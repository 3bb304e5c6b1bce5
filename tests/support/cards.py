"""Scorecards to render: judged by the real judge from checks that say what they are told to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import yaml

from readycheck.catalogue import Catalogue, Check, Fix
from readycheck.checklist import load_checklist
from readycheck.comparison import compare
from readycheck.decisions import NO_DECISIONS, Attestation, DecisionsFile, Waiver
from readycheck.facts.history import CommitsFound, CommitsSince
from readycheck.facts.measured import Coverage, Measurement, Measurements
from readycheck.facts.question import Question
from readycheck.facts.repository import (
    Document,
    DocumentLine,
    DocumentText,
    RepositoryFacts,
    RepositorySummary,
    Skipped,
)
from readycheck.facts.store import Answer, Audited, Facts
from readycheck.judge import judge
from readycheck.model import Finding, Location, Outcome, Severity, Strength, Target
from readycheck.phases import decide_phase
from readycheck.probes.probe import Judgement, Probe
from readycheck.scorecard import Scorecard

NOW = datetime(2025, 1, 20, 9, 30, tzinfo=UTC)
HOSTILE = (
    "</style><script>alert(1)</script><img src=x onerror=alert(2)> \"'`|*_[x](https://evil.example)#1 @octocat "
    "{{ 7*7 }} {% raw %} \u202egnp.exe\u202c \x1b[31mred\x00 line\u2028end\r\n- [x] next\n```\n~~~ &lt;b&gt; $x$ -->"
)


class Asked(Question[str], frozen=True):
    """A question that only gives a check its duration."""

    target: ClassVar[Target] = Target.REPOSITORY
    answer: ClassVar[type] = str

    name: str


class Saying(Probe, frozen=True):
    """Says what it was told to, of the repository."""

    name: ClassVar[str] = "test.saying"
    target: ClassVar[Target] = Target.REPOSITORY

    about: str
    judgement: Judgement

    def questions(self) -> tuple[Question[Any], ...]:
        return (Asked(self.about),)

    def judge(self, facts: Facts) -> Judgement:
        del facts
        return self.judgement


class OfDatabase(Saying, frozen=True):
    target: ClassVar[Target] = Target.DATABASE


class OfDeployment(Saying, frozen=True):
    target: ClassVar[Target] = Target.DEPLOYMENT


class OfEnvironment(Saying, frozen=True):
    target: ClassVar[Target] = Target.ENVIRONMENT


_SAYING = {
    "repository": Saying,
    "database": OfDatabase,
    "deployment": OfDeployment,
    "environment": OfEnvironment,
}


def said(told: dict[str, Any], severity: str = "medium", family: str = "example") -> Check:
    """A check that says this; `told` is an entry of `say` in loan.yaml."""
    judgement = Judgement(
        Outcome(told["outcome"]),
        told.get("examined", ""),
        tuple(_finding(found) for found in told.get("findings", ())),
        Strength(told["strength"]) if "strength" in told else None,
    )
    return Check(
        id=told["id"],
        title=told["title"],
        severity=Severity(told.get("severity", severity)),
        why=told.get("why", ""),
        probe=_SAYING[told.get("target", "repository")](told["id"], judgement),
        fix=Fix(told.get("fix", "")),
        references=tuple(told.get("references", ())),
        aliases=(),
        examples=(),
        family=family,
        source="test",
    )


def _finding(found: dict[str, str]) -> Finding:
    path, _, line = found.get("at", "").partition(":")
    location = Location(path, int(line or 0), found.get("commit", ""), found.get("url", ""), found.get("object", ""))
    return Finding(found["message"], location, found.get("excerpt", ""))


def card(  # noqa: PLR0913 - each is a word of a test
    written: dict[str, Any],
    *,
    audited: Sequence[Audited] = (Audited(Target.REPOSITORY, "loan"),),
    repository: RepositoryFacts | None = None,
    decisions: DecisionsFile = NO_DECISIONS,
    scope: Sequence[Target] = (),
    answers: dict[Question[Any], Answer] | None = None,
    now: datetime = NOW,
    source: str = "readiness.yaml",
) -> Scorecard:
    """The scorecard of a checklist whose lines carry, under `say`, what their checks answer."""
    plain = msgspec.json.decode(msgspec.json.encode(written))
    told = [entry for line in _lines(plain) for entry in _taken(line)]
    checks = [said(entry, severity) for entry, severity in told]
    catalogue = Catalogue(checks, {check.id: None for check in checks})
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=200)
    mirrored = load_checklist(text, source, catalogue)
    known: dict[Question[Any], Answer] = {
        Asked(entry["id"]): Answer("", entry.get("seconds", 0.0)) for entry, _ in told
    }
    if repository is not None:
        known[RepositorySummary()] = Answer(repository)
        known[Document(mirrored.file.document.path)] = Answer(_document(plain))
    facts = Facts({**known, **(answers or {})}, collected_at="2025-01-20T09:28:11+00:00", audited=audited)
    judged = judge(mirrored, facts, now=now, decisions=decisions, scope=scope)
    return msgspec.structs.replace(judged, readycheck="1.2.3")


def _lines(plain: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for section in plain["sections"]:
        yield from section["items"]
    yield from plain.get("actions", ())
    for phase in plain.get("deployment_steps", ()):
        yield from phase["steps"]
    yield from plain.get("rollback", ())


def _taken(line: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    told = line.pop("say", [])
    line["checks"] = [entry.get("use") or entry["id"] for entry in told]
    yield from ((entry, line.get("severity", "medium")) for entry in told if "use" not in entry)


def _document(plain: dict[str, Any]) -> DocumentText:
    lines = ["# Production Readiness Checklist", ""]
    for section in plain["sections"]:
        lines += [f"## {section['title']}"]
        lines += [f"- [{'x' if item['claim'] == 'done' else ' '}] {item['text']}" for item in section["items"]]
        lines += [""]
    return DocumentText(tuple(DocumentLine(number, line) for number, line in enumerate(lines, 1) if line))


def loan(scope: Sequence[Target] = ()) -> Scorecard:
    """A rich, realistic scorecard: a lending service's nine sections and seventy-eight lines."""
    written = yaml.load(Path(__file__).with_name("loan.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)
    _typed(written)
    repository = RepositoryFacts(
        commit="4be1c09d73f2a8e15c60b7d9a3f4e2c18d05b7a6",
        branch="main",
        dirty=True,
        bare=False,
        shallow=False,
        files=1204,
        ecosystems=("javascript",),
        stacks=("express",),
        entry_points=("src/server.js",),
        skipped=(Skipped("larger than 2 MiB", 2, ("docs/walkthrough.mp4", "seeders/pincodes.sql")),),
    )
    audited = (
        Audited(Target.REPOSITORY, "minibusiness-loan"),
        Audited(Target.DATABASE, "postgresql://[redacted]@db.staging.internal:5432/loans"),
        Audited(Target.DEPLOYMENT, "https://staging.minibusinessloan.com/"),
    )
    answers: dict[Question[Any], Answer] = {
        Coverage(): Answer(Measurements((Measurement(41.3, "%", "lcov", "coverage/lcov.info"),))),
        CommitsSince(date(2025, 1, 6), ("src/privacy/**",)): Answer(CommitsFound((), 3)),
    }
    return card(written, audited=audited, repository=repository, decisions=_decisions(), scope=scope, answers=answers)


def compared() -> Scorecard:
    """The loan beside an earlier run: two lines were better, one was worse, one was not there, and one has gone."""
    now = loan()
    plain = msgspec.to_builtins(now)
    lines = {item["id"]: item for section in plain["sections"] for item in section["items"]}
    for name in ("sql-injection", "rate-limiting"):
        lines[name].update(verdict="verified", outcome="pass")
    lines["health-check"].update(verdict="contradicted", outcome="fail")
    security = plain["sections"][0]["items"]
    plain["sections"][0]["items"] = [item for item in security if item["id"] != "cors"]
    plain["sections"][0]["items"].append({**security[0], "id": "gone", "text": "A line of last year"})
    plain["checks"]["sql-injection"].update(outcome="pass", findings=[])
    earlier = msgspec.convert(plain, type=Scorecard)
    return msgspec.structs.replace(now, comparison=compare(earlier, now, ("last-week.json", "now")))


def phase() -> Scorecard:
    """The loan's steps after a deployment, judged as a gate of their own: no line of the checklist, so no score."""
    whole = loan()
    phases = tuple(entry for entry in whole.phases if entry.id == "post-deployment")
    bare = msgspec.structs.replace(
        whole,
        phase="post-deployment",
        sections=(),
        actions=(),
        metrics=(),
        rollback=(),
        phases=phases,
        tally=empty().tally,
    )
    return msgspec.structs.replace(bare, decision=decide_phase(bare.decision, (), phases, ()))


def _typed(value: Any) -> None:
    # Every scalar is read as text so that dates and versions stay as written; these few are numbers.
    numbers = {"version": int, "min_score": float, "min_coverage": float, "seconds": float}
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in numbers and isinstance(inner, str):
                value[key] = numbers[key](inner)
            _typed(inner)
    elif isinstance(value, list):
        for inner in value:
            _typed(inner)


def _decisions() -> DecisionsFile:
    return DecisionsFile(
        version=1,
        attestations=(
            Attestation(
                item="encryption-at-rest",
                statement="All volumes of the loans cluster use the customer-managed key.",
                by="Asha Rao",
                at=date(2024, 12, 2),
                expires=date(2025, 6, 1),
            ),
            Attestation(
                item="gdpr",
                statement="Impact assessment signed for release 3.",
                by="Meera Iyer",
                at=date(2025, 1, 6),
                every="6mo",
                binds=("src/privacy/**",),
            ),
            Attestation(
                item="retention",
                statement="Seven years for loans, ninety days for leads; deleted nightly.",
                by="Meera Iyer",
                at=date(2024, 6, 30),
                every="6mo",
            ),
        ),
        waivers=(
            Waiver(
                item="compression",
                reason="The proxy upgrade that compresses is planned for February.",
                owner="platform",
                expires=date(2025, 1, 31),
            ),
            Waiver(
                item="metrics-collection",
                reason="The scraper's network was not known yet.",
                owner="platform",
                expires=date(2024, 12, 31),
            ),
            Waiver(
                item="readme",
                reason="Was being rewritten for the new team.",
                owner="backend",
                expires=date(2025, 3, 31),
            ),
        ),
    )


def simple(outcome: str, **item: Any) -> dict[str, Any]:
    told = {"id": "readable", "title": "It can be read", "outcome": outcome, "strength": "wired", "examined": "1 file"}
    return {"id": "line", "text": "A line", "claim": "done", "severity": "high", "say": [told], **item}


def checklist(*items: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "service": "ledger",
        "sections": [{"title": "Security", "items": list(items)}] if items else [],
        **others,
    }


def ready() -> Scorecard:
    """Everything is proven."""
    repository = RepositoryFacts(
        commit="c0ffee" * 6 + "abcd",
        branch="main",
        dirty=False,
        bare=False,
        shallow=False,
        files=12,
        ecosystems=("python",),
        stacks=("flask",),
        entry_points=(),
        skipped=(),
    )
    everything = [Audited(target, target.value) for target in Target]
    return card(checklist(simple("pass")), repository=repository, audited=everything)


def not_ready() -> Scorecard:
    """One ticked line is false."""
    return card(checklist(simple("fail"), document={"path": "READY.md"}))


def inconclusive() -> Scorecard:
    """Nothing decided."""
    return card(checklist(simple("unknown")), audited=(), scope=(Target.REPOSITORY, Target.DATABASE))


def empty() -> Scorecard:
    """A checklist without a line."""
    return card(checklist())


def huge(lines: int = 1000) -> Scorecard:
    """A thousand lines in ten sections, each with a check of its own."""
    outcomes = ("pass", "fail", "unknown", "error", "manual", "not_applicable", "not_checked")
    sections = [{"title": f"Section {number}", "items": []} for number in range(10)]
    for number in range(lines):
        told = {
            "id": f"check-{number}",
            "title": f"The thing number {number} holds",
            "outcome": outcomes[number % 7],
            "examined": "40 files",
            "findings": [{"message": f"thing {number}", "at": f"src/thing_{number}.py:{number}", "excerpt": "x = 1"}],
            "fix": "Mend it.",
        }
        item = {
            "id": f"line-{number}",
            "text": f"Line number {number}",
            "claim": "done" if number % 3 else "todo",
            "severity": list(Severity)[number % 5].value,
            "say": [told],
        }
        sections[number % 10]["items"].append(item)  # type: ignore[attr-defined]
    return card({"version": 1, "service": "monolith", "sections": sections})


def hostile(text: str = HOSTILE) -> Scorecard:
    """The loan scorecard with this text in every field that holds text, ids and keys included."""
    plain = _replaced(msgspec.to_builtins(loan()), text)
    plain["checks"] = {f"{text}{number}": row for number, row in enumerate(plain["checks"].values())}
    return msgspec.convert(_keyed(plain, list(plain["checks"])), type=Scorecard)


#: Fields whose text is one of a few words of our own.
_OURS = {
    *("target", "severity", "outcome", "strength", "claim", "verdict", "overlay", "state", "readiness"),
    *("standing", "kind", "verdicts", "scope", "checks"),
}


def _replaced(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {
            key: value[key]
            if key in _OURS and key != "checks" and not (key == "state" and "problem" in value)
            else _replaced(value[key], text)
            for key in value
        }
    if isinstance(value, (list, tuple)):
        return [_replaced(inner, text) for inner in value]
    return text if isinstance(value, str) else value


def _keyed(plain: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    rows = [item for section in plain["sections"] for item in section["items"]]
    rows += [*plain["actions"], *plain["rollback"], *(step for phase in plain["phases"] for step in phase["steps"])]
    for number, row in enumerate(rows):
        row["checks"] = [keys[(number + offset) % len(keys)] for offset in range(len(row["checks"]))]
    return plain
