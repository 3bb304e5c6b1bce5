from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.judging import EVERYTHING_GIVEN, NOW, checklist, item, told

from readycheck.decisions import Attestation, DecisionsFile, Evidence, Waiver, after, load_decisions
from readycheck.errors import ContentError
from readycheck.facts.decisions import BoundDigest, BoundFiles
from readycheck.facts.history import Commit, CommitsFound, CommitsSince
from readycheck.facts.repository import Digest, FileDigest
from readycheck.facts.store import Answer, Facts
from readycheck.judge import judge, questions
from readycheck.model import Claim, Outcome, Overlay, Severity, Verdict
from readycheck.scorecard import Scorecard

TODAY = NOW.date()
LOAD = load_decisions


def load(text: str) -> DecisionsFile:
    return LOAD(f"version: 1\n{text}", "decisions.yaml", ["a", "b"], TODAY)


def attested(**changes: object) -> Attestation:
    fields = {"item": "a", "statement": "we looked at it", "by": "us", "at": TODAY - timedelta(30), "expires": TODAY}
    return Attestation(**{**fields, **changes})  # type: ignore[arg-type]


def waived(**changes: object) -> Waiver:
    return Waiver(**{"item": "a", "reason": "accepted for now", "owner": "us", "expires": TODAY, **changes})  # type: ignore[arg-type]


def judged(
    outcome: Outcome | None, *made: Attestation | Waiver, claim: Claim = Claim.DONE, facts: Facts = EVERYTHING_GIVEN
) -> Scorecard:
    decisions = DecisionsFile(
        version=1,
        attestations=tuple(one for one in made if isinstance(one, Attestation)),
        waivers=tuple(one for one in made if isinstance(one, Waiver)),
    )
    line = item("a", claim, Severity.HIGH)
    return judge(
        checklist([(line, [] if outcome is None else [told("c", outcome)])]), facts, now=NOW, decisions=decisions
    )


def test_a_good_file_is_read() -> None:
    made = load(
        "attestations:\n"
        "  - {item: a, statement: restored it by hand, by: Ada, at: 2026-02-01, every: 90d}\n"
        "waivers:\n"
        "  - {item: b, reason: replaced next month, owner: Bob, expires: 2026-04-01}\n"
        "  - {fingerprint: 0123456789abcdef, reason: a false alarm, owner: Bob, expires: 2026-04-01}\n"
    )
    assert made.attestations[0].last_day == date(2026, 5, 2)
    assert [waiver.subject for waiver in made.waivers] == ["b", "0123456789abcdef"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("waivers: [{item: a, reason: accepted for now, owner: us}]", "needs 'expires'"),
        ("waivers: [{item: a, reason: accepted for now, owner: us, expires: 01.04.2026}]", "must be a date"),
        ("waivers: [{item: a, reason: accepted for now, owner: us, expires: 2026-02-30}]", "must be a date"),
        ("waivers: [{item: a, reason: accepted for now, owner: us, expires: 2026-04-01T00:00:00}]", "must be a date"),
        ("waivers: [{item: a, reason: ok, owner: us, expires: 2026-04-01}]", "10 characters or more"),
        ("waivers: [{item: c, reason: accepted for now, owner: us, expires: 2026-04-01}]", "there is no item 'c'"),
        ("waivers: [{item: a, reason: accepted for now, owner: ' ', expires: 2026-04-01}]", "needs an owner"),
        ("waivers: [{reason: accepted for now, owner: us, expires: 2026-04-01}]", "either an item or a finding"),
        ("waivers: [{fingerprint: xyz, reason: accepted for now, owner: us, expires: 2026-04-01}]", "no fingerprint"),
        (
            "waivers: [{item: a, reason: accepted for now, owner: us, expires: 2026-04-01, forever: true}]",
            "unknown key",
        ),
        (
            (
                "waivers:\n"
                "  - {item: a, reason: accepted for now, owner: us, expires: 2026-04-01}\n"
                "  - {item: a, reason: accepted for now, owner: us, expires: 2026-05-01}"
            ),
            "decisions.yaml:4: 'a' is waived twice",
        ),
        ("attestations: [{item: a, statement: looked at it, by: us, at: 2026-02-01}]", "either `expires` or `every`"),
        ("attestations: [{item: a, statement: looked at it, by: us, at: 2026-02-01, every: 3m}]", "d, w, mo or y"),
        ("attestations: [{item: a, statement: looked at it, by: us, at: 2027-02-01, every: 3mo}]", "still to come"),
        (
            "attestations: [{item: a, statement: looked at it, by: us, at: 2026-02-01, every: 1y, evidence: {path: x}}]",
            "sha256",
        ),
    ],
)
def test_a_malformed_decision_is_refused_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(ContentError) as caught:
        load(text)
    assert any(expected in str(mistake) for mistake in caught.value.mistakes), caught.value


