"""Hostile documents neither hang nor crash, and nothing of theirs reaches the YAML unescaped."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from readycheck.catalogue import load_catalogue
from readycheck.checklist import load_checklist
from readycheck.document.parse import parse
from readycheck.importing import imported
from readycheck.mirroring import mirrored
from readycheck.writing import to_yaml

CATALOGUE = load_catalogue()
PIECES = (
    "# A",
    "## ✅ B (3/4)",
    "- [x] one",
    "  - [ ] two",
    "* [~] three",
    "1. ✅ four",
    "☐ five",
    "| a | Status |",
    "|---|---|",
    "| b | ✅ |",
    "```bash",
    "```",
    "~~~",
    "> - [x] q",
    "> [!NOTE]",
    "---",
    "<!--",
    "-->",
    "<details>",
    "<script>alert(1)</script>",
    "**Bold**: ✅ x",
    "text",
    "",
    "\t- [x] tab",
    "- [x] **a** `b` [c](d) ~~e~~",
    "**Last Updated**: $(date)",
    "| Metric | Target | Current |",
    "| Uptime | 99.9% | - |",
    "## Rollback",
    "1. Stop",
    "## Contacts",
    "- Ops: ops@example.org",
    "CREATE INDEX i ON t (c);",
    "```sql",
    "KEY=value",
    "***",
    "\\[x\\]",
    "- [ ]",
    "-",
    "[x]: y",
    "&lt;b&gt;",
    "\u202e",
    "### Needs work ❌",
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(st.sampled_from(PIECES), st.text(st.characters(exclude_characters="\0"), max_size=60)), max_size=25
    ).map("\n".join)
)
@example("---\n:\n---\n- [x] a")
@example("|")
@example("- [x] a\n\n  text\n\n- [ ] b")
def test_any_document_becomes_a_checklist_that_loads_and_loses_no_line(text: str) -> None:
    document = parse(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode(), "x.md")
    found = imported(document, CATALOGUE, service="shop", path="x.md")
    written = to_yaml(found.values)
    checklist = load_checklist(written, "readiness.yaml", CATALOGUE)
    assert len(list(checklist.items)) == len(document.items)
    if not document.front_matter:
        before = [line.rstrip() for line in document.lines if line.strip()]
        after = [line.rstrip() for line in mirrored(checklist.file).split("\n") if line.strip()]
        assert after == before


@pytest.mark.parametrize(
    "text",
    [
        "> " * 20_000 + "- [x] a",
        "".join(f"{'  ' * depth}- [ ] a\n" for depth in range(400)),
        "[" * 3000 + "\n" + "*" * 3000 + "\n" + "`" * 3000,
        "| a " * 800 + "|\n" + "|---" * 800 + "|\n" + "| ✅ " * 800 + "|",
        "```\n" * 2000,
        "- [x] " + "a-" * 1900,
        "**" * 1500 + "✅" * 400,
        "<!--" * 1000,
        "# " * 1000,
        "Status: " * 400,
    ],
    ids=["quotes", "lists", "openings", "table", "fences", "dashes", "signs", "comments", "hashes", "labels"],
)
def test_a_document_made_to_hang_does_not(text: str) -> None:
    imported(parse(text.encode(), "x.md"), CATALOGUE, service="shop", path="x.md")
