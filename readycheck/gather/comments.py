"""Takes comments out of configuration, scripts and documents: a promise in a comment is not the thing."""

from __future__ import annotations

import re
from typing import NamedTuple

#: A line is cut here, in characters: searching it must end, whatever stands in it.
LONGEST_LINE = 4000

_STRINGS = r"""(?P<string>(?<![\w\\])(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`))"""
_HASH = r"(?:^|(?<=\s))\#"
_SLASHES = r"(?<![:\w])//"


class Syntax(NamedTuple):
    """How a kind of file writes comments: what starts one to the end of the line, and what opens and closes a block."""

    line: str
    opens: str = ""
    closes: str = ""
    strings: bool = True


_NOTHING = Syntax("")
_SHELL = Syntax(_HASH)
_PYTHON = Syntax(r"\#")
_C = Syntax(_SLASHES, "/*", "*/")
_PHP = Syntax(rf"{_SLASHES}|\#(?!\[)", "/*", "*/")
_TERRAFORM = Syntax(rf"{_SLASHES}|\#", "/*", "*/")
_CSS = Syntax("", "/*", "*/")
_SQL = Syntax(r"--", "/*", "*/")
_INI = Syntax(r"^\s*[;#!]|(?<=\s)[;#](?=\s)")
_MARKUP = Syntax("", "<!--", "-->", strings=False)
_RESTRUCTURED = Syntax(r"^\.\.\s(?!.*::)", strings=False)

_BY_KIND = (
    (
        _C,
        "js mjs cjs jsx ts mts cts tsx java kt kts go cs scss less groovy gradle proto rs swift json json5 jsonc bicep",
    ),
    (_PYTHON, "py pyi toml rb nix"),
    (_TERRAFORM, "tf tfvars hcl"),
    (_INI, "ini cfg properties editorconfig"),
    (_MARKUP, "md markdown mdx html htm xml svg vue csproj props targets config"),
    (_NOTHING, "txt csv jmx"),
    (_PHP, "php"),
    (_CSS, "css"),
    (_SQL, "sql"),
    (_RESTRUCTURED, "rst"),
)
_BY_SUFFIX = {suffix: kind for kind, suffixes in _BY_KIND for suffix in suffixes.split()}
_BY_NAME = {"jenkinsfile": _C, "pom.xml": _MARKUP, "requirements.txt": _SHELL, "readme": _NOTHING, "license": _NOTHING}


def syntax(path: str) -> Syntax:
    """How this file writes comments; files of unknown kind (scripts, dotfiles, YAML …) write them with `#`."""
    name = path.rpartition("/")[2].lower()
    if name in _BY_NAME:
        return _BY_NAME[name]
    return _BY_SUFFIX.get(name.rpartition(".")[2], _SHELL) if "." in name[1:] else _SHELL


def lines(text: str) -> list[str]:
    """The lines of a text as every editor counts them, each cut to `LONGEST_LINE`."""
    return [line.rstrip("\r")[:LONGEST_LINE] for line in text.split("\n")]


def without_comments(text: str, path: str) -> list[str]:
    """The lines with whatever is a comment left out; each keeps its number."""
    return strip(lines(text), syntax(path))


def strip(found: list[str], kind: Syntax) -> list[str]:
    """The lines without the comments of this syntax."""
    if kind is _NOTHING:
        return found
    token = _token(kind)
    kept: list[str] = []
    inside = False
    for line in found:
        rest, inside = _stripped(line, token, kind, inside=inside)
        kept.append(rest)
    return kept


def _token(kind: Syntax) -> re.Pattern[str]:
    parts = [_STRINGS] if kind.strings else []
    parts += [f"(?P<block>{re.escape(kind.opens)})"] if kind.opens else []
    parts += [f"(?P<line>{kind.line})"] if kind.line else []
    return re.compile("|".join(parts))


def _stripped(line: str, token: re.Pattern[str], kind: Syntax, *, inside: bool) -> tuple[str, bool]:
    kept: list[str] = []
    position = 0
    while position <= len(line):
        if inside:
            end = line.find(kind.closes, position)
            if end < 0:
                return "".join(kept).rstrip(), True
            position, inside = end + len(kind.closes), False
        found = token.search(line, position)
        if found is None:
            kept.append(line[position:])
            break
        if found.lastgroup == "string":
            kept.append(line[position : found.end()])
            position = found.end()
            continue
        kept.append(line[position : found.start()])
        if found.lastgroup == "line":
            break
        position, inside = found.end(), True
    return "".join(kept).rstrip(), inside
