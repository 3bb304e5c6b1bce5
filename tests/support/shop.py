"""A small repository whose checklist is true, and what makes it false."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str) -> str:
    environment = {
        **os.environ,
        **{f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    return subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def plant(folder: Path) -> None:
    """A repository whose checklist is true."""
    (folder / "README.md").write_text(
        "# Shop\n\n## Install\n\n    npm ci\n\n## Run\n\n    npm start\n\n## Test\n\n    npm test\n"
    )
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n## 1.0.0 - 2026-01-02\n\n- The first.\n")
    (folder / "readiness.yaml").write_text(
        "version: 1\nservice: shop\ngate: {min_score: 50, min_coverage: 0.5}\nsections:\n  - title: Documentation\n    items:\n"
        "      - {id: changelog, text: Changelog kept, claim: done, severity: high, checks: [changelog]}\n"
    )
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Begin")


def break_it(folder: Path) -> None:
    """Make the ticked line false."""
    git(folder, "rm", "-q", "CHANGELOG.md")
    git(folder, "commit", "-q", "-m", "Forget the changelog")
