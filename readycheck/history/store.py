"""Records scorecards and reads them again: the newest, all of a service, or those to forget."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Row, Select, delete, insert, select
from sqlalchemy.exc import IntegrityError

from readycheck.errors import FactsError, UsageError
from readycheck.history.engine import address, default_url, open_engine, patiently, transaction
from readycheck.history.migrating import bring
from readycheck.history.runs import Run, SectionStanding, new_rows, run_of, section_of
from readycheck.history.tables import RUNS, SECTIONS
from readycheck.scorecard import Scorecard, load

#: Every column of a run but its scorecard, which is large.
_BRIEF = [column for column in RUNS.columns if column.name != "scorecard"]
#: How many ids one statement names: SQLite takes 32,766 parameters, others fewer rows at a time well enough.
_BATCH = 500
#: The most that a recorded scorecard may be when it is unpacked, in bytes.
_LARGEST = 256 * 1024 * 1024


class History:
    """A history by its URL, empty for the user's own. Its tables are made or brought up to date when it is opened.

    Raises:
        UsageError: it cannot be opened.
    """

    def __init__(self, url: str = "") -> None:
        self.url = address(url or default_url())
        self._engine = open_engine(self.url)
        bring(self._engine)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def record(self, card: Scorecard, now: datetime | None = None) -> str:
        """Keep a scorecard as a run of its own, and give the run's id.

        Raises:
            UsageError: the database refused it.
        """
        run, sections = new_rows(card, now)
        patiently(lambda: self._insert(run, sections))
        return str(run["id"])

    def _insert(self, run: dict[str, Any], sections: list[dict[str, Any]]) -> None:
        try:
            with transaction(self._engine, writing=True) as connection:
                connection.execute(insert(RUNS), run)
                if sections:
                    connection.execute(insert(SECTIONS), sections)
        except IntegrityError:
            # A commit whose answer was lost had come through: the run is there under an id that only we have.
            if not self._has(run["id"]):
                raise

    def _has(self, name: str) -> bool:
        with transaction(self._engine, writing=False) as connection:
            return connection.execute(select(RUNS.c.id).where(RUNS.c.id == name)).first() is not None

    def runs(self, service: str = "", most: int = 0, branch: str = "", *, sections: bool = False) -> tuple[Run, ...]:
        """The runs, the newest first; `most` is how many (all of them for 0)."""
        query = _narrowed(select(*_BRIEF), service, branch).order_by(RUNS.c.recorded_at.desc(), RUNS.c.id.desc())
        return patiently(lambda: self._runs(query.limit(most) if most else query, sections=sections))

    def _runs(self, query: Select[Any], *, sections: bool) -> tuple[Run, ...]:
        with transaction(self._engine, writing=False) as connection:
            rows = connection.execute(query).mappings().all()
            found: dict[str, list[SectionStanding]] = defaultdict(list)
            names = [row["id"] for row in rows] if sections else []
            for batch in _batches(names):
                inner = select(SECTIONS).where(SECTIONS.c.run_id.in_(batch)).order_by(SECTIONS.c.place)
                for section in connection.execute(inner).mappings():
                    found[section["run_id"]].append(section_of(section))
        return tuple(run_of(row, tuple(found[row["id"]])) for row in rows)

    def services(self) -> tuple[str, ...]:
        """Every service that has a run, in alphabetical order."""
        query = select(RUNS.c.service).distinct().order_by(RUNS.c.service)
        return tuple(row.service for row in patiently(lambda: self._read(query)))

    def _read(self, query: Select[Any]) -> Sequence[Row[Any]]:
        with transaction(self._engine, writing=False) as connection:
            return connection.execute(query).all()

    def scorecard(self, name: str, service: str = "") -> Scorecard:
        """The scorecard of a run: `1` is the newest, `2` the one before; or the first digits of its id.

        Raises:
            UsageError: there is no such run, or more than one.
            FactsError: it is of a version that this program does not read.
        """
        query = _narrowed(select(RUNS.c.id, RUNS.c.scorecard), service)
        if name.isdigit() and len(name) < 8:  # noqa: PLR2004 - ids are given with eight digits or more
            newest = query.order_by(RUNS.c.recorded_at.desc(), RUNS.c.id.desc())
            query = newest.offset(max(0, int(name) - 1)).limit(1)
        else:
            query = query.where(RUNS.c.id.startswith(name, autoescape=True)).limit(2)
        rows = patiently(lambda: self._read(query))
        if len(rows) != 1:
            known = "more than one run begins so" if rows else "the history has no such run"
            raise UsageError(f"@{name}: {known}", hint="`readycheck history` lists them")
        return load(_unpacked(rows[0].scorecard, name), f"@{name}")

    def prune(
        self, *, keep: int = 0, before: datetime | None = None, service: str = "", dry: bool = False
    ) -> tuple[Run, ...]:
        """Forget runs beyond the newest `keep` of each service, and those recorded `before`; never a service's newest.

        Gives the runs that were forgotten, or with `dry` those that would be.
        """
        moment = before.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if before else ""
        ages: dict[str, int] = defaultdict(int)
        old = []
        for run in self.runs(service):
            ages[run.service] += 1
            place = ages[run.service]
            if place > 1 and ((keep and place > keep) or (moment and run.recorded_at < moment)):
                old.append(run)
        if old and not dry:
            patiently(lambda: self._delete([run.id for run in old]))
        return tuple(old)

    def _delete(self, names: Sequence[str]) -> None:
        with transaction(self._engine, writing=True) as connection:
            for batch in _batches(names):
                connection.execute(delete(SECTIONS).where(SECTIONS.c.run_id.in_(batch)))
                connection.execute(delete(RUNS).where(RUNS.c.id.in_(batch)))


def _narrowed(query: Select[Any], service: str, branch: str = "") -> Select[Any]:
    if service:
        query = query.where(RUNS.c.service == service)
    return query.where(RUNS.c.branch == branch) if branch else query


def _batches(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + _BATCH] for start in range(0, len(names), _BATCH)]


def _unpacked(data: bytes, name: str) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, _LARGEST)
    except zlib.error as error:
        raise FactsError(f"@{name}: the recorded scorecard is damaged") from error
    if unpacker.unconsumed_tail:
        raise FactsError(f"@{name}: the recorded scorecard is larger than {_LARGEST // 1024 // 1024} MiB")
    return text
