"""Tokens of many rows at once: the same tokens as `Minter` gives one by one, as columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from overreach.model import canary
from overreach.model.canary import Minter, TokenKind
from overreach.population.sampling import Ints

_ALPHABET = np.frombuffer(canary.ALPHABET.encode(), dtype=np.uint8)
_BITS = np.uint64(5)  # of one letter
_LETTER = np.uint64(31)


def mint_many(minter: Minter, kind: TokenKind, rows: Ints, *, capital: bool = False) -> pa.StringArray:
    """The token of each row number (0 to `ROWS` - 1), its first letter a `capital` where asked."""
    value = _permuted(minter, kind, rows)
    letters = np.empty((len(rows), canary.LENGTH), dtype=np.uint8)
    letters[:, : canary.STEM] = np.frombuffer(f"{canary.LITERAL}{kind.value}".encode(), dtype=np.uint8)
    if capital:
        letters[:, 0] -= ord("a") - ord("A")
    check = np.full(len(rows), ord(kind.value), dtype=np.uint64)
    for place in reversed(range(canary.PAYLOAD)):
        digit = value & _LETTER
        value >>= _BITS
        check += np.uint64(canary.weight(place)) * digit
        letters[:, canary.STEM + place] = _ALPHABET[digit]
    letters[:, -1] = _ALPHABET[check & _LETTER]
    return fixed_width(letters)


def _permuted(minter: Minter, kind: TokenKind, rows: Ints) -> npt.NDArray[np.uint64]:
    value: npt.NDArray[np.uint64] = minter.turn(kind, rows.astype(np.uint64))
    outside = np.flatnonzero(value >= canary.ROWS)
    while len(outside):
        value[outside] = minter.turn(kind, value[outside])
        outside = outside[value[outside] >= canary.ROWS]
    return value


def fixed_width(letters: npt.NDArray[np.uint8]) -> pa.StringArray:
    """Texts from their bytes, one row each, all of one length."""
    count, width = letters.shape
    ends = np.arange(count + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(count, pa.py_buffer(ends.tobytes()), pa.py_buffer(letters.tobytes()))
