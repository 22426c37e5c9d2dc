"""Bounds on a share: what probes without failure, and with some, leave open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest  # type: ignore[import-untyped]  # ships no types

from overreach.probe.bounds import lower, needed, upper

_COUNTS = st.integers(1, 3000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


def test_the_numbers_of_probes_that_the_review_asks_for_give_its_bounds() -> None:
    """299 probes without failure bound the share at 1 %, 59 at 5 %, and one fewer does not."""
    assert (needed(0.01), needed(0.05)) == (299, 59)
    assert upper(0, 299) <= 0.01 < upper(0, 298)
    assert upper(0, 59) <= 0.05 < upper(0, 58)


@given(_COUNTS)
def test_bounds_are_those_of_a_one_sided_exact_interval(counts: tuple[int, int]) -> None:
    """They equal the ends of a two-sided 90 % Clopper-Pearson interval of an independent implementation."""
    failures, trials = counts
    interval = binomtest(failures, trials).proportion_ci(confidence_level=0.90, method="exact")
    assert lower(failures, trials) == pytest.approx(interval.low, abs=1e-9)
    assert upper(failures, trials) == pytest.approx(interval.high, abs=1e-9)


@given(_COUNTS)
def test_a_share_at_the_upper_bound_would_show_more_failures_19_times_of_20(counts: tuple[int, int]) -> None:
    """At the bound, so few failures have a chance of at most 5 %."""
    failures, trials = counts
    if failures < trials:
        assert binom.cdf(failures, trials, upper(failures, trials)) == pytest.approx(0.05, abs=1e-6)


def test_nothing_asked_leaves_everything_open() -> None:
    """Without trials the share lies between none and all."""
    assert (lower(0, 0), upper(0, 0)) == (0.0, 1.0)


@pytest.mark.parametrize(("failures", "trials"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(failures: int, trials: int) -> None:
    """More failures than trials, or fewer than none, are a mistake of the caller."""
    with pytest.raises(ValueError, match="cannot be"):
        upper(failures, trials)


def test_impossible_bounds_are_refused() -> None:
    """No number of probes proves that a share is zero."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        needed(0)
    with pytest.raises(ValueError, match="confidence"):
        lower(0, 1, 1.0)
