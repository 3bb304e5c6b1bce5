"""A history on a terminal: sparklines of the score, of verified and contradicted lines, and of every section."""

from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table
from rich.text import Text

from readycheck.report.text import plain, shortened, visible
from readycheck.report.trend.view import Series, TrendView, sampled

#: Heights of a sparkline, the lowest first; the second for encodings that have only ASCII.
BLOCKS, PLAIN = "▁▂▃▄▅▆▇█", "_.-=+*%#"
#: Columns beside a sparkline, and the widest that one gets.
_BESIDE, _WIDEST = 52, 60


def draw(shown: TrendView, *, color: bool = False, width: int = 100, unicode: bool = True) -> str:
    """The trend for a terminal of this width and these abilities."""
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=color, no_color=not color, highlight=False, markup=False, emoji=False,
        color_system="standard" if color else None, legacy_windows=False,
    )  # fmt: skip
    head = Text(visible(shown.service), style="bold")
    console.print(head.append(f"  scope: {shown.scope}", style="not bold dim"))
    console.print(Text(f"  {shown.headline}; {shown.since} to {shown.until}\n"))
    cells = max(8, min(_WIDEST, width - _BESIDE))
    blocks = BLOCKS if unicode else PLAIN
    table = Table.grid(padding=(0, 2))
    for series in (shown.score, shown.coverage):
        table.add_row(*_row(series, cells, 100.0, blocks))
    for series in (shown.verified, shown.contradicted):
        table.add_row(*_row(series, cells, float(shown.top), blocks))
    if shown.sections:
        table.add_row(Text("\nSections", style="bold"))
    for section in shown.sections:
        table.add_row(*_row(section.score, cells, 100.0, blocks, section.title))
    console.print(table)
    text = "\n".join(line.rstrip() for line in file.getvalue().split("\n"))
    return text if unicode else plain(text)


def _row(series: Series, cells: int, top: float, blocks: str, title: str = "") -> tuple[Text, ...]:
    name = shortened(visible(title or series.name), 24)
    color = {"good": "green", "bad": "red"}.get(series.tone, "cyan")
    return (
        Text(f"  {name}"),
        Text(spark(series, cells, top, blocks), style=color),
        Text(series.last, justify="right"),
        Text(series.change, style="dim"),
    )


def spark(series: Series, cells: int, top: float, blocks: str = BLOCKS) -> str:
    """One sign a run, or a choice of them that fits; a space where nothing counted."""
    steps = len(blocks) - 1
    return "".join(
        " " if value is None else blocks[min(steps, max(0, round(value / top * steps)))]
        for value in sampled(series.values, cells)
    )
