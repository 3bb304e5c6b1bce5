"""`readycheck init`: a checklist fitted to the repository in front of it."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from readycheck.catalogue import load_catalogue
from readycheck.checklist import Checklist, load_checklist
from readycheck.cli.inputs import CHECKLIST, require_folder, service_name
from readycheck.cli.progress import progress
from readycheck.content import content
from readycheck.errors import UsageError
from readycheck.evaluate import evaluate
from readycheck.facts.question import Question
from readycheck.facts.repository import Document, Files, RepositorySummary
from readycheck.facts.store import Facts
from readycheck.fitting import Fit, fitted
from readycheck.gather.gatherer import gather
from readycheck.gather.targets import Targets, gatherers
from readycheck.model import Outcome, Target

#: What teams call the document, the likeliest first (gitignore's language).
DOCUMENTS = (
    "PRODUCTION_READINESS*.md",
    "PRODUCTION[-_]CHECKLIST*.md",
    "production-readiness*.md",
    "production_readiness*.md",
    "*[Rr]eadiness*.md",
)


def init(repository: Path, output: str, *, force: bool = False) -> None:
    """Write a readiness.yaml for this repository, and say what was left out and why.

    Raises:
        TargetError: there is no such folder.
        UsageError: the file is there already, or cannot be written.
    """
    require_folder(str(repository))
    path = Path(output) if output else repository / CHECKLIST
    if output != "-" and path.exists() and not force:
        raise UsageError(f"{path} is there already", hint="--force overwrites it, --output - prints instead")
    fit = _fit(repository)
    text = fitted(content(CHECKLIST).read_text("utf-8"), fit)
    load_checklist(text, str(path), load_catalogue())
    if output == "-":
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    _say(path, fit)


def _fit(repository: Path) -> Fit:
    catalogue = load_catalogue()
    checklist = load_checklist(content(CHECKLIST).read_text("utf-8"), CHECKLIST, catalogue)
    facts = _facts(repository, checklist)
    left_out = {}
    for check in checklist.all_checks():
        if check.target is Target.REPOSITORY:
            seen = evaluate(check, facts)
            if seen.outcome is Outcome.NOT_APPLICABLE:
                left_out[check.id] = seen.examined
    document = next(iter(facts[Files(DOCUMENTS)].paths), "")
    return Fit(
        service=service_name(repository),
        stacks=facts[RepositorySummary()].stacks,
        left_out=left_out,
        document=document,
        ticks=_ticks(repository, document),
    )


def _facts(repository: Path, checklist: Checklist) -> Facts:
    targets = Targets(repository=str(repository))
    checks = [check for check in checklist.all_checks() if check.target is Target.REPOSITORY]
    asked: list[Question[Any]] = [
        RepositorySummary(),
        Files(DOCUMENTS),
        *(question for check in checks for question in check.probe.questions()),
    ]
    with progress(show=True) as shown:
        return gather(gatherers(targets), asked, targets.audited(), progress=shown, now=datetime.now(UTC))


def _ticks(repository: Path, document: str) -> dict[str, bool]:
    if not document:
        return {}
    targets = Targets(repository=str(repository))
    facts = gather(gatherers(targets), [Document(document)], targets.audited())
    found = (re.match(r"\s*[-*+]\s+\[([ xX])\]\s+(.+)", line.text) for line in facts[Document(document)].lines)
    return {" ".join(match[2].split()).casefold(): match[1] != " " for match in found if match}


def _say(path: Path, fit: Fit) -> None:
    out = sys.stdout.write
    out(f"{path}: a checklist for {fit.service}" + (f" ({', '.join(fit.stacks)})" if fit.stacks else "") + "\n")
    if fit.ticks:
        out(f"  claims as {fit.document} has them, where its lines are the same; nothing else is ticked\n")
    else:
        out("  nothing is ticked: set `claim: done` where you claim it\n")
    for check, reason in sorted(fit.left_out.items()):
        out(f"  left out {check}: {reason}\n")
    out("next: readycheck audit\n")
