"""The migrations of Laravel and Rails."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from readycheck.facts.migrations import MigrationFile, MigrationSet
from readycheck.gather.migrations.bodies import Source, does_something
from readycheck.gather.sources import Sources

# api.rubyonrails.org, ActiveRecord::Migration, "Reversible Migrations": what `change` cannot take back by itself.
_RUBY_ONE_WAY = (
    (r"^\s*execute\b", "`execute` in `change` cannot be taken back"),
    (
        r"^\s*remove_column\s*\(?\s*:\w+\s*,\s*[:\"']\w+[\"']?\s*\)?\s*$",
        "`remove_column` does not say the column's type",
    ),
    (r"^\s*change_column\b", "`change_column` in `change` cannot be taken back"),
    (r"^\s*drop_table\s*\(?\s*[:\"']\w+[\"']?\s*\)?\s*$", "`drop_table` has no block that says what the table was"),
    (r"IrreversibleMigration", "it raises IrreversibleMigration"),
)


def laravel(sources: Sources) -> Iterator[MigrationSet]:
    """`database/migrations`, each file by its name without `.php`."""
    found: dict[str, list[MigrationFile]] = {}
    for path in sources.match(["**/database/migrations/*.php"]):
        name = posixpath.basename(path).removesuffix(".php")
        body = Source(sources.text(path) or "", path).body_of("down")
        back = body is not None and does_something(body)
        note = "" if back else "it has no `down`" if body is None else "its `down` does nothing"
        found.setdefault(posixpath.dirname(path), []).append(MigrationFile(name, path, back, note))
    yield from (MigrationSet("laravel", folder, tuple(files)) for folder, files in sorted(found.items()))


def rails(sources: Sources) -> Iterator[MigrationSet]:
    """`db/migrate`, each file by the number that it begins with."""
    found: dict[str, list[MigrationFile]] = {}
    for path in sources.match(["**/db/migrate/[0-9]*_*.rb"]):
        number = posixpath.basename(path).partition("_")[0]
        found.setdefault(posixpath.dirname(path), []).append(_rails(number, path, sources.text(path) or ""))
    yield from (MigrationSet("rails", folder, tuple(files)) for folder, files in sorted(found.items()))


def _rails(number: str, path: str, text: str) -> MigrationFile:
    source = Source(text, path)
    down, change = source.body_of("down"), source.body_of("change")
    if down is not None:
        back = does_something(down) and "IrreversibleMigration" not in down.text()
        return MigrationFile(number, path, back, "" if back else "its `down` does nothing or refuses")
    if change is None:
        return MigrationFile(number, path, way_back=False, note="it has neither `change` nor `down`")
    code = change.text()
    if re.search(r"\breversible\b|\bup_only\b", code):
        return MigrationFile(number, path, way_back=True)
    code = re.sub(r"^\s*#.*$", "", code, flags=re.MULTILINE)
    note = next((note for pattern, note in _RUBY_ONE_WAY if re.search(pattern, code, re.MULTILINE)), "")
    return MigrationFile(number, path, not note, note)
