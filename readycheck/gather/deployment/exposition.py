"""Reads metrics pages with Prometheus' own client: what is exposed, how many requests, how long they took."""

from __future__ import annotations

import asyncio
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from readycheck.facts.service import Exposition, Expositions
from readycheck.gather.deployment.decoding import decode, text_of
from readycheck.gather.deployment.exchange import FailedExchange, Received, Request
from readycheck.gather.deployment.session import Session

#: Quantiles that are read from buckets.
QUANTILES = ("0.5", "0.95", "0.99")

#: Names of a metric that are kept.
MOST_NAMES = 50

#: Histograms and counters of requests by the names that client libraries and conventions give them: Prometheus' own
#: examples, Spring's Micrometer, OpenTelemetry, the Express and FastAPI middlewares. One that is listed first is taken first.
LATENCY = re.compile(
    r"(?:\w+_)?http(?:_server)?_requests?_duration_(?:seconds|milliseconds|ms)|http_server_requests_seconds"
    r"|(?:\w+_)?(?:http_)?request_(?:duration|latency)_(?:seconds|milliseconds|ms)"
)
REQUESTS = re.compile(r"(?:\w+_)?http(?:_server)?_requests?(?:_count)?|(?:\w+_)?requests")
_STATUS = ("code", "status", "status_code", "http_status_code", "http_response_status_code")


async def exposed(session: Session, requests: Sequence[tuple[str, Request]]) -> Expositions:
    """What each of these answers. A path that could not be had at all is left out, unless none could.

    Raises:
        FailedExchange: nothing could be had.
    """
    answers = await asyncio.gather(*(session.ask(request) for _, request in requests), return_exceptions=True)
    found = [parsed(received, response) for received, response in (one for one in answers if isinstance(one, tuple))]
    failures = [one for one in answers if isinstance(one, BaseException)]
    if failures and not found:
        raise failures[0]
    if any(not isinstance(failure, FailedExchange) for failure in failures):
        raise failures[0]
    return Expositions(tuple(found))


def parsed(received: Received, response: Any) -> Exposition:
    """The metrics of a response, or why it has none."""
    kind = received.value("content-type")
    text = text_of(decode(received.body, received.value("content-encoding")).data, kind)
    if response.incomplete or received.cut:
        return Exposition(response, problem=response.incomplete or "the page was not read to its end")
    try:
        families = _families(text, kind)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        return Exposition(response, problem=f"it does not parse: {str(error)[:200] or type(error).__name__}")
    sampled = [family for family in families if family.samples]
    if not sampled:
        return Exposition(response, problem="it has no metric with a sample")
    return _summed(response, sampled)


def _families(text: str, kind: str) -> list[Any]:
    """What the parser of the stated format makes of it. The older one takes anything, so untyped lines alone are refused."""
    if "openmetrics" in kind:
        from prometheus_client.openmetrics import parser as openmetrics

        return list(openmetrics.text_string_to_metric_families(text))  # type: ignore[no-untyped-call]
    from prometheus_client import parser

    families = list(parser.text_string_to_metric_families(text))
    if families and all(family.type in ("unknown", "untyped") for family in families) and "# TYPE" not in text:
        raise ValueError("no line declares a type, so that any text of words and numbers would do")
    return families


def _summed(response: Any, families: Sequence[Any]) -> Exposition:
    latency = next((one for one in families if one.type == "histogram" and LATENCY.fullmatch(one.name)), None)
    requests, errors = _requests(families, latency)
    return Exposition(
        response,
        families=len(families),
        names=tuple(family.name for family in families[:MOST_NAMES]),
        requests=requests,
        errors=errors,
        latency_name=latency.name if latency is not None else "",
        quantiles=_quantiles(latency) if latency is not None else (),
    )


def _requests(families: Iterable[Any], latency: Any) -> tuple[float | None, float | None]:
    counter = next((one for one in families if one.type == "counter" and REQUESTS.fullmatch(one.name)), latency)
    if counter is None:
        return None, None
    suffix = "_count" if counter is latency else ""
    samples = [
        one
        for one in counter.samples
        if (one.name.endswith(suffix) if suffix else not one.name.endswith("_created")) and _is_number(one.value)
    ]
    labelled = [one for one in samples if any(name in one.labels for name in _STATUS)]
    errors = sum(one.value for one in labelled if any(one.labels.get(name, "").startswith("5") for name in _STATUS))
    return sum(one.value for one in samples), errors if labelled else None


def _is_number(value: float) -> bool:
    return math.isfinite(value) and value >= 0


def _quantiles(histogram: Any) -> tuple[tuple[str, float], ...]:
    counts: dict[float, float] = defaultdict(float)
    for sample in histogram.samples:
        if sample.name.endswith("_bucket") and "le" in sample.labels and _is_number(sample.value):
            counts[float(sample.labels["le"])] += sample.value
    scale = 1000.0 if histogram.name.endswith(("_ms", "_milliseconds")) else 1.0
    buckets = sorted(counts.items())
    values = ((name, quantile(float(name), buckets)) for name in QUANTILES)
    return tuple((name, round(value / scale, 6)) for name, value in values if value is not None)


def quantile(share: float, buckets: Sequence[tuple[float, float]]) -> float | None:
    """The value below which this share lies, by linear interpolation in its bucket (Prometheus' `histogram_quantile`).

    `buckets` are upper bounds and cumulative counts, ascending, the last bound infinite; None without observations.
    In the last bucket the answer is its lower bound, as nobody knows its upper one.
    """
    if len(buckets) < 2 or not math.isinf(buckets[-1][0]) or buckets[-1][1] <= 0:  # noqa: PLR2004 - one bound and infinity
        return None
    rank = share * buckets[-1][1]
    place = next(place for place, (_, count) in enumerate(buckets) if count >= rank)
    if place == len(buckets) - 1:
        return buckets[-2][0]
    below, before = buckets[place - 1] if place else (0.0, 0.0)
    bound, count = buckets[place]
    if place == 0 and bound <= 0:
        return bound
    return below + (bound - below) * (rank - before) / (count - before) if count > before else bound
