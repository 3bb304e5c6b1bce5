"""Judges which powerful features of browsers a page gives away (Permissions Policy; ASVS 5.0 3.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from readycheck.facts.deployment import HttpResponse, PageSample
from readycheck.facts.question import Question
from readycheck.facts.store import Facts
from readycheck.model import Strength, Target
from readycheck.probes.live import at, pages, require_paths
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

#: Features that reach beyond the page (W3C Permissions Policy, features list).
_POWERFUL = frozenset(
    {"camera", "microphone", "geolocation", "display-capture", "usb", "serial", "hid", "bluetooth", "payment", "midi"}
)
_MEMBER = re.compile(
    r"\s*([a-z][a-z0-9-]{0,60})\s*=\s*(\*|\([^()]{0,2000}\)|[a-z][\w.-]{0,60}|\"[^\"]{0,500}\")(?:;[^,]{0,200})?\s*"
)


class PermissionsPolicy(Probe, frozen=True):
    """Pages say which frames may use camera, position and the like, in words that browsers understand, and not all of them."""

    name: ClassVar[str] = "http.permissions_policy"
    target: ClassVar[Target] = Target.DEPLOYMENT

    paths: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse paths that are none."""
        if self.paths:
            require_paths(self.paths)

    def questions(self) -> tuple[Question[Any], ...]:
        """A sample of the site."""
        return (PageSample(self.paths),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each page without one, and for one that browsers ignore."""
        found = pages(facts[PageSample(self.paths)])
        if isinstance(found, Judgement):
            return found
        problems = [at(page, problem) for page in found.responses for problem in _problems(page)]
        if problems:
            return failed(found.examined, problems)
        return unknown(found.examined) if found.ungraded else passed(found.examined, Strength.OBSERVED)


def _problems(page: HttpResponse) -> Iterator[str]:
    lines = page.values("permissions-policy")
    if not lines:
        old = "; Feature-Policy is no longer read" if page.values("feature-policy") else ""
        yield f"no Permissions-Policy is sent{old}"
        return
    policy = parsed(", ".join(lines))
    if policy is None:
        yield f"Permissions-Policy is no dictionary of a structured field, so that browsers ignore it: {lines[0][:200]!r}"
        return
    for feature, allowed in policy.items():
        if feature in _POWERFUL and ("*" in allowed):
            yield f"Permissions-Policy gives {feature} to every frame"


def parsed(line: str) -> dict[str, tuple[str, ...]] | None:
    """Features and who may use them (RFC 9651 dictionary), or None when it is none."""
    found: dict[str, tuple[str, ...]] = {}
    for part in re.findall(r"(?:[^,(\"]|\([^()]*\)?|\"[^\"]*\"?)+", line):
        member = _MEMBER.fullmatch(part)
        if member is None:
            return None
        found[member[1]] = tuple(member[2].strip("()").split())
    return found or None
