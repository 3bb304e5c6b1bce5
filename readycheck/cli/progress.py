"""Shows one line per gatherer while they work, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from readycheck.gather.gatherer import Progress, Silent

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


@contextmanager
def progress(*, show: bool) -> Iterator[Progress]:
    """Progress lines on standard error when it is a terminal and they are wanted, else nothing."""
    if not show or not sys.stderr.isatty():
        yield Silent()
        return
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.fields[state]}", markup=False),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Lines(bars)


class _Lines:
    """One line per gatherer: its name, how many questions it has answered, how long it has been at it."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._totals: dict[str, int] = {}
        self._done: dict[str, int] = {}

    def started(self, name: str, questions: int) -> None:
        """A gatherer began."""
        self._totals[name], self._done[name] = questions, 0
        self._tasks[name] = self._bars.add_task(name, total=questions, state=f"0 of {questions}")

    def answered(self, name: str) -> None:
        """It answered one more question."""
        self._done[name] += 1
        self._bars.update(self._tasks[name], advance=1, state=f"{self._done[name]} of {self._totals[name]}")

    def ended(self, name: str, seconds: float, problem: str) -> None:
        """It is done, or gave up with this problem."""
        state = problem[:80] if problem else f"{self._totals[name]} answers in {seconds:.1f} s"
        self._bars.update(self._tasks[name], completed=self._totals[name], state=state)
