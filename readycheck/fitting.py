"""Fits the shipped checklist's text to a repository, line by line so that its order and comments stay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

_HEAD = """\
# The production readiness checklist of {service}. Nothing here is ticked that the team's own document does not tick:
# set `claim: done` where you claim it, then let `readycheck audit` ask for the evidence. `readycheck explain ID` helps.
"""
#: What stands in for the actions of the shipped checklist's own service.
_ACTIONS = """\

actions:
  - id: action-secrets
    title: No secret in the repository, in its history or on the site
    checks:
      - sensitive-files-never-tracked
      - secrets-in-history
      - env-file-absent
      - git-not-exposed
      - env-not-exposed
      - environment-secrets
"""
#: Parts of the shipped checklist that speak of its own service and no other.
_OWN = ("actions:", "contacts:")


class Fit(Struct, frozen=True, kw_only=True):
    """What a checklist is fitted to.

    `left_out` are checks that cannot apply, with the reason; `document` is the team's own Markdown (empty when there is
    none) and `ticks` its boxes by their text in lower case.
    """

    service: str
    stacks: tuple[str, ...]
    left_out: Mapping[str, str]
    document: str
    ticks: Mapping[str, bool]


def fitted(text: str, fit: Fit) -> str:
    """The checklist's text for this repository."""
    body = text[text.index("version: 1") :]
    same = _same_document(body, fit)
    lines = [*_without_own(body.splitlines(), keep=same), *([] if same else _ACTIONS.splitlines())]
    lines = list(_claims(lines, fit))
    lines = [line for whole in lines for line in _checks(whole, fit)]
    head = _HEAD.format(service=fit.service)
    return head + "\n".join(_identity(lines, fit)) + "\n"


def _same_document(body: str, fit: Fit) -> bool:
    texts = re.findall(r"^ +text: (.+)$", body, re.MULTILINE)
    return bool(texts) and sum(text.casefold() in fit.ticks for text in texts) > len(texts) / 2


def _without_own(lines: list[str], *, keep: bool) -> Iterator[str]:
    dropping = False
    for line in lines:
        if line and not line.startswith((" ", "#", "-")):
            dropping = line.startswith(_OWN) and not keep
        if line.startswith("#") and "Critical Actions" in line and not keep:
            continue
        if not dropping:
            yield line if keep or "current:" not in line else re.sub(r', current: "[^"]*"', "", line)


def _identity(lines: list[str], fit: Fit) -> Iterator[str]:
    inside = False
    for line in lines:
        if line and not line.startswith(" "):
            inside = line == "document:"
        if line.startswith("service:"):
            yield f"service: {fit.service}"
        elif not inside or not line:
            yield line
        elif fit.document and not line.startswith("  "):
            yield line
            yield f'  path: "{fit.document}"'


def _claims(lines: list[str], fit: Fit) -> Iterator[str]:
    ticked = False
    for line in lines:
        found = re.match(r" +text: (.+)", line)
        if found:
            ticked = fit.ticks.get(found[1].casefold(), False)
        yield re.sub(r"(claim: )(done|todo)", rf"\g<1>{'done' if ticked else 'todo'}", line)


def _checks(line: str, fit: Fit) -> Iterator[str]:
    found = re.search(r"checks: \[([^\]]*)\]", line)
    names = [name.strip() for name in found[1].split(",")] if found else []
    gone = [name for name in names if name in fit.left_out]
    if not found or not gone:
        yield line
        return
    indent = re.match(r" *", line)
    for name in gone:
        yield f"{indent[0] if indent else ''}# left out: {name}: {' '.join(fit.left_out[name].split())}"
    kept = ", ".join(name for name in names if name not in gone)
    yield line[: found.start()] + f"checks: [{kept}]" + line[found.end() :]
