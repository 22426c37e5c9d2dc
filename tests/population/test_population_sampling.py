"""Integer draws and quotas."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from overreach.population.sampling import Draws, Quota, quota

WEIGHTS = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=40).filter(any)


def test_streams_of_another_name_are_unrelated_and_of_the_same_name_equal() -> None:
    """Streams of another name are unrelated and of the same name equal."""
    first, again, other = Draws(1, "a"), Draws(1, "a"), Draws(1, "b")
    assert (first.below(1000, 50) == again.below(1000, 50)).all()
    assert (Draws(1, "a").below(1000, 50) != other.below(1000, 50)).any()


def test_the_first_draws_of_a_stream_are_the_same_everywhere() -> None:
    """The figures were drawn once; a library that changes them changes every population."""
    assert Draws(2007, "example").below(1_000_000, 4).tolist() == [368788, 652992, 881334, 106270]


@given(st.integers(0, 2**32), st.integers(1, 2**32 - 1), st.integers(0, 30))
def test_draws_stay_below_their_limit(seed: int, limit: int, count: int) -> None:
    """Draws stay below their limit."""
    drawn = Draws(seed, "x").below(limit, count)
    assert len(drawn) == count
    assert ((drawn >= 0) & (drawn < limit)).all()


@given(WEIGHTS, st.integers(0, 5_000))
def test_a_quota_adds_up_and_misses_no_exact_share_by_a_whole_one(weights: list[int], total: int) -> None:
    """A quota adds up and misses no exact share by a whole one."""
    counts = quota(np.array(weights, dtype=np.int64), total)
    assert counts.sum() == total
    for count, weight in zip(counts.tolist(), weights, strict=True):
        assert abs(count * sum(weights) - weight * total) < sum(weights)


@given(WEIGHTS, st.integers(0, 500))
def test_nothing_of_weight_zero_is_drawn(weights: list[int], count: int) -> None:
    """Nothing of weight zero is drawn."""
    array = np.array(weights, dtype=np.int64)
    assert (array[Draws(3, "w").weighted(array, count)] > 0).all()


@given(WEIGHTS, st.integers(0, 500))
def test_spreading_meets_the_quota_exactly(weights: list[int], count: int) -> None:
    """Spreading meets the quota exactly."""
    array = np.array(weights, dtype=np.int64)
    spread = Draws(3, "s").spread(array, count)
    assert (np.bincount(spread, minlength=len(array)) == quota(array, count)).all()


def test_a_small_share_is_rounded_half_up_between_its_least_and_the_whole() -> None:
    """A small share is rounded half up between its least and the whole."""
    assert Quota(300).of(10_000) == 300
    assert Quota(150).of(100) == 2
    assert Quota(1, at_least=5).of(200) == 5
    assert Quota(1, at_least=5).of(3) == 3
