"""Which files hold code, and in which ecosystem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

#: Ecosystems by the suffix of their code files; TypeScript and single-file components are JavaScript's.
SUFFIXES = {
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".jsx": "javascript",
    ".ts": "javascript",
    ".mts": "javascript",
    ".cts": "javascript",
    ".tsx": "javascript",
    ".vue": "javascript",
    ".svelte": "javascript",
    ".py": "python",
    ".go": "go",
    ".java": "java",
    ".kt": "kotlin",
    ".kts": "kotlin",
    ".rb": "ruby",
    ".php": "php",
    ".cs": "csharp",
}
#: An ecosystem counts as one of the project's from this share of its code files, as does any with this many of them.
LEAST_SHARE, LEAST_FILES = 0.05, 20


def ecosystem(path: str) -> str:
    """The ecosystem whose code this file is, by its suffix; empty for anything that is no code."""
    name = path.rpartition("/")[2]
    return SUFFIXES.get(name[name.rfind(".") :].lower(), "") if "." in name else ""


def ecosystems(paths: Iterable[str]) -> tuple[str, ...]:
    """The ecosystems of these files, the one with most files first; strays below the least share are left out."""
    counts = Counter(filter(None, map(ecosystem, paths)))
    total = sum(counts.values())
    chosen = [(-count, name) for name, count in counts.items() if count >= min(LEAST_FILES, total * LEAST_SHARE)]
    return tuple(name for _, name in sorted(chosen))
