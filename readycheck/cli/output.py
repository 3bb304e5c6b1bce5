"""Writes a scorecard where the user wants it, in the formats that were asked for."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from msgspec import Struct

from readycheck.checklist import Checklist, section_id
from readycheck.errors import UsageError
from readycheck.reading import nearest
from readycheck.report.filter import Filter
from readycheck.report.format import Format
from readycheck.scorecard import Scorecard

_SUFFIXES = {".json": Format.JSON, ".md": Format.MARKDOWN, ".html": Format.HTML, ".htm": Format.HTML}


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
        _known("--phase", (self.phase,) if self.phase else (), [phase.id for phase in file.deployment_steps])


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
    formats = shown.formats or _implied(shown.output)
    if not shown.output:
        for kind in formats:
            _print(_for_screen(card, shown) if kind is Format.TERMINAL else _face(card, kind, shown))
        return
    target = Path(shown.output)
    one_file = len(formats) == 1 and not target.is_dir()
    for kind in formats:
        _write(target if one_file else target / kind.file_name, _face(card, kind, shown))


def _implied(output: str) -> tuple[Format, ...]:
    return (_SUFFIXES.get(Path(output).suffix.lower(), Format.TERMINAL),) if output else (Format.TERMINAL,)


def _face(card: Scorecard, kind: Format, shown: Shown) -> str:
    from readycheck.report.render import render

    return render(card, kind, show=shown.filter)


def _for_screen(card: Scorecard, shown: Shown) -> str:
    from readycheck.report.terminal import draw

    screen = sys.stdout.isatty()
    return draw(
        card,
        shown.filter,
        verbose=shown.verbose,
        color=shown.color and colours(),
        width=max(60, shutil.get_terminal_size((100, 24)).columns) if screen else 100,
        unicode=_encodes("✓█░–"),
    )


def colours() -> bool:
    """May colours be shown on standard output? Only on a terminal, and not when `NO_COLOR` is set (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _encodes(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _print(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    sys.stdout.flush()


def _write(path: Path, text: str) -> None:
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
    return (
        f"verdict={card.decision.readiness} exit={exit_code} score={score} ceiling={ceiling} coverage={coverage} "
        f"blockers={len(card.decision.blockers)}{scope}{phase}"
    )
