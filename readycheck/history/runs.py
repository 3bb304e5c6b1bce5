"""Runs of the history as values, and their rows."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from msgspec import Struct

from readycheck import scorecard
from readycheck.history.tables import LONGEST_NAME
from readycheck.scorecard import Scorecard, Tally


class Standing(Struct, frozen=True, kw_only=True):
    """A score band with its coverage and verdicts: of a whole run, or of one of its sections."""

    score: float | None
    ceiling: float | None
    coverage: float | None
    verdicts: dict[str, int]


class SectionStanding(Standing, frozen=True, kw_only=True):
    """How a section stood."""

    id: str
    title: str


class Run(Standing, frozen=True, kw_only=True):
    """A run; `recorded_at` and `judged_at` are ISO 8601 in UTC, `scope` the targets it was about (empty for all)."""

    id: str
    service: str
    recorded_at: str
    judged_at: str
    commit: str
    branch: str
    dirty: bool
    scope: str
    readiness: str
    exit_code: int
    blockers: int
    tool: str
    sections: tuple[SectionStanding, ...] = ()


def new_rows(card: Scorecard, now: datetime | None = None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row of a run with an id that nobody else has, and those of its sections."""
    name = uuid4().hex
    repository = card.repository
    run = {
        "id": name,
        "service": card.service[:LONGEST_NAME],
        "recorded_at": (now or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "judged_at": card.judged_at[:40],
        "commit_id": repository.commit[:64] if repository else "",
        "branch": repository.branch[:LONGEST_NAME] if repository else "",
        "dirty": repository.dirty if repository else False,
        "scope": ",".join(card.scope),
        "readiness": card.decision.readiness.value,
        "exit_code": int(card.decision.exit_code),
        "blockers": len(card.decision.blockers),
        "tool": card.readycheck[:40],
        "scorecard": zlib.compress(scorecard.dump(card), 6),
        **_standing(card.tally),
    }
    sections = [
        {
            "run_id": name,
            "place": place,
            "section": section.id[:LONGEST_NAME],
            "title": section.title[:LONGEST_NAME],
            **_standing(section.tally),
        }
        for place, section in enumerate(card.sections)
    ]
    return run, sections


def _standing(tally: Tally) -> dict[str, Any]:
    return {
        "score": tally.score,
        "ceiling": tally.ceiling,
        "coverage": tally.coverage,
        "verdicts": json.dumps(tally.verdicts, sort_keys=True),
    }


def run_of(row: Mapping[str, Any], sections: tuple[SectionStanding, ...] = ()) -> Run:
    """The run of a row."""
    return Run(
        id=row["id"],
        service=row["service"],
        recorded_at=row["recorded_at"],
        judged_at=row["judged_at"],
        commit=row["commit_id"],
        branch=row["branch"],
        dirty=bool(row["dirty"]),
        scope=row["scope"],
        readiness=row["readiness"],
        exit_code=row["exit_code"],
        blockers=row["blockers"],
        tool=row["tool"],
        score=row["score"],
        ceiling=row["ceiling"],
        coverage=row["coverage"],
        verdicts=json.loads(row["verdicts"]),
        sections=sections,
    )


def section_of(row: Mapping[str, Any]) -> SectionStanding:
    """The section of a row."""
    return SectionStanding(
        id=row["section"],
        title=row["title"],
        score=row["score"],
        ceiling=row["ceiling"],
        coverage=row["coverage"],
        verdicts=json.loads(row["verdicts"]),
    )
