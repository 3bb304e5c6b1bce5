"""False alarms on public projects, beside the peers: `python benchmarks/secrets/clean.py REPOSITORY... [--show]`.

Counts the places (file, line) that each scanner reports in HEAD's files. What the project sets aside by its path (tests,
documentation, lock files) is counted apart. Whether an alarm is false is judged by eye: `--show` lists ours.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from head import lay
from ours import Scanner, files
from peers import available


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--show", action="store_true", help="list our alarms")
    parser.add_argument("--without", action="append", default=[], help="leave out a peer that takes too long")
    options = parser.parse_args()
    scanner = Scanner()
    peers = {name: run for name, run in available().items() if name not in options.without}
    total: Counter[str] = Counter()
    names = ["readycheck", "set aside", *peers]
    print(f"{'repository':30}" + "".join(f"{name:>15}" for name in names))
    for repository in options.repositories:
        with tempfile.TemporaryDirectory() as place:
            folder = lay(repository, Path(place))
            alarms = [alarm for path, text in files(folder) for alarm in scanner.alarms(path, text)]
            counts = {
                "readycheck": len({alarm[:2] for alarm in alarms if not alarm.aside}),
                "set aside": len({alarm[:2] for alarm in alarms if alarm.aside}),
                **{name: len({finding[:2] for finding in run(folder)}) for name, run in peers.items()},
            }
        total.update(counts)
        _print(repository, counts, names)
        if options.show:
            for alarm in alarms:
                if not alarm.aside:
                    print(f"    {alarm.rule} {alarm.path}:{alarm.line}")
    _print(Path("all"), total, names)


def _print(repository: Path, counts: dict[str, int], names: list[str]) -> None:
    name = repository.parent.name if repository.name == "repo" else repository.name
    print(f"{name:30}" + "".join(f"{counts[column]:15}" for column in names), flush=True)


if __name__ == "__main__":
    main()
