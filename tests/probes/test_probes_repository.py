from __future__ import annotations

from typing import Any

import pytest

from readycheck.facts.history import PathsEverTracked, PathsFound, TrackedPath
from readycheck.facts.measured import Coverage, Measurement, Measurements
from readycheck.facts.question import FactUnavailable
from readycheck.facts.repository import (
    ConfigFound,
    ConfigLookup,
    ConfigValue,
    Files,
    FilesFound,
    TextFound,
    TextMatch,
    TextSearch,
)
from readycheck.facts.store import Answer, Audited, Facts
from readycheck.model import Outcome, Strength, Target
from readycheck.probes.config import ConfigHolds
from readycheck.probes.files import FilePresent
from readycheck.probes.git import GitNeverTracked
from readycheck.probes.measured import MeasuredValue
from readycheck.probes.pipeline import PipelineFailuresCount
from readycheck.probes.text import FileNoText, FileText

PATHS = ("*.yml",)


def facts(answers: dict[Any, Any]) -> Facts:
    given = {question: Answer(value) for question, value in answers.items()}
    return Facts(given, collected_at="2025-01-01T00:00:00+00:00", audited=[Audited(Target.REPOSITORY, "r")])


def config(*values: str, unreadable: bool = False, total: int | None = None, files: int = 1) -> Facts:
    held = tuple(ConfigValue("a.yml", number, "k", value) for number, value in enumerate(values, 1))
    broken = (("b.yml", "not valid YAML"),) if unreadable else ()
    parsed = tuple(f"{letter}.yml" for letter in "ac"[:files])
    found = ConfigFound(held, parsed, broken, 9, len(values) if total is None else total)
    return facts({ConfigLookup(PATHS, "k"): found})


@pytest.mark.parametrize(
    ("probe", "given", "outcome"),
    [
        (ConfigHolds(paths=PATHS, key="k", matches="^a"), config("b", "ab"), Outcome.PASS),
        (ConfigHolds(paths=PATHS, key="k", matches="^a"), config("b"), Outcome.FAIL),
        (ConfigHolds(paths=PATHS, key="k", equals="a"), config("ab"), Outcome.FAIL),
        (ConfigHolds(paths=PATHS, key="k", present=True), config(""), Outcome.PASS),
        (ConfigHolds(paths=PATHS, key="k", present=True), config(), Outcome.FAIL),
        (ConfigHolds(paths=PATHS, key="k", present=True, missing="unknown"), config(), Outcome.UNKNOWN),
        (ConfigHolds(paths=PATHS, key="k", present=True), config(unreadable=True), Outcome.UNKNOWN),
        (
            ConfigHolds(paths=PATHS, key="k", present=True, unreadable="fail"),
            config("a", unreadable=True),
            Outcome.FAIL,
        ),
        (ConfigHolds(paths=PATHS, key="k", matches="a", every=True), config("a", "b"), Outcome.FAIL),
        (ConfigHolds(paths=PATHS, key="k", matches="a", every=True), config("a", unreadable=True), Outcome.UNKNOWN),
        (ConfigHolds(paths=PATHS, key="k", no_match="a"), config("b"), Outcome.PASS),
        (ConfigHolds(paths=PATHS, key="k", no_match="a"), config("b", "a"), Outcome.FAIL),
        (ConfigHolds(paths=PATHS, key="k", no_match="a"), config("b", total=2000), Outcome.UNKNOWN),
        (ConfigHolds(paths=PATHS, key="k", no_match="a", missing="pass"), config(), Outcome.PASS),
        (
            ConfigHolds(paths=PATHS, key="k", no_match="a", absent="not_applicable"),
            config(files=0),
            Outcome.NOT_APPLICABLE,
        ),
        (ConfigHolds(paths=PATHS, key="k", matches="a", each_file=True), config("a"), Outcome.PASS),
        (ConfigHolds(paths=PATHS, key="k", matches="a", each_file=True), config("a", files=2), Outcome.FAIL),
        (ConfigHolds(paths=PATHS, key="k", matches="a", each_file=True), config("b"), Outcome.FAIL),
        (
            ConfigHolds(paths=PATHS, key="k", matches="a", each_file=True, missing="unknown"),
            config("a", files=2),
            Outcome.UNKNOWN,
        ),
        (
            ConfigHolds(paths=PATHS, key="k", matches="a", each_file=True),
            config("a", unreadable=True),
            Outcome.UNKNOWN,
        ),
    ],
)
def test_configuration_is_judged_by_its_values(probe: ConfigHolds, given: Facts, outcome: Outcome) -> None:
    assert probe.judge(given).outcome is outcome


