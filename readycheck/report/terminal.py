"""The scorecard on a terminal: the answer and why, what is false, what blocks, every section's band, what was not seen."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType
from rich.console import Group as Stack
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from readycheck.model import Outcome
from readycheck.report.filter import EVERYTHING, Filter
from readycheck.report.rows import CheckView, ItemView, LineView
from readycheck.report.text import plain, visible
from readycheck.report.view import Page, SectionView, page
from readycheck.report.words import Badge
from readycheck.scorecard import Scorecard, Tally

#: Colours by the tone of a badge; they never carry a meaning alone.
TONES = {
    "good": "green",
    "bad": "red",
    "warn": "yellow",
    "doubt": "magenta",
    "info": "cyan",
    "calm": "blue",
    "mute": "dim",
}
#: The sign of each shape, and the one for encodings that have only ASCII.
SHAPES = {
    "check": "✓", "cross": "✗", "ring": "○", "question": "?", "person": "✎", "hourglass": "⌛", "up": "↑", "vouched": "●",
    "pause": "‖", "dash": "–", "alert": "!", "dotted": "·",
}  # fmt: skip
PLAIN = {
    "check": "+", "cross": "x", "ring": "o", "question": "?", "person": "~", "hourglass": "e", "up": "^", "vouched": "*",
    "pause": "=", "dash": "-", "alert": "!", "dotted": ".",
}  # fmt: skip
#: Cells of a band, and the most rows that a list shows before it says how many more there are.
_BAND, _MOST = 32, 12


class Terminal:
    """Lays a page out for a terminal of this width; `unicode` is false where the encoding has only ASCII."""

    def __init__(self, shown: Page, *, verbose: bool = False, unicode: bool = True) -> None:
        self.page = shown
        self.card = shown.card
        self.verbose = verbose
        self.shapes = SHAPES if unicode else PLAIN
        self.cells = ("█", "░", "·", "│") if unicode else ("#", "=", ".", "|")

    def parts(self) -> Iterator[RenderableType]:
        """The parts in the order of a reader's questions: what, why, what is false, what blocks, how much, what not."""
        yield from self._answer()
        yield from self._changes()
        yield from self._lines("Ticked, and not true", self.page.contradictions.items, "bad")
        yield from self._lines("Open, and it blocks", self.page.blockers.items, "warn")
        yield from self._required()
        yield from self._sections()
        yield from self._procedures()
        yield from self._unseen()

    def _answer(self) -> Iterator[RenderableType]:
        card, answer = self.card, self.page.answer
        head = Text(visible(card.service), style="bold")
        if card.repository and card.repository.commit:
            changed = " with uncommitted changes" if card.repository.dirty else ""
            head.append(visible(f"  {self.page.commit} {card.repository.branch}{changed}".rstrip()), style="dim")
        yield head
        verdict = self._badge(answer, f" {answer.word}", bold=True)
        if self.page.scope:
            verdict.append(f" (scope: {self.page.scope})", style="bold")
        if self.page.changes:
            verdict.append(visible(f" (beside {self.page.changes.before.row.name})"), style="bold")
        yield Padding(verdict, (1, 0, 0, 0))
        yield Padding(Text(visible(card.decision.why)), (0, 0, 1, 2))
        yield self._band(card.tally)
        yield Padding(self._counts(), (0, 0, 0, 2))
        if self.page.filtered:
            yield Padding(Text(visible(self.page.filtered), style="italic"), (0, 0, 0, 2))

    def _changes(self) -> Iterator[RenderableType]:
        changes = self.page.changes
        if changes is None:
            return
        yield self._title(f"Since {changes.before.row.name}: {changes.headline}")
        for line in changes.lines[: None if self.verbose else _MOST]:
            text = self._badge(line.badge, " ").append(visible(line.row.text), style="bold")
            words = [badge.word for badge in (line.before, line.after) if badge]
            yield Padding(text.append(f"  {', then '.join(words)}", style="dim"), (0, 0, 0, 2))
        for found in changes.findings[: None if self.verbose else _MOST]:
            text = self._badge(found.badge, " ").append(_one_line(found.row.message))
            yield Padding(text.append(visible(f"  {found.place}"), style="cyan"), (0, 0, 0, 2))

    def _band(self, tally: Tally) -> Text:
        if tally.score is None:
            return Text("  score –  nothing counts", style="dim")
        bar = Text(f"  score {tally.score:g} ")
        bar.append_text(self._bar(tally, _BAND))
        bar.append(f" at most {tally.ceiling:g}")
        bar.append(f"   decided {tally.coverage or 0:.0%} of the weight", style="dim")
        return bar

    def _bar(self, tally: Tally, size: int) -> Text:
        filled, possible = round((tally.score or 0) * size / 100), round((tally.ceiling or 0) * size / 100)
        bar = Text().append(self.cells[0] * filled, style="green")
        bar.append(self.cells[1] * (possible - filled), style="magenta")
        return bar.append(self.cells[2] * (size - possible), style="dim")

    def _counts(self) -> Text:
        text = Text()
        for part in self.page.numbers.parts:
            text.append_text(self._badge(part.badge, f" {part.number} {part.badge.word}"))
            text.append("   ")
        text.rstrip()
        return text

    def _badge(self, badge: Badge, text: str = "", *, bold: bool = False) -> Text:
        style = TONES[badge.tone] + (" bold" if bold else "")
        return Text().append(self.shapes[badge.shape] + text, style=style)

    def _lines(self, title: str, items: tuple[ItemView, ...], tone: str) -> Iterator[RenderableType]:
        if not items:
            return
        yield self._title(f"{title} ({len(items)})", tone)
        for item in items:
            yield from self._item(item)

    def _title(self, text: str, tone: str = "") -> RenderableType:
        return Padding(Text(visible(text), style=f"bold {TONES.get(tone, '')}".strip()), (1, 0, 0, 0))

    def _item(self, item: ItemView) -> Iterator[RenderableType]:
        head = self._badge(item.badge, " ")
        head.append(visible(item.row.text), style="bold")
        head.append(f"  {item.row.severity}", style="dim")
        head.append(f"  {visible(item.line or item.source)}", style="dim")
        yield Padding(head, (0, 0, 0, 2))
        failing = item.failing
        yield from self._evidence(failing) if failing else [self._note(item.said)] if item.said else []
        if item.row.drift:
            yield self._note(f"drift: {item.row.drift}")

    def _evidence(self, checks: Iterable[CheckView]) -> Iterator[RenderableType]:
        for check in checks:
            for finding in check.findings[: _MOST if self.verbose else 2]:
                place = f"  {finding.place}" if finding.place and finding.place not in finding.row.message else ""
                line = Text(visible(finding.row.message))
                line.append(visible(place), style="cyan")
                yield Padding(line, (0, 0, 0, 6))
                if finding.row.excerpt:
                    yield Padding(Text(f"{self.cells[3]} {_one_line(finding.row.excerpt)}", style="dim"), (0, 0, 0, 6))
            left = len(check.row.findings) - (_MOST if self.verbose else 2)
            if left > 0:
                yield self._note(f"and {left} more")
            yield self._fix(check)

    def _fix(self, check: CheckView) -> RenderableType:
        text = Text().append("fix: ", style="green")
        for run in check.fix:
            text.append(visible(run.text), style="cyan" if run.code else "")
        if check.advice:
            text.append(f"\n     {visible(check.advice)}")
        text.append(visible(f"  [{check.row.id}]"), style="dim")
        return Padding(text, (0, 0, 0, 6))

    def _note(self, text: str) -> RenderableType:
        return Padding(Text(_one_line(text), style="dim"), (0, 0, 0, 6))

    def _required(self) -> Iterator[RenderableType]:
        if self.page.required:
            yield self._title(f"Required, and it failed ({len(self.page.required)})", "bad")
            for check in self.page.required:
                head = self._badge(check.badge, " ")
                head.append(visible(check.row.title), style="bold")
                yield Padding(head, (0, 0, 0, 2))
                yield from self._evidence([check])

    def _sections(self) -> Iterator[RenderableType]:
        shown = [section for section in self.page.sections if section.items]
        if not shown:
            return
        yield self._title("Sections")
        table = Table.grid(padding=(0, 2))
        for section in shown:
            table.add_row(*self._section(section))
        yield Padding(table, (0, 0, 0, 2))
        if self.verbose:
            for section in shown:
                yield from self._lines(section.row.title, section.items, "")

    def _section(self, section: SectionView) -> tuple[RenderableType, ...]:
        tally, title = section.row.tally, Text(visible(section.row.title))
        if tally.score is None:
            return title, Text("–", style="dim"), Text(), Text("nothing counts", style="dim")
        counts = Text()
        for part in section.parts:
            counts.append_text(self._badge(part.badge, f" {part.number}  "))
        return title, Text(f"{tally.score:g}", justify="right"), self._bar(tally, 16), counts

    def _procedures(self) -> Iterator[RenderableType]:
        if not self.verbose:
            failing = [line for line in self.page.written.actions if line.row.outcome is not Outcome.PASS]
            yield from self._steps("Critical actions not shown to be done", failing)
            return
        yield from self._steps("Critical actions", self.page.written.actions)
        for phase in self.page.written.phases:
            yield from self._steps(phase.title, phase.steps)
        yield from self._steps("Rollback", self.page.written.rollback)

    def _steps(self, title: str, steps: Iterable[LineView]) -> Iterator[RenderableType]:
        rows = list(steps)
        if not rows:
            return
        yield self._title(title)
        for step in rows:
            text = self._badge(step.badge, " ")
            text.append(visible(step.row.text))
            text.append(f"  {_one_line(step.said)}" if step.said else f"  {step.badge.word}", style="dim")
            yield Padding(text, (0, 0, 0, 2))

    def _unseen(self) -> Iterator[RenderableType]:
        yield self._title("Not looked at")
        rows = self.card.unseen if self.verbose else self.card.unseen[:_MOST]
        for row in rows:
            yield Padding(Text(f"{visible(row.what)}: {_one_line(row.reason)}", style="dim"), (0, 0, 0, 2))
        if len(self.card.unseen) > len(rows):
            yield self._note(f"and {len(self.card.unseen) - len(rows)} more (--verbose shows them)")
        if not self.card.unseen:
            yield Padding(Text("everything ran", style="dim"), (0, 0, 0, 2))


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())


def render(card: Scorecard, show: Filter = EVERYTHING) -> str:
    """The scorecard as plain text, 100 columns wide."""
    return draw(card, show)


def draw(  # noqa: PLR0913 - the manners of a terminal
    card: Scorecard,
    show: Filter = EVERYTHING,
    *,
    verbose: bool = False,
    color: bool = False,
    width: int = 100,
    unicode: bool = True,
) -> str:
    """The scorecard for a terminal of this width and these abilities."""
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=color, no_color=not color, highlight=False, markup=False, emoji=False,
        color_system="standard" if color else None, legacy_windows=False,
    )  # fmt: skip
    console.print(Stack(*Terminal(page(card, show), verbose=verbose, unicode=unicode).parts()))
    text = "\n".join(line.rstrip() for line in file.getvalue().split("\n"))
    return text if unicode else plain(text)
