"""Measures how well real checklists are read: python benchmarks/documents/measure.py FOLDER.

FOLDER holds the documents, whatever they are called: they are known by their SHA-256. The texts belong to their authors and
are not kept here. Their repositories are named in the expectations, each at `owner/name path`.
"""

from __future__ import annotations

import hashlib
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from readycheck.catalogue import load_catalogue
from readycheck.document.parse import parse
from readycheck.importing import imported
from readycheck.mapping.mapper import Mapper

HERE = Path(__file__).parent
SETS = ("tuned", "held_out", "second", "third", "fourth")
CODES = {"d": "done", "t": "todo", "p": "partial", "w": "in_progress", "f": "failed", "n": "not_applicable"}


def expected(spec: str, lines: tuple[str, ...]) -> dict[int, str]:
    """The state of each line that is an item."""
    found = {}
    for part in spec.split():
        match = re.fullmatch(r"(\d+)(?:-(\d+))?([dtpwfn])", part)
        assert match, part
        for number in range(int(match[1]), int(match[2] or match[1]) + 1):
            if lines[number - 1].strip():
                found[number] = CODES[match[3]]
    return found


def texts(folder: Path) -> dict[str, bytes]:
    """The documents of a folder by the first digits of their SHA-256, whatever they are called."""
    files = [path.read_bytes() for path in folder.rglob("*.md")]
    return {hashlib.sha256(data).hexdigest()[:12]: data for data in files}


def entries(name: str) -> list[dict[str, Any]]:
    """The documents of a set with what is expected of them."""
    fresh = yaml.safe_load((HERE / "fresh.yaml").read_text("utf-8"))
    found: list[dict[str, Any]] = fresh.get(name) or yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))
    return found


def parsing(name: str, found: dict[str, bytes]) -> None:
    """Print how many items of a half were found, and how many of their states were right."""
    tally: Counter[str] = Counter()
    for entry in entries(name):
        data = found.get(str(entry["sha"]))
        if data is None:
            print(f"  missing: {entry['sha']} ({entry['at']})")
            continue
        document = parse(data, entry["at"])
        want = expected(entry["items"], document.lines)
        unsure = set(entry.get("unsure", ()))
        got = {item.line: item.claim.value for item in document.items if item.line not in unsure}
        tally += Counter(
            documents=1,
            items=len(want),
            found=len(want.keys() & got.keys()),
            extra=len(got.keys() - want.keys()),
            states=sum(got.get(line) == state for line, state in want.items()),
        )
    print(
        f"| {name}: {tally['documents']} documents, {tally['items']} items | {tally['found'] / tally['items']:.1%} | "
        f"{tally['found'] / (tally['found'] + tally['extra']):.1%} | {tally['states'] / max(1, tally['found']):.1%} |"
    )


def mapping(name: str, found: dict[str, bytes]) -> None:
    """Print how many mappable items of a half got a right check, a wrong one or none, and how many others got one."""
    truth = yaml.safe_load((HERE / "mapping.yaml").read_text("utf-8"))
    unsure = {str(entry["sha"]): set(entry.get("unsure", ())) for entry in entries(name)}
    mapper = Mapper(load_catalogue())
    tally: Counter[str] = Counter()
    for sha, spec in truth[name].items():
        if sha not in found:
            continue
        want = {int(line): topic for line, topic in (part.split(":") for part in spec.split())}
        for section in parse(found[sha], sha).sections:
            for item in section.items:
                if item.line in unsure.get(sha, ()):
                    continue
                chosen = {match.check for match in mapper.map(item.text, section.title).checks}
                topic = want.get(item.line, "")
                right = chosen <= set(truth["topics"].get(topic.rstrip("?"), ()))
                if topic and not topic.endswith("?"):
                    tally += Counter(mappable=1, right=bool(chosen) and right, wrong=bool(chosen) and not right)
                elif chosen and topic != "none?" and not (topic and right):
                    tally["beyond"] += 1
    print(
        f"| {name}: {tally['mappable']} mappable items | {tally['right'] / tally['mappable']:.1%} | "
        f"{tally['wrong'] / tally['mappable']:.1%} | "
        f"{(tally['wrong'] + tally['beyond']) / tally['mappable']:.1%} |"
    )


def speed() -> None:
    """Print how long the import of 2,000 items takes."""
    lines = [
        f"- [{'x' if number % 3 else ' '}] Rate limiting of endpoint {number} and its backup job"
        for number in range(2000)
    ]
    catalogue = load_catalogue()
    data = ("# Checklist\n\n## Security\n\n" + "\n".join(lines) + "\n").encode()
    start = time.perf_counter()
    imported(parse(data, "x"), catalogue, service="x", path="x")
    print(f"| import of 2,000 items | {time.perf_counter() - start:.2f} s |")


def main() -> None:
    """Print the tables of README.md, measured."""
    found = texts(Path(sys.argv[1]))
    print("| half | items found | of what was found, items | states right |\n|---|---|---|---|")
    for name in SETS:
        parsing(name, found)
    print("\n| half | right | wrong | wrong, with items that no check can prove |\n|---|---|---|---|")
    for name in SETS:
        mapping(name, found)
    print("\n| what | time |\n|---|---|")
    speed()


if __name__ == "__main__":
    main()
