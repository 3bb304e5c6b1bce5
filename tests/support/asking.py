"""Puts questions to a database as an audit does, and judges with one probe."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from readycheck.facts.database import DatabaseInventory, Index, Inventory, SqlRows, Table
from readycheck.facts.question import FactUnavailable, Question, Unavailable
from readycheck.facts.store import Audited
from readycheck.gather.database.gatherer import DatabaseGatherer
from readycheck.gather.gatherer import gather
from readycheck.model import Outcome, Target
from readycheck.probes.probe import Judgement, Probe


def answer(url: str, question: Question[Any], *, timeout: float = 10.0) -> Any:
    """What the database at this URL answers."""
    ((_, found),) = DatabaseGatherer(url, timeout=timeout).answers([question])
    return found


def inventory(url: str) -> Inventory:
    """Its structure, which must be there."""
    found = answer(url, DatabaseInventory())
    assert isinstance(found, Inventory), found
    return found


def table(url: str, name: str) -> Table:
    """One of its tables by its full name."""
    (found,) = [table for table in inventory(url).tables if table.full_name == name]
    return found


def index(url: str, name: str) -> Index:
    """One of its indexes."""
    (found,) = [index for table in inventory(url).tables for index in table.indexes if index.name == name]
    return found


def refusal(url: str, question: Question[Any] | None = None, *, timeout: float = 5.0) -> Unavailable:
    """Why it does not answer."""
    found = answer(url, question or DatabaseInventory(), timeout=timeout)
    assert isinstance(found, Unavailable), found
    return found


def stopped(url: str, sql: str, running: Callable[[], bool]) -> Unavailable:
    """What is answered when the gatherer is stopped in the middle of this statement, seen by `running`."""
    gatherer = DatabaseGatherer(url, timeout=3)
    answers: list[Any] = []
    questions: list[Question[Any]] = [SqlRows((("any", sql),)), DatabaseInventory()]
    thread = threading.Thread(target=lambda: answers.extend(gatherer.answers(questions)))
    thread.start()
    while not running():
        assert thread.is_alive(), answers
    while thread.is_alive():
        gatherer.stop()
        thread.join(0.1)
    (_, first), (_, second) = answers
    assert second == Unavailable(Outcome.ERROR, "the database was not asked in time")
    assert isinstance(first, Unavailable), first
    return first


def judged(url: str, probe: Probe) -> Judgement:
    """What the probe says of the database; a fact that could not be had is its judgement."""
    facts = gather(
        [DatabaseGatherer(url, timeout=10)], probe.questions(), [Audited(Target.DATABASE, "here")], timeout=30
    )
    try:
        return probe.judge(facts)
    except FactUnavailable as error:
        return Judgement(error.unavailable.outcome, error.unavailable.reason)


def wrong(url: str, probe: Probe) -> list[str]:
    """The objects that the probe finds something wrong with."""
    judgement = judged(url, probe)
    if judgement.outcome is Outcome.PASS:
        return []
    assert judgement.outcome is Outcome.FAIL, judgement
    return sorted(finding.location.object for finding in judgement.findings)
