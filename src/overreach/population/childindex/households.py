"""Who brings up the families of a part: parents, step-fathers, absent fathers, foster carers, shared mothers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from overreach.population.childindex.families import Families
from overreach.population.childindex.judgement import Judgement
from overreach.population.childindex.portion import Portion
from overreach.population.childindex.standing import Standing
from overreach.population.sampling import Draws, Flags, Ints

_SPARE = 2  # pairs looked at for each that is wanted: some mothers could not have borne both families
_BETWEEN_BIRTHS = 300  # days
_ACROSS = 4  # every so many pairs of half-siblings live in different authorities


class Relation(IntEnum):
    """What a carer is to a child; the order is that of a family's carers."""

    MOTHER = 0
    FATHER = 1
    STEP_FATHER = 2
    FOSTER_CARER = 3
    ABSENT_FATHER = 4

    @property
    def words(self) -> str:
        """As a record says it."""
        return "father" if self is Relation.ABSENT_FATHER else self.name.lower().replace("_", " ")


MALE = np.array([kind not in (Relation.MOTHER, Relation.FOSTER_CARER) for kind in Relation])
"""For each relation, whether it is a man's."""


@dataclass(frozen=True, slots=True)
class Households:
    """One row a family."""

    has: Flags
    """A column for each relation: whether the family has such a carer."""
    mother_of: tuple[Ints, Ints]
    """(families that a mother lives with, families of her other children), row by row."""


def draw_households(  # noqa: PLR0913, PLR0917 - what families depend on
    draws: Draws, judgement: Judgement, portion: Portion, families: Families, standing: Standing, born: Ints
) -> Households:
    """The carers of each family; `born` is the date of birth of each child."""
    eldest = families.eldest
    weights = np.array([weight for _, weight in judgement.family_types], dtype=np.int64)
    names = [name for name, _ in judgement.family_types]
    kind = draws.spread(weights, families.count)
    both, lone_mother = kind == names.index("two parents"), kind == names.index("lone mother")
    foster = standing.looked_after[eldest]
    mother = (both | lone_mother) & ~foster
    father = (kind != names.index("lone mother")) & ~foster
    hidden = families.having(standing.shielded)
    able = mother & (standing.grown[eldest] == 0)
    wanted = portion.of_families(judgement.half_siblings)
    first, second = _share_mothers(draws, _SPARE * wanted, able, hidden, families.authority)
    possible = _one_mother(families, born, first, second)
    across = families.authority[first[possible]] != families.authority[second[possible]]
    some = -(-wanted // _ACROSS)
    possible = np.r_[possible[across][:some], possible[~across], possible[across][some:]][:wanted]
    shared = first[possible], second[possible]
    mother[shared[1]], father[shared[1]] = False, True
    step, absent = np.zeros((2, families.count), dtype=np.bool_)
    step[draws.some(both & mother, portion.of_families(judgement.step_fathers))] = True
    # A shielded family's absent father may be the one it is shielded from: no record names him.
    apart = (lone_mother | step) & mother & ~hidden
    absent[draws.some(apart, portion.of_families(judgement.absent_fathers))] = True
    has = np.stack([mother, father & ~step, step, foster, absent], axis=1)
    return Households(has=has, mother_of=shared)


def _share_mothers(draws: Draws, wanted: int, able: Flags, hidden: Flags, authority: Ints) -> tuple[Ints, Ints]:
    """Pairs of families with one mother; in every other pair the first family has a shielded child.

    `able` marks the families that could have a mother. Most pairs are of one authority, some across a border.
    """
    open_families = draws.some(able & ~hidden, 2 * wanted)
    hidden_families = draws.some(able & hidden, -(-wanted // 2))
    first = np.r_[hidden_families, open_families[: wanted - len(hidden_families)]]
    near = np.flatnonzero(able & ~hidden & ~np.isin(np.arange(len(able)), first))
    second = _near(draws.shuffled(near), authority, authority[first] + np.arange(len(first)) % 2)
    found = second >= 0
    return first[found], second[found]


def _one_mother(families: Families, born: Ints, first: Ints, second: Ints) -> Ints:
    """Rows of the pairs whose children can be of one mother: born on one day, or far enough apart."""
    ends = families.eldest + families.sizes
    possible = []
    for row, (one, other) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        days = (born[families.eldest[family] : ends[family]] for family in (one, other))
        apart = np.abs(np.subtract.outer(*days))
        if int(apart.min()) >= _BETWEEN_BIRTHS:
            possible.append(row)
    return np.array(possible, dtype=np.int64)


def _near(pool: Ints, authority: Ints, wanted: Ints) -> Ints:
    """For each authority that is wanted a family of the pool in it, no family twice; another's, where it has no more.

    -1 where the pool is used up.
    """
    by_authority = pool[np.argsort(authority[pool], kind="stable")]
    areas = authority[by_authority]
    order = np.argsort(wanted, kind="stable")
    start = np.searchsorted(areas, wanted[order], side="left")
    within = np.arange(len(order)) - np.searchsorted(wanted[order], wanted[order], side="left")
    fits = start + within < np.searchsorted(areas, wanted[order], side="right")
    taken = np.full(len(order), -1, dtype=np.int64)
    taken[fits] = by_authority[(start + within)[fits]]
    rest = by_authority[~np.isin(by_authority, taken)]
    lacking = np.flatnonzero(~fits)[: len(rest)]
    taken[lacking] = rest[: len(lacking)]
    found = np.empty(len(order), dtype=np.int64)
    found[order] = taken
    return found
