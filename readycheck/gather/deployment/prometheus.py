"""Asks a Prometheus server how a service has answered, instead of asking the service itself (its HTTP API, v1)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import httpx
import msgspec

from readycheck import __version__
from readycheck.errors import TargetError
from readycheck.facts.question import Question, Unavailable
from readycheck.facts.service import Levels, ServiceLevels
from readycheck.gather.deployment.masking import shown
from readycheck.gather.deployment.response import url_of
from readycheck.model import Outcome, Target
from readycheck.redact import redact, redact_url

#: What is looked back over.
WINDOW = "1d"

#: The most of an answer that is read, in bytes.
LARGEST_ANSWER = 1024 * 1024

# Prometheus' own examples, Micrometer, OpenTelemetry and the usual middlewares; one service has one of them.
_NAMES = (
    "(http_request_duration_seconds|http_requests_duration_seconds|http_server_requests_seconds"
    "|http_server_request_duration_seconds|flask_http_request_duration_seconds|http_request_latency_seconds)"
)
_QUANTILES = ("0.5", "0.95", "0.99")


def queries(selector: str = "") -> dict[str, str]:
    """What is asked, by what it tells. `selector` narrows all of them to one service, such as `job="loans"`."""
    labels = f",{selector}" if selector else ""
    buckets = f'{{__name__=~"{_NAMES}_bucket"{labels}}}'
    found = {name: f"histogram_quantile({name}, sum by (le) (rate({buckets}[{WINDOW}])))" for name in _QUANTILES}
    every = f'{{__name__=~"{_NAMES}_count"{labels}}}'
    failed = " or ".join(
        f'{{__name__=~"{_NAMES}_count",{label}=~"5.."{labels}}}'
        for label in ("code", "status", "status_code", "http_response_status_code")
    )
    found["answered"] = f"sum(increase({every}[{WINDOW}]))"
    found["failed"] = " or ".join(f"sum(increase({one}[{WINDOW}]))" for one in failed.split(" or "))
    found["uptime"] = f"avg(avg_over_time(up{{{selector}}}[30d]))"
    return found


class PrometheusGatherer:
    """Answers for service levels from the server at `url`. `headers` are sent to it; `transport` replaces the network.

    Raises:
        TargetError: the URL is not one of HTTP.
    """

    name = "prometheus"
    target: ClassVar[Target] = Target.DEPLOYMENT
    kinds: ClassVar[tuple[type[Question[Any]], ...]] = (ServiceLevels,)

    def __init__(
        self, url: str, *, timeout: float, selector: str = "", transport: httpx.BaseTransport | None = None
    ) -> None:
        try:
            self.url = url_of(url)
        except ValueError as error:
            raise TargetError(f"Prometheus cannot be at {redact_url(url)!r}: {error}") from error
        self.selector = selector
        self._client = httpx.Client(
            headers={"User-Agent": f"readycheck/{__version__}"},
            timeout=timeout,
            follow_redirects=False,
            transport=transport,
        )

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """The same answer for each who asked: the server counts the whole service."""
        answer = self._levels()
        self._client.close()
        for question in questions:
            yield question, answer

    def stop(self) -> None:
        """Hang up."""
        self._client.close()

    def _levels(self) -> Levels | Unavailable:
        try:
            found = {name: self._value(query) for name, query in queries(self.selector).items()}
        except (httpx.HTTPError, httpx.InvalidURL, OSError, RuntimeError) as error:
            return Unavailable(Outcome.ERROR, redact(f"Prometheus at {shown(self.url)} does not answer: {error}"[:300]))
        except ValueError as error:
            return Unavailable(Outcome.ERROR, redact(f"Prometheus at {shown(self.url)}: {error}"[:300]))
        answered = found["answered"]
        if not answered:
            return Unavailable(
                Outcome.UNKNOWN,
                f"Prometheus at {shown(self.url)} counted no request in {WINDOW} under the usual names",
            )
        quantiles = tuple((name, round(value, 6)) for name in _QUANTILES if (value := found[name]) is not None)
        failed = round(found["failed"] or 0)
        return Levels(
            f"Prometheus at {shown(self.url)} over {WINDOW}",
            round(answered),
            failed,
            quantiles,
            uptime=found["uptime"],
        )

    def _value(self, query: str) -> float | None:
        """The one number that the query gives, or None when it gives none."""
        base = self.url.path.rstrip("/")
        place = self.url.copy_with(path=f"{base}/api/v1/query", query=None)
        response = self._client.get(place, params={"query": query})
        if response.status_code != httpx.codes.OK or len(response.content) > LARGEST_ANSWER:
            raise ValueError(f"it answers {response.status_code} to a query")
        try:
            result = msgspec.json.decode(response.content, type=_Answer).data.result
        except msgspec.DecodeError as error:
            raise ValueError(f"it is no Prometheus: {error}") from error
        value = float(result[0].value[1]) if result else math.nan
        return value if math.isfinite(value) else None


class _Sample(msgspec.Struct):
    value: tuple[float, str]


class _Data(msgspec.Struct):
    result: list[_Sample]


class _Answer(msgspec.Struct):
    data: _Data
