"""Writes a scorecard where the user wants it, in the formats that were asked for."""

from __future__ import annotations

import sys
from pathlib import Path

from msgspec import Struct

from readycheck.checklist import Checklist, section_id
from readycheck.errors import UsageError
from readycheck.reading import nearest
from readycheck.report.format import Filter, Format
from readycheck.scorecard import Scorecard

_SUFFIXES = {
    ".json": Format.JSON,
    ".md": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".txt": Format.TERMINAL,
}


class Shown(Struct, frozen=True, kw_only=True):
    """What of a scorecard to show, how, and where."""

    formats: tuple[Format, ...] = ()
    output: str = ""
    sections: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    phase: str = ""
    quiet: bool = False
    verbose: bool = False
    color: bool = True

    @property
    def filter(self) -> Filter:
        """Which rows to show."""
        return Filter(sections=self.sections, items=self.items, phase=self.phase)

    def check(self, checklist: Checklist) -> None:
        """Refuse filters that match nothing of this checklist, before anything is gathered.

        Raises:
            UsageError: a section, item or phase does not exist.
        """
        file = checklist.file
        _known("--section", self.sections, [section_id(section) for section in file.sections])
        _known("--only", self.items, [item.id for item in checklist.items])
        _known(
            "--phase", (self.phase,) if self.phase else (), [phase.id for phase in file.deployment_steps] + ["rollback"]
        )

    def check_card(self, card: Scorecard) -> None:
        """The same for a scorecard that was read from a file.

        Raises:
            UsageError: a section, item or phase does not exist.
        """
        _known("--section", self.sections, [section.id for section in card.sections])
        _known("--only", self.items, [item.id for item in card.items])
        _known("--phase", (self.phase,) if self.phase else (), [phase.id for phase in card.phases] + ["rollback"])


def _known(option: str, names: tuple[str, ...], valid: list[str]) -> None:
    for name in names:
        if name not in valid:
            near = nearest(name, valid)
            raise UsageError(
                f"{option} {name}: there is none of that name", hint=f"did you mean {near!r}?" if near else ""
            )


def write(card: Scorecard, shown: Shown) -> None:
    """Write every format: to standard output, to one file, or to a folder.

    Raises:
        UsageError: a file cannot be written, or several formats were to go to one file.
    """
    formats = shown.formats or _implied(shown.output)
    if shown.quiet and not shown.formats and not shown.output:
        return
    if not shown.output:
        for kind in formats:
            sys.stdout.write(render(card, kind, shown, terminal=True))
        return
    target = Path(shown.output)
    if len(formats) == 1 and not target.is_dir():
        _write(target, render(card, formats[0], shown))
        return
    for kind in formats:
        _write(target / kind.file_name, render(card, kind, shown))


def _implied(output: str) -> tuple[Format, ...]:
    return (_SUFFIXES.get(Path(output).suffix.lower(), Format.TERMINAL),) if output else (Format.TERMINAL,)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def render(card: Scorecard, kind: Format, shown: Shown, *, terminal: bool = False) -> str:
    """The scorecard in this format; with colours only when it goes to a terminal that can show them."""
    from readycheck.report.render import render as face  # noqa: PLC0415 - a face is imported only when it is shown

    if kind is Format.TERMINAL:
        from readycheck.report.terminal import render_terminal  # noqa: PLC0415

        return render_terminal(card, shown.filter, verbose=shown.verbose, color=terminal and shown.color)
    return face(card, kind, show=shown.filter)


def summary_line(card: Scorecard, exit_code: int) -> str:
    """The machine-readable last line."""
    tally = card.tally
    score, ceiling, coverage = (
        ("-" if value is None else str(value)) for value in (tally.score, tally.ceiling, tally.coverage)
    )
    scope = f" scope={','.join(card.scope)}" if card.scope else ""
    return (
        f"verdict={card.decision.readiness} exit={exit_code} score={score} ceiling={ceiling} coverage={coverage} "
        f"blockers={len(card.decision.blockers)}{scope}"
    )
