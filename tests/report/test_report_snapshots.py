"""Whole reports held against reviewed files; run with READYCHECK_UPDATE_SNAPSHOTS=1 to write them anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from support import cards

from readycheck.report.format import Format
from readycheck.report.render import render

SNAPSHOTS = Path(__file__).with_name("snapshots")
ENDINGS = {Format.HTML: "html", Format.MARKDOWN: "md"}


def without_shipped_files(page: str) -> str:
    """The page without its style and script, which are files of their own, and without the digest of the whole card."""
    page = re.sub(r"(?s)(<style>).*?(</style>)", r"\1\2", page)
    page = re.sub(r"(?s)(<script>).*?(</script>)", r"\1\2", page)
    page = re.sub(r"\b[0-9a-f]{64}\b", "digest", page)
    return re.sub(r"sha256-[A-Za-z0-9+/=]+", "sha256", page)


@pytest.mark.parametrize("wanted", list(ENDINGS))
@pytest.mark.parametrize("name", ["loan", "ready", "not_ready", "inconclusive", "empty", "compared", "phase"])
def test_the_report_is_the_reviewed_one(name: str, wanted: Format) -> None:
    shown = without_shipped_files(render(getattr(cards, name)(), wanted))
    file = SNAPSHOTS / f"{name}.{ENDINGS[wanted]}"
    if os.environ.get("READYCHECK_UPDATE_SNAPSHOTS"):
        file.write_text(shown, "utf-8")
    assert shown == file.read_text("utf-8")
