"""Which files are the project's own code, which are its tests, and which are too large to be written by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from readycheck.gather.code.grammar import grammar_of

#: Bounds on what is parsed: a larger file, or one with a longer line, is generated or minified.
LARGEST, LONGEST_LINE = 1024 * 1024, 20_000

_ASIDE = frozenset(
    [
        "node_modules",
        "bower_components",
        "vendor",
        "third_party",
        "site-packages",
        "venv",
        ".venv",
        "dist",
        "build",
        "out",
        "target",
        ".next",
        ".nuxt",
        "coverage",
        "htmlcov",
        ".git",
        "docs",
        "doc",
        "examples",
        "example",
        "samples",
        "sample",
        "stories",
        "storybook",
        "__snapshots__",
        "typings",
        "@types",
        "generated",
    ]
)
_TESTS = frozenset(
    [
        "test",
        "tests",
        "__tests__",
        "__mocks__",
        "spec",
        "specs",
        "e2e",
        "cypress",
        "playwright",
        "fixtures",
        "fixture",
        "mocks",
        "mock",
        "testdata",
        "test_utils",
        "testing",
        "benchmarks",
        "benchmark",
        "integration-tests",
        "integration_tests",
    ]
)
_TEST_FILE = re.compile(
    r"(?:\.(?:test|spec|e2e|e2e-spec|cy|mock|stories)\.[cm]?[jt]sx?|(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py|_test\.go"
    r"|(?:Tests?|IT|Spec)\.(?:java|kt|cs|php)|_(?:spec|test)\.rb)$"
)
_ASIDE_FILE = re.compile(
    r"(?:\.min\.[cm]?js|\.d\.[cm]?ts|\.pb\.go|_pb2(?:_grpc)?\.py|\.generated\.\w+|\.designer\.cs)$", re.IGNORECASE
)


class SourceFiles(Protocol):
    """Files of the audited project by path; everything in them is hostile."""

    def paths(self) -> Iterable[str]:
        """Every file that belongs to the project."""

    def every(self) -> frozenset[str]:
        """Every path that is there, those set aside and links included."""

    def text(self, path: str) -> str | None:
        """The file as text, or None when it is binary, too large or unreadable."""


class Code(NamedTuple):
    """A file of code: its path, its ecosystem, and whether it is a test."""

    path: str
    ecosystem: str
    test: bool


def code_files(paths: Iterable[str]) -> list[Code]:
    """The project's own code in the order of its paths; vendored, built, generated and example files aside."""
    found = []
    for path in sorted(paths):
        known = grammar_of(path)
        if known is None or _ASIDE_FILE.search(path):
            continue
        folders = path.lower().split("/")[:-1]
        if _ASIDE.isdisjoint(folders):
            test = not _TESTS.isdisjoint(folders) or bool(_TEST_FILE.search(path))
            found.append(Code(path, known[1].ecosystem, test))
    return found


def refusal(text: str) -> str:
    """Why a text is not parsed, or an empty text."""
    if len(text) > LARGEST:
        return f"more than {LARGEST // 1024} KiB"
    if len(text) > LONGEST_LINE and max(map(len, text.split("\n"))) > LONGEST_LINE:
        return f"a line of more than {LONGEST_LINE} characters: minified or generated"
    return ""