def test_a_repository_without_files_is_unknown() -> None:
    empty = facts(
        {
            ConfigLookup(PATHS, "k"): ConfigFound((), (), (), 0),
            Files(PATHS): FilesFound((), 0, 0),
            TextSearch(PATHS, ("a",)): TextFound((), (), 0),
        }
    )
    probes = (
        ConfigHolds(paths=PATHS, key="k", present=True),
        FileText(PATHS, ("a",)),
        FileNoText(PATHS, ("a",)),
        FilePresent(PATHS),
    )
    assert {probe.judge(empty).outcome for probe in probes} == {Outcome.UNKNOWN}


def text(matches: int, *, read: int = 1, there: int = 1) -> Facts:
    hits = tuple(TextMatch("a.yml", number, "a") for number in range(1, matches + 1))
    paths = tuple(f"{number}.yml" for number in range(there))
    answers: dict[Any, Any] = {
        Files(PATHS): FilesFound(paths, there, 9),
        Files(("*.tf",)): FilesFound((), 0, 9),
        TextSearch(PATHS, ("a",)): TextFound(hits, paths[:read], 9),
        TextSearch(PATHS, ("b",)): TextFound((), paths[:read], 9),
        TextSearch(PATHS, ("a", "b")): TextFound(hits, paths[:read], 9),
    }
    return facts(answers)


@pytest.mark.parametrize(
    ("probe", "given", "outcome"),
    [
        (FileText(PATHS, ("a",)), text(1), Outcome.PASS),
        (FileText(PATHS, ("a",)), text(0), Outcome.FAIL),
        (FileText(PATHS, ("a",), otherwise="unknown"), text(0), Outcome.UNKNOWN),
        (FileText(PATHS, ("a",), absent="unknown", decisive=("*.tf",)), text(0), Outcome.UNKNOWN),
        (FileText(PATHS, ("a",)), text(0, read=0), Outcome.UNKNOWN),
        (FileText(PATHS, ("a",)), text(0, read=0, there=0), Outcome.FAIL),
        (FileText(PATHS, ("a",), absent="not_applicable"), text(0, read=0, there=0), Outcome.NOT_APPLICABLE),
        (FileText(PATHS, ("a", "b")), text(1), Outcome.PASS),
        (FileText(PATHS, ("a", "b"), all=True), text(1), Outcome.FAIL),
        (FileNoText(PATHS, ("a",)), text(0), Outcome.PASS),
        (FileNoText(PATHS, ("a",)), text(2), Outcome.FAIL),
        (FileNoText(PATHS, ("a",)), text(0, read=1, there=2), Outcome.UNKNOWN),
        (FileNoText(PATHS, ("a",)), text(0, read=0, there=0), Outcome.NOT_APPLICABLE),
    ],
)
def test_text_is_judged_by_its_lines(probe: FileText | FileNoText, given: Facts, outcome: Outcome) -> None:
    assert probe.judge(given).outcome is outcome


def test_a_finding_says_in_words_what_is_missing() -> None:
    judgement = FileText(PATHS, ("a", "b"), all=True, shows=("an a", "a b")).judge(text(1))
    assert [finding.message for finding in judgement.findings] == ["nothing in 0.yml shows a b"]


