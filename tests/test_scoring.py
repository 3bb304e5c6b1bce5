from __future__ import annotations

import itertools
from datetime import timedelta
from fractions import Fraction
from math import floor

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from support.judging import NOW, item, judged, told

from readycheck import scorecard
from readycheck.catalogue import Check
from readycheck.checklist import GateEntry, ItemEntry
from readycheck.decisions import Attestation, DecisionsFile, Waiver
from readycheck.model import Claim, Outcome, Severity, Strength
from readycheck.scorecard import EARNING, POSSIBLE, Readiness, Scorecard, tally

TODAY = NOW.date()
Lines = list[tuple[ItemEntry, list[Check]]]


@st.composite
def lines(draw: st.DrawFn, least: int = 0) -> Lines:
    made: Lines = []
    for number in range(draw(st.integers(least, 7))):
        entry = item(f"i{number}", draw(st.sampled_from(Claim)), draw(st.sampled_from(Severity)))
        outcomes = draw(
            st.lists(st.tuples(st.sampled_from(Outcome), st.sampled_from(Strength), st.booleans()), max_size=3)
        )
        checks = [
            told(f"c{number}-{place}", outcome, strength, database=database)
            for place, (outcome, strength, database) in enumerate(outcomes)
        ]
        made.append((entry, checks))
    return made


@st.composite
def decisions(draw: st.DrawFn) -> DecisionsFile:
    names = [f"i{number}" for number in range(7)]
    days = st.integers(-30, 30)
    waived = draw(st.lists(st.sampled_from(names), unique=True, max_size=4))
    attested = draw(st.lists(st.sampled_from(names), unique=True, max_size=4))
    return DecisionsFile(
        version=1,
        waivers=tuple(
            Waiver(item=name, reason="accepted for now", owner="us", expires=TODAY + timedelta(draw(days)))
            for name in waived
        ),
        attestations=tuple(
            Attestation(
                item=name,
                statement="we looked at it",
                by="us",
                at=TODAY - timedelta(40),
                expires=TODAY + timedelta(draw(days)),
                result=draw(st.sampled_from(["pass", "fail"])),
            )
            for name in attested
        ),
    )


gates = st.builds(
    GateEntry,
    fail_on=st.sampled_from(Severity),
    min_score=st.sampled_from([0.0, 50.0, 100.0]),
    min_coverage=st.sampled_from([0.0, 0.5, 1.0]),
)


@given(lines(), decisions(), gates)
def test_the_band_lies_within_0_and_100(items: Lines, made: DecisionsFile, gate: GateEntry) -> None:
    card = judged(items, decisions=made, gate=gate)
    for total in (card.tally, *(section.tally for section in card.sections)):
        if total.score is None or total.ceiling is None or total.coverage is None:
            assert total.weight == 0
        else:
            assert 0 <= total.score <= total.ceiling <= 100
            assert 0 <= total.coverage <= 1


@given(lines(), decisions())
def test_every_number_can_be_recomputed_from_the_rows_of_the_json(items: Lines, made: DecisionsFile) -> None:
    card = msgspec.json.decode(scorecard.dump(judged(items, decisions=made)))
    rows = [row for section in card["sections"] for row in section["items"]]
    counted = [row for row in rows if row["counted"]]
    whole = sum(Fraction(row["weight"]) for row in counted)
    earned = sum(Fraction(row["weight"]) for row in counted if row["verdict"] in set(EARNING))
    possible = sum(Fraction(row["weight"]) for row in counted if row["verdict"] in set(POSSIBLE))
    decided = sum(Fraction(row["weight"]) for row in counted if row["decided"])
    expected: list[float | None] = [None] * 3
    if whole:
        expected = [
            floor(earned / whole * 1000) / 10,
            floor((earned + possible) / whole * 1000) / 10,
            floor(decided / whole * 100) / 100,
        ]
    assert [card["tally"][name] for name in ("score", "ceiling", "coverage")] == expected
    assert sum(card["tally"]["verdicts"].values()) == len(rows)


