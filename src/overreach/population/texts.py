"""Texts by child: each page of children keeps a text once, and for each child the places of its own.

Names, dates and schools are the texts of many children: kept once a page, all takes about half of its room. A look-up
touches the memory that the child's own texts stand in, and no other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from overreach.model.errors import PopulationError
from overreach.policy.facts import ROW
from overreach.population.kept import Batches, as_lists, lists_of
from overreach.population.paging import PAGE, row_numbers

Codes = NDArray[np.int32]
Paged = Iterator[tuple[int, pa.Table]]

_CHILD: Final = "child"
"""The field that need not be kept: a child's row number."""
_NONE: Final = -1
"""The code of a missing text."""


def values_by_child(pages: Paged) -> Iterator[pa.RecordBatch]:
    """What `Values` reads, a page a batch, from pages of rows (`ROW`, `value`), none of them missing."""
    for first, rows in pages:
        starts = row_numbers(rows).searchsorted(np.arange(first, first + PAGE + 1, dtype=np.int32))
        codes, texts = _encoded([rows.column("value")])
        yield as_lists({"starts": pa.array(starts, pa.int32()), "codes": pa.array(codes), "texts": texts})


def fields_by_child(pages: Paged, children: int) -> Iterator[pa.RecordBatch]:
    """What `Fields` reads, a page a batch, from pages of rows (`ROW`, one column a name).

    PopulationError unless every child has one row.
    """
    for first, rows in pages:
        expected = np.arange(first, min(first + PAGE, children), dtype=np.int32)
        if not np.array_equal(row_numbers(rows), expected):
            message = f"the fields of the children from {first} on are not one row a child"
            raise PopulationError(message, "generate the population again: overreach generate RECIPE --out DIR")
        names = [name for name in rows.column_names if name not in {ROW, _CHILD}]
        codes, texts = _encoded([rows.column(name) for name in names])
        by_child = codes.reshape(len(names), len(expected)).T.ravel()
        yield as_lists({"names": pa.array(names, pa.string()), "codes": pa.array(by_child), "texts": texts})


class Values:
    """Any number of texts a child."""

    def __init__(self, batches: Batches) -> None:
        self._pages = [(starts.to_numpy(), codes.to_numpy(), texts) for starts, codes, texts in map(lists_of, batches)]

    def of(self, child: int) -> frozenset[str]:
        """The texts of a child; empty for one that has none, or that there is not."""
        number, place = divmod(child, PAGE)
        if not 0 <= number < len(self._pages):
            return frozenset()
        starts, codes, texts = self._pages[number]
        return frozenset([texts[code].as_py() for code in codes[starts[place] : starts[place + 1]].tolist()])


class Fields:
    """The same names for every child, and its texts."""

    def __init__(self, batches: Batches) -> None:
        self._names: list[Any] = lists_of(batches[0])[0].to_pylist()
        self._pages = [(codes.to_numpy(), texts) for _, codes, texts in map(lists_of, batches)]

    def of(self, child: int, names: Collection[str] | None = None) -> dict[str, str | None]:
        """Name -> text of a child, None where it has none; IndexError for a child that there is not.

        `names` picks some of them: each is read from where it is kept.
        """
        number, place = divmod(child, PAGE)
        if not 0 <= number < len(self._pages):
            raise IndexError(child)
        codes, texts = self._pages[number]
        own = codes[place * len(self._names) : (place + 1) * len(self._names)].tolist()
        if not own:
            raise IndexError(child)
        found = {
            name: None if code == _NONE else texts[code].as_py()
            for name, code in zip(self._names, own, strict=True)
            if names is None or name in names
        }
        return {_CHILD: str(child), **found}


def _encoded(columns: Sequence[pa.ChunkedArray[Any]]) -> tuple[Codes, pa.Array[Any]]:
    """Codes of the columns, one column after the other, and the distinct texts that they stand for."""
    chunks = [_texts(chunk) for column in columns for chunk in column.chunks]
    encoded = pa.concat_arrays(chunks or [pa.array([], pa.string())]).dictionary_encode()
    return encoded.indices.fill_null(_NONE).to_numpy(), encoded.dictionary


def _texts(values: pa.Array[Any]) -> pa.Array[Any]:
    """Values as Python writes them."""
    kind = values.type
    if pa.types.is_string(kind):
        return values
    if pa.types.is_large_string(kind) or pa.types.is_integer(kind) or pa.types.is_date32(kind):
        return values.cast(pa.string())
    return pa.array([None if value is None else str(value) for value in values.to_pylist()], pa.string())
