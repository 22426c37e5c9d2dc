"""What a number of probes says about the share that fails: one-sided Clopper-Pearson bounds.

C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
Biometrika 26 (1934). The bounds are exact: never below the stated confidence. They cover defects that strike at
random over the pairs asked, not defects aimed at one pair.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, log

CONFIDENCE = 0.95


@lru_cache(maxsize=4096)
def upper(failures: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """The largest share of failures that `failures` of `trials` leave open; 1.0 where nothing was tried.

    ValueError unless 0 <= failures <= trials and 0 < confidence < 1.
    """
    _check(failures, trials, confidence)
    if failures == trials:
        return 1.0
    if failures == 0:
        return float(1 - (1 - confidence) ** (1 / trials))
    return _quantile(failures + 1, trials - failures, confidence)


@lru_cache(maxsize=4096)
def lower(failures: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """The smallest share of failures that `failures` of `trials` leave open; 0.0 where none was seen.

    ValueError unless 0 <= failures <= trials and 0 < confidence < 1.
    """
    _check(failures, trials, confidence)
    if failures == 0:
        return 0.0
    return (
        _quantile(failures, trials - failures + 1, 1 - confidence)
        if failures < trials
        else float((1 - confidence) ** (1 / trials))
    )


def needed(bound: float, confidence: float = CONFIDENCE) -> int:
    """How many trials without a failure bring the upper bound to `bound` or below: 299 for 0.01, 59 for 0.05.

    ValueError unless both lie between 0 and 1, exclusive.
    """
    if not 0 < bound < 1:
        message = f"bound `{bound}` must lie between 0 and 1"
        raise ValueError(message)
    _check(0, 0, confidence)
    return ceil(log(1 - confidence) / log(1 - bound))


def _quantile(failures: float, others: float, probability: float) -> float:
    """Of the beta distribution."""
    # Slow to import, and only needed where something failed; `scipy.stats` takes half a second longer.
    from scipy.special import betaincinv  # type: ignore[import-untyped]  # noqa: PLC0415 - ships no types

    return float(betaincinv(failures, others, probability))


def _check(failures: int, trials: int, confidence: float) -> None:
    if not 0 <= failures <= trials:
        message = f"`{failures}` failures of `{trials}` trials cannot be"
        raise ValueError(message)
    if not 0 < confidence < 1:
        message = f"confidence `{confidence}` must lie between 0 and 1"
        raise ValueError(message)
