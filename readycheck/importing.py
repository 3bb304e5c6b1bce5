"""Turns a document into a checklist: every line of it has its place there, each item the checks that can prove it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import chain, count
from typing import Any, NamedTuple

from readycheck.assertions import asserted
from readycheck.catalogue import Catalogue
from readycheck.checklist import slug
from readycheck.document import surroundings
from readycheck.document.model import Document, Item, Section
from readycheck.document.text import Note
from readycheck.document.words import either, fold
from readycheck.mapping.mapper import Mapper
from readycheck.mapping.matches import Mapped
from readycheck.mapping.words import words_of
from readycheck.mirroring import box, heading_line, item_line
from readycheck.model import Claim, Severity

#: An id is no longer than this (in characters); it ends with a whole word.
_LONGEST_ID = 48
_FEATURES = either(
    "(?:business|core|key|main|product)? ?(?:features?|modules?|functionality|capabilities)$",
    "fonctionnalites",
    "funcionalidades",
    "业务功能",
    "核心功能",
)
_NO_FEATURE = frozenset(
    ("system", "management", "workflow", "processing", "module", "feature", "automated", "support", "integration")
)
_SOURCES = (
    ("coverage", either("(?:test|code|line|branch)? ?coverage", "couverture", "cobertura", "测试覆盖率")),
    ("openapi", either("api doc", "documentation coverage", "openapi")),
    ("score", either("security score", "readiness score")),
    ("uptime", either("uptime", "availability", "disponibilite", "可用性")),
    ("latency", either("(?:api |average |p9\\d )*(?:response|latency|latence)", "响应时间", "p9[59]")),
    ("errors", either("(?:api )?error rate", "errors?\\b", "taux d'erreur", "错误率")),
)


class ImportedItem(NamedTuple):
    """An item with where it stands and how it was mapped."""

    id: str
    line: int
    text: str
    claim: Claim
    section: str
    mapped: Mapped


class Imported(NamedTuple):
    """A checklist as plain values, its items with their mappings, and what the reader of the document noted."""

    values: dict[str, Any]
    items: tuple[ImportedItem, ...]
    notes: tuple[Note, ...]

    @property
    def manual(self) -> tuple[ImportedItem, ...]:
        """The items that no check was found for."""
        return tuple(item for item in self.items if not item.mapped.checks)


def imported(document: Document, catalogue: Catalogue, *, service: str, path: str) -> Imported:
    """The checklist of a document, as it stands in readiness.yaml. Pure and deterministic."""
    return _Import(document, catalogue).run(service, path)


class _Import:
    """One import: the ids that are taken, and the items so far."""

    def __init__(self, document: Document, catalogue: Catalogue) -> None:
        self.document = document
        self.catalogue = catalogue
        self.mapper = Mapper(catalogue)
        self.taken: set[str] = set()
        self.sections_taken: set[str] = set()
        self.items: list[ImportedItem] = []
        self.parents = {item.under for item in document.items if item.under}
        self.above = {item.line: item.under for item in document.items}
        self.ids: dict[int, str] = {}

    def run(self, service: str, path: str) -> Imported:
        """Every part of the document in its place."""
        review = surroundings.review(self.document)
        head = self._head()
        values: dict[str, Any] = {
            "version": 1,
            "service": service,
            "document": _filled(
                path=path,
                title=self.document.title,
                heading=head.get("heading", ""),
                front_matter=self.document.front_matter,
                notes=head.get("notes", ""),
                **review._asdict(),
            ),
            "sections": self._sections(),
        }
        values |= _filled(
            actions=self._actions(),
            metrics=self._metrics(),
            deployment_steps=self._phases(),
            contacts=[contact._asdict() for contact in surroundings.contacts(self.document)],
            rollback=[self._step(step) for step in surroundings.rollback(self.document)],
        )
        unfilled = [
            Note(line, "a command stands where its result should: it was never expanded")
            for line in surroundings.unfilled(self.document.lines)
        ]
        return Imported(values, tuple(self.items), (*self.document.notes, *unfilled))

    def _head(self) -> dict[str, str]:
        """The title's line where it is more than the title, and what stands between it and the first section."""
        first = self.document.sections[1] if len(self.document.sections) > 1 else None
        if first is None or first.level != 1 or self._preamble() or first.items:
            return {}
        written = "\n".join(self.document.lines[first.line - 1 : _body(first) - 1])
        plain = heading_line(1, first.title)
        again = any(section.level == 1 for section in self.document.sections[2:])
        return {"heading": written if again or written != plain else "", "notes": self._notes(_body(first), first.last)}

    def _preamble(self) -> str:
        first = self.document.sections[0]
        start = self.document.front_matter.count("\n") + 3 if self.document.front_matter else 1
        return self._notes(start, first.last)

    def _sections(self) -> list[dict[str, Any]]:
        made = []
        for index, section in enumerate(self.document.sections):
            start = self.document.front_matter.count("\n") + 3 if self.document.front_matter and index == 0 else 1
            if index == 0 and not section.items and not self._notes(start, section.last):
                continue
            if index == 1 and section.level == 1 and not section.items and not self._preamble():
                continue
            made.append(self._section(section, start))
        return made

    def _section(self, section: Section, start: int) -> dict[str, Any]:
        body = _body(section) if section.line else start
        written = "\n".join(self.document.lines[section.line - 1 : body - 1]) if section.line else ""
        title = section.title or self.document.title or "Checklist"
        items = [item for item in section.items if item.line >= body or item.line == section.line]
        first = next((item.line for item in items if item.line >= body), section.last + 1)
        return _filled(
            title=title,
            id=self._section_id(title, section),
            **({} if section.level == 2 else {"level": section.level}),  # noqa: PLR2004 - the default
            heading="" if not section.line or written == heading_line(section.level, title) else written,
            notes=self._notes(body, first - 1),
            items=[self._item(item, section, following) for item, following in _pairs(items, section.last + 1)],
        ) | ({"level": 0} if not section.line else {})

    def _section_id(self, title: str, section: Section) -> str:
        """An id only where the title gives none, or one that is taken."""
        own = slug(fold(title))
        plain_id = slug(title)
        above = self.document.sections[section.parent].title if section.parent > 0 else ""
        name = _free([own, slug(f"{fold(above)} {own}") if above else ""], own or "section", self.sections_taken)
        return "" if name == plain_id else name

    def _notes(self, first: int, last: int) -> str:
        lines = [line.rstrip() for line in self.document.lines[first - 1 : last]]
        while lines and not lines[0]:
            lines.pop(0)
        while lines and not lines[-1]:
            lines.pop()
        return "\n".join(lines)

    def _after(self, first: int, last: int) -> str:
        """The lines after an item, with an empty one before and after them where the document has it."""
        text = self._notes(first, last)
        if not text:
            return ""
        before = "\n" if not self.document.lines[first - 1].strip() else ""
        after = "\n" if last <= len(self.document.lines) and not self.document.lines[last - 1].strip() else ""
        return before + text + after

    def _item(self, item: Item, section: Section, following: int) -> dict[str, Any]:
        mapped = self._mapped(item, section)
        name = self._id(item.text, section.title)
        self.ids.setdefault(item.line, name)
        self.items.append(ImportedItem(name, item.line, item.text, item.claim, section.title, mapped))
        depth = self._depth(item)
        written = "\n".join(line.rstrip() for line in self.document.lines[item.line - 1 : item.last])
        shared = item.shared or item.line == section.line
        checks = [match.check for match in mapped.checks]
        return _filled(
            id=name,
            text=item.text,
            claim=item.claim.value,
            severity=self._severity(item, checks),
            reason="the document says so" if item.claim is Claim.NOT_APPLICABLE else "",
            under=self.ids.get(item.under, "") if item.under else "",
            checks=checks,
            **{"with": {name: dict(given) for name, given in mapped.parameters.items()}},
            mapping=_mapping(mapped),
            markdown="" if shared or written == item_line(item.text, box(item.claim), depth) else written,
            notes="" if item.line in (following, section.line) else self._after(item.last + 1, following - 1),
        ) | ({"shared": True} if shared else {})

    def _depth(self, item: Item) -> int:
        above = self.above
        depth, line = 0, item.under
        while line and depth < 20:  # noqa: PLR2004 - lines stand above one another; no loop can be
            depth, line = depth + 1, above.get(line, 0)
        return depth

    def _mapped(self, item: Item, section: Section) -> Mapped:
        mapped = self.mapper.map(item.text, section.title)
        if mapped.checks or not _FEATURES.search(fold(section.title)) or "feature-routes" not in self.catalogue.checks:
            return mapped
        words = [word for word in re.findall(r"[a-z]{4,}", fold(item.text)) if word not in _NO_FEATURE]
        roots = [words_of(word).all[0] for word in words[:2] if words_of(word).all]
        return _feature(roots) if roots else mapped

    def _severity(self, item: Item, checks: Sequence[str]) -> str:
        """That of its gravest check; none for a line that sums up others, so that nothing is weighed twice."""
        if item.line in self.parents and not item.shared:
            return Severity.INFO.value
        severities = [self.catalogue.checks[name].severity for name in checks]
        return max(severities, key=lambda severity: severity.weight, default=Severity.MEDIUM).value

    def _id(self, text: str, section: str) -> str:
        own = _short(slug(fold(text))) or f"item-{blake2b(text.encode(), digest_size=4).hexdigest()}"
        above = _short(slug(f"{fold(section)} {own}"))
        return _free([own, above], own, self.taken)

    def _actions(self) -> list[dict[str, Any]]:
        made = []
        for action in surroundings.actions(self.document):
            code = [{"language": block.language, "text": _trimmed(block.text)} for block in action.code]
            derived = asserted([(block.language, block.text) for block in action.code], self.catalogue)
            made.append(
                _filled(
                    id=self._id(f"action {action.title}", ""),
                    title=action.title,
                    code=code,
                    checks=list(derived.checks),
                )
                | _filled(**{"with": {name: dict(given) for name, given in derived.parameters.items()}})
            )
        return made

    def _metrics(self) -> list[dict[str, Any]]:
        return [
            _filled(
                id=self._id(metric.name if slug(fold(metric.name)) not in self.taken else f"metric {metric.name}", ""),
                name=metric.name,
                target=metric.target,
                current=metric.current,
                source=next((source for source, pattern in _SOURCES if pattern.match(fold(metric.name))), ""),
            )
            | {"target": metric.target}
            for metric in surroundings.metrics(self.document)
        ]

    def _phases(self) -> list[dict[str, Any]]:
        return [
            {
                "id": self._id(phase.title, "phase"),
                "title": phase.title,
                "steps": [self._step(step) for step in phase.steps],
            }
            for phase in surroundings.phases(self.document)
        ]

    def _step(self, text: str) -> Any:
        """A step with the checks that bear on it, when they are sure; else its words alone."""
        mapped = self.mapper.map(text)
        sure = [match.check for match in mapped.checks if match.confidence >= 0.9]  # noqa: PLR2004 - steps are short
        return {"text": text, "checks": sure} if sure and not mapped.parameters else text


