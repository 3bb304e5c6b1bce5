"""Brings a checklist in step with its document: ids, parameters and what people chose stay, and every change is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Any, NamedTuple

from readycheck.checklist import slug

#: How alike (of 100) the words of an item before and after an edit must be to be taken for the same item.
_SAME = 76
#: What standing in the same section adds to that, and how many old items are weighed for a new one.
_HERE, _NEAREST = 5, 5
#: What people set on an item, and an import does not.
_KEPT = ("owner", "attest", "severity")


class Change(NamedTuple):
    """One difference: `kind` is `added`, `gone`, `changed` or `moved`; `what` names the thing, `text` says how it differs."""

    kind: str
    what: str
    text: str


class Synced(NamedTuple):
    """The checklist in step with its document, and what was different."""

    values: dict[str, Any]
    changes: tuple[Change, ...]
    gone: tuple[str, ...]


def synced(old: Mapping[str, Any], new: Mapping[str, Any]) -> Synced:
    """The old checklist with what the new import of its document says. Both are plain values of readiness.yaml."""
    return _Sync(old, new).run()


class _Sync:
    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self.old = old
        self.new = new
        self.changes: list[Change] = []
        self.renamed: dict[str, str] = {}

    def run(self) -> Synced:
        """Match items first, since everything else refers to their ids."""
        before = list(_items(self.old))
        after = list(_items(self.new))
        pairs = _matched(before, after)
        self.renamed = {after[at].item["id"]: before[was].item["id"] for at, was in pairs.items()}
        self._free_ids(after)
        gone = [entry for index, entry in enumerate(before) if index not in pairs.values()]
        self._tell(before, after, pairs, gone)
        values = dict(self.old) | {"document": self._document(), "sections": self._sections(before, after, pairs)}
        for part, told in _PARTS.items():
            merged = self._part(part, told)
            values.pop(part, None)
            if merged:
                values[part] = merged
        return Synced(values, tuple(self.changes), tuple(entry.item["id"] for entry in gone))

    def _free_ids(self, after: Sequence[_Entry]) -> None:
        """A new item never takes the id of an old one that it is not, so that no decision falls to it."""
        held = {item.item["id"] for item in _items(self.old)} | set(self.renamed.values())
        for entry in after:
            name = entry.item["id"]
            if name not in self.renamed:
                self.renamed[name] = _free(name, held)

    def _tell(
        self, before: Sequence[_Entry], after: Sequence[_Entry], pairs: Mapping[int, int], gone: Iterable[_Entry]
    ) -> None:
        for index, entry in enumerate(after):
            if index not in pairs:
                self.changes.append(
                    Change("added", self.renamed[entry.item["id"]], f"{entry.item['text']} ({entry.item['claim']})")
                )
                continue
            was = before[pairs[index]]
            name = was.item["id"]
            if was.item["text"] != entry.item["text"]:
                self.changes.append(Change("changed", name, f"text: {was.item['text']} → {entry.item['text']}"))
            if was.item["claim"] != entry.item["claim"]:
                self.changes.append(Change("changed", name, f"claim: {was.item['claim']} → {entry.item['claim']}"))
            if was.section != entry.section:
                self.changes.append(Change("moved", name, f"{was.section} → {entry.section}"))
        self.changes += [Change("gone", entry.item["id"], entry.item["text"]) for entry in gone]
        order = [pairs[index] for index in range(len(after)) if index in pairs]
        if order != sorted(order):
            self.changes.append(Change("moved", "items", "the order of the items changed"))

    def _document(self) -> dict[str, Any]:
        was, now = dict(self.old.get("document") or {}), dict(self.new.get("document") or {})
        for name in ("title", "last_updated", "reviewed_by", "next_review"):
            if str(was.get(name, "")) != str(now.get(name, "")):
                self.changes.append(
                    Change("changed", f"document.{name}", f"{was.get(name, '') or '–'} → {now.get(name, '') or '–'}")
                )
        return now | ({"path": was["path"]} if was.get("path") else {})

    def _sections(
        self, before: Sequence[_Entry], after: Sequence[_Entry], pairs: Mapping[int, int]
    ) -> list[dict[str, Any]]:
        ids = _own_ids(self.old.get("sections") or (), self.new.get("sections") or ())
        merged = iter(
            self._item(entry.item, before[pairs[index]].item if index in pairs else None)
            for index, entry in enumerate(after)
        )
        made = []
        taken = set(ids.values())
        for section in self.new.get("sections") or ():
            items = [next(merged) for _ in section.get("items") or ()]
            title = section["title"]
            name = ids.get(title) or _free(section.get("id") or slug(title), taken)
            own = {"title": title} | ({"id": name} if name != slug(title) else {})
            rest = {key: value for key, value in section.items() if key not in ("title", "id", "items")}
            made.append(own | rest | ({"items": items} if items else {}))
        return made

    def _item(self, now: Mapping[str, Any], was: Mapping[str, Any] | None) -> dict[str, Any]:
        merged = dict(now) | {"id": self.renamed[now["id"]]}
        if merged.get("under"):
            merged["under"] = self.renamed.get(merged["under"], merged["under"])
        if was is None:
            return merged
        merged |= {name: was[name] for name in _KEPT if name in was}
        if now["claim"] == "not_applicable" and was.get("reason"):
            merged["reason"] = was["reason"]
        # What somebody chose stays; what was mapped stays while the words do.
        if "mapping" not in was or was["text"] == now["text"]:
            for name in ("checks", "with", "mapping"):
                merged.pop(name, None)
                if name in was:
                    merged[name] = was[name]
        return merged

    def _part(self, part: str, told: tuple[str, ...]) -> list[Any]:
        """The entries of a part: those that are still there keep what the checklist adds to them."""
        was = {_name(entry): entry for entry in self.old.get(part) or ()}
        now = list(self.new.get(part) or ())
        names = [_name(entry) for entry in now]
        for name in was:
            if name not in names:
                self.changes.append(Change("gone", part, name))
        merged = []
        for entry in now:
            held = was.get(_name(entry))
            if held is None:
                self.changes.append(Change("added", part, _name(entry)))
                merged.append(entry)
                continue
            if any(_plain(_field(held, field)) != _plain(_field(entry, field)) for field in told):
                self.changes.append(Change("changed", part, _name(entry)))
            merged.append(_over(entry, held))
        return merged


#: The parts besides the sections, and the fields of their entries that the document tells.
_PARTS: dict[str, tuple[str, ...]] = {
    "actions": ("code",),
    "metrics": ("target", "current"),
    "deployment_steps": ("steps",),
    "contacts": ("address",),
    "rollback": (),
}


class _Entry(NamedTuple):
    item: Mapping[str, Any]
    section: str


def _items(values: Mapping[str, Any]) -> Iterator[_Entry]:
    for section in values.get("sections") or ():
        for item in section.get("items") or ():
            yield _Entry(item, section["title"])


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number when it is taken; it is taken from now on."""
    free = next(free for free in chain([name], (f"{name}-{number}" for number in count(2))) if free not in taken)
    taken.add(free)
    return free


