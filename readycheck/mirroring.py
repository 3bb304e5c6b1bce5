"""Writes the Markdown document that a checklist mirrors, so that nothing which was imported is lost."""

from __future__ import annotations

from collections.abc import Iterator

from readycheck.checklist import ChecklistFile, ItemEntry, SectionEntry
from readycheck.model import Claim

_BOXES = {
    Claim.DONE: "x",
    Claim.TODO: " ",
    Claim.IN_PROGRESS: "/",
    Claim.PARTIAL: "~",
    Claim.FAILED: "!",
    Claim.NOT_APPLICABLE: "-",
}


def box(claim: Claim) -> str:
    """What stands in the box of an item with this claim."""
    return _BOXES[claim]


def heading_line(level: int, title: str) -> str:
    """A heading as Markdown."""
    return f"{'#' * level} {title}"


def item_line(text: str, inside: str, depth: int) -> str:
    """An item as Markdown, below this many others."""
    return f"{'  ' * depth}- [{inside}] {text}"


def mirrored(file: ChecklistFile) -> str:
    """The document: an imported one line by line as it was, one that was written by hand in a plain form."""
    return "\n".join(_lines(file)).rstrip("\n") + "\n"


def _lines(file: ChecklistFile) -> Iterator[str]:
    if file.document.front_matter:
        yield from ("---", file.document.front_matter, "---", "")
    titled = any(section.level == 1 and section.title == file.document.title for section in file.sections)
    if file.document.title and (file.document.heading or not titled):
        yield from (file.document.heading or heading_line(1, file.document.title), "")
    if file.document.notes:
        yield from (file.document.notes, "")
    for section in file.sections:
        yield from _section(section)
    written = "\n".join([file.document.notes, *(text for section in file.sections for text in _notes(section))])
    yield from _rest(file, written)


def _notes(section: SectionEntry) -> Iterator[str]:
    yield section.notes
    yield from (item.notes for item in section.items)


def _section(section: SectionEntry) -> Iterator[str]:
    if section.level:
        yield from (section.heading or heading_line(section.level, section.title), "")
    if section.notes:
        yield from (section.notes, *([] if _goes_on(section) else [""]))
    depths: dict[str, int] = {}
    for item in section.items:
        depths[item.id] = depths.get(item.under, -1) + 1 if item.under else 0
        yield from _item(item, depths[item.id])
    yield ""


def _goes_on(section: SectionEntry) -> bool:
    """Do the notes end inside a table whose next row is an item?"""
    return bool(section.items) and "|" in section.items[0].markdown and "|" in section.notes.rsplit("\n", 1)[-1]


def _item(item: ItemEntry, depth: int) -> Iterator[str]:
    if not item.shared:
        yield item.markdown or item_line(item.text, box(item.claim), depth)
    if item.notes:
        yield item.notes


def _rest(file: ChecklistFile, written: str) -> Iterator[str]:
    """The other parts of a checklist that was written by hand; an imported one has them in its notes."""
    if written.strip():
        return
    if file.actions:
        yield from ("## Critical Actions", "")
    for action in file.actions:
        yield from (heading_line(3, action.title), "")
        for block in action.code:
            yield from (f"```{block.language}", block.text.rstrip("\n"), "```", "")
    if file.metrics:
        yield from ("## Metrics", "", "| Metric | Target | Current |", "|---|---|---|")
        yield from (f"| {metric.name} | {metric.target} | {metric.current or '-'} |" for metric in file.metrics)
        yield ""
    if file.deployment_steps:
        yield from ("## Deployment Steps", "")
    for number, phase in enumerate(file.deployment_steps, 1):
        yield f"{number}. **{phase.title}**"
        yield from (f"   - {step.text}" for step in phase.steps)
        yield ""
    if file.contacts:
        yield from ("## Contacts", "", *(f"- **{contact.role}**: {contact.address}" for contact in file.contacts), "")
    if file.rollback:
        yield from (
            "## Rollback Procedure",
            "",
            *(f"{number}. {step.text}" for number, step in enumerate(file.rollback, 1)),
            "",
        )
    footer = (
        ("Last Updated", file.document.last_updated),
        ("Reviewed By", file.document.reviewed_by),
        ("Next Review", file.document.next_review),
    )
    yield from (f"**{label}**: {value}  " for label, value in footer if value)
