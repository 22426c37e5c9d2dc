"""Latencies in buckets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from overreach.load.histogram import LEAST, STEPS, Histogram

SECONDS = st.floats(LEAST, 100.0)


def filled(seconds: list[float]) -> Histogram:
    """A histogram of some durations."""
    histogram = Histogram()
    for each in seconds:
        histogram.add(each)
    return histogram


@given(st.lists(SECONDS, min_size=1), st.floats(0.01, 1.0))
def test_a_percentile_is_never_too_low_and_at_most_a_bucket_too_high(seconds: list[float], share: float) -> None:
    """The share of the durations that was asked for lies under it."""
    under = filled(seconds).under(share)
    ordered = sorted(seconds)
    exact = next(each for place, each in enumerate(ordered, 1) if place >= share * len(ordered))
    assert exact * (1 - 1e-9) <= under <= exact * 2 ** (1 / STEPS) * (1 + 1e-9)


@given(st.lists(SECONDS), st.lists(SECONDS))
def test_adding_up_is_as_counting_together(one: list[float], other: list[float]) -> None:
    """It does not matter which process counted what; JSON keeps everything."""
    together = filled(one)
    together.merge(Histogram.from_json(filled(other).to_json()))
    assert together.to_json() == filled(one + other).to_json()
    assert together.total == len(one) + len(other)


def test_an_empty_histogram_has_no_latency() -> None:
    """Nothing was counted: zero, and no error."""
    assert Histogram().under(0.95) == 0.0
