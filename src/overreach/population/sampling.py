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
        return (((self._raw(len(limits)) >> _HALF) * limits.astype(np.uint64)) >> _HALF).astype(np.int64)

    def below(self, limit: int, count: int) -> Ints:
        """`count` integers from 0 to `limit` exclusive."""
        return (((self._raw(count) >> _HALF) * np.uint64(limit)) >> _HALF).astype(np.int64)

    def between(self, low: int, high: int, count: int) -> Ints:
        """`count` integers from `low` to `high`, both included."""
        return low + self.below(high - low + 1, count)

    def shuffled(self, values: Ints) -> Ints:
        """The values in a drawn order."""
        shuffled: Ints = values[self.order(len(values))]
        return shuffled

    def some(self, among: Flags, count: int) -> Ints:
        """As many as `count` different rows of those marked, in a drawn order."""
        return self.shuffled(np.flatnonzero(among))[:count]

    def order(self, count: int) -> Ints:
        """The row numbers below `count` in a drawn order."""
        return self.order_within(np.zeros(count, dtype=np.int64))

    def order_within(self, group: Ints) -> Ints:
        """Row numbers by group (integers from 0), in a drawn order within each.

        A key holds group, random bits and row number, so that no two are equal and any way of sorting gives the same.
        """
        count = len(group)
        low = max(1, count - 1).bit_length()
        high = int(group.max()).bit_length() if count else 0
        keys = (self._raw(count) >> np.uint64(high + low)) << np.uint64(low)
        keys |= np.arange(count, dtype=np.uint64)
        if high:
            keys |= group.astype(np.uint64) << np.uint64(64 - high)
        keys.sort()
        return (keys & np.uint64((1 << low) - 1)).astype(np.int64)

    def weighted(self, weights: Ints, count: int) -> Ints:
        """`count` row numbers of `weights`, each as likely as its weight; their sum is below 2**32."""
        bounds = np.cumsum(weights)
        return np.searchsorted(bounds, self.below(int(bounds[-1]), count), side="right").astype(np.int64)

    def spread(self, weights: Ints, count: int) -> Ints:
        """`count` row numbers of `weights` in their exact proportion, in a drawn order."""
        return self.shuffled(np.repeat(np.arange(len(weights), dtype=np.int64), quota(weights, count)))

    def spread_within(self, group: Ints, weights: Ints) -> Ints:
        """A column of `weights` for each row, in the exact proportion that its group has.

        `weights` has one row a group; rounding goes by largest remainder within each group.
        """
        order = self.order_within(group)
        counts = np.bincount(group, minlength=len(weights))
        columns = [quota(weights[row], count) for row, count in enumerate(counts.tolist())]
        spread = np.empty(len(group), dtype=np.int64)
        spread[order] = np.repeat(np.tile(np.arange(weights.shape[1]), len(weights)), np.concatenate(columns))
        return spread

    def _raw(self, count: int) -> npt.NDArray[np.uint64]:
        return np.atleast_1d(np.asarray(self._bits.random_raw(count), dtype=np.uint64))


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
    """A small share of a population, met exactly rather than by chance: `number` of every `per`."""

    number: int
    at_least: int = 0
    per: int = 10_000

    def of(self, total: int) -> int:
        """How many of `total`; rounded half up, never more than `total`."""
        return min(total, max(self.at_least, (2 * total * self.number + self.per) // (2 * self.per)))
