from __future__ import annotations

from readycheck.cli.audit import Request, judged
from readycheck.demo.estate import Estate
from readycheck.report.html import render


def test_the_page_about_the_whole_document_stays_below_600_kb(estate: Estate) -> None:
    targets = estate.targets
    card = judged(
        Request(
            repository=targets.repository,
            database=targets.database,
            deployment=targets.deployment,
            environment=targets.environment,
            ca_file=targets.ca_file,
            quiet=True,
        )
    )
    assert sum(len(section.items) for section in card.sections) == 78
    assert all(row.state == "audited" for row in card.audited)
    assert len(render(card).encode()) < 600_000
