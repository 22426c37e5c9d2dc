"""Whose a token is, by its row number: pairs in order, searched by halves."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from overreach.population.kept import Batches, as_lists, lists_of


def pairs_by_row(rows: pa.Table, children: int) -> pa.RecordBatch:
    """What `Pairs` reads, from rows (`row`, `child`) in any order, children below `children`."""
    keys = rows.column("row").to_numpy() * children + rows.column("child").to_numpy()
    if not (keys[1:] > keys[:-1]).all():
        keys = np.sort(keys)
        keys = keys[np.append(True, keys[1:] != keys[:-1])]
    of_tokens, of_children = np.divmod(keys, children)
    return as_lists({"rows": pa.array(of_tokens), "children": pa.array(of_children, pa.int32())})


class Pairs:
    """The children of tokens."""

    def __init__(self, batches: Batches) -> None:
        self._rows, self._children = (array.to_numpy() for array in lists_of(batches[0]))

    def of(self, row: int) -> tuple[int, ...]:
        """The children of the token with that row number, ascending; empty for nobody's."""
        first, end = self._rows.searchsorted((row, row + 1)).tolist()
        return tuple(self._children[first:end].tolist())
