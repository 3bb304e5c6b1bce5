"""Finds scorecards by what people call them: a file, standard input, a run of the history, or a commit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from readycheck.cli.earlier import Ground, at_commit
from readycheck.cli.inputs import load_decisions_file, load_inputs, read_bytes, require_folder
from readycheck.errors import UsageError
from readycheck.facts.store import Facts
from readycheck.gather.targets import Targets
from readycheck.model import Target
from readycheck.scorecard import Scorecard, load

_RUN = re.compile(r"@(\d{1,6}|[0-9a-f]{8,32})\Z")


def scorecards(names: Sequence[str], repository: str, checklist: str, history: str) -> list[Scorecard]:
    """The scorecard of each name. Commits are audited as repositories, since nothing else has a past to ask.

    Raises:
        ReadycheckError: there is none of that name.
    """
    if list(names).count("-") > 1:
        raise UsageError("only one of the two can come from standard input")
    ground: Ground | None = None
    found = []
    for name in names:
        if name == "-" or Path(name).is_file() or name.endswith(".json"):
            found.append(load(read_bytes(name), name))
        elif _RUN.match(name):
            found.append(_recorded(name[1:], history))
        else:
            ground = ground or _ground(repository, checklist)
            found.append(at_commit(name, ground))
    return found


def _recorded(name: str, history: str) -> Scorecard:
    from readycheck.history.store import History

    with History(history) as kept:
        return kept.scorecard(name)


def _ground(repository: str, checklist: str) -> Ground:
    require_folder(repository)
    inputs = load_inputs(repository, checklist, ())
    now = datetime.now(UTC)
    targets = Targets(repository=repository)
    audited = [one for one in targets.audited() if one.target is Target.REPOSITORY]
    return Ground(
        inputs=inputs,
        targets=targets,
        decisions=load_decisions_file("", inputs, now.date()),
        facts=Facts({}, collected_at=now.isoformat(timespec="seconds"), audited=audited),
        scope=(Target.REPOSITORY,),
        now=now,
        jobs=8,
    )
