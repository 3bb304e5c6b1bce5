"""Measures verdicts against labels: python benchmarks/accuracy/measure.py FOLDER [--half tuned|held_out] [--show NAME].

FOLDER holds clones or bare repositories of the labelled projects, called `owner+name`. Each file of labels says what a
reader found, line by line: which checks hold (`verified`), which do not (`contradicted`), and of which neither can be said.
`--show NAME` prints every verdict on one project, labelled or not, for reading.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from readycheck.catalogue import Check, load_catalogue
from readycheck.evaluate import Observation, evaluate
from readycheck.facts.store import Audited
from readycheck.gather.gatherer import gather
from readycheck.gather.project import open_tree, tree_gatherers
from readycheck.model import Outcome, Strength, Target

HERE = Path(__file__).parent
#: What a reader can say, and the outcomes that agree with it.
VERDICTS = ("verified", "contradicted", "neither")


class Compared(NamedTuple):
    """One label beside what the check says."""

    project: str
    ecosystem: str
    check: str
    label: str
    said: str


def verdict(check: Check, seen: Observation) -> str:
    """What the check makes of a ticked line by itself."""
    if seen.outcome is Outcome.FAIL:
        return "contradicted"
    weak = seen.strength is not None and seen.strength.rank < Strength.WIRED.rank and check.severity.weight > 5
    return "verified" if seen.outcome is Outcome.PASS and not weak else "neither"


def repository_checks() -> list[Check]:
    """The checks that a repository's files answer; its history has a benchmark of its own."""
    return [
        check
        for check in load_catalogue().checks.values()
        if check.probe.target is Target.REPOSITORY and not check.probe.name.startswith(("git.", "drill."))
    ]


def observations(repository: Path, checks: list[Check]) -> Iterator[tuple[Check, Observation]]:
    """Every check on one repository."""
    asked = [question for check in checks for question in check.probe.questions()]
    found = tree_gatherers(open_tree(str(repository), ""))
    facts = gather(found, asked, [Audited(Target.REPOSITORY, repository.name)], timeout=120)
    yield from ((check, evaluate(check, facts)) for check in checks)


def place(folder: Path, project: str) -> Path | None:
    """The clone of a project, or None."""
    base = folder / project.replace("/", "+")
    return next((one for one in (base / "repo", base) if one.exists()), None)


def compared(folder: Path, half: str) -> Iterator[Compared]:
    """Every label beside its verdict."""
    checks = repository_checks()
    for path in sorted((HERE / half).glob("*.yaml")):
        project = yaml.safe_load(path.read_text("utf-8"))
        repository = place(folder, project["project"])
        if repository is None:
            print(f"missing: {project['project']}", file=sys.stderr)
            continue
        said = {check.id: verdict(check, seen) for check, seen in observations(repository, checks)}
        for word in VERDICTS:
            for check in project.get(word) or {}:
                if check not in said:
                    print(f"{path.name}: there is no check {check!r}", file=sys.stderr)
                    continue
                yield Compared(project["project"], project["ecosystem"], check, word, said[check])


def table(title: str, groups: dict[str, list[Compared]]) -> None:
    """Print precision and recall of both verdicts, group by group."""
    print(f"\n| {title} | labels | verified: precision | recall | contradicted: precision | recall |")
    print("|---|---|---|---|---|---|")
    for name, rows in sorted(groups.items()):
        cells = [figure for word in VERDICTS[:2] for figure in figures(rows, word)]
        print(f"| {name} | {len(rows)} | {' | '.join(cells)} |")


def figures(rows: list[Compared], word: str) -> tuple[str, str]:
    """Precision and recall of one verdict."""
    said = sum(row.said == word for row in rows)
    labelled = sum(row.label == word for row in rows)
    right = sum(row.said == row.label == word for row in rows)
    return _share(right, said), _share(right, labelled)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f} ({part}/{whole})" if whole else "–"


def show(repository: Path) -> None:
    """Print every verdict on one project with its findings."""
    for check, seen in sorted(observations(repository, repository_checks()), key=lambda each: each[0].id):
        print(f"{check.id:34} {verdict(check, seen):12} {seen.outcome.value:14} {seen.examined[:150]}")
        for finding in seen.findings[:3]:
            where = f"{finding.location.path}:{finding.location.line}" if finding.location.path else ""
            print(f"      {finding.message[:110]} | {where} | {(finding.excerpt or '')[:110]}")


def main() -> None:
    """Measure, or show."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=("tuned", "held_out"), action="append")
    parser.add_argument("--show")
    options = parser.parse_args()
    if options.show:
        found = place(options.folder, options.show)
        show(found if found is not None else Path(options.show))
        return
    for half in options.half or ("tuned", "held_out"):
        rows = list(compared(options.folder, half))
        print(f"\n## {half}: {len({row.project for row in rows})} projects")
        table("all", {"all": rows})
        for title in ("ecosystem", "check"):
            groups: dict[str, list[Compared]] = defaultdict(list)
            for row in rows:
                groups[getattr(row, title)].append(row)
            table(title, groups)
        confusion = Counter((row.label, row.said) for row in rows)
        print("\n| label \\ verdict |", " | ".join(VERDICTS), "|\n|---|---|---|---|")
        for label in VERDICTS:
            print(f"| {label} |", " | ".join(str(confusion[label, said]) for said in VERDICTS), "|")
        for row in rows:
            if row.said not in (row.label, "neither"):
                print(f"- {row.project} {row.check}: {row.said}, labelled {row.label}")


if __name__ == "__main__":
    main()
