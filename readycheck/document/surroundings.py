"""Reads what stands around the items: metrics, steps, contacts, critical actions and the dates of the review."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from readycheck.document.blocks import Code, Line, Table
from readycheck.document.model import Document, Section
from readycheck.document.parts import Part, claims_nothing, is_example
from readycheck.document.plain import plain, undecorated
from readycheck.document.tables import Metric, metrics_of
from readycheck.document.words import either, fold


class Steps(NamedTuple):
    """A phase with its steps, in order; a rollback has one phase."""

    title: str
    steps: tuple[str, ...]


class Contact(NamedTuple):
    """Whom to call, and how."""

    role: str
    address: str


class Action(NamedTuple):
    """A heading with code blocks that say what has to be done; `line` is the heading's."""

    title: str
    line: int
    code: tuple[Code, ...]


class Review(NamedTuple):
    """The footer as written: dates in ISO form where the words leave no doubt."""

    last_updated: str
    reviewed_by: str
    next_review: str


_TARGET = re.compile(
    r"(?:[<>≤≥~≈=]|at (?:least|most)|under|below|above|less than|more than)\s*\$?\d"
    r"|\d+(?:\.\d+)?\s*(?:%|ms\b|s\b|sec|seconds?\b)",
    re.IGNORECASE,
)
_BARE_TARGET = re.compile(r"(?P<name>[^<>≤≥=:]{3,60}?)\s*(?P<target>[<>≤≥]=?\s*\d.*)\Z")
_ADDRESS = re.compile(r"\S+@\S+\.\S+|https?://\S+|\+?\(?\d[\d ()./-]{6,}|@[\w.-]{2,}|#[\w-]{2,}|\[[^\]]{2,40}\]|_{3,}")
_SETTING = re.compile(r"^\s*(?:export\s+)?[A-Z][A-Z0-9_]{2,}=", re.MULTILINE)
_LANGUAGES = ("env", "dotenv", "sql", "postgresql", "mysql")
_ASSERTING = re.compile(
    r"^\s*(?:\$\s*)?(?:sudo\s+)?(?:npm run |yarn |pnpm |make |git rm |curl |python3? manage\.py |pg_dump|mysqldump|mongodump)",
    re.MULTILINE,
)

_UPDATED = either(
    "last[- ]updated",
    "updated",
    "last modified",
    "derniere mise a jour",
    "ultima (?:actualizacion|atualizacao)",
    "zuletzt aktualisiert",
    "stand",
    "最后更新",
    "更新日期",
    "更新时间",
    "最終更新",
    "date",
    "assessment date",
    "review date",
    "generated",
    "last reviewed",
)
_REVIEWED = either(
    "reviewed by", "reviewer", "approved by", "revu par", "revisado por", "gepruft von", "审核人", "prepared by"
)
_NEXT = either(
    "next review",
    "prochaine revision",
    "proxima revision",
    "proxima revisao",
    "nachste uberprufung",
    "下次审查",
    "下次评审",
)
_FOOT = re.compile(r"^[\s>*_-]*(?P<label>[^:：*_|]{3,40}?)[*_\s]*[:：][*_\s]*(?P<value>[^|]{1,120}?)[*_\s]*$")

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier enero januar janeiro",
            "february feb fevrier febrero februar fevereiro",
            "march mar mars marzo marz marco",
            "april apr avril abril",
            "may mai mayo maio",
            "june jun juin junio juni junho",
            "july jul juillet julio juli julho",
            "august aug aout agosto",
            "september sep sept septembre septiembre setembro",
            "october oct octobre octubre oktober outubro",
            "november nov novembre noviembre novembro",
            "december dec decembre diciembre dezember dezembro",
        ),
        1,
    )
    for name in names.split()
}
_DATES = (
    re.compile(r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})"),
    re.compile(r"(?P<name>[a-z]{3,10})\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})(?:st|nd|rd|th|\.|er)? (?:de )?(?P<name>[a-z]{3,10})\.?,? (?:de )?(?P<y>\d{4})"),
)


def metrics(document: Document) -> Iterator[Metric]:
    """The rows of metrics tables, and entries of lists of targets (`- **Uptime**: 99.9%`) below headings that say so."""
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                yield from metrics_of(block)
            elif isinstance(block, Line) and block.listed and section.part is Part.METRICS:
                yield from _target(block, {item.line for item in section.items})


def _target(line: Line, items: set[int]) -> Iterator[Metric]:
    text = undecorated(plain(line.text))
    name, colon, target = text.replace("：", ":").partition(":")
    if line.line in items:
        return
    if colon and _TARGET.match(target.strip()) and 0 < len(name.split()) <= 8:  # noqa: PLR2004 - a name, not a sentence
        yield Metric(line.line, undecorated(name), target.strip(), "")
    elif not colon and (found := _BARE_TARGET.match(text)):
        yield Metric(line.line, found["name"].strip(), found["target"].strip(), "")


def phases(document: Document) -> Iterator[Steps]:
    """The phases of the deployment: bold or numbered leads with their steps, or headings with theirs."""
    for index, section in enumerate(document.sections):
        if _under(document, index, Part.STEPS) and not _under(document, index, Part.ROLLBACK):
            yield from _phases(section)


