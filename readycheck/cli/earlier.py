"""Finds what an audit is held against: a saved scorecard, or a commit of the same repository audited on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from readycheck.checklist import Checklist, load_checklist
from readycheck.cli.inputs import DECISIONS, Inputs, read_bytes
from readycheck.decisions import NO_DECISIONS, DecisionsFile, load_decisions
from readycheck.errors import UsageError
from readycheck.facts.store import Facts
from readycheck.gather.targets import Targets
from readycheck.judge import judge, questions
from readycheck.model import Target
from readycheck.scorecard import Scorecard, load

if TYPE_CHECKING:
    from readycheck.gather.gittree import GitTree


class Ground(NamedTuple):
    """What an audit stood on, so that another commit can be audited on the same: its inputs, targets and facts."""

    inputs: Inputs
    targets: Targets
    decisions: DecisionsFile
    facts: Facts
    scope: Sequence[Target]
    now: datetime
    jobs: int
    waivers: bool = True
    saved: bool = False


def baseline(name: str, ground: Ground, *, folder: Path | None = None) -> tuple[Scorecard, str]:
    """The baseline and how to call it. `folder` is what a file's name is relative to when a checklist names it.

    Raises:
        ReadycheckError: there is no such file or commit, or it cannot be audited.
    """
    file = folder / name if folder and name != "-" else Path(name)
    if name == "-" or file.is_file() or file.suffix == ".json":
        source = name if name == "-" else str(file)
        return load(read_bytes(source), source), "standard input" if name == "-" else name
    if ground.saved:
        raise UsageError(
            f"--baseline {name}: saved facts know nothing of another commit", hint="give a saved scorecard.json"
        )
    return at_commit(name, ground), name


def at_commit(ref: str, ground: Ground) -> Scorecard:
    """The scorecard that this commit would get now: its files, its history, its checklist and its decisions.

    A database or a deployment has no past to ask, so what they answered for the audit answers for the commit too.

    Raises:
        ReadycheckError: there is no such commit, or its checklist cannot be read.
    """
    from readycheck.gather.gatherer import gather
    from readycheck.gather.gittree import GitTree
    from readycheck.gather.targets import gatherers

    tree = GitTree(ground.targets.repository, ref)
    checklist = _checklist(tree, ref, ground)
    decisions = _decisions(tree, ref, checklist, ground)
    only = Targets(repository=ground.targets.repository, ref=ref, timeout=ground.targets.timeout)
    asked = [q for q in questions(checklist, decisions, ground.scope) if q.target is Target.REPOSITORY]
    then = gather(gatherers(only), asked, (), timeout=ground.targets.timeout, jobs=ground.jobs, now=ground.now)
    others = {q: answer for q, answer in ground.facts.answers.items() if q.target is not Target.REPOSITORY}
    facts = Facts({**others, **then.answers}, collected_at=ground.facts.collected_at, audited=ground.facts.audited)
    return judge(checklist, facts, now=ground.now, decisions=decisions, scope=ground.scope)


def _checklist(tree: GitTree, ref: str, ground: Ground) -> Checklist:
    """The checklist as it was; where it is not kept in the repository, or was not yet, the one of today."""
    now = ground.inputs.checklist
    text = "" if ground.inputs.shipped else _text_at(tree, Path(now.source).name, ground)
    return load_checklist(text, f"{ref}:{now.source}", ground.inputs.catalogue) if text else now


def _decisions(tree: GitTree, ref: str, checklist: Checklist, ground: Ground) -> DecisionsFile:
    text = "" if ground.inputs.shipped else _text_at(tree, DECISIONS, ground)
    if not text:
        return NO_DECISIONS
    found = load_decisions(text, f"{ref}:{DECISIONS}", [item.id for item in checklist.items], ground.now.date())
    return found if ground.waivers else replace(found, waivers=())


def _text_at(tree: GitTree, name: str, ground: Ground) -> str:
    """The text of a file beside the checklist in that commit; empty where it has none."""
    path = (ground.inputs.folder / name).resolve()
    repository = Path(ground.targets.repository).resolve()
    if not path.is_relative_to(repository):
        return ""
    try:
        return tree.read(path.relative_to(repository).as_posix()).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""
