"""Puts the lines of one tool into a script that a person reviews and runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from readycheck.fixing.headers import configuration
from readycheck.remedy import Tool


class Line(NamedTuple):
    """A line of a script (or several), and the check that asks for it."""

    text: str
    check: str


#: What stands before the lines of a tool: what it does, and what to look at before it is run.
_HEADS = {
    Tool.GIT: "# The files stay on your disk. Run this at the root of the repository, then commit.\n",
    Tool.GITIGNORE: "# Append these lines to .gitignore at the root of the repository.\n",
    Tool.POSTGRESQL: (
        "-- CONCURRENTLY takes no lock that writes wait for, and must run outside a transaction (psql does, one by one).\n"
        "-- Better still: write the same as a migration, so that every environment gets it.\n"
    ),
    Tool.MYSQL: "-- Online where InnoDB can (ALGORITHM=INPLACE, LOCK=NONE); it fails instead of locking where it cannot.\n",
    Tool.MARIADB: "-- Online where InnoDB can (ALGORITHM=INPLACE, LOCK=NONE); it fails instead of locking where it cannot.\n",
    Tool.SQLITE: "-- The database is locked for writing while an index is built.\n",
    Tool.MSSQL: "-- ONLINE = ON needs the Enterprise edition or Azure; leave it out elsewhere, at a quiet hour.\n",
    Tool.SHELL: "",
}

_HISTORY = """\
# Only after every credential was replaced: a rewrite changes every commit id, and takes nothing back from clones that
# exist. Agree on a time, have all work pushed, then, with git-filter-repo (github.com/newren/git-filter-repo):
git clone --mirror "$(git remote get-url origin)" rewrite.git
cd rewrite.git
"""
_PATHS = "git filter-repo --sensitive-data-removal --invert-paths"
_TEXTS = """\
# Write each value that is to go, one a line, into ../replacements.txt (chmod 600), and delete that file afterwards.
# These places held one:
"""
_REPLACE = "git filter-repo --sensitive-data-removal --replace-text ../replacements.txt --replace-message ../replacements.txt\n"
_AFTER = """\
git push --force --mirror origin
# Everybody clones anew; open pull requests and forks keep the old commits until the host is asked to drop them.
"""
#: Where the new values go; they are made by the command itself and never shown.
_SECRETS = """\
# readycheck fix SCORECARD --secrets-file new.env   makes a random value for each and writes them there, mode 600.
# Put them into the secrets manager, restart what reads them, and delete the file. Sessions and tokens that were signed
# with the old values end; data encrypted with an old key must be encrypted again before that key goes.
"""


def script(tool: Tool, lines: Sequence[Line], stack: str) -> str:
    """The script for these lines."""
    if tool is Tool.HEADERS:
        return configuration([_header(text) for line in lines for text in line.text.splitlines()], stack)
    if tool is Tool.HISTORY:
        return "".join(_history([line.text for line in lines]))
    if tool is Tool.SECRETS:
        return _SECRETS + "".join(f"{name}\n" for name in dict.fromkeys(line.text for line in lines))
    mark = "--" if tool.is_sql else "#"
    return _HEADS[tool] + "".join(_grouped(lines, mark))


def _grouped(lines: Sequence[Line], mark: str) -> Iterator[str]:
    seen: set[str] = set()
    for check, group in groupby(lines, key=lambda line: line.check):
        new = [line.text for line in group if line.text not in seen]
        seen.update(new)
        if new:
            yield f"{mark} {check}\n"
            yield from (f"{text.rstrip()}\n" for text in dict.fromkeys(new))


def _history(texts: Sequence[str]) -> Iterator[str]:
    places = [text for text in dict.fromkeys(texts) if text.startswith("#")]
    paths = [text for text in dict.fromkeys(texts) if not text.startswith("#")]
    yield _HISTORY
    if paths:
        yield " \\\n  ".join([_PATHS, *paths]) + "\n"
    if places:
        yield _TEXTS
        yield from (f"{place}\n" for place in places)
        yield _REPLACE
    yield _AFTER


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name, value
