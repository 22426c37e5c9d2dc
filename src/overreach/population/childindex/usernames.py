"""Names of accounts: initial, family name and a number, each once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from overreach.population.childindex.grouping import ranks
from overreach.population.childindex.texts import joined, letters, texts_at
from overreach.population.sampling import Ints

_NAMELESS = "user"  # for names without a Latin letter
_DIGITS = 2


def usernames(first: pa.StringArray, last: pa.StringArray, given: Ints, family: Ints) -> pa.StringArray:
    """A name of an account for each user, for example `j.smith01`.

    `given` and `family` are rows of `first` and `last`. The numbers of users with equal stems follow the rows.
    """
    initials = pc.utf8_slice_codeunits(_letters(first, given), 0, 1)
    stems = pc.utf8_trim(joined(initials, _letters(last, family), joint="."), ".")
    stems = pc.replace_substring_regex(stems, "^$", _NAMELESS)
    number = ranks(stems.dictionary_encode().indices.to_numpy().astype(np.int64)) + 1
    digits = pc.utf8_lpad(pa.array(number).cast(pa.string()), _DIGITS, "0")
    return joined(stems, digits, joint="")


def _letters(names: pa.StringArray, rows: Ints) -> pa.StringArray:
    """The plain letters of each row's name; each name in use is read once."""
    used, place = np.unique(rows, return_inverse=True)
    return texts_at(letters(texts_at(names, used)), place)
