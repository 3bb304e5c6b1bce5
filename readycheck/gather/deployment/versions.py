"""Finds what a deployment says that it runs: version endpoints, headers, the page's own marks, the image's labels."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from readycheck.facts.deployment import HttpResponse
from readycheck.facts.service import VersionMark, Versions
from readycheck.gather.deployment.exchange import Request
from readycheck.gather.deployment.session import Session

#: The most of an image's description that is read, in bytes.
LARGEST_IMAGE = 4 * 1024 * 1024

_COMMIT = r"[0-9a-f]{7,40}"
_VALUE = re.compile(rf"(?:{_COMMIT}|v?\d{{1,6}}\.\d{{1,6}}(?:\.\d{{1,6}})?[\w.+-]{{0,60}})")
_HEADER = re.compile(
    r"(?:x-)?(?:\w+-)?(?:version|release|revision|commit|git-(?:commit|sha|hash)|sha|build|build-id)(?:-sha)?"
)
_KEY = re.compile(
    r"(?i)(?:git[_.-]?)?(?:commit|revision|sha|hash|version|release|build)(?:[_.-]?(?:id|sha|hash|ref|version))?"
)
_META = re.compile(r"<meta\s[^<>]{1,500}>", re.IGNORECASE)
_META_NAME = re.compile(
    r"\bname\s*=\s*[\"']?(?:[\w:-]{0,40})(?:version|revision|commit|release|git-sha)\b", re.IGNORECASE
)
_META_CONTENT = re.compile(r"\bcontent\s*=\s*[\"']([\w.+-]{1,100})[\"']", re.IGNORECASE)
_LABELS = ("org.opencontainers.image.revision", "org.label-schema.vcs-ref", "org.opencontainers.image.version")

#: How deep a version may stand in a JSON answer (Spring's `/actuator/info` has it at `git.commit.id`).
_DEPTH = 4


async def versions(session: Session, requests: Sequence[tuple[str, Request]], image: str) -> Versions:
    """Every mark of these responses and of the image's description.

    Raises:
        FailedExchange: nothing could be had at all.
    """
    answers = await asyncio.gather(*(session.ask(request) for _, request in requests), return_exceptions=True)
    found = [(path, one[1]) for (path, _), one in zip(requests, answers, strict=True) if isinstance(one, tuple)]
    if not found and not image:
        raise next(one for one in answers if isinstance(one, BaseException))
    marks = [mark for path, response in found if not response.wall for mark in _marks(path, response)]
    looked = [path for path, response in found]
    if image:
        marks += _image_marks(Path(image))
        looked.append(f"the labels in {image}")
    return Versions(tuple(dict.fromkeys(marks)), tuple(looked))


def _marks(path: str, response: HttpResponse) -> Iterator[VersionMark]:
    for name, value in response.headers:
        if _HEADER.fullmatch(name) and (found := _VALUE.fullmatch(value.strip())):
            yield VersionMark(f"header {name} of {path}", found[0])
    if not 200 <= response.status < 300:  # noqa: PLR2004 - an error page speaks of its server
        return
    if response.body.lstrip()[:1] == "<":
        for tag in _META.findall(response.body[:20_000]):
            content = _META_CONTENT.search(tag) if _META_NAME.search(tag) else None
            if content and _VALUE.fullmatch(content[1]):
                yield VersionMark(f"meta tag of {path}", content[1])
    elif path != "/":
        yield from _body_marks(path, response.body)


def _body_marks(path: str, body: str) -> Iterator[VersionMark]:
    text = body.strip()
    if _VALUE.fullmatch(text):
        yield VersionMark(path, text)
        return
    try:
        content = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return
    for key, value in _leaves(content, "", _DEPTH):
        if _VALUE.fullmatch(value):
            yield VersionMark(f"{key} in {path}", value)


def _leaves(content: Any, key: str, depth: int) -> Iterator[tuple[str, str]]:
    """Texts whose key, or the key above it, is named like a version."""
    if isinstance(content, dict) and depth:
        for name, value in list(content.items())[:100]:
            inside = isinstance(value, dict)
            if inside or _KEY.fullmatch(str(name)) or (key and str(name).lower() in ("id", "full", "abbrev", "number")):
                yield from _leaves(value, f"{key}.{name}".strip("."), depth - 1)
    elif isinstance(content, str) and key:
        yield key, content.strip()


def _image_marks(path: Path) -> Iterator[VersionMark]:
    """The labels in the output of `docker image inspect` or in an OCI image's configuration."""
    try:
        with path.open("rb") as file:
            content = msgspec.json.decode(file.read(LARGEST_IMAGE))
    except (OSError, msgspec.DecodeError, RecursionError):
        return
    first = content[0] if isinstance(content, list) and content else content
    config = first.get("Config") or first.get("config") or {} if isinstance(first, dict) else {}
    labels = (config.get("Labels") or {}) if isinstance(config, dict) else {}
    for name in _LABELS:
        value = labels.get(name) if isinstance(labels, dict) else None
        if isinstance(value, str) and _VALUE.fullmatch(value):
            yield VersionMark(f"label {name} of the image", value)
