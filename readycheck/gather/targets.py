"""What to audit, and the gatherers that can answer for it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from readycheck.facts.store import Audited
from readycheck.gather.deployment.site import Site
from readycheck.gather.gatherer import Gatherer
from readycheck.model import Target
from readycheck.redact import redact_url

#: The most seconds that one request to a deployment may take.
LONGEST_REQUEST = 10.0

#: Files in which a repository shows what its environment looks like.
EXAMPLE_FILES = (".env.example", ".env.sample", ".env.template", ".env.dist", "env.example", "example.env")


class Targets(Struct, frozen=True, kw_only=True):
    """The targets of one audit, as the user gave them; empty where there is none.

    `repository` is a folder (a work tree, a bare repository, or just files) and `ref` the commit to read instead of the
    work tree; `environment` is the path of a dotenv file, or `process` for the environment of this process.
    `ca_file` is a PEM bundle that a deployment's certificate may chain to besides the system's; `site` is what its owner
    says of it. `prometheus` is the URL of a server that knows how it has answered, and `selector` the labels that it has
    there.
    """

    repository: str = ""
    ref: str = ""
    database: str = ""
    deployment: str = ""
    environment: str = ""
    ca_file: str = ""
    site: Site = Site()
    prometheus: str = ""
    selector: str = ""
    timeout: float = 60.0

    def audited(self) -> tuple[Audited, ...]:
        """The targets that were given, named so that no secret shows."""
        named = {
            Target.REPOSITORY: self.repository and str(Path(self.repository).resolve().name or self.repository),
            Target.DATABASE: redact_url(self.database),
            Target.DEPLOYMENT: redact_url(self.deployment or self.prometheus),
            Target.ENVIRONMENT: self.environment,
        }
        return tuple(Audited(target, name) for target, name in named.items() if name)


def gatherers(targets: Targets) -> Sequence[Gatherer]:
    """The gatherers for these targets; imports only what they need.

    Raises:
        TargetError: a target cannot be audited at all.
    """
    found: list[Gatherer] = []
    if targets.prometheus:
        from readycheck.gather.deployment.prometheus import PrometheusGatherer

        found.append(
            PrometheusGatherer(
                targets.prometheus, timeout=min(LONGEST_REQUEST, targets.timeout / 6), selector=targets.selector
            )
        )
    if targets.deployment:
        found += _deployment(targets)
    if targets.environment:
        found.append(_environment(targets))
    if targets.repository:
        from readycheck.gather.project import repository_gatherers

        found += repository_gatherers(targets.repository, targets.ref)
    if targets.database:
        from readycheck.gather.database.gatherer import DatabaseGatherer

        found.append(DatabaseGatherer(targets.database, timeout=targets.timeout))
    return found


def _deployment(targets: Targets) -> list[Gatherer]:
    from readycheck.gather.deployment.gatherer import DeploymentGatherer
    from readycheck.gather.deployment.ports import PortGatherer
    from readycheck.gather.tls.gatherer import TlsGatherer

    one, site = min(LONGEST_REQUEST, targets.timeout / 3), targets.site
    # What a monitoring system has counted over a day is worth more than a minute of asking.
    http = DeploymentGatherer(targets.deployment, timeout=one, site=site, sampling=not targets.prometheus)
    tls = TlsGatherer(targets.deployment, timeout=2 * one, ca_file=targets.ca_file, address=site.address)
    return [http, tls, PortGatherer(targets.deployment, address=site.address)]


def _environment(targets: Targets) -> Gatherer:
    from readycheck.gather.dotenv import LARGEST, parse_dotenv, read_dotenv
    from readycheck.gather.environment import EnvironmentGatherer

    examples: dict[str, str] = {}
    for name in EXAMPLE_FILES if targets.repository else ():
        path = Path(targets.repository, name)
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST:
            examples.update(parse_dotenv(path.read_text("utf-8", "replace")))
    if targets.environment == "process":
        return EnvironmentGatherer(dict(os.environ), "the environment of this process", examples)
    return EnvironmentGatherer(read_dotenv(targets.environment), targets.environment, examples)
