"""Patterns of files in gitignore's language, as regular expressions over paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

#: Bounds on patterns that the audited side wrote: a backtracking search over `*a*a*a*b` is polynomial in their number.
MOST_STARS, LONGEST_PATH = 3, 1024


def matcher(pattern: str) -> re.Pattern[str]:
    """One pattern (without `!`) as a regular expression to search paths from the root with.

    Raises:
        ValueError: it is empty, a comment, or malformed.
    """
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    regex, _ = GitIgnoreSpecPattern.pattern_to_regex(pattern)
    if regex is None:
        raise ValueError(f"{pattern!r} is no pattern of files")
    return re.compile(regex, re.DOTALL)


def hostile_matcher(pattern: str) -> Callable[[str], bool] | None:
    """The same for a pattern that the audited side wrote: None when it is malformed or could take long to search."""
    if len(re.findall(r"\*+", pattern)) > MOST_STARS:
        return None
    try:
        search = matcher(pattern).search
    except (ValueError, re.error):
        return None
    return lambda path: len(path) <= LONGEST_PATH and search(path) is not None


class PathIndex:
    """Paths by folder and by ending, so that hundreds of patterns over a large project stay quick."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._folders: dict[str, list[str]] = {}
        self._endings: dict[str, list[str]] = {}
        for path in paths:
            folder, _, name = path.rpartition("/")
            self._folders.setdefault(folder, []).append(path)
            self._endings.setdefault(_ending(name), []).append(path)

    def matching(self, pattern: str) -> frozenset[str]:
        """The paths that this pattern (without `!`) selects: by themselves, or by a folder above them.

        Raises:
            ValueError: it is empty, a comment, or malformed.
        """
        search = matcher(pattern).search
        inside = (paths for folder, paths in self._folders.items() if folder and search(f"{folder}/"))
        alike = self._endings.get(_ending(pattern), []) if _has_plain_ending(pattern) else self._all()
        return frozenset((*chain.from_iterable(inside), *filter(search, alike)))

    def _all(self) -> Iterable[str]:
        return chain.from_iterable(self._folders.values())


def _ending(name: str) -> str:
    return name[name.rfind(".") :] if "." in name else ""


def _has_plain_ending(pattern: str) -> bool:
    """Does every file that the pattern names end as the pattern does, in a dot and plain letters?"""
    return re.search(r"\.[\w-]+$", pattern) is not None


def select(paths: Iterable[str], patterns: Sequence[str], exclude: Sequence[str] = ()) -> list[str]:
    """Those of the paths that one of the patterns matches and none of the excluding ones does, in their order."""
    wanted = [matcher(pattern).search for pattern in patterns]
    unwanted = [matcher(pattern).search for pattern in exclude]
    return [
        path
        for path in paths
        if any(search(path) for search in wanted) and not any(search(path) for search in unwanted)
    ]
