"""Recall and precision on labelled texts: `python benchmarks/secrets/cases.py CASES.jsonl.gz [--misses N]`.

A text counts as reported when any rule finds a credential in it; the labels are those of the sets' own authors. Labels that
we refuse stand in `refused.json` by their reasons, as SHA-256 of the text; figures are printed with and without them.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections import Counter
from pathlib import Path

from readycheck.gather.secrets.judge import everything
from readycheck.gather.secrets.rules import load_rules

_REFUSED = Path(__file__).with_name("refused.json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases")
    parser.add_argument("--misses", type=int, default=0, help="show so many of each kind of mistake")
    options = parser.parse_args()
    rules = load_rules().rules
    reasons = {text: reason for reason, texts in json.loads(_REFUSED.read_text("utf-8")).items() for text in texts}
    refused: Counter[str] = Counter()
    accepted: Counter[tuple[str, bool, bool]] = Counter()
    tally: Counter[tuple[str, bool, bool]] = Counter()
    wrong: dict[bool, list[str]] = {True: [], False: []}
    with gzip.open(options.cases, "rt", encoding="utf-8") as lines:
        for case in map(json.loads, lines):
            found = everything(rules, case["text"].encode())
            tally[case["source"], case["expected"], bool(found)] += 1
            reason = reasons.get(hashlib.sha256(case["text"].encode()).hexdigest()[:16])
            if reason:
                refused[reason] += 1
                continue
            accepted[case["source"], case["expected"], bool(found)] += 1
            if bool(found) != case["expected"]:
                by = ",".join(sorted({match.rule.id for match in found}))
                wrong[case["expected"]].append(f"{case['source']} {case['rule']} [{by}] {case['text'][:150]!r}")
    for title, counted in (("every label", tally), ("without the refused", accepted)):
        print(title)
        for source in [*sorted({key[0] for key in counted}), ""]:
            print("  " + _row(source, counted))
    print(f"refused {sum(refused.values())} labels")
    for reason, number in refused.most_common():
        print(f"  {number:4} {reason}")
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
