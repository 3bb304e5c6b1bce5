"""Runs the examples of a check: its own questions are put to tiny targets, by the gatherers of every audit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from readycheck.catalogue import Check, Example
from readycheck.evaluate import Observation, evaluate
from readycheck.facts.store import Audited
from readycheck.gather.gatherer import Gatherer, gather


class ExampleTarget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tiny target.

    `files` is a tree of texts; `commits` a history, each commit the files that it sets (null removes one); `site` maps
    a path, or a whole `http://…` URL, to a response or to several, of which the first whose `when` headers match answers;
    `site_options` say what its owner says of it; `ports` the ports of its host that are open; `prometheus` what its
    monitoring counted; `tls` describes the certificate and protocol that a real server in memory uses; `sql` are
    statements that build a database, which says that its dialect is `dialect`; `environment` are variables, and `files`
    may hold their example. `now` is the day on which it is looked at, where that matters.
    """

    files: dict[str, str] | None = None
    commits: list[dict[str, str | None]] | None = None
    site: dict[str, Any] | None = None
    tls: dict[str, Any] | None = None
    sql: list[str] | None = None
    dialect: str = "sqlite"
    site_options: dict[str, Any] | None = None
    ports: dict[str, Any] | None = None
    prometheus: dict[str, Any] | None = None
    environment: dict[str, str] | None = None
    now: date | None = None


class Trial(NamedTuple):
    """An example and what the check found on it."""

    check: Check
    example: Example
    observation: Observation

    @property
    def held(self) -> bool:
        """Is the outcome the promised one?"""
        return self.observation.outcome is self.example.outcome


def read_target(example: Example) -> ExampleTarget:
    """The example's target; keys that start with `/` or `http` are paths of its site.

    Raises:
        ValueError: it has a key that is none of a target's.
    """
    pages = {key: value for key, value in example.target.items() if key.startswith(("/", "http"))}
    others = {key: value for key, value in example.target.items() if key not in pages}
    return msgspec.convert({**others, **({"site": pages} if pages else {})}, type=ExampleTarget)


def trials(checks: Sequence[Check]) -> Iterator[Trial]:
    """Every example of these checks, tried."""
    for check in checks:
        for example in check.examples:
            yield Trial(check, example, observe(check.on(example), read_target(example)))


def observe(check: Check, target: ExampleTarget) -> Observation:
    """What the check finds on a tiny target."""
    with ExitStack() as stack:
        found = _gatherers(target, stack)
        audited = [Audited(kind, "example") for kind in dict.fromkeys(gatherer.target for gatherer in found)]
        now = datetime.combine(target.now, time(), UTC) if target.now else None
        return evaluate(check, gather(found, check.probe.questions(), audited, timeout=20, now=now))


def _gatherers(target: ExampleTarget, stack: ExitStack) -> list[Gatherer]:
    found: list[Gatherer] = []
    if target.ports is not None or target.prometheus is not None:
        found += _around(target)
    if target.site is not None or target.tls is not None:
        found += _deployment(target)
    if target.environment is not None:
        from readycheck.gather.dotenv import parse_dotenv
        from readycheck.gather.environment import EnvironmentGatherer

        examples = parse_dotenv((target.files or {}).get(".env.example", ""))
        found.append(EnvironmentGatherer(target.environment, "example", examples))
    if target.files is not None or target.commits is not None:
        found += _repository(target, stack)
    if target.sql is not None:
        from readycheck.gather.database.gatherer import example_database

        folder = stack.enter_context(TemporaryDirectory(prefix="readycheck-"))
        found.append(example_database(target.sql, Path(folder), target.dialect))
    return found


def _repository(target: ExampleTarget, stack: ExitStack) -> list[Gatherer]:
    """The gatherers of a tree in memory and of a history on disk; a history alone has the files of its last commit."""
    from readycheck.gather.project import history_gatherer, secrets_gatherer, tree_gatherers
    from readycheck.gather.tree import MemoryTree

    found = tree_gatherers(MemoryTree(target.files)) if target.files is not None else []
    if target.commits is not None:
        from readycheck.gather.gittree import GitTree
        from readycheck.gather.planted import plant

        folder = plant(Path(stack.enter_context(TemporaryDirectory())), _written(target.commits))
        found += [history_gatherer(folder), secrets_gatherer(folder)]
        found += tree_gatherers(GitTree(folder)) if target.files is None else []
    return found


def _written(commits: list[dict[str, str | None]]) -> list[dict[str, str | None]]:
    from random import Random

    from readycheck.gather.secrets.example import written

    random = Random("readycheck")  # noqa: S311 - an example is the same each time
    return [
        {path: text if text is None else written(text, random) for path, text in files.items()} for files in commits
    ]


def _around(target: ExampleTarget) -> list[Gatherer]:
    from readycheck.gather.deployment.example import Counted, Reachable, example_ports, example_prometheus

    found: list[Gatherer] = []
    if target.ports is not None:
        found.append(example_ports(msgspec.convert(target.ports, Reachable)))
    if target.prometheus is not None:
        found.append(example_prometheus(msgspec.convert(target.prometheus, Counted)))
    return found


def _deployment(target: ExampleTarget) -> list[Gatherer]:
    from readycheck.gather.deployment.example import HOST, example_site
    from readycheck.gather.deployment.site import Site
    from readycheck.gather.tls.example import ExampleTls, example_tls

    site, tls = target.site, target.tls
    http = example_site(site or {}, msgspec.convert(target.site_options or {}, Site))
    # A site of plain HTTP has no TLS unless the example says so; any other has a certificate without fault.
    given = tls if tls is not None else {"closed": http.url.scheme == "http"}
    return [http, example_tls(msgspec.convert(given, ExampleTls), str(http.url), HOST)]
