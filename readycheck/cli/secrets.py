"""`readycheck secrets`: the credentials that a repository holds, alone and at once."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from readycheck import __version__
from readycheck.cli.baseline import path_fingerprint, read_baseline
from readycheck.cli.inputs import require_folder
from readycheck.cli.text import Printer
from readycheck.errors import TargetError, UsageError
from readycheck.facts.history import TrackedPath
from readycheck.facts.question import Unavailable
from readycheck.facts.secrets import Leak, Scope, SecretsFound, SecretsIn
from readycheck.model import Exit

#: The version of the JSON that this command writes.
SCHEMA = 1


class Hunting(Struct, frozen=True, kw_only=True):
    """What the command line asked for; empty where it said nothing."""

    repository: str = "."
    revisions: str = ""
    staged: bool = False
    files: bool = False
    unreachable: bool = False
    rules: tuple[str, ...] = ()
    baseline: tuple[str, ...] = ()
    cache: str = ""
    remember: bool = True
    jobs: int = 0
    as_json: bool = False
    output: str = ""
    aside: bool = False
    quiet: bool = False
    color: bool = True
    exit_zero: bool = False

    @property
    def question(self) -> SecretsIn:
        """What is asked of the repository.

        Raises:
            UsageError: two scopes were named.
        """
        named = {
            Scope.RANGE: bool(self.revisions),
            Scope.STAGED: self.staged,
            Scope.FILES: self.files,
            Scope.OBJECTS: self.unreachable,
        }
        scopes = [scope for scope, wanted in named.items() if wanted]
        if len(scopes) > 1:
            raise UsageError("--range, --staged, --files and --all-objects exclude each other", hint="name one of them")
        scope = scopes[0] if scopes else Scope.REFS
        patterns = _never_tracked() if scope in (Scope.REFS, Scope.OBJECTS) else ((), ())
        return SecretsIn(scope, (self.revisions,) if self.revisions else (), *patterns)


def _never_tracked() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The patterns of paths that no commit may hold, and those that it may: what the shipped check says."""
    from readycheck.catalogue import read_check
    from readycheck.content import content
    from readycheck.probes.git import GitNeverTracked

    file = content("checks").joinpath("secrets", "sensitive-files-never-tracked.yaml")
    probe = read_check(file.read_text("utf-8"), str(file), "secrets")[0].probe
    assert isinstance(probe, GitNeverTracked)  # noqa: S101 - it is our own file
    return probe.patterns, probe.exclude


class Report(Struct, frozen=True):
    """What was found, as JSON: `leaks` that count, those that a baseline knows, those set aside, and `tracked` paths."""

    schema: int
    readycheck: str
    repository: str
    scope: Scope
    leaks: tuple[Leak, ...]
    known: tuple[Leak, ...]
    aside: tuple[Leak, ...]
    tracked: tuple[TrackedPath, ...]
    total: int
    objects: int
    bytes: int
    commits: int
    remembered: int
    incomplete: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def exit_code(self) -> Exit:
        """1 for a leak or a path that should not be tracked, 3 when none was found in what is not everything, else 0."""
        if self.leaks or self.tracked:
            return Exit.NOT_READY
        return Exit.INCONCLUSIVE if self.incomplete else Exit.READY


def secrets(hunting: Hunting) -> int:
    """Look, show what was found, and give the exit code."""
    question = hunting.question
    require_folder(hunting.repository)
    baseline = read_baseline(hunting.baseline)
    started = time.monotonic()
    with _progress(show=not hunting.quiet) as seen:
        found = _found(hunting, question, seen)
    seconds = time.monotonic() - started
    known = tuple(leak for leak in found.leaks if baseline.knows(leak))
    new = tuple(leak for leak in found.leaks if not baseline.knows(leak))
    report = Report(
        schema=SCHEMA,
        readycheck=__version__,
        repository=Path(hunting.repository).resolve().name,
        scope=question.scope,
        leaks=new,
        known=known,
        aside=found.aside,
        tracked=tuple(each for each in found.tracked if path_fingerprint(each.path) not in baseline.ours),
        total=found.total - len(known),
        objects=found.objects,
        bytes=found.bytes,
        commits=found.commits,
        remembered=found.remembered,
        incomplete=found.incomplete,
        notes=found.notes,
    )
    _write(report, hunting, seconds)
    code = Exit.READY if hunting.exit_zero else report.exit_code
    sys.stderr.write(f"leaks={report.total} exit={int(code)} known={len(known)} aside={len(found.aside)}\n")
    return code


def _found(hunting: Hunting, question: SecretsIn, seen: Callable[[int], None]) -> SecretsFound:
    from readycheck.gather.secrets.gatherer import SecretsGatherer
    from readycheck.gather.secrets.memory import cache_folder
    from readycheck.gather.secrets.rules import RuleFiles

    folders = [Path(folder) for folder in hunting.rules]
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"there is no folder of rules {folder}")
    cache = (Path(hunting.cache) if hunting.cache else cache_folder()) if hunting.remember else None
    gatherer = SecretsGatherer(hunting.repository, cache=cache, rules=RuleFiles(folders), jobs=hunting.jobs, seen=seen)
    try:
        ((_, answer),) = gatherer.answers([question])
    finally:
        gatherer.stop()
    if isinstance(answer, Unavailable):
        raise TargetError(answer.reason, hint="`--files` looks at the files of a folder")
    return answer  # type: ignore[no-any-return] # a gatherer answers each question with its own type


