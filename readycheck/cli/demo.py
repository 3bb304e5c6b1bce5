"""`readycheck demo`: the whole way on a small loan service that is made on the spot."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from readycheck.cli.audit import Request, finish, judged
from readycheck.cli.output import Shown, write
from readycheck.report.format import Format


def demo(folder: Path | None, *, color: bool = True) -> None:
    """Build the estate, audit all of it with the shipped checklist, print the scorecard and write every report."""
    from readycheck.demo.estate import build

    place = folder or Path(tempfile.mkdtemp(prefix="readycheck-demo-"))
    say = sys.stderr.write
    say("building a small loan service: a git repository, a database and an HTTPS server on loopback\n")
    with build(place, now=datetime.now(UTC)) as estate:
        reports = place / "reports"
        targets = estate.targets
        request = Request(
            repository=targets.repository,
            database=targets.database,
            deployment=targets.deployment,
            environment=targets.environment,
            ca_file=targets.ca_file,
            save_facts=str(place / "facts.json"),
            color=color,
            exit_zero=True,
        )
        card = judged(request)
        write(card, request.shown)
        write(card, Shown(formats=(Format.HTML, Format.MARKDOWN, Format.JSON), output=str(reports)))
    say(f"\nthe same as a page: {reports / Format.HTML.file_name}\n")
    say(f"the service itself: {targets.repository}\n")
    finish(card, exit_zero=True)