def _feature(roots: Iterable[str]) -> Mapped:
    from readycheck.mapping.matches import Match

    paths = list(roots)
    match = Match("feature-routes", 0.75, "a feature of the product", tuple(paths))
    return Mapped((match,), None, {"feature-routes": {"paths": paths}})


def _mapping(mapped: Mapped) -> Mapping[str, Any]:
    if not mapped.checks:
        return {}
    return {"confidence": round(mapped.confidence, 2)} | (
        {"runner_up": mapped.runner_up.check} if mapped.runner_up else {}
    )


def _pairs(items: Sequence[Item], end: int) -> list[tuple[Item, int]]:
    """Each item with the line where the next one stands."""
    return [(item, items[index + 1].line if index + 1 < len(items) else end) for index, item in enumerate(items)]


def _body(section: Section) -> int:
    """The line after the heading."""
    heading = section.blocks[0] if section.blocks and section.line else None
    return (getattr(heading, "last", section.line)) + 1


def _trimmed(text: str) -> str:
    """The text without spaces at the ends of its lines, which editors drop."""
    return "\n".join(line.rstrip() for line in text.rstrip("\n").split("\n")) + "\n"


def _free(names: Iterable[str], root: str, taken: set[str]) -> str:
    """The first of these names that is not taken, else the root with a number; it is taken from now on."""
    numbered = (f"{root}-{number}" for number in count(2))
    name = next(name for name in chain(names, numbered) if name and name not in taken)
    taken.add(name)
    return name


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_ID else name[:_LONGEST_ID].rpartition("-")[0] or name[:_LONGEST_ID]


def _filled(**values: Any) -> dict[str, Any]:
    """The values that say something."""
    return {name: value for name, value in values.items() if value not in ("", None, [], {}, ())}
