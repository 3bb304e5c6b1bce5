"""Fuzzes what reads a team's own text, guided by coverage.

    python benchmarks/documents/fuzz.py {markdown,import,decisions} [SECONDS]

It needs `pip install atheris`. `markdown` reads bytes as a document, `import` makes a checklist of it, writes it, reads it again
and writes the document back, `decisions` reads bytes as decisions.yaml. A mistake of the user is an answer; anything else ends
the run and leaves the input as `crash-…`. Inputs that find new branches are kept in memory only.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]

with atheris.instrument_imports(include=["readycheck", "markdown_it"]):
    from readycheck.catalogue import load_catalogue
    from readycheck.checklist import load_checklist
    from readycheck.decisions import load_decisions
    from readycheck.document.parse import parse
    from readycheck.errors import ReadycheckError
    from readycheck.importing import imported
    from readycheck.mirroring import mirrored
    from readycheck.writing import to_yaml

CATALOGUE = load_catalogue()
#: What the readers know, so that the fuzzer need not guess it.
WORDS = (
    "- [x] ",
    "- [ ] ",
    "* ",
    "+ ",
    "1. ",
    "# ",
    "## ",
    "```\n",
    "~~~\n",
    "| a | Status |\n|---|---|\n",
    "✅ ",
    "❌ ",
    "⚠️ ",
    "🔄 ",
    "☐ ",
    "☑ ",
    "**Status**: ",
    '<input type="checkbox" checked>',
    "<!-- ",
    " -->",
    "---\ntitle: x\n---\n",
    "> [!WARNING]\n",
    "\r\n",
    "\u2028",
    "\x1b[31m",
    "\u202e",
    "âœ…",
    "(6/8)",
    "$(date)",
    "Rate limiting",
    "Backups: done",
    "DATABASE_URL=postgres://a:b@c/d",
    "attestations:\n",
    "waivers:\n",
    "- item: ",
    "statement: ",
    "expires: 2026-12-01",
    "every: 3mo",
    "reason: ",
    "owner: ",
    "&a [*a]",
    "!!python/object:x",
    ":white_check_mark: ",
    "sign_offs:\n",
)


def markdown(data: bytes) -> None:
    """Read bytes as a document."""
    parse(data, "fuzz.md")


def whole(data: bytes) -> None:
    """Import bytes, write the checklist, read it, and write the document back: importing that again changes nothing."""
    found = imported(parse(data, "fuzz.md"), CATALOGUE, service="fuzz", path="fuzz.md")
    file = load_checklist(to_yaml(found.values), "readiness.yaml", CATALOGUE).file
    again = imported(parse(mirrored(file).encode(), "fuzz.md"), CATALOGUE, service="fuzz", path="fuzz.md")
    kept = [(item.claim, item.text) for item in found.items]
    assert [(item.claim, item.text) for item in again.items] == kept, "an item was lost on the way"


def decisions(data: bytes) -> None:
    """Read bytes as decisions."""
    load_decisions(data.decode("utf-8", "replace"), "decisions.yaml", items={"a", "b"}, today=date(2026, 1, 1))


TARGETS = {"markdown": markdown, "import": whole, "decisions": decisions}


def main() -> None:
    """Run one target for so many seconds."""
    target = TARGETS[sys.argv[1]]
    seconds = sys.argv[2] if len(sys.argv) > 2 else "200"

    def once(data: bytes) -> None:
        try:
            target(data)
        except ReadycheckError:
            return

    words = Path(tempfile.mkdtemp()) / "words"
    quoted = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in WORDS)
    words.write_text("".join(f'"{word}"\n' for word in quoted), "ascii")
    options = [
        f"-max_total_time={seconds}",
        "-timeout=20",
        "-max_len=4096",
        f"-dict={words}",
        "-verbosity=0",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
