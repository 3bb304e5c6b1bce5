"""Runs over time as reports show them: series, changes and the geometry of their charts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from readycheck.history.runs import Run, SectionStanding, Standing
from readycheck.report import words
from readycheck.report.words import Badge
from readycheck.scorecard import Readiness

#: The size of the large charts and of a section's, in units of their view box, and the space around what they draw.
WIDTH, HEIGHT, SMALL_WIDTH, SMALL_HEIGHT, EDGE = 800.0, 220.0, 220.0, 36.0, 6.0


class Series(Struct, frozen=True, kw_only=True):
    """One number over the runs, the oldest first; `change` is that from the first known to the last (`+2`)."""

    name: str
    values: tuple[float | None, ...]
    last: str
    change: str
    tone: str


class Dot(Struct, frozen=True, kw_only=True):
    """A run on a chart, in units of its view box, and what a pointer is told there."""

    x: str
    y: str
    label: str


class Chart(Struct, frozen=True, kw_only=True):
    """Lines and areas as SVG coordinates; `label` says it all to those who cannot see it."""

    label: str
    area: str
    line: str
    upper: str
    dots: tuple[Dot, ...]


class SectionTrend(Struct, frozen=True, kw_only=True):
    """A section's score over the runs."""

    title: str
    score: Series
    ceiling: str
    chart: Chart


class Point(Struct, frozen=True, kw_only=True):
    """A run in words."""

    row: Run
    answer: Badge
    judged: str
    commit: str
    score: str
    ceiling: str
    coverage: str
    counts: tuple[str, ...]


class TrendView(Struct, frozen=True, kw_only=True):
    """A service over time. `top` is the largest count of the second chart, `since` and `until` its first and last run."""

    service: str
    scope: str
    headline: str
    since: str
    until: str
    points: tuple[Point, ...]
    score: Series
    coverage: Series
    verified: Series
    contradicted: Series
    band: Chart
    verified_chart: Chart
    contradicted_chart: Chart
    top: str
    sections: tuple[SectionTrend, ...]


def view(runs: Sequence[Run]) -> TrendView:
    """The trend of these runs of one service and scope, at least one."""
    ordered = sorted(runs, key=lambda run: (run.judged_at, run.recorded_at))
    last = ordered[-1]
    times = _times(ordered)
    verified, contradicted = (
        _counted(name, ordered, tone) for name, tone in (("verified", "good"), ("contradicted", "bad"))
    )
    top = max([1.0, *(value or 0 for value in (*verified.values, *contradicted.values))])
    score = _series("score", [run.score for run in ordered], "")
    return TrendView(
        service=last.service,
        scope=last.scope.replace(",", ", ") or "everything",
        headline=_headline(ordered, score),
        since=words.moment(ordered[0].judged_at),
        until=words.moment(last.judged_at),
        points=tuple(_point(run) for run in reversed(ordered)),
        score=score,
        coverage=_series("decided", [_hundredfold(run.coverage) for run in ordered], "", decimals=0),
        verified=verified,
        contradicted=contradicted,
        band=_band(ordered, times, [words.moment(run.judged_at) for run in ordered]),
        verified_chart=_chart(verified, times, top, WIDTH, HEIGHT),
        contradicted_chart=_chart(contradicted, times, top, WIDTH, HEIGHT),
        top=f"{top:g}",
        sections=tuple(_section(section, ordered, times) for section in last.sections),
    )


def _headline(ordered: Sequence[Run], score: Series) -> str:
    moved = f", {score.change} since the first of {words.count(len(ordered), 'run')}" if len(ordered) > 1 else ""
    standing = f"no change in {words.count(len(ordered), 'run')}" if len(ordered) > 1 else "the first run"
    return f"Score {score.last}{moved}" if score.change else f"Score {score.last}, {standing}"


def _hundredfold(value: float | None) -> float | None:
    return None if value is None else round(100 * value)


def _counted(name: str, ordered: Sequence[Run], tone: str) -> Series:
    return _series(name, [float(run.verdicts.get(name, 0)) for run in ordered], tone, decimals=0)


