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
    r"\A(?:pass(?:word|wd)?|pwd|secret|token|key|@.*|\[?password\]?)\Z|your|votre|change|replace|example|placeholder|xxx|\*\*\*|\.\.\.|…|generate|insert|todo|dummy|sample|fill|enter|here|"
    r"<[^>]*>?|\[[^\]]*\]?|\{\{?|\$\(|secret[-_]?key|new[-_]secret|strong|random|minimum|openssl|copy|paste|string|value|必|你的|随机",
    re.IGNORECASE,
)
_NAMED_CELL = re.compile(
    r"^\s*\|[^|]{0,60}(?:password|passwd|secret|api[ _-]?key|access[ _-]?key|token|credential)[^|]{0,40}\|",
    re.IGNORECASE,
)
_CELL = re.compile(r"(?<=[\s|`\\])(?=[^\s|`\\]*\d)(?=[^\s|`\\]*[A-Za-z])[^\s|`\\]{8,200}(?=[\s|`\\])")
_LABELLED = re.compile(
    r"(?P<head>(?:passw(?:or)?d|secret|token|api[ _-]?key)[\w ]{0,20}\*{0,2}\s*[:：=]\s*\*{0,2}\s*[`\"']?)"
    r"(?P<value>(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[^\s`\"'|*\[\]]{8,200})",
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
            yield _masked(line) if _SUSPECT.search(line) else line


def _masked(line: str) -> str:
    masked = _LABELLED.sub(_labelled, redact(line, _is_none))
    if _NAMED_CELL.match(masked):
        head, cells = (
            masked[: masked.index("|", masked.index("|") + 1)],
            masked[masked.index("|", masked.index("|") + 1) :],
        )
        masked = head + _CELL.sub(lambda match: match[0] if _PLACEHOLDER.search(match[0]) else mask(match[0]), cells)
    return masked


def _labelled(match: re.Match[str]) -> str:
    value = match["value"]
    return match[0] if _PLACEHOLDER.search(value) else match["head"] + mask(value)


def _is_none(head: str, value: str) -> bool:
    """Is the value a placeholder, a name, or a word of prose, and no secret?"""
    if _PLACEHOLDER.search(value):
        return True
    return not head.rstrip().endswith("=") and bool(_WORDS.match(value))
