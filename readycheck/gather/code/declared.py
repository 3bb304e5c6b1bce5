"""Finds where a manifest names a package: the weakest evidence that a project uses it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from readycheck.facts.repository import LONGEST_EXCERPT, Use
from readycheck.gather.code.selection import SourceFiles
from readycheck.model import Strength
from readycheck.redact import redact

_MANIFESTS = {
    "javascript": re.compile(r"(?:^|/)package\.json$"),
    "python": re.compile(
        r"(?:^|/)(?:pyproject\.toml|Pipfile|setup\.(?:cfg|py)|requirements[^/]*\.(?:txt|in)|requirements/[^/]*\.txt)$"
    ),
    "go": re.compile(r"(?:^|/)go\.mod$"),
    "java": re.compile(r"(?:^|/)(?:pom\.xml|build\.gradle(?:\.kts)?|libs\.versions\.toml)$"),
    "kotlin": re.compile(r"(?:^|/)(?:pom\.xml|build\.gradle(?:\.kts)?|libs\.versions\.toml)$"),
    "ruby": re.compile(r"(?:^|/)(?:Gemfile|[^/]+\.gemspec)$"),
    "php": re.compile(r"(?:^|/)composer\.json$"),
    "csharp": re.compile(r"(?:^|/)(?:[^/]+\.csproj|Directory\.Packages\.props)$"),
}
#: How each kind of manifest writes the name of a package that it depends on; `{}` is the name, already escaped.
_WRITTEN = {
    "javascript": r'^\s*(?:\{{.*)?"{}"\s*:\s*"[^"]*[\d*xX^~><=:/a-z]',
    "python": r"(?i)^\s*[\"']?{}\s*(?:\[[^\]]*\])?\s*(?:[<>=!~;,#\"']|$)|[\"'(,\[]\s*{}\s*(?:\[[^\]]*\])?\s*[<>=!~;\"']",
    "go": r"^\s*(?:require\s+)?{}(?:/v\d+)?\s+v\d",
    "java": r"[>\"':]{}[<\"':]",
    "kotlin": r"[>\"':]{}[<\"':]",
    "ruby": r"^\s*(?:gem|\w+\.add_(?:runtime_)?dependency)[\s(]+[\"']{}[\"']",
    "php": r'"{}"\s*:\s*"',
    "csharp": r'(?i)(?:Include|Update)\s*=\s*"{}"',
}
_COMMENT = {"javascript": "//", "php": "//", "go": "//", "python": "#", "ruby": "#", "java": "<!--", "csharp": "<!--"}
_TEST_FOLDERS = re.compile(r"(?:^|/)(?:node_modules|vendor|fixtures|test|tests|examples?)/")


class Manifest(NamedTuple):
    """A manifest of one ecosystem and its lines."""

    path: str
    ecosystem: str
    lines: list[str]


def manifests(sources: SourceFiles, ecosystem: str, paths: Iterable[str]) -> list[Manifest]:
    """The project's manifests for one ecosystem, those of vendored and example code aside."""
    wanted = _MANIFESTS[ecosystem]
    found = []
    for path in paths:
        if wanted.search(path) and not _TEST_FOLDERS.search(path):
            text = sources.text(path)
            if text is not None:
                found.append(Manifest(path, ecosystem, text.split("\n")))
    return found


@lru_cache(maxsize=2048)
def _pattern(package: str, ecosystem: str) -> re.Pattern[str]:
    name = re.escape(package)
    if ecosystem == "python":
        name = re.sub(r"(?:\\-|_|\\\.)", r"[-_.]", name)
    return re.compile(_WRITTEN[ecosystem].replace("{}", name).replace("{{", "{"))


def declared(found: Iterable[Manifest], packages: Iterable[str]) -> Iterator[Use]:
    """Each line of a manifest that names one of these packages (`package:export` names none)."""
    plain = [package for package in packages if ":" not in package]
    for manifest in found:
        comment = _COMMENT.get(manifest.ecosystem, "//")
        for package in plain:
            pattern = _pattern(package, manifest.ecosystem)
            last = re.split(r"[/.\-_]", package)[-1].lower()
            for number, line in enumerate(manifest.lines, 1):
                if last in line.lower() and not line.lstrip().startswith(comment) and pattern.search(line[:500]):
                    shown = redact(line.strip())[:LONGEST_EXCERPT]
                    yield Use(manifest.path, number, shown, manifest.ecosystem, Strength.DECLARED, reached=False)
                    break
