"""A comparison on a terminal: the two answers, then every change, the most urgent first."""

from __future__ import annotations

import io
from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.console import Group as Stack
from rich.padding import Padding
from rich.text import Text

from readycheck.changes import Change, Comparison
from readycheck.report.changes.view import ChangesView, FindingView, LineView, SideView, view
from readycheck.report.terminal import PLAIN, SHAPES, TONES
from readycheck.report.text import plain, visible
from readycheck.report.words import Badge


def draw(found: Comparison, *, color: bool = False, width: int = 100, unicode: bool = True) -> str:
    """The comparison for a terminal of this width and these abilities."""
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=color, no_color=not color, highlight=False, markup=False, emoji=False,
        color_system="standard" if color else None, legacy_windows=False,
    )  # fmt: skip
    console.print(Stack(*_Screen(view(found), unicode=unicode).parts()))
    text = "\n".join(line.rstrip() for line in file.getvalue().split("\n"))
    return text if unicode else plain(text)


class _Screen:
    """Lays the changes out."""

    def __init__(self, shown: ChangesView, *, unicode: bool) -> None:
        self.shown = shown
        self.shapes = SHAPES if unicode else PLAIN
        self.arrow = "→" if unicode else "->"

    def parts(self) -> Iterator[RenderableType]:
        """The parts in the order of a reader's questions."""
        yield Text(visible(self.shown.after.row.service), style="bold")
        yield Padding(self._side("before", self.shown.before), (1, 0, 0, 2))
        after = self._side("after ", self.shown.after)
        if self.shown.delta:
            after.append(f"  {self.shown.delta}", style="green" if self.shown.delta.startswith("+") else "red")
        yield Padding(after, (0, 0, 1, 2))
        yield Padding(Text(f"{self.shown.headline}; {self.shown.unchanged}."), (0, 0, 0, 2))
        yield from self._lines()
        yield from self._findings()
        yield from self._metrics()

    def _side(self, label: str, side: SideView) -> Text:
        text = Text(f"{label}  ", style="dim").append_text(self._badge(side.answer, f" {side.answer.word}"))
        to = f" at most {side.ceiling}" if side.ceiling != side.score else ""
        text.append(f"  score {side.score}{to}", style="not dim")
        commit = f" {side.commit}" if side.commit and side.commit not in side.row.name else ""
        return text.append(visible(f"  {side.row.name}{commit}, judged {side.judged}"), style="dim")

    def _badge(self, badge: Badge, text: str = "") -> Text:
        return Text().append(self.shapes[badge.shape] + text, style=f"{TONES[badge.tone]} not dim")

    def _lines(self) -> Iterator[RenderableType]:
        last = ""
        for line in self.shown.lines:
            if line.badge.name != last:
                last = line.badge.name
                yield self._title(f"Lines {line.badge.word}", line.badge)
            yield Padding(self._line(line), (0, 0, 0, 2))
            if line.row.reason and line.row.change not in (Change.FIXED, Change.GONE):
                yield Padding(Text(_one_line(line.row.reason), style="dim"), (0, 0, 0, 6))

    def _line(self, line: LineView) -> Text:
        text = self._badge(line.badge, " ").append(visible(line.row.text), style="bold")
        words = [badge.word for badge in (line.before, line.after) if badge]
        text.append(f"  {line.row.severity}  ", style="dim")
        return text.append(f" {self.arrow} ".join(words), style="dim")

    def _findings(self) -> Iterator[RenderableType]:
        last = ""
        for found in self.shown.findings:
            if found.badge.name != last:
                last = found.badge.name
                yield self._title(f"Findings {found.badge.word}", found.badge)
            yield Padding(self._finding(found), (0, 0, 0, 2))

    def _finding(self, found: FindingView) -> Text:
        text = self._badge(found.badge, " ").append(_one_line(found.row.message))
        if found.place and found.place not in found.row.message:
            text.append(visible(f"  {found.place}"), style="cyan")
        waived = "  waived" if found.row.waived else ""
        return text.append(visible(f"  {found.row.severity}{waived}  [{found.row.check}]"), style="dim")

    def _metrics(self) -> Iterator[RenderableType]:
        if self.shown.metrics:
            yield self._title("Metrics", self.shown.metrics[0].badge)
        for metric in self.shown.metrics:
            text = self._badge(metric.badge, " ").append(visible(metric.row.name), style="bold")
            text.append(f"  {metric.before.word} {self.arrow} {metric.after.word}", style="dim")
            yield Padding(text.append(visible(f"  {metric.row.measured}")), (0, 0, 0, 2))

    def _title(self, text: str, badge: Badge) -> RenderableType:
        return Padding(Text(text, style=f"bold {TONES[badge.tone]}"), (1, 0, 0, 0))


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())