def _series(name: str, values: Sequence[float | None], tone: str, *, decimals: int = 1) -> Series:
    known = [value for value in values if value is not None]
    moved = round(known[-1] - known[0], 1) if known else 0
    return Series(
        name=name,
        values=tuple(values),
        last="–" if values[-1] is None else f"{values[-1]:.{decimals}f}",
        change=f"{moved:+.{decimals}f}" if moved else "",
        tone=tone,
    )


def _times(ordered: Sequence[Run]) -> tuple[float, ...]:
    """Where each run stands between the first (0) and the last (1); evenly where their moments cannot tell."""
    try:
        seconds = [datetime.fromisoformat(run.judged_at).timestamp() for run in ordered]
    except ValueError:
        seconds = []
    span = seconds[-1] - seconds[0] if seconds else 0
    if span <= 0:
        return tuple(index / max(1, len(ordered) - 1) for index in range(len(ordered)))
    return tuple((second - seconds[0]) / span for second in seconds)


def _band(ordered: Sequence[Run], times: Sequence[float], moments: Sequence[str]) -> Chart:
    known = [
        (time, run, moment) for time, run, moment in zip(times, ordered, moments, strict=True) if run.score is not None
    ]
    lows = [_at(time, run.score, 100.0, WIDTH, HEIGHT) for time, run, _ in known]
    highs = [_at(time, run.ceiling, 100.0, WIDTH, HEIGHT) for time, run, _ in known]
    return Chart(
        label=_spoken("Score", [run.score for _, run, _ in known]),
        area=" ".join([*highs, *reversed(lows)]),
        line=" ".join(lows),
        upper=" ".join(highs),
        dots=tuple(
            Dot(x=place.split(",")[0], y=place.split(",")[1], label=f"{moment}: {_said(run)}")
            for place, (_, run, moment) in zip(lows, known, strict=True)
        ),
    )


def _said(run: Standing) -> str:
    low, high = words.percent(run.score), words.percent(run.ceiling)
    return low if low == high else f"{low} to {high}"


def _chart(series: Series, times: Sequence[float], top: float, width: float, height: float) -> Chart:
    known = [(time, value) for time, value in zip(times, series.values, strict=True) if value is not None]
    places = [_at(time, value, top, width, height) for time, value in known]
    return Chart(
        label=_spoken(series.name.capitalize(), [value for _, value in known]),
        area="",
        line=" ".join(places),
        upper="",
        dots=tuple(
            Dot(x=place.split(",")[0], y=place.split(",")[1], label=f"{value:g} {series.name}")
            for place, (_, value) in zip(places, known, strict=True)
        ),
    )


def _spoken(name: str, values: Sequence[float | None]) -> str:
    if not values:
        return f"{name}: nothing counts in any run."
    return f"{name}: {values[0]:g} in the first run shown, {values[-1]:g} in the last. The table of runs has them all."


def _at(time: float, value: float | None, top: float, width: float, height: float) -> str:
    x = EDGE + time * (width - 2 * EDGE)
    y = height - EDGE - (value or 0.0) / top * (height - 2 * EDGE)
    return f"{x:.1f},{y:.1f}"


def _section(section: SectionStanding, ordered: Sequence[Run], times: Sequence[float]) -> SectionTrend:
    found = [next((one for one in run.sections if one.id == section.id), None) for run in ordered]
    score = _series("score", [one.score if one else None for one in found], "")
    return SectionTrend(
        title=section.title,
        score=score,
        ceiling=words.percent(section.ceiling),
        chart=_chart(score, times, 100.0, SMALL_WIDTH, SMALL_HEIGHT),
    )


def _point(run: Run) -> Point:
    return Point(
        row=run,
        answer=words.readiness(Readiness(run.readiness)),
        judged=words.moment(run.judged_at),
        commit=run.commit[:12],
        score=words.percent(run.score),
        ceiling=words.percent(run.ceiling),
        coverage=words.share(run.coverage),
        counts=tuple(f"{run.verdicts.get(name, 0):,}" for name in ("verified", "contradicted", "open", "unverified")),
    )


def sampled(values: Iterable[float | None], most: int) -> list[float | None]:
    """At most so many of the values, evenly chosen; the first and the last are always among them."""
    every = list(values)
    if len(every) <= most:
        return every
    return [every[round(index * (len(every) - 1) / (most - 1))] for index in range(most)]
