"""Columns of tables from arrays of integers: row numbers, dates, and texts by code."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from overreach.population import canaries
from overreach.population.childindex.texts import texts_at
from overreach.population.sampling import Flags, Ints

NEVER = int(np.iinfo(np.int64).min)
"""A date that is not there, in days since 1970-01-01."""


def numbered(count: int, first: int = 0) -> pa.Array[Any]:
    """Row numbers of a table, from `first` on."""
    return pa.array(np.arange(first, first + count, dtype=np.int64))


def rows(values: Ints) -> pa.Array[Any]:
    """Row numbers; those below 0 become null."""
    return pa.array(values, pa.int64(), mask=values < 0)


def flags(values: Flags) -> pa.Array[Any]:
    """Yes or no."""
    return pa.array(values, pa.bool_())


def dates(values: Ints) -> pa.Array[Any]:
    """Days since 1970-01-01; `NEVER` becomes null."""
    missing = values == NEVER
    return pa.array(np.where(missing, 0, values).astype(np.int32), pa.int32(), mask=missing).cast(pa.date32())


def coded(codes: Ints, texts: pa.StringArray | Sequence[str]) -> pa.Array[Any]:
    """The texts of codes, null for those below 0; of the texts only those that occur are kept."""
    words: pa.StringArray = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    missing = codes < 0
    used = np.zeros(len(words) + 1, dtype=np.bool_)
    used[codes] = True  # a code of -1 marks the place beyond the texts
    used[-1] = False
    # Two codes may stand for one text: with a text twice in a dictionary, the bytes of a file are not the same again.
    distinct: Any = texts_at(words, np.flatnonzero(used[:-1])).dictionary_encode()
    place = np.zeros(len(used), dtype=np.int32)
    place[used] = distinct.indices.to_numpy()
    indices: Any = pa.array(place[codes], pa.int32(), mask=missing)
    return pa.DictionaryArray.from_arrays(indices, distinct.dictionary)


def telephones(numbers: Ints) -> pa.Array[Any]:
    """Numbers kept for drama; null for those below 0."""
    return coded(numbers, _telephones())


@cache
def _telephones() -> pa.StringArray:
    return pa.array([canaries.telephone(number) for number in range(canaries.TELEPHONES)], pa.string())
