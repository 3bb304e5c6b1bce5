"""Times whole processes: wall seconds and the peak memory of the largest one."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from repository import build

RUNS = 5


def measure(command: list[str]) -> tuple[float, float]:
    """Median wall seconds and peak megabytes of a command, after one warm-up."""
    walls, peaks = [], []
    for turn in range(RUNS + 1):
        start = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0
        if turn:
            walls.append(time.perf_counter() - start)
            peaks.append(usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024))
    return statistics.median(walls), max(peaks)


def main() -> None:
    """Print the table of README.md, measured."""
    with tempfile.TemporaryDirectory() as folder:
        repository = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "bench"
        if len(sys.argv) == 1:
            build(repository)
        readycheck = [str(Path(sys.executable).with_name("readycheck"))]
        rows = [
            ("python -c pass", [sys.executable, "-c", "pass"]),
            ("--version", [*readycheck, "--version"]),
            ("explain rate-limiting", [*readycheck, "explain", "rate-limiting"]),
            ("audit, 1,300 files", [*readycheck, "audit", str(repository), "--quiet"]),
        ]
        print("| what | wall, s | peak, MB |\n|---|---|---|")
        for name, command in rows:
            wall, peak = measure(command)
            print(f"| {name} | {wall:.3f} | {peak:.0f} |")


if __name__ == "__main__":
    main()
