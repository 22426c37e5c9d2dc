"""Which child of a part each tied user meets: the abuser, the parent, the neighbour, who holds an account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.families import Families
from overreach.population.childindex.grouping import ranks
from overreach.population.childindex.households import Households, Relation
from overreach.population.childindex.standing import Standing
from overreach.population.childindex.ties import KINDS, TieKind, Ties
from overreach.population.sampling import Draws, Flags, Ints

NOBODY = -1
_THREATS = frozenset({TieKind.THREAT, TieKind.THREAT_WITH_OVERRIDE})
_COMPANIONS = frozenset({TieKind.COLLEAGUE, TieKind.ACCOMPLICE})
"""Who goes along with another tie of the same number."""


@dataclass(frozen=True, slots=True)
class Bonds:
    """The ties of a part, one row each, and whom they lead to."""

    ties: Ties
    child: Ints
    """`NOBODY` where the part has no child of the kind."""
    relation: Ints
    """What the user is to the child, for those who are named on its record; `NOBODY` for the others."""

    def of(self, *kinds: TieKind) -> Ints:
        """Rows of those kinds that found a child."""
        wanted = [KINDS.index(kind) for kind in kinds]
        return np.flatnonzero(np.isin(self.ties.kind, wanted) & (self.child != NOBODY))


@dataclass(frozen=True, slots=True)
class Places:
    """What decides whether a user can be somebody in a family."""

    households: Households
    settled: Flags
    """Families whose address is the current one, in the authority that is responsible."""


def bind(draws: Draws, ties: Ties, families: Families, standing: Standing, places: Places) -> Bonds:
    """A child for each tie, of the user's authority where there is one; those of one number share theirs.

    Abusers meet shielded children only, neighbours if they can, parents as many shielded as open ones. No family has
    two abusers, nor two ties of the other kinds. An abuser who is the father is entered in the `households`.
    """
    young = (standing.grown == 0) & ~standing.looked_after
    pools = _Pools(draws, families, young & standing.shielded, young & ~standing.shielded, places.settled)
    child = np.full(len(ties.kind), NOBODY, dtype=np.int64)
    relation = np.full(len(ties.kind), NOBODY, dtype=np.int64)
    threats = np.flatnonzero((ties.kind == KINDS.index(TieKind.THREAT)) & ties.male)
    # The first of each kind come first: where children are few, no kind goes without.
    for row in np.lexsort((ties.kind, ranks(ties.kind))).tolist():
        kind = KINDS[ties.kind[row]]
        if kind in _COMPANIONS:
            continue
        role, fits = _fitting(kind, bool(ties.male[row]), places.households)
        if kind is TieKind.THREAT and ties.male[row] and (row == threats[0] or ties.number[row] % 2 == 0):
            # The child is shielded from its own father, whom the record names: he has a say in it (rule R10).
            role, fits = Relation.ABSENT_FATHER, places.households.has[:, Relation.MOTHER]
        hidden = kind in _THREATS or kind is TieKind.NEIGHBOUR or (kind is TieKind.CARER and row % 2 == 0)
        near = kind is TieKind.NEIGHBOUR
        area = int(ties.authority[row])
        parent = kind in _THREATS and role != NOBODY
        child[row] = pools.take(
            threat=kind in _THREATS, parent=parent, hidden=hidden, area=area, near_only=near, fits=fits
        )
        relation[row] = role if child[row] != NOBODY else NOBODY
        if parent and child[row] != NOBODY:
            _live_apart(places.households, int(families.family[child[row]]))
    led = np.isin(ties.kind, [KINDS.index(kind) for kind in _COMPANIONS])
    leader = np.full(int(ties.number.max(initial=-1)) + 1, -1, dtype=np.int64)
    leader[ties.number[~led]] = np.flatnonzero(~led)
    child[led] = child[leader[ties.number[led]]]
    return Bonds(ties, child, relation)


def _fitting(kind: TieKind, male: bool, households: Households) -> tuple[int, Flags]:  # noqa: FBT001 - a person's
    """What such a user is on the child's record, or `NOBODY`, and the families where that can be."""
    has = households.has
    if kind is TieKind.CARER:
        role = Relation.FATHER if male else Relation.MOTHER
        return role, has[:, role]
    if kind is TieKind.EX_PARTNER:
        # Where a step-father is there, he is the father of the eldest only.
        return Relation.ABSENT_FATHER, has[:, Relation.ABSENT_FATHER] & ~has[:, Relation.STEP_FATHER]
    return NOBODY, np.ones(len(has), dtype=np.bool_)


def _live_apart(households: Households, family: int) -> None:
    """Let the father of a family live elsewhere, and nobody in his place."""
    households.has[family, [Relation.FATHER, Relation.STEP_FATHER]] = False
    households.has[family, Relation.ABSENT_FATHER] = True


class _Pools:
    """Children to choose from."""

    def __init__(self, draws: Draws, families: Families, hidden: Flags, shown: Flags, settled: Flags) -> None:
        self._families = families
        self._hidden = draws.shuffled(np.flatnonzero(hidden))
        # A sibling of a shielded child is nobody's plain example.
        self._shown = draws.shuffled(np.flatnonzero(shown & ~families.having(hidden)[families.family]))
        # An abuser's tie is one of name, the others are ties of place, too.
        self._free = {True: np.ones(families.count, dtype=np.bool_), False: settled.copy()}

    def take(  # noqa: PLR0913 - all by name
        self, *, threat: bool, parent: bool, hidden: bool, area: int, near_only: bool, fits: Flags
    ) -> int:
        """A child whose family fits, in that authority if it can be or must; `NOBODY` where none is left.

        A family whose `parent` is the abuser has no other tie.
        """
        free = self._free[threat]
        fits = fits & self._free[False] if parent else fits
        pools = [self._hidden] if threat else [self._hidden, self._shown]
        for pool in pools if hidden else reversed(pools):
            family = self._families.family[pool]
            able = pool[fits[family] & free[family]]
            near = able[self._families.responsible[able] == area]
            able = near if near_only or len(near) else able
            if len(able):
                child = int(able[0])
                free[self._families.family[child]] = False
                if parent:
                    self._free[False][self._families.family[child]] = False
                return child
        return NOBODY
