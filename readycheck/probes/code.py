"""Judgements on code: what it uses and how strongly, what must not stand in it, and which routes it has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, ClassVar

from msgspec import Struct

from readycheck.facts.question import Question
from readycheck.facts.repository import (
    CODE_ECOSYSTEMS,
    CodeUse,
    Route,
    Routes,
    RoutesFound,
    Signal,
    TextSearch,
    Use,
    UsesFound,
)
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.probe import Judgement, Probe, failed, not_applicable, passed, unknown

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: The longest expression that a finding shows, in characters.
LONGEST_SHOWN = 60
#: The most findings that one judgement shows of one kind.
SHOWN = 5


class Absent(StrEnum):
    """What it means that code was read and nothing of the kind is in it; what is there and dead always fails."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Configured(Struct, frozen=True, forbid_unknown_fields=True):
    """Another proof: files outside the code (a proxy, an ingress, a platform) in which these expressions match."""

    paths: tuple[str, ...]
    patterns: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what could never match.

        Raises:
            ValueError: there is no path or pattern, or a pattern is no regular expression.
        """
        if not self.paths or not self.patterns:
            raise ValueError("config needs paths and patterns")
        require_expressions(self.patterns)

    def question(self) -> TextSearch:
        """Where they match."""
        return TextSearch(self.paths, self.patterns)


class CodeSignals(Probe, frozen=True):
    """The thing is in the code: connected to something that runs, in a file that an entry point reaches.

    What is only named in a manifest, only built, or only in code that nothing reaches fails, and the finding says which.
    `needs` lowers what is asked for; `files` asks for several files that show it. `config` are other proofs. With `when`,
    the check applies only if one of these signals shows in the code. JavaScript of pages counts only with `browser`.
    """

    name: ClassVar[str] = "code.signals"
    target: ClassVar[Target] = Target.REPOSITORY

    signals: tuple[Signal, ...]
    config: tuple[Configured, ...] = ()
    when: tuple[Signal, ...] = ()
    needs: Strength = Strength.WIRED
    files: int = 1
    absent: Absent = Absent.FAIL
    browser: bool = False

    def __post_init__(self) -> None:
        """Refuse signals that could never show.

        Raises:
            ValueError: a signal has nothing to look for, or its ecosystem is none whose code is read.
        """
        require_signals((*self.signals, *self.when))
        if self.files < 1:
            raise ValueError("files must be 1 or more")

    def questions(self) -> tuple[Question[Any], ...]:
        """The uses, and the matches in configuration."""
        asked: list[Question[Any]] = [
            CodeUse(self.signals, browser=self.browser),
            *(proof.question() for proof in self.config),
        ]
        return (*asked, CodeUse(self.when, browser=self.browser)) if self.when else tuple(asked)

    def judge(self, facts: Facts) -> Judgement:
        """Pass on the strongest evidence; else say how far it got."""
        found = facts[CodeUse(self.signals, browser=self.browser)]
        enough = [use for use in found.uses if use.reached and use.strength.rank >= self.needs.rank]
        if len({use.path for use in enough}) >= self.files:
            return passed(_examined(found), enough[0].strength, map(_shown, enough[:SHOWN]))
        if configured := [match for proof in self.config for match in facts[proof.question()].matches]:
            where = [Finding("set in the configuration", Location(m.path, m.line), m.text) for m in configured[:SHOWN]]
            return passed(_examined(found), Strength.WIRED, where)
        if not found.ecosystems:
            return unknown(_nothing_read(self.signals))
        if self.when and not _used(facts[CodeUse(self.when, browser=self.browser)]):
            return _without_cause(found)
        return self._missing(found, enough)

    def _missing(self, found: UsesFound, enough: list[Use]) -> Judgement:
        weak = list(_weak(found.uses, enough))
        examined = _examined(found)
        if found.unasked:
            return unknown(_half_read(found))
        if weak:
            return failed(examined, weak[:SHOWN], found.uses[0].strength)
        if self.absent is Absent.UNKNOWN:
            return unknown(f"{examined}: nothing of the kind, and it may well be elsewhere")
        if self.absent is Absent.NOT_APPLICABLE:
            return not_applicable(f"{examined}: nothing of the kind is used")
        return failed(examined, [Finding("nothing in the code does this")])


class CodeAbsent(Probe, frozen=True):
    """None of these signals shows in code that an entry point reaches.

    `message` says what is wrong with each place; `aside` are regular expressions of paths in which it is allowed (the
    settings of a developer's machine). With `when`, the check applies only if one of these signals shows. JavaScript of
    pages counts only with `browser`. `config` are texts that must not stand in configuration files either.
    """

    name: ClassVar[str] = "code.absent"
    target: ClassVar[Target] = Target.REPOSITORY

    signals: tuple[Signal, ...]
    message: str
    aside: tuple[str, ...] = ()
    when: tuple[Signal, ...] = ()
    browser: bool = False
    config: tuple[Configured, ...] = ()

    def __post_init__(self) -> None:
        """Refuse signals that could never show.

        Raises:
            ValueError: a signal has nothing to look for, or its ecosystem is none whose code is read.
        """
        require_signals((*self.signals, *self.when))
        require_expressions(self.aside)

    def questions(self) -> tuple[Question[Any], ...]:
        """The uses, and the matches in configuration."""
        asked: list[Question[Any]] = [CodeUse(self.signals, browser=self.browser)]
        asked += [one.question() for one in self.config]
        return (*asked, CodeUse(self.when, browser=self.browser)) if self.when else tuple(asked)

    def judge(self, facts: Facts) -> Judgement:
        """Fail for each place that is reached."""
        found = facts[CodeUse(self.signals, browser=self.browser)]
        wrong = [use for use in found.uses if use.reached and use.strength is not Strength.DECLARED]
        wrong = [use for use in wrong if not self._aside(use.path)]
        places = [Finding(self.message, Location(use.path, use.line), use.text) for use in wrong]
        matches = [
            match for one in self.config for match in facts[one.question()].matches if not self._aside(match.path)
        ]
        places += [Finding(self.message, Location(match.path, match.line), match.text) for match in matches]
        if places:
            return failed(_examined(found), places)
        if not found.ecosystems:
            return unknown(_nothing_read(self.signals))
        if self.when and not _used(facts[CodeUse(self.when, browser=self.browser)]):
            return _without_cause(found)
        if found.unasked:
            return unknown(_half_read(found))
        return passed(_examined(found), Strength.WIRED)

    def _aside(self, path: str) -> bool:
        return any(re.search(pattern, path) for pattern in self.aside)


class CodeRoutes(Probe, frozen=True):
    """The code has routes whose paths match, on routers that are mounted and in files that are reached.

    `paths` are regular expressions that are searched in `METHOD /path`, prefixes included and parameters written `:name`;
    each of them must match when `every` is true, else one. `methods` are those that count. A route for any method is
    tried as each.
    """

    name: ClassVar[str] = "code.routes"
    target: ClassVar[Target] = Target.REPOSITORY

    paths: tuple[str, ...]
    methods: tuple[str, ...] = ()
    every: bool = False
    at_least: int = 1
    config: tuple[Configured, ...] = ()
    absent: Absent = Absent.FAIL

    def __post_init__(self) -> None:
        """Refuse paths that could never match.

        Raises:
            ValueError: there is none, or one is no regular expression.
        """
        if not self.paths or not all(self.paths):
            raise ValueError("paths must name at least one expression, none of them empty")
        require_expressions(self.paths)
        if self.at_least < 1:
            raise ValueError("at_least must be 1 or more")

    def questions(self) -> tuple[Question[Any], ...]:
        """The routes, and the matches in configuration."""
        return (Routes(), *(proof.question() for proof in self.config))

    def judge(self, facts: Facts) -> Judgement:
        """Pass when there are enough that something can call."""
        found = facts[Routes()]
        matched = [route for route in found.routes if self._wanted(route)]
        live = [route for route in matched if route.reached]
        examined = f"{found.total} routes in {found.files} files of {_listed(found.ecosystems)}"
        missing = [path for path in self.paths if not any(_matches(path, route) for route in live)]
        if len(live) >= self.at_least and not (self.every and missing):
            return passed(examined, Strength.WIRED, map(_route, live[:SHOWN]))
        if configured := [match for proof in self.config for match in facts[proof.question()].matches]:
            where = [Finding("set in the configuration", Location(m.path, m.line), m.text) for m in configured[:SHOWN]]
            return passed(examined, Strength.WIRED, where)
        return self._missing(found, examined, [route for route in matched if not route.reached], missing)

    def _wanted(self, route: Route) -> bool:
        method = not self.methods or route.method == "*" or route.method in self.methods
        return method and any(_matches(path, route) for path in self.paths)

    def _missing(self, found: RoutesFound, examined: str, dead: list[Route], missing: list[str]) -> Judgement:
        if not found.ecosystems:
            return unknown("no code of a language that is read for routes")
        if not found.total:
            return unknown(f"{examined}: none was understood, so that nothing can be said of one")
        if self.absent is Absent.UNKNOWN and not dead:
            return unknown(f"{examined}: none of this kind, and it may well be elsewhere")
        if self.absent is Absent.NOT_APPLICABLE and not dead:
            return not_applicable(f"{examined}: none of this kind")
        wanted = _readable(missing, " and ") if self.every else _readable(self.paths, " or ")
        return failed(
            examined, [*map(_dead_route, dead[:SHOWN]), Finding(f"no route that is mounted matches {wanted}")]
        )


def require_signals(signals: Iterable[Signal]) -> None:
    """Refuse signals that could never show.

    Raises:
        ValueError: there is none, one has nothing to look for, or its ecosystem is none whose code is read.
    """
    given = tuple(signals)
    if not given:
        raise ValueError("signals must name at least one")
    for signal in given:
        if signal.ecosystem not in CODE_ECOSYSTEMS:
            raise ValueError(f"there is no ecosystem {signal.ecosystem!r}; choose from {', '.join(CODE_ECOSYSTEMS)}")
        if not (signal.packages or signal.constructed or signal.wired or signal.strings):
            raise ValueError(f"the signal for {signal.ecosystem} has nothing to look for")
        if signal.strings and not signal.calls:
            raise ValueError("`strings` count only in lists that `calls` names")


def require_expressions(patterns: Iterable[str]) -> None:
    """Refuse what is no regular expression.

    Raises:
        ValueError: one is malformed.
    """
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}") from error


def _matches(path: str, route: Route) -> bool:
    methods = _METHODS if route.method == "*" else (route.method,)
    return any(re.search(path, f"{method} {route.path}") for method in methods)


def _readable(patterns: Iterable[str], joined: str) -> str:
    """The expressions, where a reader can make something of them."""
    text = joined.join(patterns)
    return text if len(text) <= LONGEST_SHOWN else "what was looked for"


def _used(found: UsesFound) -> bool:
    """Does code that runs use it at all? What a manifest alone names may be there for another reason."""
    return any(use.reached and use.strength is not Strength.DECLARED for use in found.uses)


def _without_cause(found: UsesFound) -> Judgement:
    """What it is about does not show: it does not apply, unless code was left out in which it might."""
    if found.unasked:
        return unknown(_half_read(found))
    return not_applicable(f"{_examined(found)}: what this is about is not used")


def _half_read(found: UsesFound) -> str:
    return f"{_examined(found)}; nothing is known of it in {_listed(found.unasked)}, in which much of the code is"


def _examined(found: UsesFound) -> str:
    rootless = f"; no entry point found for {_listed(found.rootless)}, so each file counts" if found.rootless else ""
    unread = sum(skipped.count for skipped in found.unread)
    aside = f"; {unread} not read ({', '.join(skipped.reason for skipped in found.unread)})" if unread else ""
    return f"{found.files} files of {_listed(found.ecosystems)} read{rootless}{aside}"


def _nothing_read(signals: Iterable[Signal]) -> str:
    return f"no code of {_listed(dict.fromkeys(signal.ecosystem for signal in signals))} to look in"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "no language"


def _shown(use: Use) -> Finding:
    return Finding(f"{use.strength.value} here", Location(use.path, use.line), use.text)


def _weak(uses: Iterable[Use], enough: list[Use]) -> Iterable[Finding]:
    """What there is, and why it is not enough: the nearest to reality first."""
    if enough:
        yield Finding(
            f"only {len({use.path for use in enough})} file shows it", Location(enough[0].path, enough[0].line)
        )
        return
    seen = list(uses)
    for use in (use for use in seen if use.strength is not Strength.DECLARED):
        why = (
            "built here, and connected to nothing that runs"
            if use.reached
            else "here, in code that no entry point reaches"
        )
        yield Finding(why, Location(use.path, use.line), use.text)
    if all(use.strength is Strength.DECLARED for use in seen):
        for use in seen:
            yield Finding(f"declared in {use.path}, used nowhere", Location(use.path, use.line), use.text)


def _route(route: Route) -> Finding:
    return Finding(f"{route.method} {route.path}", Location(route.file, route.line))


def _dead_route(route: Route) -> Finding:
    message = f"{route.method} {route.path} is declared here, and nothing that runs mounts it"
    return Finding(message, Location(route.file, route.line))