@pytest.mark.parametrize(
    ("kind", "parameters", "reason"),
    [
        (FileText, {"paths": (), "patterns": ("a",)}, "at least one"),
        (FileText, {"paths": ("!a",), "patterns": ("a",)}, "takes away"),
        (FileText, {"paths": ("a",), "patterns": ()}, "at least one"),
        (FileText, {"paths": ("a",), "patterns": ("(",)}, "no regular expression"),
        (FileText, {"paths": ("a",), "patterns": ("(a+)+b",)}, "for ever"),
        (FileText, {"paths": ("a",), "patterns": ("(?:a|b*)*c",)}, "for ever"),
        (FileText, {"paths": ("a",), "patterns": ("a",), "shows": ("a", "b")}, "one text"),
        (FileNoText, {"paths": ("a",), "patterns": ("",)}, "from 1 to"),
        (FileNoText, {"paths": ("a",), "patterns": ()}, "at least one"),
        (ConfigHolds, {"paths": ("a",), "key": "k"}, "exactly one"),
        (ConfigHolds, {"paths": ("a",), "key": "k", "matches": "a", "equals": "b"}, "exactly one"),
        (ConfigHolds, {"paths": ("a",), "key": "", "matches": "a"}, "at least one key"),
        (ConfigHolds, {"paths": ("a",), "key": "k", "no_match": "a", "every": True}, "already means"),
        (GitNeverTracked, {"patterns": ()}, "at least one"),
        (MeasuredValue, {"what": "coverage", "at_least": 0}, "above 0"),
        (PipelineFailuresCount, {"paths": ("a",), "judging": "(", "swallowing": ("a",)}, "no regular expression"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(kind: Any, parameters: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        kind(**parameters)


def history(*paths: TrackedPath, shallow: bool = False, commits: int = 3, total: int = 0) -> Facts:
    found = PathsFound(paths, commits, shallow, total or len(paths))
    return facts({PathsEverTracked(("*.pem",)): found})


def test_a_tracked_path_fails_whether_it_is_there_now_or_was() -> None:
    probe = GitNeverTracked(("*.pem",))
    now = TrackedPath("a.pem", at_head=True, commit="c" * 40, date="2025-01-01T00:00:00Z")
    past = TrackedPath("b.pem", at_head=False, commit="d" * 40, date="")
    judgement = probe.judge(history(now, past, total=9))
    assert judgement.outcome is Outcome.FAIL
    assert [finding.message for finding in judgement.findings] == [
        "a.pem is tracked now, last touched 2025-01-01",
        "b.pem is gone from HEAD and still in the history",
        "and 7 more paths",
    ]
    assert judgement.findings[0].location.commit == "c" * 40


def test_a_history_without_such_paths_passes_only_when_it_was_seen_whole() -> None:
    probe = GitNeverTracked(("*.pem",))
    assert probe.judge(history()).outcome is Outcome.PASS
    assert probe.judge(history(shallow=True)).outcome is Outcome.UNKNOWN
    assert probe.judge(history(commits=0)).outcome is Outcome.UNKNOWN
    with pytest.raises(FactUnavailable):
        probe.judge(facts({}))


def report(value: float, measured_at: str = "2025-01-01T00:00:00+00:00", newer: int = 0) -> Measurement:
    return Measurement(value, "%", "lcov", f"{value}.info", measured_at, newer)


@pytest.mark.parametrize(
    ("reports", "fresh", "outcome"),
    [
        ((report(80),), True, Outcome.PASS),
        ((report(60),), True, Outcome.PASS),
        ((report(59.99),), True, Outcome.FAIL),
        ((report(80), report(20)), True, Outcome.FAIL),
        ((report(80, newer=1),), True, Outcome.UNKNOWN),
        ((report(20, newer=1),), True, Outcome.UNKNOWN),
        ((report(80, measured_at=""),), True, Outcome.UNKNOWN),
        ((report(80, newer=1),), False, Outcome.PASS),
        ((), True, Outcome.UNKNOWN),
    ],
)
def test_the_lowest_fresh_report_decides(reports: tuple[Measurement, ...], fresh: bool, outcome: Outcome) -> None:
    given = facts({Coverage(): Measurements(reports, (("x.xml", "not valid XML"),))})
    judgement = MeasuredValue("coverage", 60, fresh=fresh).judge(given)
    assert judgement.outcome is outcome
    assert (judgement.strength is Strength.OBSERVED) == (outcome is Outcome.PASS)
