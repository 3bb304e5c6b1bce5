"""The scorecard on a terminal: the answer and why, what is false, what blocks, every section's band, what was not seen."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

from rich.columns import Columns
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
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
#: Columns below which bands are short, so that the names of sections are not.
_CRAMPED = 80
#: So many lines with one reason for not having been asked about are told together.
_SEVERAL = 3


class Hanging:
    """A text that stands beside its sign when it is too long for one line; `again` repeats the sign on each."""

    def __init__(self, sign: Text, text: Text, left: int, *, again: bool = False) -> None:
        self.sign = sign
        self.text = text
        self.left = left
        self.again = again

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """One line after the other, none wider than the terminal."""
        beside = Text(" " * self.sign.cell_len)
        width = max(1, options.max_width - self.left - self.sign.cell_len)
        for number, line in enumerate(self.text.wrap(console, width)):
            line.rstrip()
            yield Text(" " * self.left) + (self.sign if self.again or not number else beside) + line


class Terminal:
    """Lays a page out for a terminal of this width; `unicode` is false where the encoding has only ASCII."""

    def __init__(self, shown: Page, *, verbose: bool = False, unicode: bool = True, width: int = 100) -> None:
        self.page = shown
        self.cramped = width < _CRAMPED
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
        yield from self._decisions()
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
            verdict.append(visible(f" (scope: {self.page.scope})"), style="bold")
        if self.page.changes:
            verdict.append(visible(f" (beside {self.page.changes.before.row.name})"), style="bold")
        yield Padding(verdict, (1, 0, 0, 0))
        yield Padding(Text(visible(card.decision.why)), (0, 0, 1, 2))
        if card.sections or not card.phase:
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
            text = Text().append(visible(line.row.text), style="bold")
            words = [badge.word for badge in (line.before, line.after) if badge]
            yield self._signed(line.badge, text.append(f"  {', then '.join(words)}", style="dim"))
        for found in changes.findings[: None if self.verbose else _MOST]:
            text = Text(_one_line(found.said))
            yield self._signed(found.badge, text.append(visible(f"  {found.place}"), style="cyan"))

    def _band(self, tally: Tally) -> RenderableType:
        if tally.score is None:
            return Padding(Text("score –  nothing counts", style="dim"), (0, 0, 0, 2))
        bar = Text(f"score {tally.score:g} ")
        bar.append_text(self._bar(tally, _BAND))
        bar.append(f" at most {tally.ceiling:g}")
        decided = Text(f"decided {tally.coverage or 0:.0%} of the weight", style="dim")
        return Padding(Columns([bar, decided], padding=(0, 3)), (0, 0, 0, 2))

    def _bar(self, tally: Tally, size: int) -> Text:
        filled, possible = round((tally.score or 0) * size / 100), round((tally.ceiling or 0) * size / 100)
        bar = Text().append(self.cells[0] * filled, style="green")
        bar.append(self.cells[1] * (possible - filled), style="magenta")
        return bar.append(self.cells[2] * (size - possible), style="dim")

    def _counts(self) -> RenderableType:
        numbers = self.page.numbers.parts
        return Columns(
            [self._badge(part.badge, f" {part.number} {part.badge.word}") for part in numbers], padding=(0, 3)
        )

    def _badge(self, badge: Badge, text: str = "", *, bold: bool = False) -> Text:
        style = TONES[badge.tone] + (" bold" if bold else "")
        return Text().append(self.shapes[badge.shape] + text, style=style)

    def _signed(self, badge: Badge, text: Text) -> RenderableType:
        return Hanging(self._badge(badge, " "), text, 2)

    def _lines(self, title: str, items: tuple[ItemView, ...], tone: str) -> Iterator[RenderableType]:
        if not items:
            return
        yield self._title(f"{title} ({len(items)})", tone)
        blind = {} if self.verbose else _blind(items)
        for item in items:
            if item.said not in blind:
                yield from self._item(item)
        for reason, unseen in blind.items():
            yield from self._unseen_lines(reason, unseen)

    def _unseen_lines(self, reason: str, items: Sequence[ItemView]) -> Iterator[RenderableType]:
        head = Text(f"{len(items)} lines: {_one_line(reason)}", style="bold")
        yield self._signed(items[0].badge, head)
        named = ", ".join(f"{item.row.text} ({item.row.severity})" for item in items)
        yield self._note(named)

    def _title(self, text: str, tone: str = "") -> RenderableType:
        return Padding(Text(visible(text), style=f"bold {TONES.get(tone, '')}".strip()), (1, 0, 0, 0))

    def _item(self, item: ItemView) -> Iterator[RenderableType]:
        head = (
            Text()
            .append(visible(item.row.text), style="bold")
            .append(f"  {item.row.severity}  {visible(item.line or item.source)}", style="dim")
        )
        yield self._signed(item.badge, head)
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
                    excerpt = Text(_one_line(finding.row.excerpt), style="dim")
                    yield Hanging(Text(f"{self.cells[3]} ", style="dim"), excerpt, 6, again=True)
                if self.verbose:
                    waived = ", waived" if finding.row.waived else ""
                    yield self._note(f"fingerprint {finding.row.fingerprint}{waived}")
            left = len(check.row.findings) - (_MOST if self.verbose else 2)
            if left > 0:
                yield self._note(f"and {left} more")
            yield self._fix(check)

    def _fix(self, check: CheckView) -> RenderableType:
        text = Text()
        for run in check.fix:
            text.append(visible(run.text), style="cyan" if run.code else "")
        if check.advice:
            text.append(f"\n{visible(check.advice)}")
        text.append(visible(f"  [{check.row.id}]"), style="dim")
        return Hanging(Text("fix: ", style="green"), text, 6)

    def _note(self, text: str) -> RenderableType:
        return Padding(Text(_one_line(text), style="dim"), (0, 0, 0, 6))

    def _required(self) -> Iterator[RenderableType]:
        if self.page.required:
            yield self._title(f"Required, and it failed ({len(self.page.required)})", "bad")
            for check in self.page.required:
                yield self._signed(check.badge, Text(visible(check.row.title), style="bold"))
                yield from self._evidence([check])

    def _sections(self) -> Iterator[RenderableType]:
        shown = [section for section in self.page.sections if section.items]
        if not shown:
            return
        yield self._title("Sections")
        table = Table.grid(padding=(0, 2))
        for rigid in (False, True, True, True):
            table.add_column(no_wrap=rigid, overflow="fold")
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
        return title, Text(f"{tally.score:g}", justify="right"), self._bar(tally, 6 if self.cramped else 16), counts

    def _procedures(self) -> Iterator[RenderableType]:
        if not self.verbose and not self.card.phase:
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
            text = Text(visible(step.row.text))
            text.append(f"  {_one_line(step.said) or step.badge.word}", style="dim")
            if self.card.phase and step.row.outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE):
                text.append(visible(f"  [{step.row.id}]"), style="dim")
            yield self._signed(step.badge, text)

    def _decisions(self) -> Iterator[RenderableType]:
        rows = [row for row in self.page.decisions if self.verbose or row.badge.name != "valid"]
        if not rows:
            return
        yield self._title("Decisions" if self.verbose else "Decisions that need a look")
        for row in rows:
            text = Text().append(row.badge.word, style=TONES[row.badge.tone])
            text.append(visible(f"  {row.row.kind} {row.row.subject}"), style="bold")
            text.append(visible(f"  {row.row.last_day}, {row.days}"), style="dim")
            yield self._signed(row.badge, text)
            reason = f" ({row.row.reason})" if row.row.reason else ""
            yield self._note(f"{row.row.by}: {row.row.text}{reason}")

    def _unseen(self) -> Iterator[RenderableType]:
        yield self._title("Not looked at")
        rows = self.card.unseen if self.verbose else self.card.unseen[:_MOST]
        for row in rows:
            yield Padding(Text(f"{visible(row.what)}: {_one_line(row.reason)}", style="dim"), (0, 0, 0, 2))
        if len(self.card.unseen) > len(rows):
            yield self._note(f"and {len(self.card.unseen) - len(rows)} more (--verbose shows them)")
        if not self.card.unseen:
            yield Padding(Text("everything ran", style="dim"), (0, 0, 0, 2))


def _blind(items: Sequence[ItemView]) -> dict[str, list[ItemView]]:
    """Lines that nothing was asked about for one and the same reason, by that reason, where there are several."""
    groups: dict[str, list[ItemView]] = {}
    for item in items:
        if item.row.outcome is Outcome.NOT_CHECKED and not item.row.drift:
            groups.setdefault(item.said, []).append(item)
    return {reason: found for reason, found in groups.items() if len(found) >= _SEVERAL}


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
    console.print(Stack(*Terminal(page(card, show), verbose=verbose, unicode=unicode, width=width).parts()))
    text = "\n".join(line.rstrip() for line in file.getvalue().split("\n"))
    return text if unicode else plain(text)
