"""What a parsed configuration file is: values under steps of keys, with the line of each, secrets taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from readycheck.redact import mask, redact

#: The most values of one file, its deepest nesting, and the longest text of a value that is kept, in characters.
MOST_VALUES, DEEPEST, LONGEST_VALUE = 200_000, 40, 500

#: Between the steps of a key, so that a dot inside a step stays one.
SEPARATOR = "\x1f"

_SECRET = re.compile(
    r"passw(?:or)?d|passwd|(?:^|[._-])pwd(?:$|[._-])|secret|token(?!s\b|_?(?:expir|ttl|life|url|type))|api[._-]?key"
    r"|private[._-]?key|access[._-]?key|credential|(?:^|[._-])dsn$|encryption[._-]?key|connection[._-]?string",
    re.IGNORECASE,
)
_SECRET_FILE = re.compile(r"(?:_FILE|_PATH|_NAME|_ARN|_REF|[a-z]File|[a-z]Ref|[a-z]Name)$")
#: What refers to a secret that is kept elsewhere: `${VAR}`, `$VAR`, `$(…)`, `{{ … }}`, `<…>`, a file under `/run`.
_REFERENCE = re.compile(
    r"^(?:\$|\{\{|<|%\w|@\w+@$|@Microsoft\.|/run/|/etc/|/var/|env:|vault:|ref\+|arn:|ENC\[|projects/)"
)
_DEFAULT = re.compile(r"(?P<head>\$\{(?P<name>\w+):?[-=])(?P<value>[^}]+)(?=\})")
#: `${VAR:?message}` has no default: it refuses to start without the variable.
_REQUIRED = re.compile(r"\$\{(\w+):?\?[^}]*\}")
_PAIR = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_.]{0,100})=(?P<value>.*)\Z", re.DOTALL)
_WORDS = frozenset({"", "true", "false", "yes", "no", "null", "none", "required", "optional", "inherit", "~"})


class Unparsable(ValueError):  # noqa: N818 - the sentence is the reason that a reader is shown
    """The file is not what its name says, or is refused; the message says why."""


class Value(NamedTuple):
    """A value, redacted and cut. A mapping reads as its keys and a list as its items, joined by commas."""

    key: str
    line: int
    text: str


class Collector:
    """Gathers the values of one file.

    Raises:
        Unparsable: on adding more than `MOST_VALUES`, or deeper than `DEEPEST`.
    """

    def __init__(self) -> None:
        self.values: list[Value] = []

    def add(self, steps: tuple[str, ...], line: int, text: str, *, named: str = "") -> None:
        """Take a value; `named` is the name that says whether it is a secret, where that is not the last step."""
        if len(self.values) >= MOST_VALUES:
            raise Unparsable("refused: too many values")
        if len(steps) > DEEPEST:
            raise Unparsable("refused: nested too deeply")
        if not steps:
            return
        pair = _PAIR.match(text)
        if pair and steps[-1].isdigit():
            self._pair(steps, line, pair)
            return
        self.values.append(Value(SEPARATOR.join(steps), line, safe(named or _last(steps), text)))

    def _pair(self, steps: tuple[str, ...], line: int, pair: re.Match[str]) -> None:
        """`NAME=value` in a list, as in the environment of a Compose service: a value under that name."""
        name = pair["name"]
        self.values.append(Value(SEPARATOR.join((*steps[:-1], name)), line, safe(name, pair["value"])))


def _last(steps: tuple[str, ...]) -> str:
    return next((step for step in reversed(steps) if not step.isdigit()), "")


def safe(name: str, text: str) -> str:
    """The text as it may be shown under this name: a literal under the name of a secret is masked."""
    cut = _REQUIRED.sub(r"${\1}", text[:LONGEST_VALUE])
    if not _is_secret(name):
        return _DEFAULT.sub(_without_default, redact(cut))
    if cut.lower() in _WORDS or cut.replace(".", "").isdigit():
        return cut if len(cut) < 4 or not cut.isdigit() else mask(text)  # noqa: PLR2004 - 0, 1, 60: a switch or a span
    if _REFERENCE.match(cut):
        return _DEFAULT.sub(lambda found: f"{found['head']}{mask(found['value'])}", cut)
    return mask(text)


def safe_item(text: str) -> str:
    """An item of a list as it may be shown: `NAME=value` is judged by its name."""
    pair = _PAIR.match(text)
    return f"{pair['name']}={safe(pair['name'], pair['value'])}" if pair else text


def _is_secret(name: str) -> bool:
    return _SECRET.search(name) is not None and not _SECRET_FILE.search(name)


def _without_default(found: re.Match[str]) -> str:
    return f"{found['head']}{mask(found['value'])}" if _is_secret(found["name"]) else found[0]


def key_pattern(key: str) -> re.Pattern[str]:
    """A dotted key as an expression over steps: `*` is one step or a part of one, `**` any number of steps.

    A dot also stands for a dot inside a step, so `metadata.annotations.cert-manager.io/issuer` finds that annotation.

    Raises:
        ValueError: it is empty, or has more than two `**`.
    """
    if not key or key.count("**") > 2:  # noqa: PLR2004 - more would make the search slow on hostile keys
        raise ValueError(f"{key!r} is no key: name its steps, with at most two `**` among them")
    regex, gap = "", ""
    for step in key.split("."):
        if step == "**":
            # Whole steps only: were a dot allowed to start one too, a hostile key could be split in 2^n ways.
            regex += f"(?:{SEPARATOR}[^{SEPARATOR}]*)*" if gap else f"(?:[^{SEPARATOR}]*{SEPARATOR})*"
            continue
        words = [re.escape(word) for word in step.split("*")]
        regex += gap + f"[^{SEPARATOR}]*".join(words)
        gap = f"[.{SEPARATOR}]"
    return re.compile(regex + r"\Z")


def found(values: list[Value], key: str) -> Iterator[Value]:
    """The values at this key, in the order of the file; their keys dotted."""
    pattern = key_pattern(key)
    for value in values:
        if len(value.key) <= LONGEST_VALUE and pattern.match(value.key):
            yield Value(value.key.replace(SEPARATOR, "."), value.line, value.text)