def rollback(document: Document) -> tuple[str, ...]:
    """The steps of the way back, in order."""
    found = [
        step
        for index, section in enumerate(document.sections)
        if _under(document, index, Part.ROLLBACK)
        for phase in _phases(section)
        for step in (phase.steps if phase.title == section.title else (phase.title, *phase.steps))
    ]
    return tuple(dict.fromkeys(found))


def _under(document: Document, index: int, part: Part) -> bool:
    """Is this section, or one above it, of that part?"""
    while index > 0:
        section = document.sections[index]
        if section.part is not Part.NONE:
            return section.part is part
        index = section.parent
    return False


def _phases(section: Section) -> Iterator[Steps]:
    items = {item.line for item in section.items}
    lines = [block for block in section.blocks if isinstance(block, Line) and block.listed and block.line not in items]
    boxed = {item.line for item in section.items}
    top = [line for line in lines if not line.parent]
    nested = {line.parent for line in lines if line.parent} - boxed
    if any(line.line in nested for line in top):
        for line in top:
            yield Steps(_step(line), tuple(_step(inner) for inner in lines if inner.parent == line.line))
    elif top:
        yield Steps(section.title, tuple(filter(None, map(_step, top))))


def _step(line: Line) -> str:
    return undecorated(plain(line.text)).rstrip(":：").strip()


def contacts(document: Document) -> Iterator[Contact]:
    """Every entry of a list or table of contacts that has an address, or a blank where one should be."""
    for index, section in enumerate(document.sections):
        if not _under(document, index, Part.CONTACTS):
            continue
        for block in section.blocks:
            if isinstance(block, Line):
                yield from _contact(block)
            elif isinstance(block, Table):
                yield from _contacts(block)


def _contact(line: Line) -> Iterator[Contact]:
    role, colon, address = plain(line.text).replace("：", ":").partition(":")
    found = colon and undecorated(role) and address.strip()
    if found and len(role.split()) <= 6 and (_ADDRESS.search(address) or line.listed):  # noqa: PLR2004 - a role
        yield Contact(undecorated(role), address.strip())


def _contacts(table: Table) -> Iterator[Contact]:
    for row in table.rows:
        cells = [plain(cell) for cell in row.cells]
        address = next((cell for cell in cells[1:] if _ADDRESS.search(cell)), "")
        if cells and cells[0] and address:
            yield Contact(undecorated(cells[0]), address)


def actions(document: Document) -> Iterator[Action]:
    """Headings with code of a critical section, and elsewhere with settings, SQL or commands that can be looked up."""
    for index, section in enumerate(document.sections):
        code = tuple(block for block in section.blocks if isinstance(block, Code) and block.text.strip())
        if not code or is_example(section.title) or _about_trouble(document, index):
            continue
        critical = _under(document, index, Part.ACTIONS)
        told = tuple(block for block in code if critical or _tells(block))
        if told:
            yield Action(section.title or document.title or "Code", section.line, told)


def _about_trouble(document: Document, index: int) -> bool:
    while index > 0:
        section = document.sections[index]
        if section.level > 1 and (claims_nothing(section.title) or section.part is Part.ROLLBACK):
            return True
        index = section.parent
    return False


def _tells(code: Code) -> bool:
    if code.language in _LANGUAGES:
        return True
    shell = code.language in ("", "bash", "sh", "shell", "console", "zsh", "powershell")
    return shell and bool(_SETTING.search(code.text) or _ASSERTING.search(code.text))


def review(document: Document) -> Review:
    """The document's own dates and reviewer: the last line of each kind, or the front matter's."""
    found = {"updated": "", "reviewed": "", "next": ""}
    in_code = {number for block in document.code for number in range(block.line, block.last + 1)}
    lines = [line for number, line in enumerate(document.lines, 1) if number not in in_code]
    for line in [*document.front_matter.split("\n"), *lines]:
        match = _FOOT.match(line) if len(line) < 200 and (":" in line or "：" in line) else None  # noqa: PLR2004
        kind = _kind(fold(plain(match["label"]))) if match else ""
        if (
            match
            and kind
            and (kind != "updated" or not found["updated"] or not fold(match["label"]).strip().startswith("date"))
        ):
            value = undecorated(plain(match["value"]))
            found[kind] = iso(value) if re.search(r"[^\W_]", value) else ""
    return Review(found["updated"], found["reviewed"], found["next"])


def _kind(label: str) -> str:
    for kind, pattern in (("next", _NEXT), ("reviewed", _REVIEWED), ("updated", _UPDATED)):
        if pattern.fullmatch(label.strip()):
            return kind
    return ""


def iso(text: str) -> str:
    """A date that words leave no doubt of, as YYYY-MM-DD; any other text as it is."""
    folded = fold(text).strip()
    for pattern in _DATES:
        match = pattern.match(folded)
        if not match:
            continue
        parts = match.groupdict()
        month = int(parts["m"]) if parts.get("m") else _MONTHS.get(parts.get("name", ""), 0)
        if 1 <= month <= 12 and 1 <= int(parts["d"]) <= 31:  # noqa: PLR2004 - the calendar
            return f"{int(parts['y']):04}-{month:02}-{int(parts['d']):02}"
    return text


def unfilled(lines: Sequence[str]) -> Iterator[int]:
    """The lines whose command substitution was never expanded (`Date: $(date)`)."""
    for number, line in enumerate(lines, 1):
        if re.search(r"\$\(date\b|\$\{?new Date\(|`date`|\$\{\w*date\w*\}", line, re.IGNORECASE):
            yield number
