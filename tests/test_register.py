from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readycheck.decisions import Attestation, DecisionsFile, Evidence, SignOff, Waiver, load_decisions
from readycheck.errors import ContentError
from readycheck.register import added

TODAY = date(2026, 3, 1)
WAIVER = Waiver(item="a", reason='one "region": #1', owner="Bob", expires=date(2026, 4, 1), at=TODAY)
ATTESTATION = Attestation(
    item="b",
    statement="é, looked at by hand",
    by="Ada",
    at=TODAY,
    every="90d",
    evidence=Evidence(path="r.pdf", sha256="1" * 64),
    binds=("infra/**", "!*.md"),
    bound_sha256="2" * 64,
)
SIGN_OFF = SignOff(step="deploy-it", by="Ada", at=datetime(2026, 3, 1, 9, tzinfo=UTC), commit="3" * 40)
EACH = [WAIVER, ATTESTATION, SIGN_OFF]


def load(text: str) -> DecisionsFile:
    return load_decisions(text, "decisions.yaml", ["a", "b", "c", "é"], TODAY, ["deploy-it"])


def plain(file: DecisionsFile) -> list[Attestation | Waiver | SignOff]:
    every: list[Attestation | Waiver | SignOff] = [*file.attestations, *file.waivers, *file.sign_offs]
    return [msgspec.structs.replace(one, line=0) for one in every]


@pytest.mark.parametrize("decision", EACH, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "# guarded by the platform team\n",
        "version: 1\n",
        "version: 1",
        "version: 1\nwaivers: []\nattestations: []\nsign_offs: []\n",
        "version: 1\r\nwaivers:\r\n  - {item: c, reason: accepted for now, owner: us, expires: 2026-04-01}\r\n",
        "version: 1\nwaivers: [{item: c, reason: accepted for now, owner: us, expires: 2026-04-01}]\n",
        (
            "version: 1\nwaivers:\n- item: c  # a comment\n  reason: >\n    folded text\n\n    and more\n  owner: us\n"
            "  expires: 2026-04-01  # another\n\n# the end\n"
        ),
        (
            "version: 1\nattestations:\n    - item: é\n      by: üs\n      at: 2026-02-01\n      every: 1y\n"
            "      statement: |\n        it is – so\n"
        ),
    ],
)
def test_a_decision_is_added_and_nothing_else_changes(text: str, decision: Attestation | Waiver | SignOff) -> None:
    before = plain(load(text)) if text.startswith("version") else []
    made = added(text, "decisions.yaml", decision)
    after = plain(load(made))
    assert decision in after
    assert [one for one in after if one != decision] == before
    assert all(line in made.splitlines() for line in text.splitlines() if line.lstrip().startswith("#"))
    assert "\r\n" not in text or made.count("\n") == made.count("\r\n")


def test_a_decision_takes_the_place_of_another() -> None:
    text = (
        "version: 1\nwaivers:\n  - item: c\n    reason: accepted for now\n    owner: us\n    expires: 2026-04-01\n"
        "  # about b\n  - {item: b, reason: accepted for now, owner: us, expires: 2026-04-01}\n"
    )
    first, second = load(text).waivers
    for old, stays in ((first, "b"), (second, "c")):
        made = added(text, "decisions.yaml", WAIVER, instead_of=old.line)
        assert {waiver.item for waiver in load(made).waivers} == {"a", stays}
        assert "# about b" in made


@pytest.mark.parametrize("text", ["- a\n", "{version: 1}\n", "version: 1\nwaivers: none\n"])
def test_a_file_of_another_shape_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ContentError) as caught:
        added(text, "decisions.yaml", WAIVER)
    assert "decisions.yaml:" in str(caught.value)


@settings(deadline=None)  # the first example pays for the imports
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=10).filter(lambda text: len(text.strip()) > 9))
def test_any_words_are_read_back_as_they_were_written(words: str) -> None:
    waiver = msgspec.structs.replace(WAIVER, reason=words, ticket=words)
    first = added("", "decisions.yaml", waiver)
    second = added(first, "decisions.yaml", msgspec.structs.replace(waiver, item="b"))
    flow = added(
        "version: 1\nwaivers: [{item: c, reason: accepted for now, owner: us, expires: 2026-04-01}]", "d", waiver
    )
    for text, count in ((first, 1), (second, 2), (flow, 2)):
        read = load(text).waivers
        assert len(read) == count
        assert all(one.reason == words == one.ticket for one in read if one.item != "c")
