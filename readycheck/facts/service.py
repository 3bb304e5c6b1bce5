"""Questions about a live deployment as a service: its metrics, how fast and how often it answers, what it runs."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from readycheck.facts.deployment import HttpResponse
from readycheck.facts.question import Question
from readycheck.model import Target


class Exposition(Struct, frozen=True):
    """A metrics page, parsed by Prometheus' own client.

    `problem` says why it is none. `families` counts metric families, `names` are the first of them that have samples.
    `requests` and `errors` (5xx) are since the process started; `quantiles` are seconds by quantile (`0.95`), read from
    the buckets of `latency_name` by linear interpolation as `histogram_quantile` does.
    """

    response: HttpResponse
    problem: str = ""
    families: int = 0
    names: tuple[str, ...] = ()
    requests: float | None = None
    errors: float | None = None
    latency_name: str = ""
    quantiles: tuple[tuple[str, float], ...] = ()


class Expositions(Struct, frozen=True):
    """What each path answered, in the order of the question."""

    found: tuple[Exposition, ...]


class Exposed(Question[Expositions], frozen=True):
    """Which metrics does the deployment expose at these paths?"""

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = Expositions

    paths: tuple[str, ...]


class Levels(Struct, frozen=True):
    """How a service answers. Durations are seconds; `answered` are the samples that count, `failed` those with 5xx or none.

    `quantiles` are of warm connections, by quantile (`0.95`); `cold` is the audit's first request, set-up included. `limited`
    counts answers of a rate limit, which say nothing of either. `stopped` says why sampling ended early. Where a
    monitoring system answered, `answered` is what it counted, and `uptime` the share of time in which it was up.
    """

    source: str
    answered: float
    failed: float
    quantiles: tuple[tuple[str, float], ...] = ()
    cold: float = 0.0
    limited: int = 0
    stopped: str = ""
    uptime: float | None = None

    def quantile(self, name: str) -> float | None:
        """The seconds of this quantile, or None."""
        return dict(self.quantiles).get(name)


class ServiceLevels(Question[Levels], frozen=True):
    """How fast does the deployment answer this path, and how often with an error?

    An empty path is the API's if one is known, else the front page. With several values of `samples` the gatherer takes
    the most.
    """

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = Levels

    path: str = ""
    samples: int = 59


class Burst(Struct, frozen=True):
    """Requests sent as fast as they go, how many were answered by a limit, and after how many the first one was.

    `statuses` counts answers by status; `retry_after` is what the limit said. `first` is 0 when none was met.
    """

    url: str
    sent: int
    limited: int
    first: int
    statuses: tuple[tuple[int, int], ...]
    retry_after: str = ""


class RateLimitBurst(Question[Burst], frozen=True):
    """Does this path answer 429 when it is asked too often? Asked only when the user wants that."""

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = Burst

    path: str = "/"
    most: int = 120


class VersionMark(Struct, frozen=True):
    """Where a deployment says what it runs (`header x-version`, `/version`, …), and the commit or release that it names."""

    place: str
    value: str


class Versions(Struct, frozen=True):
    """Every mark that was found, and the places that were looked at."""

    marks: tuple[VersionMark, ...]
    looked: tuple[str, ...]


class DeployedVersion(Question[Versions], frozen=True):
    """Which commit or release does the deployment say that it runs, at these paths, in its headers and in its pages?"""

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = Versions

    paths: tuple[str, ...]


class Ports(Struct, frozen=True):
    """The ports of a host that took a connection, those that refused, and those that never answered.

    `near` says that the audit runs on that host or in its private network, so that it sees what strangers do not.
    """

    host: str
    address: str
    open: tuple[int, ...]
    closed: tuple[int, ...]
    silent: tuple[int, ...]
    near: bool


class OpenPorts(Question[Ports], frozen=True):
    """Which of these TCP ports of the deployment's host take a connection? Nothing is sent to them."""

    target: ClassVar[Target] = Target.DEPLOYMENT
    answer: ClassVar[type] = Ports

    ports: tuple[int, ...]
