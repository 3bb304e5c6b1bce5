"""Times the audit of a live site beside sslyze, sslscan, testssl.sh and mdn-http-observatory, each as users run it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests"), str(HERE.parent / "tests" / "estate")]

from distance import distant  # noqa: E402 - after the path
from support.live_estate import estate, plant_defect  # noqa: E402

from readycheck.catalogue import load_catalogue  # noqa: E402
from readycheck.facts.question import Question  # noqa: E402
from readycheck.facts.service import RateLimitBurst, ServiceLevels  # noqa: E402
from readycheck.gather.deployment.gatherer import DeploymentGatherer  # noqa: E402
from readycheck.gather.gatherer import gather  # noqa: E402
from readycheck.gather.tls.gatherer import TlsGatherer  # noqa: E402
from readycheck.model import Target  # noqa: E402

RUNS = 3
#: Seconds of a round trip to the distant site.
ROUND_TRIP = 0.2
OBSERVATORY = HERE.parent / "tests" / "estate" / "service" / "node_modules" / "@mdn" / "mdn-http-observatory"


def best(work: Callable[[], Any], runs: int = RUNS) -> float:
    """The best wall time of some runs, in seconds: what the machine does besides only ever adds."""
    walls = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        walls.append(time.perf_counter() - start)
    return min(walls)


def process(command: Sequence[str], cwd: Path | None = None) -> Callable[[], Any]:
    return lambda: subprocess.run(command, cwd=cwd, capture_output=True, check=False, timeout=300)


def asked() -> list[Question[Any]]:
    """Whatever the checks on deployments ask, sampling and bursts aside."""
    checks = [check for check in load_catalogue().checks.values() if check.target is Target.DEPLOYMENT]
    questions = [question for check in checks for question in check.probe.questions()]
    return [one for one in dict.fromkeys(questions) if not isinstance(one, (ServiceLevels, RateLimitBurst))]


def peers(url: str, ca: Path) -> dict[str, Callable[[], Any]]:
    """Those that this machine has."""
    place = url.removeprefix("https://")
    python = Path(os.environ.get("SSLYZE", shutil.which("sslyze") or ""))
    found: dict[str, Callable[[], Any]] = {}
    if python.is_file():
        found["sslyze (TLS)"] = process([str(python), place])
    if shutil.which("sslscan"):
        found["sslscan (TLS)"] = process(["sslscan", "--no-colour", place])
    testssl = shutil.which("testssl") or shutil.which("testssl.sh")
    if testssl:
        found["testssl.sh -p -S -s (TLS)"] = process(
            [testssl, "--quiet", "--color", "0", "--ip", "127.0.0.1", "--add-ca", str(ca), "-p", "-S", "-s", place]
        )
    if OBSERVATORY.is_dir() and shutil.which("node"):
        with suppress(OSError):
            (OBSERVATORY / "conf" / "hsts-preload.json").open("x").write("{}")
        found["mdn-http-observatory (headers)"] = process(
            ["env", f"NODE_EXTRA_CA_CERTS={ca}", "node", "bin/wrapper.js", place], OBSERVATORY
        )
    return found


def command(url: str, ca: Path, repository: Path) -> list[str]:
    """The whole command line, sampling of latency included."""
    program = str(Path(sys.executable).with_name("readycheck"))
    options = ["--deployment", url, "--ca-file", str(ca), "--scope", "deployment", "--quiet"]
    return [program, "audit", str(repository), *options]


def main() -> None:
    """Print the table of README.md, measured."""
    questions = asked()
    with tempfile.TemporaryDirectory() as folder, estate(Path(folder), [plant_defect("clean", "")]) as sites:
        url, plain, ca = sites.url("clean"), sites.ports["clean plain"], Path(folder) / "ca.pem"

        def http(at: str = url, port: int = plain) -> DeploymentGatherer:
            return DeploymentGatherer(at, timeout=30, plain_port=port)

        def tls(at: str = url) -> TlsGatherer:
            return TlsGatherer(at, timeout=30, ca_file=str(ca))

        rows = {
            "readycheck, TLS part": best(lambda: gather([tls()], questions)),
            "readycheck, HTTP part": best(lambda: gather([http()], questions)),
            "readycheck, both": best(lambda: gather([http(), tls()], questions)),
            "readycheck audit (process)": best(process(command(url, ca, sites.root / "repository"))),
            # testssl.sh takes its time; once is enough to see how much.
            **{name: best(work, 1 if "testssl" in name else RUNS) for name, work in peers(url, ca).items()},
        }
        unit = rows["readycheck, both"]
        print("| what | wall, s | ratio |\n|---|---|---|")
        for name, wall in rows.items():
            print(f"| {name} | {wall:.2f} | {wall / unit:.1f} |")
        with distant(sites.ports["clean"], ROUND_TRIP) as far, distant(plain, ROUND_TRIP) as far_plain:
            place = f"https://127.0.0.1:{far}"
            wall = best(lambda: gather([http(place, far_plain), tls(place)], questions))
            print(f"\nA site {ROUND_TRIP * 1000:.0f} ms away: {wall / ROUND_TRIP:.1f} round trips")


if __name__ == "__main__":
    main()
