"""What the service's /metrics shows: two weeks of believable traffic in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

#: The media type of the text format (Prometheus, "Exposition formats", version 0.0.4).
CONTENT_TYPE = "text/plain; charset=utf-8; version=0.0.4"

_BUCKETS = ("0.005", "0.01", "0.025", "0.05", "0.1", "0.2", "0.5", "1", "2.5", "+Inf")
# Per thousand of the requests, how many took no longer than each bucket says.
_FAST = (310, 680, 925, 981, 995, 999, 1000, 1000, 1000, 1000)
_SLOW = (0, 5, 40, 190, 520, 861, 987, 998, 1000, 1000)


class Traffic(NamedTuple):
    """Requests of one kind: how many there were, their mean in seconds, and how many per thousand each bucket holds."""

    method: str
    route: str
    code: int
    requests: int
    mean: float
    shares: tuple[int, ...]


TRAFFIC = (
    Traffic("GET", "/", 200, 9120, 0.008, _FAST),
    Traffic("POST", "/api/v1/auth/login", 200, 1480, 0.131, _SLOW),
    Traffic("GET", "/api/v1/loans/", 200, 5210, 0.011, _FAST),
    Traffic("POST", "/api/v1/loans/", 201, 240, 0.019, _FAST),
    Traffic("POST", "/api/v1/payments/", 201, 880, 0.017, _FAST),
    Traffic("GET", "/api/v1/reports/repayments", 200, 310, 0.148, _SLOW),
    Traffic("GET", "/api/v1/reports/repayments", 500, 41, 0.022, _FAST),
    Traffic("GET", "unmatched", 404, 660, 0.006, _FAST),
)


def exposition(started: datetime) -> bytes:
    """The metrics of a process that started then."""
    return "".join(f"{line}\n" for line in (*_process(started), *_durations())).encode()


def _process(started: datetime) -> Iterator[str]:
    yield "# HELP process_start_time_seconds Start time of the process since unix epoch in seconds."
    yield "# TYPE process_start_time_seconds gauge"
    yield f"process_start_time_seconds {int(started.timestamp())}"
    yield "# HELP process_resident_memory_bytes Resident memory size in bytes."
    yield "# TYPE process_resident_memory_bytes gauge"
    yield "process_resident_memory_bytes 138244096"


def _durations() -> Iterator[str]:
    name = "http_request_duration_seconds"
    yield f"# HELP {name} Time from the request to the end of its answer"
    yield f"# TYPE {name} histogram"
    for one in TRAFFIC:
        labels = f'method="{one.method}",route="{one.route}",code="{one.code}"'
        for bound, share in zip(_BUCKETS, one.shares, strict=True):
            yield f'{name}_bucket{{le="{bound}",{labels}}} {one.requests * share // 1000}'
        yield f"{name}_sum{{{labels}}} {one.requests * one.mean:g}"
        yield f"{name}_count{{{labels}}} {one.requests}"