def _score(card: Scorecard) -> float:
    return -1.0 if card.tally.score is None else card.tally.score


@given(lines(least=1), decisions(), st.data())
def test_waiving_never_lowers_the_score(items: Lines, made: DecisionsFile, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([entry.id for entry, _ in items]))
    waiver = Waiver(item=name, reason="accepted for now", owner="us", expires=TODAY)
    others = tuple(known for known in made.waivers if known.item != name)
    before = judged(items, decisions=msgspec.structs.replace(made, waivers=others))
    after = judged(items, decisions=msgspec.structs.replace(made, waivers=(*others, waiver)))
    # Waiving everything leaves no score at all, which is not ready; as long as there is one, it is no lower.
    assert after.tally.score is None or _score(after) >= _score(before)


@given(lines(least=1), decisions(), st.data())
def test_fixing_never_lowers_the_score(items: Lines, made: DecisionsFile, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(items) - 1))
    entry, checks = items[place]
    mended = [
        check if data.draw(st.booleans()) else told(check.id, Outcome.PASS, Strength.OBSERVED) for check in checks
    ]
    applying = [check for check in checks if check.probe.outcome is not Outcome.NOT_APPLICABLE]  # type: ignore[attr-defined]
    mended = [new if old in applying else old for old, new in zip(checks, mended, strict=True)]
    before = judged(items, decisions=made)
    after = judged([*items[:place], (entry, mended), *items[place + 1 :]], decisions=made)
    assert _score(after) >= _score(before)


@given(lines(), decisions(), gates)
def test_the_same_facts_give_the_same_scorecard_byte_for_byte(
    items: Lines, made: DecisionsFile, gate: GateEntry
) -> None:
    first, second = (scorecard.dump(judged(items, decisions=made, gate=gate)) for _ in range(2))
    assert first == second
    assert scorecard.dump(scorecard.load(first, "it")) == first


@given(lines(least=1), st.sampled_from([Outcome.NOT_CHECKED, Outcome.ERROR, Outcome.UNKNOWN]), gates)
def test_a_run_in_which_nothing_could_be_looked_at_is_never_ready(
    items: Lines, outcome: Outcome, gate: GateEntry
) -> None:
    blind = [(entry, [told(check.id, outcome) for check in checks] or [told("c", outcome)]) for entry, checks in items]
    card = judged(blind, gate=gate)
    assert card.decision.readiness is Readiness.INCONCLUSIVE
    assert card.decision.exit_code == 3


@given(lines(), decisions(), gates)
def test_ready_means_that_something_was_decided_and_nothing_blocks(
    items: Lines, made: DecisionsFile, gate: GateEntry
) -> None:
    card = judged(items, decisions=made, gate=gate)
    if card.decision.readiness is Readiness.READY:
        assert any(row.decided for row in card.items)
        assert not card.decision.blockers
        assert card.tally.score is not None
        assert card.tally.score >= gate.min_score


def test_the_score_is_rounded_down() -> None:
    items: Lines = [
        (item(str(number)), [told(f"c{number}", Outcome.PASS if number < 2 else Outcome.FAIL)]) for number in range(3)
    ]
    assert judged(items).tally.score == 66.6


def test_no_lines_have_no_score() -> None:
    total = tally([])
    assert (total.score, total.ceiling, total.coverage) == (None, None, None)


def test_lines_without_weight_have_no_score() -> None:
    assert judged([(item("x", severity=Severity.INFO), [told("c", Outcome.PASS)])]).tally.score is None


@settings(max_examples=20)
@given(lines(least=2))
def test_the_score_is_over_items_and_not_over_sections(items: Lines) -> None:
    whole = judged(items)
    for order in itertools.islice(itertools.permutations(items), 6):
        assert judged(list(order)).tally.score == whole.tally.score
