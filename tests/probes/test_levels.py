"""How many samples a claim needs, and what they show."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.facts.service import Levels, Ports, ServiceLevels, VersionMark, Versions
from readycheck.gather.deployment.exposition import quantile
from readycheck.gather.deployment.load import quantiles, remaining
from readycheck.gather.deployment.shapes import shape
from readycheck.probes.isolation import parsed
from readycheck.probes.levels import (
    ErrorRate,
    Latency,
    RateLimited,
    needed_for_quantile,
    needed_for_rate,
    upper_bound,
)
from readycheck.probes.ports import PortsClosed


def test_the_samples_that_a_claim_needs() -> None:
    assert (needed_for_quantile(0.95), needed_for_quantile(0.99)) == (59, 299)
    assert needed_for_rate(0.001) == 2995


@pytest.mark.parametrize(("clean", "percent"), [(20, 13.9), (50, 5.8), (300, 1.0), (1000, 0.3), (3000, 0.1)])
def test_clean_samples_bound_the_rate_by_the_rule_of_three(clean: int, percent: float) -> None:
    assert upper_bound(0, clean) * 100 == pytest.approx(percent, abs=0.06)


@given(st.integers(0, 40), st.integers(1, 500))
def test_a_bound_is_never_below_what_was_seen(failed: int, answered: int) -> None:
    bound = upper_bound(failed, answered)
    assert min(1.0, failed / answered) <= bound <= 1.0
    assert upper_bound(failed + 1, answered) >= bound


def test_many_samples_are_bounded_in_time() -> None:
    assert upper_bound(12, 10_000_000) < 1e-5


@given(st.lists(st.floats(0, 10), min_size=1, max_size=200))
def test_a_quantile_of_samples_is_one_of_them(seconds: list[float]) -> None:
    for name, value in quantiles(seconds):
        assert value in seconds
        assert sum(one <= value for one in seconds) >= float(name) * len(seconds)


@given(st.lists(st.integers(0, 50), min_size=3, max_size=3), st.floats(0.01, 0.99))
def test_a_quantile_of_buckets_lies_in_its_bucket(counts: list[int], share: float) -> None:
    total = sum(counts)
    buckets = [(0.1, float(counts[0])), (0.5, float(counts[0] + counts[1])), (math.inf, float(total))]
    found = quantile(share, buckets)
    if not total:
        assert found is None
        return
    assert found is not None
    rank = share * total
    lowest = 0.0 if rank <= buckets[0][1] else 0.1 if rank <= buckets[1][1] else 0.5
    assert lowest <= found <= 0.5


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ((("ratelimit", '"default";r=50;t=30'),), 50),
        ((("ratelimit", '"100-in-1min"; r=99; t=60, "burst"; r=3; t=1'),), 3),
        ((("ratelimit", "limit=100, remaining=7, reset=5"),), 7),
        ((("x-ratelimit-remaining", "12"),), 12),
        ((("ratelimit-remaining", "-1"),), None),
        ((("ratelimit", "nonsense"),), None),
        ((), None),
    ],
)
def test_what_a_limit_leaves_is_read(headers: tuple[tuple[str, str], ...], left: int | None) -> None:
    assert remaining(headers) == left


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJl", "jwt"),
        ("s%3AbB1c2D3e4F5g6H7i8J9k0LmNoP.q1W2e3R4t5Y6u7I8o9P0aSdFgHjKlZxCvBnM1234567", "signed"),
        ("9f86d081884c7d659a2feaa0c55ad015", "random"),
        ("1b4e28ba-2fa1-11d2-883f-0016d3cca427", "random"),
        ("GA1.2.1234567890.1234567890", ""),
        ("dark", ""),
        ("internationalization", ""),
        ("12345678901234567890", ""),
        ("en-GB", ""),
    ],
)
def test_a_value_is_known_by_its_shape(value: str, wanted: str) -> None:
    assert shape(value) == wanted


@given(st.text(max_size=5000))
def test_any_value_has_a_shape(value: str) -> None:
    assert shape(value) in ("", "jwt", "signed", "random")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("camera=(), geolocation=(self)", {"camera": (), "geolocation": ("self",)}),
        ('camera=(self "https://a.example"), usb=*', {"camera": ("self", '"https://a.example"'), "usb": ("*",)}),
        ("camera 'none'", None),
        ("camera=(", None),
        ("", None),
    ],
)
def test_a_permissions_policy_is_a_dictionary(line: str, wanted: object) -> None:
    assert parsed(line) == wanted


def test_a_permissions_policy_may_be_anything() -> None:
    assert parsed("(" * 5000) is None
    assert parsed('"' * 5000) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: Latency(within_ms=0),
        lambda: Latency(quantile=0.9),
        lambda: Latency(path="x"),
        lambda: ErrorRate(below_percent=0),
        lambda: ErrorRate(samples=0),
        lambda: RateLimited("/health"),
        lambda: RateLimited("/", most=1000),
        lambda: PortsClosed(()),
        lambda: PortsClosed((70000,)),
    ],
)
def test_parameters_that_make_no_sense_are_refused(make: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        make()  # type: ignore[operator]


def test_facts_of_a_service_are_values() -> None:
    assert Levels("x", 1, 0, (("0.95", 0.1),)).quantile("0.95") == 0.1
    assert Levels("x", 1, 0).quantile("0.95") is None
    assert ServiceLevels() == ServiceLevels("", 59)
    assert Ports("h", "a", (), (), (), near=False) == Ports("h", "a", (), (), (), near=False)
    assert Versions((VersionMark("a", "b"),), ()).marks[0].value == "b"
