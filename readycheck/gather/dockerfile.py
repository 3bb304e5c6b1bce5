"""Reads a Dockerfile as values: the images that it builds on, and what the last stage runs as."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from readycheck.gather.values import Collector, Unparsable

_NAMED = re.compile(r"(?:^|/)(?:[\w-]+\.)?(?:dockerfile|containerfile)(?:\.[\w.-]+)?$", re.IGNORECASE)
_FROM = re.compile(r"^(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<name>\S+))?\s*$", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)(?::?[-+](?P<default>[^}]*))?\}|(?P<bare>\w+))")
_HEREDOC = re.compile(r"<<-?[\"']?(?P<end>\w+)[\"']?")
#: Images whose name says that they do not start as root.
_UNPRIVILEGED = re.compile(r"nonroot|unprivileged|rootless")
_KEPT = ("user", "healthcheck", "cmd", "entrypoint", "expose")


def is_dockerfile(path: str) -> bool:
    """Is it named like one: `Dockerfile`, `Dockerfile.api`, `api.Dockerfile`, `Containerfile`?"""
    return _NAMED.search(path) is not None and not path.endswith(".dockerignore")


def read_dockerfile(lines: Sequence[str], into: Collector) -> None:
    """The values of a Dockerfile whose comments are gone; `ConfigLookup` says which keys there are.

    Raises:
        Unparsable: it has no `FROM`.
    """
    reader = _Reader(into)
    for line, word, rest in _instructions(lines):
        reader.take(line, word, rest)
    reader.end()


def _instructions(lines: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Each instruction with its first line: continued lines are joined, here-documents left out."""
    start, parts, closing = 0, list[str](), ""
    for number, line in enumerate(lines, 1):
        if closing:
            closing = "" if line.strip() == closing else closing
            continue
        if not line.strip():
            continue
        start = start if parts else number
        parts.append(line.strip().rstrip("\\`").strip() if line.rstrip().endswith(("\\", "`")) else line.strip())
        if line.rstrip().endswith(("\\", "`")):
            continue
        word, _, rest = " ".join(parts).partition(" ")
        heredoc = _HEREDOC.search(rest)
        closing, parts = heredoc["end"] if heredoc else "", []
        yield start, word.upper(), rest.strip()


class _Reader:
    """The stages of a Dockerfile, as they come."""

    def __init__(self, into: Collector) -> None:
        self._into = into
        self._arguments: dict[str, str] = {}
        self._stages: dict[str, dict[str, tuple[int, str]]] = {}
        self._current: dict[str, tuple[int, str]] | None = None
        self._images = self._count = 0

    def take(self, line: int, word: str, rest: str) -> None:
        if word == "FROM":
            self._stage(line, rest)
        elif word == "ARG":
            name, _, default = rest.partition("=")
            self._arguments[name.strip()] = default.strip().strip("\"'")
        elif self._current is not None and word.lower() in _KEPT:
            self._current[word.lower()] = (line, self._filled(rest) if word == "USER" else rest)

    def _stage(self, line: int, rest: str) -> None:
        found = _FROM.match(self._filled(rest))
        if found is None:
            raise Unparsable(f"not a valid FROM (line {line})")
        image, name = found["image"], (found["name"] or "").lower()
        if image.lower() in self._stages:
            self._current = dict(self._stages[image.lower()])
        else:
            self._current = {"from": (line, image)}
            if _UNPRIVILEGED.search(image):
                self._current["user"] = (line, "not root, as the name of the image says")
            self._into.add(("from", str(self._images)), line, image)
            self._images += 1
        # A stage can be named by its number too.
        self._stages |= {key: self._current for key in (name, str(self._count)) if key}
        self._count += 1

    def _filled(self, text: str) -> str:
        """The text with the defaults of arguments in their places; an argument without one stays as written."""

        def value(found: re.Match[str]) -> str:
            name = found["braced"] or found["bare"]
            return self._arguments.get(name) or found["default"] or found[0]

        return _VARIABLE.sub(value, text)

    def end(self) -> None:
        if self._current is None:
            raise Unparsable("a Dockerfile without FROM")
        for word, (line, text) in self._current.items():
            self._into.add(("final", word), line, text)