def _write(report: Report, hunting: Hunting, seconds: float) -> None:
    if hunting.as_json or hunting.output:
        text = msgspec.json.format(msgspec.json.encode(report), indent=1).decode() + "\n"
        if not hunting.output:
            sys.stdout.write(text)
            return
        try:
            Path(hunting.output).write_text(text, "utf-8", newline="\n")
        except OSError as error:
            raise UsageError(f"cannot write {hunting.output}: {error.strerror or error}") from error
    if not hunting.quiet and not hunting.as_json:
        _print(report, Printer(color=hunting.color), seconds, aside=hunting.aside)


def _print(report: Report, printer: Printer, seconds: float, *, aside: bool) -> None:
    before = f", {report.remembered:,} of them in an earlier run" if report.remembered else ""
    commits = f" of {_counted(report.commits, 'commit')}" if report.commits else ""
    looked = f"{_counted(report.objects + report.remembered, 'object')}{commits}{before}"
    printer.title(
        f"{report.repository}: {_counted(report.total, 'credential')} in {looked} ({_took(report.bytes, seconds)})"
    )
    groups = {
        "Still there": [leak for leak in report.leaks if leak.at_head or leak.kind == "file"],
        "In the history": [leak for leak in report.leaks if not leak.at_head and leak.kind != "file"],
        "Set aside": list(report.aside) if aside else [],
    }
    for title, leaks in groups.items():
        if leaks:
            printer.line()
            printer.title(f"{title} ({len(leaks)})")
        for leak in leaks:
            _print_leak(leak, printer)
    if report.tracked:
        printer.line()
        printer.title(f"Files that should never have been committed ({len(report.tracked)})")
        printer.line()
        for path in report.tracked:
            now = "at HEAD" if path.at_head else "in the history"
            when = f", last touched {path.date[:10]} (commit {path.commit[:10]})" if path.commit else ""
            printer.line(f"  {path.path}, {now}{when}")
            printer.term("fingerprint", path_fingerprint(path.path))
    printer.line()
    for line in _closing(report, aside=aside):
        printer.line(line)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}" if count else f"no {what}"


def _took(size: int, seconds: float) -> str:
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name} in {seconds:.1f} s"
    return f"{_counted(size, 'byte')} in {seconds:.1f} s"


def _print_leak(leak: Leak, printer: Printer) -> None:
    printer.line()
    name = f"{leak.title}  {leak.preview}"
    printer.line(
        f"  {printer.bad(f'{leak.severity.upper():<9}')} {name}" if not leak.aside else f"  {name}: {leak.aside}"
    )
    inside = f"{leak.repository}/" if leak.repository else ""
    place = (
        f"{inside}{leak.path}:{leak.line}" if leak.path else f"{inside}the message of {leak.kind} {leak.commit[:10]}"
    )
    since = f", since {leak.date[:10]} (commit {leak.commit[:10]})" if leak.date and leak.path else ""
    until = f", last in {leak.last_commit[:10]}" if leak.last_commit and not leak.at_head and leak.path else ""
    versions = f", in {leak.texts:,} versions" if leak.texts > 1 else ""
    reached = "" if leak.reached else ", reached by no ref"
    printer.term("where", place + since + until + versions + reached)
    if leak.other_paths:
        printer.term("also", ", ".join(leak.other_paths))
    if not leak.aside:
        printer.term("revoke", leak.revoke)
    printer.term("fingerprint", leak.fingerprint)


def _closing(report: Report, *, aside: bool) -> Iterator[str]:
    if report.leaks:
        yield "Revoke first: whoever has a clone has them. Then replace them, and only then rewrite the history:"
        yield "  git filter-repo --replace-text FILE    (https://github.com/newren/git-filter-repo)"
    for reason in report.incomplete:
        yield f"Not everything was seen: {reason}."
    yield from report.notes
    if report.known:
        yield f"{len(report.known)} known from the baseline."
    if report.aside and not aside:
        yield f"{len(report.aside)} set aside, in tests, examples and the like (`--aside` shows them)."
    if not report.leaks and not report.tracked and not report.incomplete:
        yield "Nothing to revoke. Well kept."


@contextmanager
def _progress(*, show: bool) -> Iterator[Callable[[int], None]]:
    """Says on a terminal how many bytes are through."""
    if not show or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, SpinnerColumn, TextColumn, TransferSpeedColumn

    columns: Sequence[object] = (SpinnerColumn(), TextColumn("scanning"), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:  # type: ignore[arg-type]
        task = bars.add_task("scanning", total=None)
        yield lambda size: bars.advance(task, size)
