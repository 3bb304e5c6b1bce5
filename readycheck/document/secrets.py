"""Takes live credentials out of a document's lines, each line in its place, and says where they stood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from readycheck.document.text import Note
from readycheck.redact import mask, redact

# What may hold a secret, looked for before the patterns that cost more.
_SUSPECT = re.compile(
    r"passw|passwd|pwd|secret|token|key|credential|dsn|://[^/\s]*@|AKIA|ASIA|gh[pousr]_|github_pat|glpat|xox[abeoprs]|[srp]k_|sk-|AIza|SG\."
    r"|npm_|eyJ",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"your|votre|change|replace|example|placeholder|xxx|\*\*\*|\.\.\.|…|generate|insert|todo|dummy|sample|fill|enter|here|"
    r"<[^>]*>?|\[[^\]]*\]?|\{\{?|\$\(|secret[-_]?key|new[-_]secret|strong|random|minimum|openssl|copy|paste|string|value|必|你的|随机",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_][^\d]*\Z")
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----")


def without_secrets(lines: Sequence[str]) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """The lines with each credential masked, and a note for each line that held one.

    Placeholders stay, as they are the team's words and no secrets; so does prose (`Token: validated`).
    """
    kept = list(_unarmoured(lines))
    notes = [Note(number, _WARNING) for number, (old, new) in enumerate(zip(lines, kept, strict=True), 1) if old != new]
    return tuple(kept), tuple(notes)


_WARNING = "a live credential stands here: it was not copied; rotate it and take it out of the document"


def _unarmoured(lines: Sequence[str]) -> Iterator[str]:
    inside = False
    for line in lines:
        if _BEGIN.search(line) and not _END.search(line):
            inside = True
            yield line
        elif inside:
            inside = not _END.search(line)
            yield line if not inside else (mask(line.strip()) if line.strip() else line)
        else:
            yield redact(line, _is_none) if _SUSPECT.search(line) else line


def _is_none(head: str, value: str) -> bool:
    """Is the value a placeholder, a name, or a word of prose, and no secret?"""
    if _PLACEHOLDER.search(value):
        return True
    return not head.rstrip().endswith("=") and bool(_WORDS.match(value))
