"""Hypothesis strategies over the people of any population, for scenarios and for anybody's own tests.

They choose a cell of the policy first, then whether a plain member of it, one at an edge or one of a cohort, then who:
a cell with one member comes up as often as one with thousands. They shrink to the plainest member: of the cell closest
to the commonest, in no cohort, at no edge, with the fewest unusual facts, of the lowest row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.model.errors import UnknownNameError
from overreach.model.terms import Action, Facet
from overreach.policy.columns import RELATIONS
from overreach.population.asking import ChildAsk, UserAsk, check, groups_of, known
from overreach.population.drawing import one
from overreach.population.pairing import Cell, Pairing, pairing
from overreach.population.people import NoSuchMemberError, People, Peopled
from overreach.population.sides import LEVELS, Bools, cohort_rows

#: Name of a relation -> which of the pairs (in area, involved) it means, in the order of `RELATIONS`.
RELATED = {
    "in_area": np.array([in_area for in_area, _ in RELATIONS]),
    "involved": np.array([involved for _, involved in RELATIONS]),
    "near": np.array([in_area or involved for in_area, involved in RELATIONS]),
    "far": np.array([not (in_area or involved) for in_area, involved in RELATIONS]),
    "in_area_only": np.array([in_area and not involved for in_area, involved in RELATIONS]),
    "involved_only": np.array([involved and not in_area for in_area, involved in RELATIONS]),
}


def users(  # noqa: PLR0913 - all optional, all by name
    where: Peopled,
    *,
    role: str | Collection[str] | None = None,
    but: str | Collection[str] = (),
    sector: str | None = None,
    may: Action | None = None,
    may_not: Action | None = None,
    allowed: bool | None = True,
    cohort: str | None = None,
    edge: str | None = None,
) -> st.SearchStrategy[int]:
    """Users, by row number, every user class as likely as any other.

    `role` names one or several, `but` leaves some out; `may` and `may_not` are actions that the user has or lacks where
    no child is concerned; `allowed` says whether the policy lets them sign in (None: either); `edge` is one of `Edge`,
    `any` or `none`. UnknownNameError or PopulationError for a name that this population does not have;
    drawing raises NoSuchMemberError where it has nobody of the kind.
    """
    wanted = _names(role) if role is not None else None
    ask = UserAsk(wanted, _names(but), sector, known(Action, may), known(Action, may_not), allowed, cohort, edge)
    check(where.people, ask)
    return _member(where.people, ask)


def _names(names: str | Collection[str]) -> frozenset[str]:
    return frozenset({names} if isinstance(names, str) else names)


def children(
    where: Peopled,
    *,
    having: Collection[str] = (),
    cohort: str | None = None,
    edge: str | None = None,
    **facts: Any,  # noqa: ANN401 - as the facts are
) -> st.SearchStrategy[int]:
    """Children, by row number, every child class as likely as any other.

    `facts` are named as in Cedar (`shielded=True, archive_year=0`); `having` names fields that must have a value;
    `edge` and the errors are as for `users`.
    """
    ask = _child_ask(having, cohort, edge, facts)
    check(where.people, ask)
    return _member(where.people, ask)


def pairs(  # noqa: PLR0913 - all optional, all by name
    where: Peopled,
    *,
    user: st.SearchStrategy[int] | None = None,
    relation: str | None = None,
    cell: int | None = None,
    denied: Facet | None = None,
    given: Facet | None = None,
    claims: Claims | None = None,
    having: Collection[str] = (),
    cohort: str | None = None,
    edge: str | None = None,
    **facts: Any,  # noqa: ANN401 - as the facts are
) -> st.SearchStrategy[tuple[int, int]]:
    """A user and a child, every cell as likely as any other; with `user`, every cell of whoever was drawn.

    `relation` is one of `RELATED`, `cell` the key of one cell (`People.cell`); at `claims` the facet `denied` must not
    be readable and the facet `given` must be. A cohort that names pairs means these, any other its children. Without
    `user` it is somebody who may sign in, unless a cell is named. The rest is as for `children`.
    """
    people = where.people
    if relation is not None and relation not in RELATED:
        raise UnknownNameError("relation", relation, list(RELATED))
    named = cohort_rows(people.population, cohort)
    together = cohort if cohort is not None and bool(((named["user"] >= 0) & (named["child"] >= 0)).any()) else None
    asking = UserAsk(allowed=True if user is None and cell is None else None)
    ask = _child_ask(having, cohort if together is None else None, edge, facts)
    check(people, ask)
    fits = _Fits(relation, cell, known(Facet, denied), known(Facet, given), claims or Claims())
    found = _found(people, asking, ask, together, fits)
    return _pair(found) if user is None else _pair_of(user, found)


def reasons(where: Peopled) -> st.SearchStrategy[str]:
    """Coded reasons that users state (`People.reasons`)."""
    return st.sampled_from(where.people.reasons)


@dataclass(frozen=True, slots=True)
class _Fits:
    """Which cells a strategy is asked for."""

    relation: str | None
    cell: int | None
    denied: Facet | None
    given: Facet | None
    claims: Claims

    def cells(self, people: People) -> Bools:
        """(user class, child class, relation) -> whether it is asked for."""
        shape = (people.users.class_count, people.children.class_count, len(RELATIONS))
        found = np.broadcast_to(True if self.relation is None else RELATED[self.relation], shape).copy()
        if self.cell is not None:
            keys = np.arange(found.size).reshape(shape[1], shape[0], shape[2]).swapaxes(0, 1)
            found &= keys == self.cell
        if self.denied is not None or self.given is not None:
            masks = people.grid.masks(self.claims)[:, : shape[1]]  # later classes are of facts that changed
            found &= True if self.denied is None else (masks & self.denied.bit) == 0
            found &= True if self.given is None else (masks & self.given.bit) != 0
        return found

    def words(self) -> str:
        """What is asked for, in words."""
        said = "" if self.relation is None else f", related as `{self.relation}`"
        said += "" if self.cell is None else f", in cell {self.cell}"
        said += "" if self.denied is None else f", denied `{self.denied}`"
        return said + ("" if self.given is None else f", given `{self.given}`")


class _Found:
    """The cells that fit, worked out when the first pair is drawn."""

    def __init__(self, pairing: Callable[[], Pairing], fits: _Fits, words: str) -> None:
        self._pairing = pairing
        self._fits = fits
        self._words = words

    @cached_property
    def pairing(self) -> Pairing:
        """Users and children."""
        return self._pairing()

    @cached_property
    def fits(self) -> Bools:
        """(user class, child class, relation) -> whether it is asked for."""
        return self._fits.cells(self.pairing.people)

    @cached_property
    def cells(self) -> list[Cell]:
        """The cells that fit; NoSuchMemberError where there are none."""
        found = self.pairing.cells(self.fits)
        if not found:
            raise NoSuchMemberError(self._words)
        return found

    def cells_of(self, user: int) -> list[Cell]:
        """Those of one user; may be none."""
        return self.pairing.cells_of(user, self.fits) if self.cells else []


@lru_cache(maxsize=64)  # tests describe what they want in every example
def _found(people: People, users: UserAsk, children: ChildAsk, cohort: str | None, fits: _Fits) -> _Found:
    words = f"pair of a {users.words()} and a {children.words()}{fits.words()}"
    return _Found(lambda: pairing(people, users, children, cohort), fits, words)


@st.composite
def _pair(draw: st.DrawFn, found: _Found) -> tuple[int, int]:
    """A pair of any cell that fits."""
    within, cell = found.pairing, one(draw, found.cells)
    arranged = within.arranged_in(cell)
    levels = one(draw, [*within.levels(cell), *([None] if arranged else [])])
    askers = sorted({user for user, _ in arranged}) if levels is None else within.users_meeting(cell, levels)
    user = int(one(draw, askers))
    if levels is None:
        return user, _child_named(draw, within, cell, user)
    return user, one(draw, within.children_met(user, cell, levels[1]))


@st.composite
def _pair_of(draw: st.DrawFn, user: st.SearchStrategy[int], found: _Found) -> tuple[int, int]:
    """A user of that strategy, and a child of any cell of this user that fits."""
    within, asker = found.pairing, draw(user.filter(found.cells_of))
    cell = one(draw, found.cells_of(asker))
    level = one(draw, [*within.child_levels(asker, cell), *([None] if within.arranged_in(cell, asker) else [])])
    if level is None:
        return asker, _child_named(draw, within, cell, asker)
    return asker, one(draw, within.children_met(asker, cell, level))


def _child_named(draw: st.DrawFn, within: Pairing, cell: Cell, user: int) -> int:
    """A child whom a cohort names together with the user."""
    named = [child for _, child in within.arranged_in(cell, user)]
    return one(draw, named)


@st.composite
def _member(draw: st.DrawFn, people: People, ask: UserAsk | ChildAsk) -> int:
    """A row of any class, of any level, the plainest first."""
    groups = groups_of(people, ask)
    if not len(groups.rows):
        raise NoSuchMemberError(ask.words())
    number = int(one(draw, groups.classes()))
    level = int(one(draw, groups.levels(number)))
    return one(draw, groups.members(number * LEVELS + level))


def _child_ask(
    having: Collection[str], cohort: str | None, edge: str | None, facts: Mapping[str, Hashable]
) -> ChildAsk:
    return ChildAsk(tuple(having), cohort, edge, tuple(sorted(facts.items())))
