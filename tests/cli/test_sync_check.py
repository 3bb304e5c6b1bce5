"""`sync --check` answers a hook without the catalogue, and says what it would say with it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readycheck.catalogue import Catalogue, load_catalogue
from readycheck.cli import run
from readycheck.document.parse import parse
from readycheck.importing import imported
from readycheck.syncing import synced

DOCUMENT = (Path(__file__).parents[1] / "data" / "PRODUCTION_READINESS.md").read_bytes()
LINES = DOCUMENT.split(b"\n")


@cache
def whole() -> Catalogue:
    return load_catalogue()


@cache
def before() -> dict[str, object]:
    return imported(parse(DOCUMENT, "a.md"), whole(), service="loans", path="a.md").values


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(LINES) - 1),
            st.sampled_from(["drop", "tick", "untick", "reword", "again", "upper"]),
        ),
        max_size=6,
    )
)
def test_the_catalogue_has_no_say_in_what_differs(edits: list[tuple[int, str]]) -> None:
    lines: list[list[bytes]] = [[line] for line in LINES]
    for at, how in edits:
        line = LINES[at]
        lines[at] = {
            "drop": [],
            "tick": [line.replace(b"[ ]", b"[x]")],
            "untick": [line.replace(b"[x]", b"[ ]")],
            "reword": [line + b" and documented"],
            "again": [line, line],
            "upper": [line.upper()],
        }[how]
    document = parse(b"\n".join(line for kept in lines for line in kept), "a.md")
    told = [
        synced(before(), imported(document, catalogue, service="loans", path="a.md").values).changes
        for catalogue in (whole(), Catalogue((), {}))
    ]
    assert told[0] == told[1]


def test_a_checklist_that_is_malformed_is_no_agreement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("C.md").write_text("# C\n\n## A\n\n- [x] Rate limiting\n")
    assert run(["import", "C.md"]) == 0
    assert run(["sync", "--check"]) == 0
    checklist = Path("readiness.yaml")
    checklist.write_text(checklist.read_text().replace("claim: done", "claim: dome"))
    assert run(["sync", "--check"]) == 2
    assert "dome" in capsys.readouterr().err
    checklist.write_text("")
    assert run(["sync", "--check"]) == 2