@pytest.mark.parametrize(
    ("day", "duration", "expected"),
    [
        (date(2026, 1, 31), "1mo", date(2026, 2, 28)),
        (date(2024, 2, 29), "1y", date(2025, 2, 28)),
        (date(2026, 12, 15), "1mo", date(2027, 1, 15)),
        (date(2026, 1, 1), "2w", date(2026, 1, 15)),
        (date(2026, 1, 1), "90d", date(2026, 4, 1)),
    ],
)
def test_durations_count_in_calendar_days(day: date, duration: str, expected: date) -> None:
    assert after(day, duration) == expected


@given(st.dates(), st.integers(0, 9999), st.sampled_from(["d", "w", "mo", "y"]))
def test_a_duration_never_leads_backwards(day: date, count: int, unit: str) -> None:
    try:
        last = after(day, f"{count}{unit}")
    except ValueError:
        last = date.max
    assert last >= day


def test_an_attestation_holds_to_the_end_of_its_last_day() -> None:
    assert judged(None, attested(expires=TODAY)).items[0].verdict is Verdict.ATTESTED
    assert judged(None, attested(expires=TODAY - timedelta(1))).items[0].verdict is Verdict.ATTESTATION_EXPIRED


def test_a_waiver_holds_to_the_end_of_its_last_day() -> None:
    assert judged(Outcome.FAIL, waived(expires=TODAY)).items[0].overlay is Overlay.WAIVED
    ended = judged(Outcome.FAIL, waived(expires=TODAY - timedelta(1)))
    assert ended.items[0].overlay is Overlay.WAIVER_EXPIRED
    assert ended.items[0].counted
    assert "accepted for now" in ended.items[0].reason
    assert ended.decision.exit_code == 1


def test_a_waived_line_still_shows_what_the_check_found() -> None:
    row = judged(Outcome.FAIL, waived()).items[0]
    assert row.verdict is Verdict.CONTRADICTED
    assert row.outcome is Outcome.FAIL


def test_a_waiver_of_the_one_finding_waives_its_line() -> None:
    plain = judged(Outcome.FAIL)
    finding = plain.checks["c"].findings[0].fingerprint
    card = judged(Outcome.FAIL, waived(item="", fingerprint=finding))
    assert card.items[0].overlay is Overlay.WAIVED
    assert card.checks["c"].findings[0].waived


def test_a_waiver_with_nothing_to_waive_is_reported_unused() -> None:
    card = judged(Outcome.PASS, waived())
    assert card.items[0].verdict is Verdict.VERIFIED
    assert card.items[0].overlay is Overlay.NONE
    assert card.decisions[0].standing == "unused"


def test_evidence_that_changed_voids_its_attestation() -> None:
    evidence = Evidence(path="report.pdf", sha256="a" * 64)
    for digest, verdict in (("a" * 64, Verdict.ATTESTED), ("b" * 64, Verdict.ATTESTATION_EXPIRED)):
        facts = Facts(
            {Digest("report.pdf"): Answer(FileDigest(digest))}, collected_at="", audited=EVERYTHING_GIVEN.audited
        )
        card = judged(None, attested(evidence=evidence), facts=facts)
        assert card.items[0].verdict is verdict
    assert card.decisions[0].standing == "void"


def test_evidence_that_could_not_be_looked_at_voids_its_attestation() -> None:
    card = judged(None, attested(evidence=Evidence(path="report.pdf", sha256="a" * 64)))
    assert card.items[0].verdict is Verdict.ATTESTATION_EXPIRED


def test_a_commit_to_the_paths_that_it_is_bound_to_voids_an_attestation() -> None:
    made = attested(binds=("infra/**",))
    question = CommitsSince(made.at, ("infra/**",))
    for total, verdict in ((0, Verdict.ATTESTED), (2, Verdict.ATTESTATION_EXPIRED)):
        found = CommitsFound((Commit("f" * 40, "2026-02-20T00:00:00+00:00", "Change"),) * total, total)
        facts = Facts({question: Answer(found)}, collected_at="", audited=EVERYTHING_GIVEN.audited)
        assert judged(None, made, facts=facts).items[0].verdict is verdict


