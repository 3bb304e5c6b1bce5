"""The tables of `readycheck/demo/README.md` are true of a freshly built estate, row by row."""

from __future__ import annotations

import re
import sqlite3
import ssl
from contextlib import closing
from importlib.resources import files
from typing import NamedTuple

import httpx
import pytest
import yaml
from git import Repo

from readycheck.content import content
from readycheck.demo.estate import Estate

README = files("readycheck.demo").joinpath("README.md").read_text(encoding="utf-8")
LANES = {"repository", "history", "database", "deployment", "environment"}


class Row(NamedTuple):
    heading: str
    item: str
    says: str
    really: str
    lane: str
    where: str
    shows: str
    lacks: str


def table() -> list[Row]:
    heading, found = "", []
    for line in README.splitlines():
        if line.startswith("### "):
            heading = line.removeprefix("### ")
        elif line.startswith("| ") and not line.startswith("| item"):
            cells = [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            found.append(Row(heading, *cells[:5], *(cell.strip("`") for cell in cells[5:])))
    return found


def page(estate: Estate, where: str) -> str:
    path, _, header = where.partition(" ")
    headers = dict([header.split(": ", 1)]) if header else {}
    trust = ssl.create_default_context(cafile=estate.targets.ca_file)
    response = httpx.get(estate.url + path, headers=headers, verify=trust, trust_env=False)
    lines = [str(response.status_code), *(f"{name}: {value}" for name, value in response.headers.multi_items())]
    return "\n".join([*lines, response.text])


def once_tracked(estate: Estate, path: str) -> str:
    with Repo(estate.repository) as repository:
        assert path not in repository.git.ls_files().splitlines()
        added = list(repository.iter_commits(paths=path))[-1]
        data: bytes = added.tree[path].data_stream.read()
    return data.decode()


def table_sql(estate: Estate, table: str) -> str:
    with closing(sqlite3.connect(estate.database)) as connection:
        found = connection.execute("SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL", (table,))
        return "\n".join(sql for (sql,) in found)


def variable(estate: Estate, name: str) -> str:
    values = dict(line.split("=", 1) for line in estate.environment.read_text().splitlines())
    example = f"\n{name}={values[name]}\n" in estate.repository.joinpath(".env.example").read_text()
    shapes = {
        "short": len(values[name]) < 32,
        "example": example,
        "random": bool(re.fullmatch("[0-9a-f]{64}", values[name])),
    }
    return " ".join(shape for shape, holds in shapes.items() if holds)


def evidence(estate: Estate, where: str) -> str:
    kind, _, place = where.partition(":")
    match kind:
        case "site":
            return page(estate, place)
        case "history":
            return once_tracked(estate, place)
        case "database":
            return table_sql(estate, place)
        case "environment":
            return variable(estate, place)
        case _:
            return estate.repository.joinpath(where).read_text(encoding="utf-8")


@pytest.mark.parametrize("row", table(), ids=lambda row: f"{row.item}-{row.where}")
def test_a_row_is_true(estate: Estate, row: Row) -> None:
    found = evidence(estate, row.where)
    assert row.lane in LANES
    assert row.really
    assert row.shows
    assert row.shows in found
    if row.lacks:
        assert row.lacks not in found


def test_the_boxes_of_the_rows_are_those_of_the_document(service: dict[str, str]) -> None:
    boxes = dict(re.findall(r"^- \[(?:x| )\] (.+)$()", service["PRODUCTION_READINESS.md"], re.MULTILINE))
    ticked = set(re.findall(r"^- \[x\] (.+)$", service["PRODUCTION_READINESS.md"], re.MULTILINE))
    for row in table():
        if row.heading == "Beyond the boxes":
            assert row.says == "(no box)" or row.says in service["PRODUCTION_READINESS.md"]
        else:
            assert row.says in boxes
            assert (row.says in ticked) == (row.heading == "Ticked, and not so")


def test_about_a_third_of_the_ticks_are_false() -> None:
    false = {row.item for row in table() if row.heading == "Ticked, and not so"}
    better = {row.item for row in table() if row.heading == "Not ticked, and done"}
    assert len(false) == 17
    assert len(better) == 3


def test_the_items_are_those_of_the_shipped_checklist() -> None:
    checklist = yaml.safe_load(content("readiness.yaml").read_text(encoding="utf-8"))
    text = {item["id"]: item["text"] for section in checklist["sections"] for item in section["items"]}
    beyond = {entry["id"] for entry in (*checklist["actions"], *checklist["metrics"])}
    for row in table():
        if row.heading != "Beyond the boxes":
            assert text[row.item] == row.says
        else:
            assert row.says == "(no box)" or row.item in beyond


def test_one_item_says_one_thing() -> None:
    says = {(row.item, row.says) for row in table() if row.heading != "Beyond the boxes"}
    assert len(says) == len({item for item, _ in says})
