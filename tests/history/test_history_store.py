from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from support import cards
from support.judging import NOW

from readycheck.errors import FactsError, UsageError
from readycheck.history.engine import address, open_engine, patiently, transaction
from readycheck.history.migrating import bring
from readycheck.history.store import History
from readycheck.scorecard import Scorecard


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'deep' / 'history.sqlite'}"


def card(service: str = "shop", day: int = 0) -> Scorecard:
    moment = (NOW + timedelta(days=day)).isoformat(timespec="seconds")
    return msgspec.structs.replace(cards.ready(), service=service, judged_at=moment)


def filled(kept: History, *days: int, service: str = "shop") -> list[str]:
    return [kept.record(card(service, day), NOW + timedelta(days=day)) for day in days]


def test_what_was_recorded_is_read_again_whole(url: str) -> None:
    loan = cards.loan()
    with History(url) as kept:
        name = kept.record(loan)
    with History(url) as kept:
        run = kept.runs(sections=True)[0]
        assert kept.scorecard("1") == kept.scorecard(name) == kept.scorecard(name[:10]) == loan
    assert (run.id, run.service, run.score, run.ceiling, run.blockers) == (name, loan.service, 44.1, 52.5, 19)
    assert run.verdicts == loan.tally.verdicts
    assert [section.title for section in run.sections] == [section.title for section in loan.sections]
    assert [section.score for section in run.sections] == [section.tally.score for section in loan.sections]


def test_the_newest_run_comes_first(url: str) -> None:
    with History(url) as kept:
        names = filled(kept, 0, 1, 2)
        filled(kept, 5, service="other")
        assert [run.id for run in kept.runs("shop")] == names[::-1]
        assert len(kept.runs()) == 4
        assert [run.service for run in kept.runs(most=1)] == ["other"]
        assert kept.scorecard("2", "shop").judged_at == card(day=1).judged_at
        assert kept.services() == ("other", "shop")
        assert kept.runs("shop", branch="main") == kept.runs("shop")
        assert kept.runs("shop", branch="other") == ()


@pytest.mark.parametrize("name", ["7", "ffffffff", "%"])
def test_a_run_that_is_not_there_is_a_mistake_with_advice(url: str, name: str) -> None:
    with History(url) as kept:
        filled(kept, 0)
        with pytest.raises(UsageError, match="no such run"):
            kept.scorecard(name)


def test_retention_keeps_the_newest_of_each_service(url: str) -> None:
    with History(url) as kept:
        names = filled(kept, 0, 1, 2, 3)
        others = filled(kept, 0, service="quiet")
        assert [run.id for run in kept.prune(keep=2, dry=True)] == [names[1], names[0]]
        assert len(kept.runs()) == 5
        assert {run.id for run in kept.prune(keep=2)} == set(names[:2])
        assert {run.id for run in kept.runs()} == {*names[2:], *others}
        assert [run.id for run in kept.prune(before=NOW + timedelta(days=90))] == [names[2]]
        assert {run.id for run in kept.runs()} == {names[3], *others}
        with transaction(kept._engine, writing=False) as connection:
            left = connection.execute(text("SELECT DISTINCT run_id FROM readycheck_section")).scalars().all()
        assert set(left) == {names[3], *others}


def test_pruning_one_service_leaves_the_others(url: str) -> None:
    with History(url) as kept:
        filled(kept, 0, 1)
        others = filled(kept, 0, 1, service="other")
        kept.prune(keep=1, service="shop")
        assert [run.id for run in kept.runs("other")] == others[::-1]


def test_a_run_whose_commit_was_not_acknowledged_is_not_recorded_twice(url: str, monkeypatch: Any) -> None:
    with History(url) as kept:
        first = kept._insert

        def twice(*rows: Any) -> None:
            first(*rows)
            first(*rows)

        monkeypatch.setattr(kept, "_insert", twice)
        kept.record(card())
        assert len(kept.runs()) == 1


def test_a_damaged_scorecard_is_named(url: str) -> None:
    with History(url) as kept:
        filled(kept, 0)
        with transaction(kept._engine, writing=True) as connection:
            connection.execute(text("UPDATE readycheck_run SET scorecard = x'6e6f6e73656e7365'"))
        with pytest.raises(FactsError, match="damaged"):
            kept.scorecard("1")


@pytest.mark.parametrize("name", ["", "nowhere", "http://x", "oracle://x/y", "postgresql//x", "history.txt"])
def test_what_names_no_history_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        address(name)


def test_no_message_shows_a_password() -> None:
    with pytest.raises(UsageError) as caught:
        address("postgresql://me:hunter2hunter2@host:port/x")
    assert "hunter2" not in str(caught.value)
    engine = open_engine(address("postgresql://me:hunter2hunter2@127.0.0.1:1/x"))
    with pytest.raises(UsageError) as caught:
        bring(engine)
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


def test_a_path_alone_is_sqlite(tmp_path: Path) -> None:
    file = tmp_path / "runs.sqlite"
    with History(str(file)) as kept:
        kept.record(card())
    assert file.is_file()


def test_a_history_of_a_later_version_is_not_touched(url: str) -> None:
    with History(url) as kept, transaction(kept._engine, writing=True) as connection:
        connection.execute(text("UPDATE readycheck_version SET version_num = '9999'"))
    with pytest.raises(UsageError, match="later readycheck"):
        History(url)


def test_a_writer_that_never_gets_its_turn_says_so(url: str) -> None:
    History(url)
    engine = open_engine(address(url))
    impatient = open_engine(address(url), patience=0)
    with transaction(engine, writing=True), pytest.raises(UsageError, match="locked"):
        patiently(lambda: _touch(impatient), patience=0)


def _touch(engine: Any) -> None:
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        pass


def test_moments_sort_as_text(url: str) -> None:
    with History(url) as kept:
        kept.record(card(), datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC))
        assert kept.runs()[0].recorded_at == "2026-01-02T03:04:05.000006Z"
