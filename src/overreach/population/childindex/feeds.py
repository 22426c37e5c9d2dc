"""What suppliers will deliver next about children of a part: changes, spelling variants, and unknown children.

A shielded child whose name a supplier spells another way is the case of rule R17: matched too strictly, it becomes a
second record, and that one is not shielded. A plain delivery about a shielded child overwrites its address, and must
not overwrite the shield. Both are delivered about open children, too, so that neither gives a shield away.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from overreach.population.childindex.columns import coded, dates, flags, rows
from overreach.population.childindex.part import Part
from overreach.population.childindex.texts import texts_at
from overreach.population.hostile import variant
from overreach.population.sampling import Flags, Ints

SOURCES = ("child benefit", "school census", "health register")
_OPEN = 4  # open children delivered for each shielded one, with a variant and without


def deliveries(part: Part) -> pa.Table:
    """One row a delivered child, in a drawn order; `child` is null for one whom the index does not have."""
    draws, people, lists = part.draws("deliveries"), part.people, part.base.wordlists
    fed, able = len(part.fed), part.lives.live & ~part.lives.shielded
    plain_hidden = draws.some(part.lives.live & part.lives.shielded, fed)
    others = draws.some(able, 2 * _OPEN * fed)
    unknown = draws.below(part.people.families.children, fed)
    # Hidden and open with a variant, hidden and open without; then children made up of others' names.
    child = np.r_[part.fed, others[: _OPEN * fed], plain_hidden, others[_OPEN * fed :], unknown]
    respelt = np.arange(len(child)) < fed + min(len(others), _OPEN * fed)
    known = np.arange(len(child)) < len(child) - len(unknown)
    order = draws.order(len(child))
    child, respelt, known = child[order], respelt[order], known[order]
    of_name = np.where(known, child, (child + 1) % part.people.families.children)
    family = [str(text) for text in texts_at(lists.last, people.names.family[of_name]).to_pylist()]
    spelt = [variant(text, draws) if other else text for text, other in zip(family, respelt.tolist(), strict=True)]
    place = part.base.streets.columns(part.base.streets.within(draws, people.families.responsible[child]))
    columns = {
        "child": rows(_numbered(part, child, known)),
        "source": coded(draws.below(len(SOURCES), len(child)), SOURCES),
        "given_name": texts_at(lists.first, people.names.given[child]),
        "family_name": pa.array(spelt, pa.string()),
        "date_of_birth": dates(people.births.born[child]),
        **{name: place[name] for name in ("street", "locality", "postcode")},
        "variant": flags(respelt),
    }
    return pa.table(columns)


def _numbered(part: Part, child: Ints, known: Flags) -> Ints:
    return np.where(known, part.first_child + child, -1)
