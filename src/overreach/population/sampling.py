"""Integer draws from named streams, and quotas: what makes a population the same bytes on any processor.

No floating point takes part. Each stream has its own generator, so that a further draw in one
stage of a recipe leaves every other stage as it was.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

_HALF = np.uint64(32)


class Draws:
    """The stream of integers called `name` in the population of `seed`."""

    def __init__(self, seed: int, name: str) -> None:
        self.seed = int.from_bytes(hashlib.blake2s(f"{seed}/{name}".encode()).digest()[:8], "big")
        # Only the raw bits of the generator are used: NumPy promises those never to change.
        self._bits = np.random.PCG64(self.seed)

    def below_each(self, limits: Ints) -> Ints:
        """One integer for each limit, from 0 to the limit exclusive; limits from 1 to 2**32 - 1."""
        raw = np.atleast_1d(np.asarray(self._bits.random_raw(len(limits)), dtype=np.uint64))
        return (((raw >> _HALF) * limits.astype(np.uint64)) >> _HALF).astype(np.int64)

    def below(self, limit: int, count: int) -> Ints:
        """`count` integers from 0 to `limit` exclusive."""
        return self.below_each(np.full(count, limit, dtype=np.int64))

    def between(self, low: int, high: int, count: int) -> Ints:
        """`count` integers from `low` to `high`, both included."""
        return low + self.below(high - low + 1, count)

    def shuffled(self, values: Ints) -> Ints:
        """The values in a drawn order."""
        raw = np.atleast_1d(np.asarray(self._bits.random_raw(len(values)), dtype=np.uint64))
        shuffled: Ints = values[np.argsort(raw, kind="stable")]
        return shuffled

    def order(self, count: int) -> Ints:
        """The row numbers below `count` in a drawn order."""
        return self.shuffled(np.arange(count, dtype=np.int64))

    def weighted(self, weights: Ints, count: int) -> Ints:
        """`count` row numbers of `weights`, each as likely as its weight; their sum is below 2**32."""
        bounds = np.cumsum(weights)
        return np.searchsorted(bounds, self.below(int(bounds[-1]), count), side="right").astype(np.int64)

    def spread(self, weights: Ints, count: int) -> Ints:
        """`count` row numbers of `weights` in their exact proportion, in a drawn order."""
        return self.shuffled(np.repeat(np.arange(len(weights), dtype=np.int64), quota(weights, count)))

    def pick(self, pool: Texts, count: int) -> Texts:
        """`count` texts of a pool, each as likely as any other."""
        picked: Texts = pool[self.below(len(pool), count)]
        return picked


def quota(weights: Ints, total: int) -> Ints:
    """`total` shared out in proportion to integer weights, by largest remainder; ties go to the first."""
    whole = int(weights.sum())
    exact = weights.astype(np.int64) * total
    counts: Ints = exact // whole
    missing = total - int(counts.sum())
    counts[np.argsort(-(exact % whole), kind="stable")[:missing]] += 1
    return counts


@dataclass(frozen=True, slots=True)
class Quota:
    """A small share of a population, met exactly rather than by chance."""

    per_10_000: int
    at_least: int = 0

    def of(self, total: int) -> int:
        """How many of `total`; rounded half up, never more than `total`."""
        return min(total, max(self.at_least, (total * self.per_10_000 + 5_000) // 10_000))
