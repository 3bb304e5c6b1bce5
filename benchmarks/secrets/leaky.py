"""Recall on Plazmaz/leaky-repo, beside the peers: `python benchmarks/secrets/leaky.py REPOSITORY`.

The repository labels itself: for each file the number of lines that are a risk. A scanner is credited with the lines
that it reports in a file, at most as many as are labelled.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from head import lay
from ours import Scanner, files
from peers import available


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = lay(Path(sys.argv[1]), Path(place))
        labels = _labels((folder / ".leaky-meta" / "secrets.csv").read_text())
        scanner = Scanner()
        ours = [alarm[:2] for path, text in files(folder) for alarm in scanner.alarms(path, text)]
        _print("readycheck", ours, labels)
        for name, run in available().items():
            _print(name, (finding[:2] for finding in run(folder)), labels)


def _labels(table: str) -> dict[str, int]:
    rows = [line.split(",") for line in table.splitlines() if line and not line.startswith("#")]
    return {path: int(risk) for path, risk, _ in rows}


def _print(name: str, places: Iterable[tuple[str, int]], labels: dict[str, int]) -> None:
    lines = defaultdict[str, set[int]](set)
    for path, line in places:
        lines[path].add(line)
    found = sum(min(len(lines[path]), risk) for path, risk in labels.items())
    whole = sum(len(lines[path]) >= risk for path, risk in labels.items() if risk)
    print(
        f"{name:16} {found:3} of {sum(labels.values())} lines, {whole} of {sum(map(bool, labels.values()))} files whole"
    )


if __name__ == "__main__":
    main()
