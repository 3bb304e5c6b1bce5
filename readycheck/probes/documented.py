"""Judgements on what a document tells people to run: whether it is there, and whether it would do what it is for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from readycheck.facts.question import Question
from readycheck.facts.repository import ConfigLookup, Files, TextSearch
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.declaring import DeclaredIndex
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

_COMMAND = re.compile(r"(?P<tool>npm|make|manage\.py) (?P<name>[A-Za-z0-9_][\w:.-]{0,80})")
_MANIFESTS = ("package.json", "!node_modules/")
_MAKEFILES = ("Makefile", "makefile", "GNUmakefile", "*.mk", "!node_modules/")
#: What Django brings itself (docs.djangoproject.com/en/5.2/ref/django-admin), and what its contributed applications add.
_DJANGO = frozenset(
    """
    check compilemessages createcachetable dbshell diffsettings dumpdata flush inspectdb loaddata makemessages makemigrations
    migrate optimizemigration runserver sendtestemail shell showmigrations sqlflush sqlmigrate sqlsequencereset squashmigrations
    startapp startproject test testserver changepassword createsuperuser remove_stale_contenttypes clearsessions collectstatic
    findstatic
    """.split()  # noqa: SIM905 - a list of words, not of literals
)
#: What npm and yarn run without a script of that name.
_OF_NPM = frozenset({"install", "ci", "audit"})


class DocumentedCommands(Probe, frozen=True):
    """Each task that the document tells people to run is one of this project: `npm NAME`, `make NAME`, `manage.py NAME`."""

    name: ClassVar[str] = "documented.commands"
    target: ClassVar[Target] = Target.REPOSITORY

    commands: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what is no such command."""
        if not self.commands or not all(_COMMAND.fullmatch(command) for command in self.commands):
            raise ValueError(
                "commands must be written as `npm NAME`, `make NAME` or `manage.py NAME`, and be at least one"
            )

    def questions(self) -> tuple[Question[Any], ...]:
        """The scripts of every manifest, the rules of every makefile, and Django's commands, as far as they are needed."""
        return (Files(("*",)), *(question for command in self.commands for question in self._asked(command)))

    @staticmethod
    def _asked(command: str) -> tuple[Question[Any], ...]:
        tool, _, name = command.partition(" ")
        if tool == "npm":
            return (ConfigLookup(_MANIFESTS, "scripts.*"),)
        if tool == "make":
            return (TextSearch(_MAKEFILES, (rf"^{re.escape(name)}(?:\s+[\w.-]+)*\s*::?(?!=)",)),)
        return (Files(("manage.py",)), Files((f"**/management/commands/{name}.py",)))

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each that nothing defines."""
        if not facts[Files(("*",))].searched:
            return unknown("the repository has no files")
        missing = [command for command in self.commands if not self._defined(command, facts)]
        examined = f"{len(self.commands)} commands of the document looked for"
        if missing:
            return failed(
                examined, [Finding(f"nothing here defines `{command}`", excerpt=command) for command in missing]
            )
        return passed(examined, Strength.WIRED)

    def _defined(self, command: str, facts: Facts) -> bool:
        tool, _, name = command.partition(" ")
        asked = self._asked(command)
        if tool == "npm":
            return name in _OF_NPM or any(value.key == f"scripts.{name}" for value in facts[asked[0]].values)
        if tool == "make":
            return bool(facts[asked[0]].matches)
        return bool(facts[asked[0]].paths) and (name in _DJANGO or bool(facts[asked[1]].paths))


_INTO = re.compile(
    r"TO\s+DISK\s*=\s*N?'(?P<disk>[^']{1,300})'|>\s*(?P<redirected>\"[^\"]{1,300}\"|'[^']{1,300}'|[^\s|;&<>]{1,300})"
    r"|(?<=\s)(?:(?-i:-f|-o)\s*|--(?:file|out|archive)[=\s]\s*)(?P<option>\"[^\"]{1,300}\"|[^\s|;&<>]{1,300})",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"/|[A-Za-z]:[\\/]|\\\\|[a-z][a-z0-9+.-]*://|\$\{?\w|~")
_DATED = re.compile(r"\$\(|`|\$\{?\w*(?:date|time|stamp|now|day)\w*|%[YymdHs]|\{\{|\d{8}", re.IGNORECASE)
_CHECKED = re.compile(
    r"CHECKSUM|VERIFYONLY|pg_restore\s+(?:-l|--list)|sha(?:256|512)sum|gzip\s+-t|pipefail|md5sum|--verify|restic|borg|pgbackrest|wal-g",
    re.IGNORECASE,
)


class DocumentedBackup(Probe, frozen=True):
    """Each backup command that the document gives writes to a place of its own each time, and something checks what it wrote."""

    name: ClassVar[str] = "documented.backup"
    target: ClassVar[Target] = Target.REPOSITORY

    commands: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse an empty list, of which nothing could be said."""
        if not self.commands or not all(command.strip() for command in self.commands):
            raise ValueError("commands must give at least one command")

    def questions(self) -> tuple[Question[Any], ...]:
        """Whether there is a repository at all: what is judged is what its document says."""
        return (Files(("*",)),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for a relative path, a file that the next run overwrites, and for want of any check."""
        if not facts[Files(("*",))].total:
            return unknown("the repository holds no file, and so no document")
        problems = [problem for command in self.commands for problem in _faults(command)]
        examined = f"{len(self.commands)} backup commands of the document read"
        return failed(examined, problems) if problems else passed(examined, Strength.DECLARED)


def _faults(command: str) -> Iterator[Finding]:
    found = _INTO.search(command)
    place = next((text for text in found.groups() if text), "").strip("\"'") if found else ""
    shown = command if len(command) <= 120 else f"{command[:119]}…"  # noqa: PLR2004 - one line
    if place and not _ELSEWHERE.match(place):
        yield Finding(
            f"{place} is a relative path: the backup lies where the command happens to run, likely on the same disk",
            excerpt=shown,
        )
    if place and not _DATED.search(place):
        yield Finding(f"{place} has no date in it: the next backup overwrites the last good one", excerpt=shown)
    if not place:
        yield Finding("it does not say where the backup goes", excerpt=shown)
    if not _CHECKED.search(command):
        yield Finding("nothing checks what was written: a backup that cannot be read looks the same", excerpt=shown)


_SCHEMA = (
    "*.prisma",
    "*.sql",
    "**/models/**",
    "**/model/**",
    "**/migrations/**",
    "**/migrate/**",
    "**/entities/**",
    "**/entity/**",
    "**/schema/**",
    "schema.rb",
    "models.py",
    "*.entity.ts",
    "*.model.js",
    "*.model.ts",
    "*Entity.java",
    "*.hbm.xml",
    "changelog*.xml",
    "!node_modules/",
    "!*.md",
)


class IndexesPossible(Probe, frozen=True):
    """The models and migrations know the table and the columns of every index that the document declares."""

    name: ClassVar[str] = "documented.indexes_possible"
    target: ClassVar[Target] = Target.REPOSITORY

    indexes: tuple[DeclaredIndex, ...]

    def __post_init__(self) -> None:
        """Refuse an empty list, which would hold for any project."""
        if not self.indexes:
            raise ValueError("indexes must name at least one index")

    def _search(self, name: str) -> TextSearch:
        words = re.sub(r"(?<=[a-z])(?=[A-Z])|_", "_?", name)
        return TextSearch(_SCHEMA, (rf"(?i)(?<![A-Za-z0-9]){words}(?:s|es)?(?![A-Za-z0-9])",))

    def questions(self) -> tuple[Question[Any], ...]:
        """Where models and migrations name each table and column."""
        names = dict.fromkeys(name for index in self.indexes for name in (index.table, *index.columns))
        return (Files(_SCHEMA), *(self._search(name) for name in names))

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each index on what nothing defines: its statement ends in an error."""
        found = facts[Files(_SCHEMA)]
        if not found.total:
            return unknown("no model and no migration was found")
        problems = [problem for index in self.indexes for problem in self._problems(index, facts)]
        examined = f"{len(self.indexes)} declared indexes held against {found.total} models and migrations"
        return failed(examined, problems) if problems else passed(examined, Strength.CONSTRUCTED)

    def _problems(self, index: DeclaredIndex, facts: Facts) -> Iterator[Finding]:
        place = Location(object=f"{index.table}.{index.name}")
        if not facts[self._search(index.table)].matches:
            yield Finding(f"{index.name}: nothing here defines a table {index.table}", place)
            return
        for column in index.columns:
            if not facts[self._search(column)].matches:
                yield Finding(f"{index.name}: nothing here defines a column {column} of {index.table}", place)
