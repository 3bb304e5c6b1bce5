"""Recall and precision on labelled texts: `python benchmarks/secrets/cases.py CASES.jsonl.gz [--misses N]`.

A text counts as reported when any rule finds a credential in it; the labels are those of the sets' own authors.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter

from readycheck.gather.secrets.judge import everything
from readycheck.gather.secrets.rules import load_rules


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases")
    parser.add_argument("--misses", type=int, default=0, help="show so many of each kind of mistake")
    options = parser.parse_args()
    rules = load_rules().rules
    tally: Counter[tuple[str, bool, bool]] = Counter()
    wrong: dict[bool, list[str]] = {True: [], False: []}
    with gzip.open(options.cases, "rt", encoding="utf-8") as lines:
        for case in map(json.loads, lines):
            found = everything(rules, case["text"].encode())
            tally[case["source"], case["expected"], bool(found)] += 1
            if bool(found) != case["expected"]:
                by = ",".join(sorted({match.rule.id for match in found}))
                wrong[case["expected"]].append(f"{case['source']} {case['rule']} [{by}] {case['text'][:150]!r}")
    for source in [*sorted({key[0] for key in tally}), ""]:
        print(_row(source, tally))
    for expected, texts in wrong.items():
        for text in texts[: options.misses]:
            print("missed " if expected else "alarmed", text)


def _row(source: str, tally: Counter[tuple[str, bool, bool]]) -> str:
    def count(expected: bool, found: bool) -> int:
        return sum(
            number for key, number in tally.items() if key[0].startswith(source) and key[1:] == (expected, found)
        )

    hit, missed, alarmed = count(True, True), count(True, False), count(False, True)
    recall = hit / max(1, hit + missed)
    precision = hit / max(1, hit + alarmed)
    return f"{source or 'all':16} recall {recall:.3f} precision {precision:.3f}  found {hit} missed {missed} alarmed {alarmed}"


if __name__ == "__main__":
    main()
