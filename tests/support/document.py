"""A parse of the checklist document, independent of the program, for the census tests."""

from __future__ import annotations

import re
from typing import NamedTuple


class Parsed(NamedTuple):
    """Everything that the document says, in its order."""

    title: str
    sections: list[tuple[str, list[tuple[bool, str]]]]
    actions: list[tuple[str, str, str]]
    metrics: list[tuple[str, str, str]]
    phases: list[tuple[str, list[str]]]
    contacts: list[tuple[str, str]]
    rollback: list[str]
    footer: dict[str, str]
    rest: list[str]


def mended(data: bytes) -> str:
    """The document's text with its mojibake (UTF-8 once read as Mac Roman) undone."""
    text = data.decode("utf-8")
    return re.sub(r"[^\x00-\x7f]+", lambda run: run[0].encode("mac_roman").decode("utf-8"), text)


def parse(text: str) -> Parsed:  # noqa: C901, PLR0912 - one branch for each kind of line
    """The document line by line; `rest` are lines that belong to nothing, which must be none."""
    parsed = Parsed("", [], [], [], [], [], [], {}, [])
    title, part, fence = "", "", None
    for line in text.splitlines():
        if fence is not None:
            if line == "```":
                fence = None
            else:
                name, language, code = parsed.actions[-1]
                parsed.actions[-1] = (name, language, f"{code}{line}\n")
        elif line.startswith("```"):
            fence = line[3:]
            parsed.actions[-1] = (parsed.actions[-1][0], fence, "")
        elif line.startswith("# "):
            title = line[2:]
        elif line.startswith("## "):
            part = re.sub(r"^[^A-Za-z]+", "", line[3:])
        elif found := re.match(r"- \[([ x])\] (.+)", line):
            if not parsed.sections or parsed.sections[-1][0] != part:
                parsed.sections.append((part, []))
            parsed.sections[-1][1].append((found[1] == "x", found[2]))
        elif found := re.match(r"### \d+\. (.+)", line):
            parsed.actions.append((found[1], "", ""))
        elif found := re.match(r"\| (.+?) \| (.+?) \| (.+?) \|$", line):
            if found[1] != "Metric":
                parsed.metrics.append((found[1], found[2], found[3]))
        elif found := re.match(r"\d+\. \*\*(.+)\*\*$", line):
            parsed.phases.append((found[1], []))
        elif found := re.match(r"   - (.+)", line):
            parsed.phases[-1][1].append(found[1])
        elif found := re.match(r"- \*\*(.+)\*\*: (.+)", line):
            parsed.contacts.append((found[1], found[2]))
        elif found := re.match(r"\d+\. (.+)", line):
            parsed.rollback.append(found[1])
        elif found := re.match(r"\*\*(.+)\*\*: (.+?) *$", line):
            parsed.footer[found[1]] = found[2]
        elif line.strip() and line != "---" and not re.match(r"\|[-| ]+\|$", line):
            parsed.rest.append(line)
    return parsed._replace(title=title)
