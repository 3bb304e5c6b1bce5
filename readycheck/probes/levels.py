"""Judges how fast and how reliably a deployment answers, and whether it limits those who ask too often."""

from __future__ import annotations

from math import ceil, log
from typing import Any, ClassVar

from readycheck.facts.deployment import HEALTH_PATHS
from readycheck.facts.question import Question
from readycheck.facts.service import Levels, RateLimitBurst, ServiceLevels
from readycheck.facts.store import Facts
from readycheck.model import Finding, Location, Strength, Target
from readycheck.probes.live import require_paths
from readycheck.probes.probe import Judgement, Probe, failed, passed, unknown

#: How sure a claim is: one in twenty may be wrong.
CONFIDENCE = 0.95


def needed_for_quantile(share: float) -> int:
    """Samples of which the slowest is, this surely, above the quantile: 59 for p95, 299 for p99 (order statistics)."""
    return ceil(log(1 - CONFIDENCE) / log(share))


def needed_for_rate(rate: float) -> int:
    """Clean samples that show, this surely, an error rate below this share: 2995 for 0.1 % (the rule of three)."""
    return ceil(log(1 - CONFIDENCE) / log(1 - rate))


def upper_bound(failed_: float, answered: float) -> float:
    """The rate that is, this surely, not exceeded (Clopper and Pearson's one-sided bound), found by bisection."""
    if answered <= 0 or failed_ >= answered:
        return 1.0
    low, high = failed_ / answered, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(int(failed_), int(answered), middle) > 1 - CONFIDENCE else (low, middle)
    return high


def _at_most(failures: int, samples: int, rate: float) -> float:
    """The probability of at most so many failures in so many samples."""
    if rate >= 1:
        return 0.0
    term = samples * log(1 - rate)
    from math import exp, lgamma

    total = 0.0
    for count in range(min(failures, 10_000) + 1):
        ways = lgamma(samples + 1) - lgamma(count + 1) - lgamma(samples - count + 1)
        total += exp(ways + (count * log(rate) if count else 0.0) + term - count * log(1 - rate))
    return total


class Latency(Probe, frozen=True):
    """So large a share of requests is answered within so many milliseconds, over a connection that stands."""

    name: ClassVar[str] = "service.latency"
    target: ClassVar[Target] = Target.DEPLOYMENT

    within_ms: float = 200.0
    quantile: float = 0.95
    path: str = ""
    samples: int = 59

    def __post_init__(self) -> None:
        """Refuse bounds that make no sense, and quantiles that nobody measures."""
        if self.path:
            require_paths((self.path,))
        if self.within_ms <= 0 or not 1 <= self.samples <= 10_000:  # noqa: PLR2004 - bounded on purpose
            raise ValueError("within_ms must be above 0, and samples from 1 to 10000")
        if self.quantile not in (0.5, 0.95, 0.99):
            raise ValueError("quantile must be 0.5, 0.95 or 0.99")

    def questions(self) -> tuple[Question[Any], ...]:
        """How the path answers."""
        return (ServiceLevels(self.path, self.samples),)

    def judge(self, facts: Facts) -> Judgement:
        """Unknown with fewer samples than the claim needs, unless what was seen already contradicts it."""
        levels = facts[self.questions()[0]]
        seconds = levels.quantile(f"{self.quantile:g}")
        needed = needed_for_quantile(self.quantile)
        name = f"p{self.quantile * 100:g}"
        if seconds is None:
            return unknown(f"{described(levels)}; nothing to take {name} of")
        examined = f"{described(levels)}: {name} {seconds * 1000:.0f} ms, {self.within_ms:g} ms are allowed"
        if levels.answered - levels.failed < needed:
            return unknown(f"{examined}; the claim needs {needed} samples")
        if seconds * 1000 > self.within_ms:
            return failed(examined, [Finding(f"{name} is {seconds * 1000:.0f} ms", Location(url=levels.source))])
        cold = [Finding(f"the first request, connection included: {levels.cold * 1000:.0f} ms")] if levels.cold else []
        return passed(examined, Strength.OBSERVED, cold)


class ErrorRate(Probe, frozen=True):
    """Fewer than this share of requests end in an error of the server (percent)."""

    name: ClassVar[str] = "service.error_rate"
    target: ClassVar[Target] = Target.DEPLOYMENT

    below_percent: float = 0.1
    path: str = ""
    samples: int = 59

    def __post_init__(self) -> None:
        """Refuse bounds that make no sense."""
        if self.path:
            require_paths((self.path,))
        if not 0 < self.below_percent < 100 or not 1 <= self.samples <= 10_000:  # noqa: PLR2004 - percent
            raise ValueError("below_percent must be above 0 and below 100, and samples from 1 to 10000")

    def questions(self) -> tuple[Question[Any], ...]:
        """How the path answers."""
        return (ServiceLevels(self.path, self.samples),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail when errors were seen and the bound is not kept; unknown when too few samples could show it."""
        levels = facts[self.questions()[0]]
        bound = upper_bound(levels.failed, levels.answered)
        limit = self.below_percent / 100
        examined = (
            f"{described(levels)}, {levels.failed:g} errors: at most {bound:.2%} with {CONFIDENCE:.0%} confidence"
        )
        if levels.failed and levels.failed / max(levels.answered, 1) >= limit:
            message = f"{levels.failed:g} of {levels.answered:g} requests ended in an error"
            return failed(examined, [Finding(message, Location(url=levels.source))])
        if bound <= limit:
            return passed(examined, Strength.OBSERVED)
        return unknown(f"{examined}; below {self.below_percent:g} % needs {needed_for_rate(limit)} without one")


def described(levels: Levels) -> str:
    """In words: where the samples come from, how many, and what stopped them."""
    limited = f", {levels.limited} limited" if levels.limited else ""
    stopped = f", stopped: {levels.stopped}" if levels.stopped else ""
    return f"{levels.answered:g} samples of {levels.source}{limited}{stopped}"


class RateLimited(Probe, frozen=True):
    """A client that asks as fast as it can is told to slow down, within so many requests. Sent only when asked for."""

    name: ClassVar[str] = "service.rate_limited"
    target: ClassVar[Target] = Target.DEPLOYMENT

    path: str = "/"
    most: int = 120

    def __post_init__(self) -> None:
        """Refuse paths that are none, and the health endpoint, on which others rely."""
        require_paths((self.path,))
        if self.path in HEALTH_PATHS:
            raise ValueError(f"{self.path} is a health endpoint, which no burst is sent to")
        if not 1 <= self.most <= 200:  # noqa: PLR2004 - bounded on purpose
            raise ValueError("most must be from 1 to 200")

    def questions(self) -> tuple[Question[Any], ...]:
        """The burst."""
        return (RateLimitBurst(self.path, self.most),)

    def judge(self, facts: Facts) -> Judgement:
        """Fail when every request was answered."""
        seen = facts[self.questions()[0]]
        listed = ", ".join(f"{count} × {status}" for status, count in seen.statuses)
        examined = f"{seen.sent} requests to {seen.url}: {listed}"
        if seen.first:
            wait = f", Retry-After: {seen.retry_after}" if seen.retry_after else ""
            note = Finding(f"the limit answered after {seen.first} requests{wait}", Location(url=seen.url))
            return passed(examined, Strength.OBSERVED, [note])
        good = sum(count for status, count in seen.statuses if status < 400)  # noqa: PLR2004 - client errors begin there
        if good < seen.sent:
            return unknown(f"{examined}; not every request was answered, and none by a limit")
        return failed(examined, [Finding(f"{seen.sent} requests in a row were all answered", Location(url=seen.url))])
