"""Values that depend on a row's number alone: a part of a table is drawn without any other part.

Integers only, in NumPy's wrapping 64-bit arithmetic: the same on any processor.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from overreach.population.sampling import Draws, Ints, quota

Words = npt.NDArray[np.uint64]

_HALF = np.uint64(32)
_STEP, _FIRST, _SECOND = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_SHIFTS = tuple(np.uint64(n) for n in (30, 27, 31))
_ROUNDS = 6


class RowDraws:
    """Integers called `name` in the population of `seed`: one for each row, whoever asks for it, and when."""

    def __init__(self, seed: int, name: str) -> None:
        self._key = np.uint64(Draws(seed, name).seed)

    def below_each(self, limits: Ints, rows: Ints) -> Ints:
        """For each row an integer from 0 to its limit exclusive; limits from 1 to 2**32 - 1."""
        return (((_mixed(rows.astype(np.uint64), self._key) >> _HALF) * limits.astype(np.uint64)) >> _HALF).astype(
            np.int64
        )

    def below(self, limit: int, rows: Ints) -> Ints:
        """For each row an integer from 0 to `limit` exclusive."""
        return self.below_each(np.full(len(rows), limit, dtype=np.int64), rows)

    def between(self, low: int, high: int, rows: Ints) -> Ints:
        """For each row an integer from `low` to `high`, both included."""
        return low + self.below(high - low + 1, rows)

    def weighted(self, weights: Ints, rows: Ints) -> Ints:
        """For each row a row number of `weights`, as likely as its weight; their sum is below 2**32."""
        bounds = np.cumsum(weights)
        return np.searchsorted(bounds, self.below(int(bounds[-1]), rows), side="right").astype(np.int64)


class Shuffle:
    """The rows 0 to `count` exclusive in a drawn order, which is computed both ways and never laid out.

    A Feistel network with a key for each round permutes the next power of four; what falls outside goes round
    again. Whoever takes the first places has an exact number of rows, without knowing the others.
    """

    def __init__(self, seed: int, name: str, count: int) -> None:
        self._count = np.uint64(count)
        bits = max(1, -(-max(count - 1, 1).bit_length() // 2))
        self._bits, self._mask = np.uint64(bits), np.uint64((1 << bits) - 1)
        self._keys = [np.uint64(Draws(seed, f"{name}/{turn}").seed) for turn in range(_ROUNDS)]

    def places(self, rows: Ints) -> Ints:
        """The place of each row."""
        return self._walk(rows, self._forward)

    def rows(self, places: Ints) -> Ints:
        """The row at each place."""
        return self._walk(places, self._backward)

    def spread(self, weights: Ints, rows: Ints) -> Ints:
        """For each row a row number of `weights`: over all rows in their exact proportion."""
        bounds = np.cumsum(quota(weights, int(self._count)))
        return np.searchsorted(bounds, self.places(rows), side="right").astype(np.int64)

    def _walk(self, values: Ints, turn: Callable[[Words], Words]) -> Ints:
        found = turn(values.astype(np.uint64))
        while len(outside := np.flatnonzero(found >= self._count)):
            found[outside] = turn(found[outside])
        return found.astype(np.int64)

    def _forward(self, values: Words) -> Words:
        left, right = values >> self._bits, values & self._mask
        for key in self._keys:
            left, right = right, left ^ (_mixed(right, key) & self._mask)
        return (left << self._bits) | right

    def _backward(self, values: Words) -> Words:
        left, right = values >> self._bits, values & self._mask
        for key in reversed(self._keys):
            left, right = right ^ (_mixed(left, key) & self._mask), left
        return (left << self._bits) | right


def _mixed(values: Words, key: np.uint64) -> Words:
    """Each value with all its bits spread over 64 (the finaliser of SplitMix64)."""
    mixed = values * _STEP + key
    mixed = (mixed ^ (mixed >> _SHIFTS[0])) * _FIRST
    mixed = (mixed ^ (mixed >> _SHIFTS[1])) * _SECOND
    result: Words = mixed ^ (mixed >> _SHIFTS[2])
    return result
