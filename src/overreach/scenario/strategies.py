"""Hypothesis strategies over the people of any stage.

They choose a cell first and then a member of it, so that a cell with one member comes up as often as one with
thousands, and they shrink to the lowest row of the first cell: the plainest witness.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from numpy.typing import NDArray

from overreach.model.decision import Claims
from overreach.model.terms import Action, Facet
from overreach.policy.columns import RELATIONS
from overreach.policy.grid import Grid
from overreach.population.store import Population
from overreach.scenario.expect import Unproven
from overreach.scenario.people import (
    Peopled,
    Rows,
    children_having,
    children_with,
    cohort_members,
    may_sign_in,
    roles,
)

REASONS = ("welfare", "child_protection", "section_47")

#: Name of a relation -> which of the pairs (in area, involved) it means, in the order of `RELATIONS`.
_RELATED = {
    "in_area": np.array([in_area for in_area, _ in RELATIONS]),
    "involved": np.array([involved for _, involved in RELATIONS]),
    "near": np.array([in_area or involved for in_area, involved in RELATIONS]),
    "far": np.array([not (in_area or involved) for in_area, involved in RELATIONS]),
}


def users(  # noqa: PLR0913 - all optional, all by name
    stage: Peopled,
    *,
    role: str | Collection[str] | None = None,
    but: Collection[str] = (),
    may: Action | None = None,
    may_not: Action | None = None,
    allowed: bool | None = True,
    cohort: str | None = None,
) -> st.SearchStrategy[int]:
    """Users, by row number, every role as likely as any other.

    `role` names one or several, `but` leaves some out; `may` and `may_not` are actions that the role has or lacks where
    no child is concerned; `allowed` says whether the policy lets them sign in (None: either).
    """
    wanted = frozenset({role} if isinstance(role, str) else role) if role is not None else None
    rows, posts = _users(stage.grid, stage.population, wanted, frozenset(but), may, may_not, allowed, cohort)
    return _members(rows, posts, "user")


def children(
    stage: Peopled,
    *,
    having: Collection[str] = (),
    cohort: str | None = None,
    **facts: Any,  # noqa: ANN401 - as the facts are
) -> st.SearchStrategy[int]:
    """Children, by row number, every child class as likely as any other.

    `facts` are named as in Cedar (`shielded=True, archive_year=0`); `having` names fields that must have a value.
    """
    rows = _candidates(stage, having, cohort, facts)
    return _members(rows, stage.grid.child_class[rows].astype(np.int64), "child")


@st.composite
def pairs(  # noqa: PLR0913 - all optional, all by name
    draw: st.DrawFn,
    /,
    stage: Peopled,
    *,
    user: st.SearchStrategy[int] | None = None,
    relation: str | None = None,
    denied: Facet | None = None,
    given: Facet | None = None,
    claims: Claims | None = None,
    having: Collection[str] = (),
    cohort: str | None = None,
    **facts: Any,  # noqa: ANN401 - as the facts are
) -> tuple[int, int]:
    """A user and a child, every child class and relation as likely as any other.

    `relation` is `in_area`, `involved`, `near` or `far`; at `claims` the facet `denied` must not be readable and the
    facet `given` must be. The rest is as for `children`.
    """
    asker = draw(user if user is not None else users(stage))
    rows = _candidates(stage, having, cohort, facts)
    asking = np.array(asker)
    numbers = stage.grid.relations.numbers(asking, rows)
    fits = np.ones(len(rows), dtype=np.bool_) if relation is None else _RELATED[relation][numbers]
    if denied is not None or given is not None:
        masks = stage.grid.facets_many(asking, rows, claims or Claims())
        wrong = 0 if denied is None else masks & denied.bit
        right = 1 if given is None else masks & given.bit
        fits = fits & (wrong == 0) & (right != 0)
    assume(bool(fits.any()))
    rows, numbers = rows[fits], numbers[fits]
    return asker, draw(_members(rows, stage.grid.child_class[rows] * len(RELATIONS) + numbers, "child"))


def reasons() -> st.SearchStrategy[str]:
    """Coded reasons that a practitioner may state."""
    return st.sampled_from(REASONS)


def _candidates(stage: Peopled, having: Collection[str], cohort: str | None, facts: dict[str, Any]) -> Rows:
    rows = children_with(stage.population, facts)
    for field in having:
        rows = np.intersect1d(rows, children_having(stage.population, field))
    return rows if cohort is None else np.intersect1d(rows, cohort_members(stage.population, cohort, "child"))


@lru_cache(maxsize=256)
def _users(  # noqa: PLR0913, PLR0917 - the key of the cache
    grid: Grid,
    population: Population,
    wanted: frozenset[str] | None,
    but: frozenset[str],
    may: Action | None,
    may_not: Action | None,
    allowed: bool | None,  # noqa: FBT001
    cohort: str | None,
) -> tuple[Rows, NDArray[np.int64]]:
    """The users asked for, and a number for the role of each."""
    posts, signs_in = roles(population), may_sign_in(grid)

    def fits(user: int) -> bool:
        return (
            (wanted is None or posts[user] in wanted)
            and posts[user] not in but
            and (allowed is None or bool(signs_in[user]) is allowed)
            and (may is None or grid.allows(user, None, may, Claims()))
            and (may_not is None or not grid.allows(user, None, may_not, Claims()))
        )

    rows = range(len(posts)) if cohort is None else cohort_members(population, cohort, "user").tolist()
    chosen = [user for user in rows if fits(user)]
    numbers = {post: number for number, post in enumerate(dict.fromkeys(posts))}
    return np.array(chosen, dtype=np.int64), np.array([numbers[posts[user]] for user in chosen], dtype=np.int64)


def _members(rows: Rows, cells: NDArray[np.int64], what: str) -> st.SearchStrategy[int]:
    """Members in ascending order with the cell of each: the first cell is that of the lowest member."""
    if not len(rows):
        message = f"this population has no {what} of the kind asked for"
        raise Unproven(message)
    _, first, inverse = np.unique(cells, return_index=True, return_inverse=True)
    groups = [rows[inverse == cell] for cell in np.argsort(first)]
    return _member(groups)


@st.composite
def _member(draw: st.DrawFn, groups: list[Rows]) -> int:
    group = groups[draw(st.integers(0, len(groups) - 1))]
    return int(group[draw(st.integers(0, len(group) - 1))])
