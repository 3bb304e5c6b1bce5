"""Judgement on the description of the API: are the routes that the code declares in it?"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from readycheck.facts.question import Question
from readycheck.facts.repository import CodeUse, ConfigLookup, Files, Route, Routes, Signal, TextSearch
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.code import require_signals
from readycheck.probes.files import require_patterns
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

_KEY = "paths.*.*.responses"
_OPERATION = re.compile(
    r"^paths\W(?P<path>.*)\W(?P<method>get|post|put|patch|delete|head|options|trace)\Wresponses$", re.IGNORECASE
)
_MARKED = r"@(?:swagger|openapi)\b"
_PATH_LINE = r"^\s*\*?\s*[\"']?(/[\w/{}:.-]*)[\"']?\s*:\s*$"
#: Routes that nobody describes: pages, health, metrics, files, and the description itself.
_PLAIN = re.compile(
    r"^/?$|\*|/(?:health\w*|livez|readyz|ready|live|metrics|ping|status|docs?|api-docs|swagger|openapi|favicon|robots|static|assets|public)\b"
)
#: The most routes that a judgement names, and the fewest from which a share says something.
SHOWN, FEWEST = 12, 3


class OpenApiCovers(Probe, frozen=True):
    """A description of the API exists and has at least the share `covered` of the routes that the code declares.

    `generated` are signals of frameworks and libraries that make the description from the code; those leave nothing out.
    Descriptions in comments (`@swagger`, `@openapi`) count by their paths.
    """

    name: ClassVar[str] = "openapi.covers"
    target: ClassVar[Target] = Target.REPOSITORY

    paths: tuple[str, ...]
    generated: tuple[Signal, ...] = ()
    covered: float = 0.8

    def __post_init__(self) -> None:
        """Refuse patterns and signals that could never match, and a share that is none."""
        require_patterns(self.paths)
        if self.generated:
            require_signals(self.generated)
        if not 0 < self.covered <= 1:
            raise ValueError("covered is a share above 0, at most 1")

    def questions(self) -> tuple[Question[Any], ...]:
        """The descriptions, the routes, and what generates one."""
        asked: tuple[Question[Any], ...] = (Files(self.paths), ConfigLookup(self.paths, _KEY), Routes(), *_comments())
        return (*asked, CodeUse(self.generated)) if self.generated else asked

    def judge(self, facts: Facts) -> Judgement:
        """Pass when enough routes are described; else name those that are not."""
        if not facts[Files(self.paths)].searched:
            return unknown("the repository has no files")
        if self.generated and (
            made := [
                use
                for use in facts[CodeUse(self.generated)].uses
                if use.reached and use.strength.rank >= Strength.WIRED.rank
            ]
        ):
            return passed(
                "generated from the code",
                Strength.WIRED,
                [Finding("generated here", Location(made[0].path, made[0].line), made[0].text)],
            )
        lookup = facts[ConfigLookup(self.paths, _KEY)]
        described = {operation for value in lookup.values if (operation := _operation(value.key))}
        described |= {("*", _shape(found[1])) for match in _described(facts) if (found := re.search(_PATH_LINE, match))}
        if not described:
            if lookup.unreadable:
                return unknown(f"{lookup.unreadable[0][0]} does not parse: {lookup.unreadable[0][1]}")
            if lookup.files:
                return failed(
                    f"read {', '.join(lookup.files[:3])}",
                    [Finding("no operation has responses", Location(lookup.files[0]))],
                )
            return unknown("no description of the API is in the repository; a framework may generate it while it runs")
        return self._compared(described, facts)

    def _compared(self, described: set[tuple[str, str]], facts: Facts) -> Judgement:
        found = facts[Routes()]
        routes = [route for route in found.routes if route.reached and not _PLAIN.search(route.path)]
        missing = [route for route in routes if not _is_described(route, described)]
        examined = (
            f"{len(described)} operations described, {len(routes)} routes in code, {len(missing)} of them not described"
        )
        if len(routes) < FEWEST or len(missing) <= (1 - self.covered) * len(routes):
            return passed(examined, Strength.WIRED, [_missing(route) for route in missing[:3]])
        return failed(examined, [_missing(route) for route in missing[:SHOWN]])


def _comments() -> tuple[TextSearch, ...]:
    code = ("*.[jt]s", "*.[cm]js", "!*.test.[jt]s", "!*.spec.[jt]s", "!node_modules/")
    return (TextSearch(code, (_MARKED,), comments=True), TextSearch(code, (_PATH_LINE,), comments=True))


def _described(facts: Facts) -> list[str]:
    marked, lines = (facts[question] for question in _comments())
    files = {match.path for match in marked.matches}
    return [match.text for match in lines.matches if match.path in files]


def _operation(key: str) -> tuple[str, str] | None:
    found = _OPERATION.match(key)
    return (found["method"].upper(), _shape(found["path"])) if found else None


def _shape(path: str) -> str:
    """A path whose parameters have no names: `/users/{id}` and `/users/:id` are one."""
    return re.sub(r"\{[^}]*\}|:\w+|<[^>]*>", "{}", path).rstrip("/").lower() or "/"


def _is_described(route: Route, described: set[tuple[str, str]]) -> bool:
    shape = _shape(route.path)
    for method, path in described:
        if method not in (route.method, "*") and route.method != "*":
            continue
        # The description's servers, or the code's mount points, may add a prefix that the other side does not show.
        if shape == path or (path != "/" and shape.endswith(path)) or (shape != "/" and path.endswith(shape)):
            return True
    return False


def _missing(route: Route) -> Finding:
    return Finding(f"{route.method} {route.path} is not described", Location(route.file, route.line))
