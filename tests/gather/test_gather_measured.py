from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.planting import commit, repository, write

from readycheck.facts.measured import Coverage, Measurements
from readycheck.gather.coverage import NoReport, read_report
from readycheck.gather.measured import MeasuredGatherer
from readycheck.gather.project import open_tree
from readycheck.gather.sources import Sources
from readycheck.gather.tree import MemoryTree, Tree

JACOCO = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">'
    '<report name="x"><sessioninfo id="a" start="1735689600000" dump="1735689601000"/>'
    '<package name="p"><counter type="LINE" missed="99" covered="1"/></package>'
    '<counter type="BRANCH" missed="9" covered="1"/><counter type="LINE" missed="25" covered="75"/></report>'
)
CLOVER = (
    '<coverage generated="1735689600"><project timestamp="1735689600"><file><metrics statements="1" '
    'coveredstatements="0"/></file><metrics statements="40" coveredstatements="30"/></project></coverage>'
)
REPORTS = {
    "lcov": "SF:a.js\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\nSF:b.js\nDA:1,5\nDA:2,3\nend_of_record\n",
    "cobertura": '<coverage line-rate="0.1" lines-valid="200" lines-covered="150" timestamp="1735689600"></coverage>',
    "clover": CLOVER,
    "jacoco": JACOCO,
    "istanbul summary": '{"total": {"lines": {"total": 4, "covered": 3, "pct": 75}}}',
    "coverage.py": json.dumps(
        {
            "meta": {"timestamp": "2025-01-01T00:00:00"},
            "totals": {"covered_lines": 3, "num_statements": 4, "percent_covered": 60},
        }
    ),
    "simplecov": '{"result": {"line": 75.0}}',
    "go cover profile": "mode: set\na.go:1.1,2.2 3 1\na.go:3.1,4.2 1 0\n",
}


def measured(tree: Tree) -> Measurements:
    ((_, answer),) = MeasuredGatherer(Sources(tree)).answers([Coverage()])
    assert isinstance(answer, Measurements)
    return answer


@pytest.mark.parametrize("kind", REPORTS)
def test_every_format_is_told_by_its_content(kind: str) -> None:
    report = read_report(REPORTS[kind].encode(), "report")
    assert (report.format, report.percent) == (kind, 75.0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><coverage line-rate="1">&b;</coverage>', "entities"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><coverage line-rate="1"/>', "entities"),
        ("<coverage>", "not valid XML"),
        ("<html></html>", "no coverage format"),
        ("<coverage lines-valid='0' lines-covered='0'/>", "counts no lines"),
        ("<coverage lines-valid='1' lines-covered='2'/>", "contradict"),
        ("<coverage line-rate='nan'/>", "contradict"),
        ("<coverage line-rate='much'/>", "no number"),
        ("<a>" * 200, "nested too deeply"),
        ("{", "not valid JSON"),
        ("[]", "no coverage format"),
        ('{"a": 1}', "no coverage format"),
        ("hello", "no coverage format"),
        ("SF:a\nLF:x\nend_of_record", "no number"),
        ("mode: set\n", "counts no lines"),
    ],
)
def test_what_is_no_report_says_why(text: str, reason: str) -> None:
    with pytest.raises(NoReport, match=reason):
        read_report(text.encode(), "coverage.xml")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_report_or_say_why_not(data: bytes) -> None:
    try:
        assert 0 <= read_report(data, "lcov.info").percent <= 100
    except NoReport as error:
        reason = str(error)
    else:
        return
    assert reason


def test_reports_that_the_project_ignores_are_found(tmp_path: Path) -> None:
    folder = repository(tmp_path, {".gitignore": "coverage/\nnode_modules/\n", "a.js": "a"})
    write(folder, {"coverage/lcov.info": REPORTS["lcov"], "node_modules/p/lcov.info": REPORTS["lcov"]})
    os.utime(folder / "a.js", (1_000, 1_000))
    (found,) = measured(open_tree(folder)).found
    assert (found.path, found.value, found.newer_sources) == ("coverage/lcov.info", 75.0, 0)
    os.utime(folder / "coverage/lcov.info", (500, 500))
    (found,) = measured(open_tree(folder)).found
    assert (found.newer_sources, found.measured_at) == (1, "1970-01-01T00:08:20+00:00")


def test_a_tracked_report_is_as_old_as_its_commit(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    commit(folder, {"a.py": "1", "b.py": "1"}, "2025-01-01")
    commit(folder, {"lcov.info": REPORTS["lcov"]}, "2025-01-02")
    for ref in ("", "HEAD"):
        (found,) = measured(open_tree(folder, ref)).found
        assert (found.measured_at, found.newer_sources) == ("2025-01-02T00:00:00+00:00", 0)
    commit(folder, {"a.py": "2", "README.md": "x"}, "2025-01-03")
    for ref in ("", "HEAD"):
        assert measured(open_tree(folder, ref)).found[0].newer_sources == 1


def test_a_report_without_a_date_has_none() -> None:
    (found,) = measured(MemoryTree({"coverage/lcov.info": REPORTS["lcov"]})).found
    assert found.measured_at == ""


def test_a_file_that_only_looks_like_a_report_is_named_with_the_reason() -> None:
    answer = measured(MemoryTree({"coverage.xml": "<html></html>", "tests/fixtures/lcov.info": "SF:a"}))
    assert answer == Measurements((), (("coverage.xml", "of no coverage format that is known"),))
