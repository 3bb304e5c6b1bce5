"""Every probe by its name, in the order of the documentation."""

from __future__ import annotations

from functools import cache

from readycheck.probes import config, files, git, measured, pipeline, text
from readycheck.probes.probe import Probe

PROBES: tuple[type[Probe], ...] = (
    files.FilePresent,
    files.FileAbsent,
    text.FileText,
    text.FileNoText,
    config.ConfigHolds,
    pipeline.PipelineFailuresCount,
    git.GitNeverTracked,
    measured.MeasuredValue,
)


@cache
def probes() -> dict[str, type[Probe]]:
    """Probes by name, those of installed distributions included (entry-point group `readycheck.probes`)."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - only a catalogue needs it

    found: list[type[Probe]] = [entry.load() for entry in entry_points(group="readycheck.probes")]
    return {kind.name: kind for kind in (*PROBES, *found)}
