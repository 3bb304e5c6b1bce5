"""Asks one path many times: paced to learn how fast it answers, or as fast as it goes to meet its limit."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from math import ceil

from readycheck.facts.service import Burst, Levels
from readycheck.gather.deployment.exchange import FailedExchange, Received, Request, Trouble
from readycheck.gather.deployment.masking import shown
from readycheck.gather.deployment.session import Session

#: Seconds between two samples: forty a second, which a service in production does not feel.
PACE = 0.025

#: The most seconds of sampling: a slow service is known to be slow before that.
LONGEST_SAMPLING = 20.0

#: The most that is left of a rate limit for others: sampling stops when fewer requests are allowed.
LEAST_LEFT = 5

#: The most requests of a burst, and how many of them are under way at once.
MOST_BURST, BURST_AT_ONCE = 200, 10

#: Failures in a row after which nobody asks any more.
MOST_FAILURES = 5

_LIMITED = frozenset({429})
_UNAVAILABLE = 503
_ERRORS = range(500, 600)
_QUANTILES = ("0.5", "0.95", "0.99")


async def sampled_levels(session: Session, request: Request, samples: int, pace: float) -> Levels:
    """How the request is answered, so many times, one after the other with `pace` seconds between.

    Raises:
        FailedExchange: the first request had no answer.
    """
    first = await session.again(request)
    if first.status in _LIMITED:
        return Levels(shown(request.url), 0, 0, limited=1, stopped=_limit(first))
    taken = _Taken()
    _count(first, taken)
    stop = _limit(first)
    ends = time.monotonic() + LONGEST_SAMPLING
    while not stop and len(taken.seconds) + taken.failed < samples:
        await asyncio.sleep(pace)
        stop = await _sample(session, request, taken)
        if not stop and time.monotonic() > ends:
            stop = f"{LONGEST_SAMPLING:g} s were over"
    return Levels(
        shown(request.url),
        answered=len(taken.seconds) + taken.failed,
        failed=taken.failed,
        quantiles=quantiles(taken.seconds),
        cold=session.cold,
        limited=taken.limited,
        stopped=stop,
    )


class _Taken:
    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.failed = 0
        self.limited = 0
        self.in_a_row = 0


async def _sample(session: Session, request: Request, taken: _Taken) -> str:
    """Take one more; gives the reason to stop, or nothing."""
    try:
        received = await session.again(request)
    except FailedExchange as failure:
        if failure.trouble is Trouble.SPENT:
            return failure.reason
        taken.failed += 1
        taken.in_a_row += 1
        return failure.reason if taken.in_a_row >= MOST_FAILURES else ""
    if received.status in _LIMITED:
        taken.limited += 1
        return _limit(received)
    taken.in_a_row = 0
    _count(received, taken)
    return _limit(received)


def _count(received: Received, taken: _Taken) -> None:
    if received.status in _ERRORS:
        taken.failed += 1
    else:
        # What a new connection cost is no part of how fast the service answers.
        taken.seconds.append(round(received.seconds - received.timing.connect - received.timing.tls, 4))


def _limit(received: Received) -> str:
    """Why the limit of the service asks to stop, or nothing."""
    wait = received.value("retry-after")
    if received.status in _LIMITED or wait:
        return f"the rate limit was met{f' (Retry-After: {wait[:40]})' if wait else ''}"
    left = remaining(received.headers)
    if left is not None and left < LEAST_LEFT:
        return f"the rate limit allows only {left} more requests"
    return ""


def remaining(headers: Sequence[tuple[str, str]]) -> int | None:
    """What a rate limit says is left, or None. `RateLimit: "default";r=50` (draft-ietf-httpapi-ratelimit-headers) or a number."""
    found = []
    for name, value in headers:
        if name == "ratelimit":
            found += [
                part.strip()[2:] for item in value.split(",") for part in item.split(";") if part.strip()[:2] == "r="
            ]
            # An earlier draft: `limit=100, remaining=50, reset=5`.
            found += [part.partition("=")[2] for part in value.split(",") if part.strip().startswith("remaining=")]
        elif name in ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining"):
            found.append(value)
    numbers = [int(one) for one in (text.strip() for text in found) if one.isdecimal() and len(one) < 10]  # noqa: PLR2004
    return min(numbers, default=None)


def quantiles(seconds: Sequence[float]) -> tuple[tuple[str, float], ...]:
    """The nearest-rank quantiles of samples: the least value that so many of them do not exceed."""
    ordered = sorted(seconds)
    return tuple((name, ordered[ceil(float(name) * len(ordered)) - 1]) for name in _QUANTILES if ordered)


async def burst(session: Session, request: Request, most: int) -> Burst:
    """So many requests at most, a few at once, until a limit answers. They come on top of the audit's budget.

    Raises:
        FailedExchange: the first had no answer.
    """
    most = min(most, MOST_BURST)
    session.left += most
    answers: list[Received | BaseException] = []
    while len(answers) < most and not any(_is_limited(one) for one in answers):
        count = min(BURST_AT_ONCE, most - len(answers))
        answers += await asyncio.gather(*(session.again(request) for _ in range(count)), return_exceptions=True)
        if all(isinstance(one, BaseException) for one in answers):
            raise next(one for one in answers if isinstance(one, BaseException))
    statuses = Counter(one.status for one in answers if isinstance(one, Received))
    first = next((place for place, one in enumerate(answers, 1) if _is_limited(one)), 0)
    met = answers[first - 1] if first else None
    return Burst(
        shown(request.url),
        len(answers),
        sum(_is_limited(one) for one in answers),
        first,
        tuple(sorted(statuses.items())),
        met.value("retry-after")[:40] if isinstance(met, Received) else "",
    )


def _is_limited(answer: Received | BaseException) -> bool:
    """Did a limit answer? nginx says 503 unless `limit_req_status` is 429; only one with `Retry-After` is surely a limit."""
    if not isinstance(answer, Received):
        return False
    return answer.status in _LIMITED or (answer.status == _UNAVAILABLE and bool(answer.value("retry-after")))