def test_what_decisions_rest_on_is_asked_for() -> None:
    made = attested(evidence=Evidence(path="report.pdf", sha256="a" * 64), binds=("infra/**",))
    asked = questions(checklist([(item("a"), [])]), DecisionsFile(version=1, attestations=(made,)))
    assert Digest("report.pdf") in asked
    assert CommitsSince(made.at, ("infra/**",)) in asked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sign_offs: [{step: deploy-ti, by: us, at: 2026-02-01T09:00:00Z, commit: COMMIT}]", "there is no step"),
        ("sign_offs: [{step: deploy-it, by: us, at: 2026-02-01, commit: COMMIT}]", "must be a moment"),
        ("sign_offs: [{step: deploy-it, by: us, at: '2026-02-01T09:00:00', commit: COMMIT}]", "needs its time zone"),
        ("sign_offs: [{step: deploy-it, by: us, at: 2026-03-02T00:00:00Z, commit: COMMIT}]", "still to come"),
        ("sign_offs: [{step: deploy-it, by: us, at: 2026-02-01T09:00:00Z, commit: main}]", "no full commit id"),
        ("sign_offs: [{step: deploy-it, by: '', at: 2026-02-01T09:00:00Z, commit: COMMIT}]", "needs somebody"),
        (
            "waivers: [{item: a, reason: accepted for now, owner: us, at: 2026-02-01, expires: 2026-08-02}]",
            "180 days at most, here until 2026-07-31",
        ),
        (
            "waivers: [{item: a, reason: accepted for now, owner: us, at: 2026-03-02, expires: 2026-03-03}]",
            "still to come",
        ),
        ("attestations: [{item: a, statement: looked at it, by: ' ', at: 2026-02-01, every: 1y}]", "needs somebody"),
        (
            "attestations: [{item: a, statement: looked at it, by: us, at: 2026-02-01, every: 1y, binds: ['**/*']}]",
            "not everything",
        ),
        (
            "attestations: [{item: a, statement: looked at it, by: us, at: 2026-02-01, every: 1y, bound_sha256: x}]",
            "bound_sha256 is",
        ),
        (
            "attestations: [{item: a, statement: looked at it, by: us, at: 2026-02-01, every: 1y, evidence: {}}]",
            "either a path or a url",
        ),
    ],
)
def test_a_sign_off_or_a_ground_that_makes_no_sense_is_refused(text: str, expected: str) -> None:
    with pytest.raises(ContentError) as caught:
        LOAD(f"version: 1\n{text.replace('COMMIT', 'c' * 40)}", "decisions.yaml", ["a"], TODAY, ["deploy-it"])
    assert any(expected in str(mistake) for mistake in caught.value.mistakes), caught.value


def test_bound_files_are_held_to_their_digest_where_there_is_one() -> None:
    made = attested(binds=("infra/**",), bound_sha256="a" * 64)
    assert questions(checklist([(item("a"), [])]), DecisionsFile(version=1, attestations=(made,)))[1:] == (
        BoundFiles(("infra/**",)),
    )
    for digest, verdict in (("a" * 64, Verdict.ATTESTED), ("", Verdict.ATTESTATION_EXPIRED)):
        facts = Facts({BoundFiles(("infra/**",)): Answer(BoundDigest(digest, 1))}, collected_at="")
        assert judged(None, made, facts=facts).items[0].verdict is verdict
    assert judged(None, made).items[0].verdict is Verdict.ATTESTATION_EXPIRED, "nobody looked"


def test_without_waivers_nothing_is_waived_and_the_register_says_so() -> None:
    line = (item("a", severity=Severity.HIGH), [told("c", Outcome.FAIL)])
    found = judge(checklist([line]), EVERYTHING_GIVEN, now=NOW).checks["c"].findings[0].fingerprint
    decisions = DecisionsFile(version=1, waivers=(waived(), waived(item="", fingerprint=found)))
    card = judge(checklist([line]), EVERYTHING_GIVEN, now=NOW, decisions=decisions, waiving=False)
    assert card.items[0].overlay is Overlay.NONE
    assert card.items[0].blocker
    assert not card.checks["c"].findings[0].waived
    assert [row.standing for row in card.decisions] == ["ignored", "ignored"]
    assert card.tally.waived == 0
    assert judge(checklist([line]), EVERYTHING_GIVEN, now=NOW, decisions=decisions).tally.waived == 7.5
