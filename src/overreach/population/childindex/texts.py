"""Columns of texts: taken by place, put together, reduced to plain letters."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_compute: Any = pc  # its stubs know neither a joint that is a text nor the normal forms of Unicode


def texts_at(texts: pa.StringArray, places: npt.NDArray[np.integer[Any]]) -> pa.StringArray:
    """The texts at those places."""
    taken: pa.StringArray = _compute.take(texts, pa.array(places))
    return taken


def joined(*texts: pa.Array[Any], joint: str) -> pa.StringArray:
    """Texts put together row by row, with `joint` between them."""
    plain = [column.cast(pa.string()) for column in texts]
    together: pa.StringArray = _compute.binary_join_element_wise(*plain, joint)
    return together


def letters(texts: pa.StringArray) -> pa.StringArray:
    """Texts in lower-case letters from a to z: accents dropped, other signs left out."""
    decomposed = _compute.utf8_lower(_compute.utf8_normalize(texts, "NFKD"))
    left: pa.StringArray = _compute.replace_substring_regex(decomposed, "[^a-z]", "")
    return left
