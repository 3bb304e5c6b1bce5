"""Annotations of a GitHub workflow: what blocks as errors, other faults as warnings, and the answer first."""

from __future__ import annotations

from collections.abc import Iterator

from readycheck.report.filter import EVERYTHING, Filter
from readycheck.report.problems import Problem, problems
from readycheck.report.text import shortened, visible
from readycheck.scorecard import Readiness, Scorecard

#: GitHub shows ten errors, ten warnings and ten notices of a step; one of them is the answer.
MOST_ERRORS, MOST_WARNINGS = 9, 9
#: How much of a message is shown.
_LONGEST = 600


def render(card: Scorecard, show: Filter = EVERYTHING) -> str:
    """Workflow commands, each on a line of its own, that no text of the audited side can break out of."""
    return "".join(f"{line}\n" for line in _commands(card, show))


def _commands(card: Scorecard, show: Filter) -> Iterator[str]:
    yield _answer(card, sum(not one.waived and not one.blocks for one in problems(card)))
    open_faults = [one for one in problems(card, show) if not one.waived]
    errors = [one for one in open_faults if one.blocks]
    warnings = [one for one in open_faults if not one.blocks]
    for one in errors[:MOST_ERRORS]:
        yield _of("error", one)
    for one in warnings[:MOST_WARNINGS]:
        yield _of("warning", one)
    left = len(open_faults) - len(errors[:MOST_ERRORS]) - len(warnings[:MOST_WARNINGS])
    if left:
        yield _command("notice", f"{left} more are in the step summary and the other reports", title="readycheck")


def _answer(card: Scorecard, warnings: int) -> str:
    """READY beside faults that do not block is a warning, so that it does not look like plain success."""
    scope = f" (scope: {', '.join(card.scope)})" if card.scope else ""
    title = f"readycheck: {card.decision.readiness.replace('_', ' ')}{scope}"
    if card.decision.readiness is Readiness.NOT_READY:
        return _command("error", card.decision.why, title=title)
    if card.decision.readiness is Readiness.INCONCLUSIVE:
        return _command("warning", card.decision.why, title=title)
    if warnings:
        faults = f"{warnings} fault{' does' if warnings == 1 else 's do'} not block and"
        return _command("warning", f"{card.decision.why} {faults} should be mended.", title=title)
    return _command("notice", card.decision.why, title=title)


def _of(kind: str, one: Problem) -> str:
    parts = [one.message + (f" ({one.elsewhere})" if one.elsewhere and one.elsewhere not in one.message else "")]
    parts += [f"The checklist says: {one.lines[0]}"] if one.lines and one.lines[0] not in one.message else []
    parts += [f"To mend: {one.fix}"] if one.fix else []
    return _command(kind, "\n".join(parts), title=f"{one.title} [{one.rule}]", file=one.path, line=one.line)


def _command(kind: str, message: str, *, title: str, file: str = "", line: int = 0) -> str:
    place = f"file={_property(file)}," if file else ""
    place += f"line={line}," if file and line else ""
    return f"::{kind} {place}title={_property(shortened(title, 200))}::{_data(shortened(message, _LONGEST))}"


def _data(text: str) -> str:
    # The escapes of the runner's own toolkit: a message ends at its line's end.
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(" ".join(text.split())).replace(":", "%3A").replace(",", "%2C")
