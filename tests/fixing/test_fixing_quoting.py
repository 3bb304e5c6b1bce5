from __future__ import annotations

import sqlite3
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.planting import git, repository

from readycheck.model import Location, Part
from readycheck.remedy import Scripts, Tool, ignored, parts_of, shell, written

#: What a path can hold besides letters.
NAMES = [
    "a b",
    "it's",
    "-x",
    "--force",
    "a\nb",
    "\x1b[31m",
    "a\u202eb",
    "$(touch x)",
    "`x`",
    "a;b",
    "!a",
    "#a",
    "a*",
    "[a]",
    "\\",
    "é",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_shell_reads_back_the_very_name(name: str) -> None:
    word = shell(name)
    assert word.isprintable()
    told = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True).stdout
    assert told == name.encode()


@settings(deadline=None, max_examples=50)  # each example starts a shell
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
def test_a_shell_reads_back_any_text(text: str) -> None:
    told = subprocess.run(["bash", "-c", f"printf %s {shell(text)}"], capture_output=True, check=True).stdout
    assert told == text.encode()


@pytest.mark.parametrize("name", [name for name in NAMES if "\n" not in name] + ["a ", " a", "a\\ ", "d/e f"])
def test_a_line_of_gitignore_means_just_its_file(tmp_path: Path, name: str) -> None:
    folder = repository(tmp_path / "r")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("x")
    (folder / "other").write_text("x")
    (folder / ".gitignore").write_text(f"{ignored(name)}\n", "utf-8")
    left = git(folder, "-c", "core.quotePath=false", "ls-files", "-z", "--others", "--exclude-standard").split("\0")
    assert sorted(filter(None, left)) == [".gitignore", "other"]


def test_a_name_that_no_line_can_hold_gets_none() -> None:
    assert ignored("a\nb") is None
    assert written(Tool.GITIGNORE, "{path}", {"path": ("a\nb",)}) is None


@pytest.mark.parametrize("name", ['a"b', "a b", "select", "Ä", 'x"; DROP TABLE t; --'])
def test_names_in_sql_are_names(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE {quoted} (id INTEGER, {quoted} INTEGER)")
    parts = parts_of(Location(), [Part("table", (name,)), Part("columns", ("id", name))])
    made = written(Tool.SQLITE, "CREATE INDEX {name} ON {table} ({columns});", parts)
    assert made
    connection.execute(made)
    ((_, kind, _, _, _),) = connection.execute("SELECT * FROM sqlite_master WHERE type = 'index'").fetchall()
    assert kind.startswith("idx_")
    connection.close()


def test_each_dialect_quotes_in_its_own_way() -> None:
    parts = parts_of(Location(), [Part("table", ("s", 'a"`]b')), Part("columns", ("c", "d"))])
    made = {tool: written(tool, "{table} ({columns})", parts) for tool in Tool if tool.is_sql}
    assert made == {
        Tool.POSTGRESQL: '"s"."a""`]b" ("c", "d")',
        Tool.SQLITE: '"s"."a""`]b" ("c", "d")',
        Tool.MYSQL: '`s`.`a"``]b` (`c`, `d`)',
        Tool.MARIADB: '`s`.`a"``]b` (`c`, `d`)',
        Tool.MSSQL: '[s].[a"`]]b] ([c], [d])',
    }


def test_a_name_with_a_line_end_writes_no_sql() -> None:
    assert written(Tool.POSTGRESQL, "{table}", {"table": ("a\n; DROP TABLE b",)}) is None


def test_a_finding_without_a_part_gets_no_line() -> None:
    assert written(Tool.GIT, "git rm -- {tracked}", parts_of(Location("a"))) is None
    assert written(Tool.SECRETS, "{object}", {"object": ("A=b",)}) is None


def test_a_part_that_looks_like_one_is_text() -> None:
    assert written(Tool.SHELL, "{path} {line}", {"path": ("{line}",), "line": ("3",)}) == "'{line}' 3"


@pytest.mark.parametrize(
    "fields", [{"git": "git rm {Path}"}, {"history": "{}"}, {"headers": "HSTS"}, {"headers": "X-A: b\nInjected header"}]
)
def test_a_template_that_cannot_be_filled_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"braces|header"):
        Scripts(**fields)
