"""What the shipped checks refer to is written so that reports can group by it."""

from __future__ import annotations

import re

import pytest

from readycheck.catalogue import load_catalogue
from readycheck.report.references import STANDARDS, known

CHECKS = load_catalogue().checks
WRITTEN = {
    "OWASP ASVS": r"ASVS 5\.0 \d+(\.\d+){1,2}",
    "CIS": r"CIS (Controls|Docker Benchmark|PostgreSQL|MariaDB|MySQL|SQL Server|Kubernetes Benchmark) \d+(\.\d+)*",
    "SOC 2": r"SOC 2 (CC|A|C|P|PI)[1-9]\.\d{1,2}",
    "ISO 27001": r"ISO 27001 A\.[5-8]\.\d{1,2}",
    "CWE": r"CWE-\d+",
}


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_references_to_a_standard_name_a_place_in_it(name: str) -> None:
    references = CHECKS[name].references
    assert len(set(references)) == len(references)
    for reference in known(references):
        assert re.fullmatch(WRITTEN.get(reference.standard, ".+"), reference.text), reference.text


@pytest.mark.parametrize("standard", ["OWASP ASVS", "CIS", "SOC 2", "ISO 27001"])
def test_every_standard_that_reviewers_ask_for_groups_checks_of_several_families(standard: str) -> None:
    families = {
        check.family
        for check in CHECKS.values()
        if any(reference.standard == standard for reference in known(check.references))
    }
    assert len(families) >= 4


def test_no_standard_hides_behind_another() -> None:
    starts = [start for _, start in STANDARDS]
    assert not [(a, b) for a in starts for b in starts if a != b and b.startswith(a)]
