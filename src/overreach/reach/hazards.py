"""Hazards: permitted by the policy and harmful, because what may be read tells what is hidden."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from overreach.model.finding import Hazard
from overreach.model.terms import LOCATING, Facet, facets_of, mask_of
from overreach.policy.facts import People
from overreach.policy.grid import Grid
from overreach.policy.oracle import ROLE
from overreach.reach.outcomes import Ints
from overreach.reach.telling import Gain, Telling


def hazards(grid: Grid, population: People, facets: Iterable[Facet] = LOCATING) -> tuple[Hazard, ...]:
    """The hazards that the population's shape names, with exact numbers of children and users.

    The shape gives pairs (child, other). A hazard stands where some user may, with one and the same set of
    claims, read a facet of `other` but not of `child`. Where the shape also names the facet that tells, it stands
    where some user may read that one of `other`, and of `child` none of `facets`. One without a single child is
    left out.
    """
    hidden = mask_of(frozenset(facets))
    found = []
    for key, (title, rule, sql) in population.shape.hazards.items():
        pairs = population.query(sql)
        child, other = (pairs[name].to_numpy().astype(np.int64) for name in ("child", "other"))
        telling = pairs["facet"].unique().to_pylist() if "facet" in pairs.column_names else []
        gain = Gain(mask_of({Facet(str(name)) for name in telling}), hidden) if telling else Gain(hidden)
        told = Telling(grid, child, other, gain)
        users, by_pair = told.counts([context.claims for context in grid.rungs])
        concerned = np.unique(child[by_pair > 0])
        if len(concerned):
            counts = (len(concerned), int((users > 0).sum()))
            found.append(Hazard(key, title, rule, *counts, example=_example(grid, told, child, other)))
    return tuple(found)


def _example(grid: Grid, told: Telling, child: Ints, other: Ints) -> str:
    """The first case in words: of the first claims that tell anything the first user."""
    for context in grid.rungs:
        first = told.first(context.claims)
        if first is not None:
            user, pair = first
            role = str(grid.users.as_mapping(int(grid.users.of[user]))[ROLE]).replace("_", " ")
            read = " and ".join(facets_of(told.gained(user, pair, context.claims))).replace("_", " ")
            shown = f"at `{context.rung}` a {role} may read the {read} of synthetic child {other[pair]}"
            if told.gain.hidden is None:
                return f"{shown}, but not of synthetic child {child[pair]}"
            return f"{shown}, but not the {' or '.join(facets_of(told.gain.hidden))} of synthetic child {child[pair]}"
    message = "no claims tell what some claims do"
    raise ValueError(message)
