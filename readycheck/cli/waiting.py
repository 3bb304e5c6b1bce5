"""Waits for a deployment to be well: asks its health check again and again until it passes or the time is up."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from readycheck.catalogue import Check
from readycheck.checklist import Checklist
from readycheck.errors import UsageError
from readycheck.evaluate import Observation, evaluate
from readycheck.gather.gatherer import gather
from readycheck.gather.targets import Targets, gatherers
from readycheck.model import Outcome, Target
from readycheck.probes.health import Health

if TYPE_CHECKING:
    from rich.status import Status

#: The longest wait in seconds, and the pauses between two questions: short at first, when most deployments come up.
LONGEST, PAUSES = 3600.0, (1.0, 1.0, 2.0, 3.0, 5.0)
#: Seconds in each unit. These are waits at a terminal; decisions count in days and know no minutes.
_UNITS = {"s": 1, "m": 60, "h": 3600}


def seconds(text: str) -> float:
    """The seconds that a wait such as `90s`, `5m` or `1h` stands for.

    Raises:
        UsageError: it is none, or longer than an hour.
    """
    match = re.fullmatch(r"(\d{1,5})(s|m|h)", text.strip())
    found = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 0 < found <= LONGEST:
        raise UsageError(f"--wait {text}: no time to wait", hint="write 90s, 5m, up to 1h")
    return float(found)


def wait_until_well(
    checklist: Checklist, targets: Targets, wait: str, *, quiet: bool = False, pauses: tuple[float, ...] = PAUSES
) -> bool:
    """Ask the health checks of the checklist until all pass; False when the time was up, which the audit then shows.

    Raises:
        UsageError: no deployment was given, or no line of the checklist has a health check.
    """
    limit = seconds(wait)
    if not targets.deployment:
        raise UsageError("--wait waits for a deployment", hint="name it: --deployment URL")
    checks = [check for check in checklist.all_checks() if isinstance(check.probe, Health)]
    if not checks:
        raise UsageError("--wait: no line of what is asked has a health check", hint="give a step the check `health`")
    began = time.monotonic()
    with _status(quiet=quiet) as say:
        for pause in _pauses(pauses):
            seen = [_ask(check, targets) for check in checks]
            bad = next((one for one in seen if one.outcome is not Outcome.PASS), None)
            passed = time.monotonic() - began
            if bad is None:
                _tell(f"well after {passed:.0f} s", quiet=quiet)
                return True
            if passed + pause > limit:
                _tell(f"not well after {passed:.0f} s: {_reason(bad)}", quiet=quiet)
                return False
            if say:
                say.update(f"waiting for the deployment, {passed:.0f} of {limit:.0f} s: {_reason(bad)[:80]}")
            time.sleep(pause)
    return False


def _ask(check: Check, targets: Targets) -> Observation:
    alone = Targets(deployment=targets.deployment, ca_file=targets.ca_file, timeout=targets.timeout)
    asking = [gatherer for gatherer in gatherers(alone) if gatherer.target is Target.DEPLOYMENT]
    return evaluate(check, gather(asking, check.probe.questions(), alone.audited(), timeout=targets.timeout))


def _reason(seen: Observation) -> str:
    from readycheck.report.text import visible

    return " ".join(visible(seen.findings[0].message if seen.findings else seen.examined).split())


def _pauses(pauses: tuple[float, ...]) -> Iterator[float]:
    yield from pauses
    while True:
        yield pauses[-1]


@contextmanager
def _status(*, quiet: bool) -> Iterator[Status | None]:
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True, markup=False).status("waiting for the deployment") as status:
        yield status


def _tell(text: str, *, quiet: bool) -> None:
    if not quiet:
        sys.stderr.write(f"the deployment is {text}\n")
