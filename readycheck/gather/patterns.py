"""Patterns of files in gitignore's language, as regular expressions over paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

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


def select(paths: Iterable[str], patterns: Sequence[str], exclude: Sequence[str] = ()) -> list[str]:
    """Those of the paths that one of the patterns matches and none of the excluding ones does, in their order."""
    wanted = [matcher(pattern).search for pattern in patterns]
    unwanted = [matcher(pattern).search for pattern in exclude]
    return [
        path
        for path in paths
        if any(search(path) for search in wanted) and not any(search(path) for search in unwanted)
    ]
