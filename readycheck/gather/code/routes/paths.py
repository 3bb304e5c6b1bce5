"""Writes the paths of routes one way, whatever the framework writes them like."""

from __future__ import annotations

import re

#: `:id` for `<int:id>`, `{id}`, `{id:int}`, `[id]`, `[...id]`, `(?P<id>…)` and `:id(\\d+)`.
_PARAMETERS = (
    (re.compile(r"\(\?P?<(\w+)>[^()]{0,200}(?:\([^()]{0,200}\)[^()]{0,200}){0,5}\)"), r":\1"),
    (re.compile(r"<(?:[\w.]+(?:\([^)]{0,100}\))?:)?\s*(\w+)>"), r":\1"),
    (re.compile(r"\{\*{0,2}(\w+)(?::[^{}]{0,200})?[?=]?[^{}]{0,100}\}"), r":\1"),
    (re.compile(r"\[{1,2}(?:\.\.\.)?(\w+)\]{1,2}"), r":\1"),
    (re.compile(r"(:\w+)\([^()]{0,200}\)[?*+]?"), r"\1"),
)
_LONGEST = 500


def canonical(*parts: str) -> str:
    """The parts of a path joined: one slash between them, none at the end, parameters as `:name`."""
    path = "/".join(part for part in parts if part)[:_LONGEST]
    for pattern, written in _PARAMETERS:
        path = pattern.sub(written, path)
    path = re.sub(r"(:\w+)\?", r"\1", path)
    return "/" + re.sub(r"/{2,}", "/", path).strip("/")


def from_regex(pattern: str) -> str:
    """The path that an anchored regular expression of Django's `url` or `re_path` stands for."""
    path = pattern.removeprefix("^").removesuffix("$").replace("\\", "")
    return re.sub(r"/\?\Z", "/", path)
