"""Writes a scorecard where the user wants it, in the formats that were asked for."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from readycheck.checklist import Checklist, section_id
from readycheck.errors import UsageError
from readycheck.reading import nearest
from readycheck.report.filter import Filter
from readycheck.report.format import Format
from readycheck.report.text import visible
from readycheck.scorecard import Scorecard

_SUFFIXES = {
    ".json": Format.JSON,
    ".md": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".sarif": Format.SARIF,
    ".xml": Format.JUNIT,
    ".csv": Format.CSV,
    ".svg": Format.BADGE,
}


class Face(NamedTuple):
    """A format that was asked for: one of ours, or a template of the team's own."""

    name: str
    file_name: str
    template: Path | None = None


class Shown(Struct, frozen=True, kw_only=True):
    """What of a scorecard to show, how, and where."""

    formats: tuple[str, ...] = ()
    reports: str = ""
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
            UsageError: a format, section, item or phase does not exist.
        """
        self.faces()
        file = checklist.file
        _known("--section", self.sections, [section_id(section) for section in file.sections])
        _known("--only", self.items, [item.id for item in checklist.items])
        _known("--phase", (self.phase,) if self.phase else (), [phase.id for phase in file.deployment_steps])

    def faces(self) -> tuple[Face, ...]:
        """The formats that were asked for, or the one that the name of the output asks for.

        Raises:
            UsageError: there is none of that name, or no folder of templates.
        """
        own = _own(self.reports)
        return tuple(_face_of(name, own) for name in self.formats or _implied(self.output))


def _own(folder: str) -> dict[str, Path]:
    if not folder:
        return {}
    from readycheck.report.own import templates

    return templates(Path(folder))


def _face_of(name: str, own: dict[str, Path]) -> Face:
    if name in own:
        return Face(name, own[name].name.removesuffix(".jinja"), own[name])
    _known("--format", (name,), [*(kind.value for kind in Format), *own])
    return Face(name, Format(name).file_name)


def _known(option: str, names: tuple[str, ...], valid: list[str]) -> None:
    for name in names:
        if name not in valid:
            near = nearest(name, valid)
            hint = f"did you mean {near!r}?" if near else f"there are: {', '.join(valid[:12]) or 'none'}"
            raise UsageError(f"{option} {name}: there is none of that name", hint=hint)


def write(card: Scorecard, shown: Shown) -> None:
    """Write every format: to standard output, to one file, or to a folder.

    Raises:
        UsageError: a file cannot be written.
    """
    if shown.quiet and not shown.formats and not shown.output:
        return
    faces = shown.faces()
    if any(face.name == Format.GITHUB and not face.template for face in faces):
        _step_summary(card, shown)
    if not shown.output:
        for face in faces:
            screen = face.name == Format.TERMINAL and not face.template
            show(_for_screen(card, shown) if screen else _render(card, face, shown), harmless=face.name in _FOR_LOGS)
        return
    target = Path(shown.output)
    one_file = len(faces) == 1 and not target.is_dir()
    for face in faces:
        save(target if one_file else target / face.file_name, _render(card, face, shown))


def _implied(output: str) -> tuple[str, ...]:
    """What a file is called says what it holds: by its whole name where a format has that, else by its ending."""
    if not output:
        return (Format.TERMINAL,)
    path = Path(output)
    named = [kind for kind in Format if kind.file_name == path.name.lower()]
    return (named[0] if named else _SUFFIXES.get(path.suffix.lower(), Format.TERMINAL),)


def _render(card: Scorecard, face: Face, shown: Shown) -> str:
    if face.template:
        from readycheck.report.own import render as render_own

        return render_own(card, face.template, shown.filter)
    from readycheck.report.render import render

    return render(card, Format(face.name), show=shown.filter)


def _step_summary(card: Scorecard, shown: Shown) -> None:
    """Add the Markdown report to the summary of the step, where this is one."""
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    from readycheck.report.render import render

    try:
        with Path(name).open("a", encoding="utf-8", newline="\n") as file:
            file.write(render(card, Format.PULL_REQUEST, show=shown.filter) + "\n")
    except OSError as error:
        raise UsageError(f"cannot write {name}: {error.strerror or error}") from error


def _for_screen(card: Scorecard, shown: Shown) -> str:
    from readycheck.report.terminal import draw

    return draw(
        card,
        shown.filter,
        verbose=shown.verbose,
        color=shown.color and colours(),
        width=width(),
        unicode=encodes("✓█░–"),
    )


def width(most: int = 1000) -> int:
    """Columns to fill: those of the terminal or of `COLUMNS`, a hundred where nobody says; never under forty."""
    known = sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit()
    columns = shutil.get_terminal_size((100, 24)).columns if known else 100
    return min(most, max(40, columns))


def colours() -> bool:
    """May colours be shown on standard output?

    Only on a terminal, unless `FORCE_COLOR` asks for them (force-color.org), and never when `NO_COLOR` is set
    (no-color.org).
    """
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def encodes(text: str) -> bool:
    """Can standard output show these characters?"""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


#: Formats that a person reads in the log of a CI job.
_FOR_LOGS = frozenset({Format.TERMINAL, Format.MARKDOWN, Format.PULL_REQUEST})
#: What runners take for commands in a log: GitHub's `::name::` at the start of a line and `##[name]` anywhere, Azure's
#: `##vso[…]`, TeamCity's `##teamcity[…]`. Audited text must not speak to the runner.
_COMMANDS = re.compile(r"^(\W*?)::(?=[\w-])|##(?=\w*\[)", re.MULTILINE)


def show(text: str, *, harmless: bool = False) -> None:
    """Write to standard output what its encoding can hold; in a CI job's log `harmless` keeps runners from obeying it."""
    if harmless and os.environ.get("CI"):
        text = _COMMANDS.sub(lambda found: f"{found[1]}: :" if found[1] is not None else "# #", text)
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    sys.stdout.flush()


def save(path: Path, text: str) -> None:
    """Write a file, its folder too.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def summary_line(card: Scorecard, exit_code: int) -> str:
    """The machine-readable last line."""
    tally = card.tally
    score, ceiling, coverage = (
        ("-" if value is None else str(value)) for value in (tally.score, tally.ceiling, tally.coverage)
    )
    phase = f" phase={card.phase}" if card.phase else ""
    scope = f" scope={','.join(card.scope)}" if card.scope else ""
    beside = f" baseline={'_'.join(visible(card.comparison.before.name).split())}" if card.comparison else ""
    return (
        f"verdict={card.decision.readiness} exit={exit_code} score={score} ceiling={ceiling} coverage={coverage} "
        f"blockers={len(card.decision.blockers)}{scope}{phase}{beside}"
    )
