"""Which files something starts or loads by itself: entry points, and what frameworks load by the place it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from posixpath import dirname
from typing import NamedTuple

from readycheck.gather.code.grammar import grammar_of

#: Ecosystems whose frameworks find classes and files by themselves: every file counts as reached.
BY_CONVENTION = frozenset({"java", "kotlin", "ruby", "php", "csharp"})

_NEXT = re.compile(r"(?:^|/)(?:src/)?(?:(?:pages|app)/.+|middleware\.[jt]s|instrumentation\.[jt]s|next\.config\.\w+)$")
_NUXT = re.compile(r"(?:^|/)(?:(?:src/)?(?:pages|server|middleware|plugins|routes|layouts)/.+|nuxt\.config\.\w+)$")
_DJANGO = re.compile(
    r"(?:^|/)(?:settings[^/]*\.py|settings/.+\.py|(?:models|admin|apps|tasks|wsgi|asgi)\.py|(?:models|admin)/[^/]+\.py"
    r"|management/commands/[^/]+\.py|templatetags/[^/]+\.py)$"
)


class Roots(NamedTuple):
    """The files of one ecosystem from which code is reached; `known` is false when none was found, so that all are."""

    paths: tuple[str, ...]
    known: bool


#: Files whose names say which framework loads what.
_MARKERS = ("manage.py", "next.config.", "nuxt.config.", "svelte.config.", "remix.config.")


def roots(ecosystem: str, code: Iterable[str], every: Iterable[str], entry_points: Iterable[str]) -> Roots:
    """Where the walk through this ecosystem's code (its paths, tests aside) starts."""
    own = sorted(code)
    if ecosystem in BY_CONVENTION:
        return Roots(tuple(own), known=True)
    inside = set(own)
    started = [path for path in entry_points if path in inside and grammar_of(path)]
    names = {name for path in every if (name := path.rpartition("/")[2]).startswith(_MARKERS)}
    loaded = [path for path in own if _loaded(ecosystem, path, names)]
    if not started and not loaded:
        return Roots(tuple(own), known=False)
    found = [*started, *loaded]
    if ecosystem == "javascript":
        found += _unstarted(own, every, found)
    return Roots(tuple(dict.fromkeys(found)), known=True)


def _loaded(ecosystem: str, path: str, names: set[str]) -> bool:
    """Does a framework load this file because of where it stands?"""
    if ecosystem == "go":
        return path.endswith("main.go")
    if ecosystem == "python":
        return "manage.py" in names and bool(_DJANGO.search(path))
    if any(name.startswith("next.config.") for name in names) and _NEXT.search(path):
        return True
    return any(name.startswith(("nuxt.config.", "svelte.config.", "remix.config.")) for name in names) and bool(
        _NUXT.search(path)
    )


def _unstarted(own: list[str], every: Iterable[str], found: list[str]) -> list[str]:
    """Files of packages in a workspace in which nothing is known to start: how they start cannot be told."""
    folders = sorted({dirname(path) for path in every if path.endswith("package.json")}, key=len, reverse=True)
    if len(folders) < 2:  # noqa: PLR2004 - a workspace has several
        return []

    def package(path: str) -> str:
        return next((folder for folder in folders if not folder or path.startswith(f"{folder}/")), "")

    started = {package(path) for path in found}
    return [path for path in own if package(path) not in started and package(path)]
