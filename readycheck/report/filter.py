"""What of a scorecard a reader wants to see; it hides rows and never changes a number."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from readycheck.errors import UsageError
from readycheck.model import Overlay, Verdict
from readycheck.reading import nearest
from readycheck.scorecard import ItemRow, Scorecard, SectionRow


class Filter(Struct, frozen=True, kw_only=True):
    """Rows to show; an empty field shows all. `sections`, `verdicts` and `items` narrow the lines, `phase` the steps.

    A verdict is one of the model's or `waived`, which is what a valid waiver makes of any other.
    """

    sections: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    phase: str = ""

    @property
    def narrows(self) -> bool:
        """Does it hide anything at all?"""
        return bool(self.sections or self.verdicts or self.items or self.phase)

    def shows(self, section: SectionRow, item: ItemRow) -> bool:
        """Is this line of this section shown?"""
        return (
            (not self.sections or section.id in self.sections)
            and (not self.verdicts or shown_verdict(item) in self.verdicts)
            and (not self.items or item.id in self.items)
        )

    def check(self, card: Scorecard) -> None:
        """Refuse a filter that this scorecard cannot answer: an empty report would read as a clean one.

        Raises:
            UsageError: it names something that is not there, or no line is left.
        """
        _require("section", self.sections, {section.id for section in card.sections})
        _require("verdict", self.verdicts, {*(verdict.value for verdict in Verdict), Overlay.WAIVED.value})
        _require("item", self.items, {item.id for item in card.items})
        _require("phase", (self.phase,) if self.phase else (), {phase.id for phase in card.phases})
        narrows_lines = self.sections or self.verdicts or self.items
        if narrows_lines and not any(self.shows(section, item) for section in card.sections for item in section.items):
            raise UsageError("no line of the scorecard matches the filter", hint="leave out one of its parts")

    def __str__(self) -> str:
        parts = {"section": self.sections, "verdict": self.verdicts, "item": self.items}
        named = [f"{name} {', '.join(values)}" for name, values in parts.items() if values]
        return "; ".join([*named, *([f"phase {self.phase}"] if self.phase else [])])


#: The filter that shows everything.
EVERYTHING = Filter()


def shown_verdict(item: ItemRow) -> str:
    """The verdict as reports count it: `waived` where a valid waiver lies over another."""
    return item.overlay.value if item.overlay is Overlay.WAIVED else item.verdict.value


def _require(kind: str, names: Collection[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near!r}?" if near else f"there are: {', '.join(sorted(known)[:12]) or 'none'}"
            raise UsageError(f"there is no {kind} {name!r} in the scorecard", hint=hint)