def _own_ids(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The ids that people gave to sections, by titles that stand for one section only."""
    titles = [section["title"] for section in new]
    olds = [section["title"] for section in old]
    return {
        section["title"]: section["id"]
        for section in old
        if section.get("id") and titles.count(section["title"]) == 1 == olds.count(section["title"])
    }


def _name(entry: Any) -> str:
    if isinstance(entry, str):
        return entry
    return str(entry.get("title") or entry.get("name") or entry.get("role") or entry.get("text") or "")


def _field(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, Mapping) else None


def _plain(value: Any) -> Any:
    """What the document tells of a value: texts without the space around their lines, steps without their checks."""
    if isinstance(value, Mapping):
        told = {key: _plain(inner) for key, inner in value.items() if key not in ("checks", "with")}
        return told["text"] if set(told) == {"text"} else told
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return "\n".join(line.rstrip() for line in str(value or "").strip().split("\n"))


def _over(now: Any, was: Any) -> Any:
    """The entry as the document has it now, with the id and the checks that the checklist gave it."""
    if not isinstance(was, Mapping):
        return now
    if not isinstance(now, Mapping):
        return was
    chosen = _plain(now.get("code")) == _plain(was.get("code")) and "checks" in was
    merged = {key: value for key, value in now.items() if not (chosen and key in ("checks", "with"))}
    kept = ("id", "source", *(("checks", "with") if chosen else ()))
    merged |= {name: was[name] for name in kept if name in was}
    if "steps" in now:
        steps = {_name(step): step for step in was.get("steps") or ()}
        merged["steps"] = [_over(step, steps.get(_name(step), step)) for step in now["steps"]]
    return merged


def _matched(before: Sequence[_Entry], after: Sequence[_Entry]) -> dict[int, int]:
    """Which old item each new one is: the same words in the same section, then anywhere, then words that are alike."""
    pairs: dict[int, int] = {}
    free = set(range(len(before)))
    for key in (_in_place, _words):
        known: dict[Any, list[int]] = {}
        for index in sorted(free):
            known.setdefault(key(before[index]), []).append(index)
        for index, entry in enumerate(after):
            if index not in pairs and known.get(key(entry)):
                pairs[index] = known[key(entry)].pop(0)
                free.discard(pairs[index])
    for index, was in _alike(before, after, free, [at for at in range(len(after)) if at not in pairs]):
        pairs |= {index: was}
    return pairs


def _in_place(entry: _Entry) -> tuple[str, str]:
    return (entry.section.casefold(), _words(entry))


def _words(entry: _Entry) -> str:
    return " ".join(str(entry.item["text"]).casefold().split())


def _alike(
    before: Sequence[_Entry], after: Sequence[_Entry], free: set[int], left: Sequence[int]
) -> Iterator[tuple[int, int]]:
    if not free or not left:
        return
    from rapidfuzz import fuzz, process

    candidates = {was: _words(before[was]) for was in sorted(free)}
    ranked = [
        (score + _HERE * (after[at].section == before[was].section), at, was)
        for at in left
        for _, score, was in process.extract(
            _words(after[at]), candidates, scorer=fuzz.token_sort_ratio, limit=_NEAREST
        )
    ]
    ranked.sort(key=lambda found: (-found[0], found[1], found[2]))
    taken: set[int] = set()
    for score, at, was in ranked:
        if score >= _SAME and at not in taken and was in free:
            taken.add(at)
            free.discard(was)
            yield at, was
