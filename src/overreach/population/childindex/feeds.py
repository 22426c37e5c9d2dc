"""What suppliers will deliver next about children of a part; a spelling variant must not make a second record.

A shielded child whose name a supplier spells another way is the case of rule R17: matched too strictly, it
becomes a second record, and that one is not shielded.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from overreach.population.childindex.columns import coded, dates, flags, rows
from overreach.population.childindex.part import Part
from overreach.population.childindex.texts import texts_at
from overreach.population.hostile import variant

SOURCES = ("child benefit", "school census", "health register")
_PLAIN = 4  # deliveries without a variant for each with one


def deliveries(part: Part) -> pa.Table:
    """One row a delivered child: the shielded with a variant of a name, then others as they are."""
    draws, names, lists = part.draws("deliveries"), part.people.names, part.base.wordlists
    able = part.people.standing.live & ~part.people.standing.shielded
    plain = draws.some(able, _PLAIN * len(part.fed))
    child = np.r_[part.fed, plain]
    given, family = texts_at(lists.first, names.given[child]), texts_at(lists.last, names.family[child])
    respelt = [
        variant(str(text), draws) if row < len(part.fed) else text for row, text in enumerate(family.to_pylist())
    ]
    columns = {
        "child": rows(part.first_child + child),
        "source": coded(draws.below(len(SOURCES), len(child)), SOURCES),
        "given_name": given,
        "family_name": pa.array(respelt, pa.string()),
        "date_of_birth": dates(part.people.births.born[child]),
        "variant": flags(np.arange(len(child)) < len(part.fed)),
    }
    return pa.table(columns)
