"""Rows as numbers: equal rows get equal numbers, from 0 up, without sorting the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Ints = NDArray[np.int64]

_LARGEST: Final = 2**62
_TABLE: Final = 2**22  # up to so many codes a table of all of them is quicker than hashing
_AT_ONCE: Final = 1 << 18  # rows: what is made of them on the way stays in the processor's cache


def blocks(length: int) -> Iterator[slice]:
    """Slices of so many rows, each small enough to stay in the processor's cache."""
    for start in range(0, length, _AT_ONCE):
        yield slice(start, start + _AT_ONCE)


def compact(codes: NDArray[Any], size: int) -> tuple[Codes, Ints]:
    """Place of each code among the codes that occur, and those codes in ascending order; codes are 0 to `size`."""
    if size > _TABLE:
        coded = pa.array(codes).dictionary_encode()
        values = coded.dictionary.to_numpy().astype(np.int64)
        order = np.argsort(values)
        place = np.empty(len(values), dtype=np.int32)
        place[order] = np.arange(len(values), dtype=np.int32)
        return place[coded.indices.to_numpy()], values[order]
    seen = np.zeros(size, dtype=np.bool_)
    for block in blocks(len(codes)):
        seen[codes[block]] = True
    place = np.cumsum(seen, dtype=np.int32) - np.int32(1)
    found = np.empty(len(codes), dtype=np.int32)
    for block in blocks(len(codes)):
        found[block] = place[codes[block]]
    return found, np.nonzero(seen)[0]


def combine(length: int, columns: Iterable[tuple[NDArray[Any], int]]) -> tuple[Codes, Ints]:
    """One number for each combination of the columns that occurs, in the order of the columns.

    A column is its codes, `length` of them from 0 up, and how many codes there may be. Gives the number of each
    row, and (number, column) -> code.
    """
    codes: NDArray[Any] = np.zeros(length, dtype=np.int32)
    size, pending, known = 1, list[int](), np.zeros((1, 0), dtype=np.int64)
    for column, many in columns:
        if size * many > _LARGEST:
            codes, values = compact(codes, size)
            size, pending, known = max(len(values), 1), [], _unfolded(values, known, pending)
        size *= max(many, 1)
        pending.append(max(many, 1))
        if size > np.iinfo(codes.dtype).max:
            codes = codes.astype(np.int64)
        codes *= many
        codes += column.astype(codes.dtype, copy=False)
    codes, values = compact(codes, size)
    return codes, _unfolded(values, known, pending)


def _unfolded(values: Ints, known: Ints, pending: list[int]) -> Ints:
    """(value, column) -> code: `known` are the codes of what was numbered before the pending columns came."""
    digits = []
    for many in reversed(pending):
        values, digit = np.divmod(values, many)
        digits.append(digit)
    return np.column_stack([known[values], *reversed(digits)])
