"""Builds a world of layout 1, stage by stage; each stage draws from a stream of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from overreach.model.canary import Minter
from overreach.population.childindex import carers as caring
from overreach.population.childindex import ground as grounds
from overreach.population.childindex import links, tables
from overreach.population.childindex.figures import Figures
from overreach.population.childindex.judgement import Judgement
from overreach.population.childindex.layout import TABLES
from overreach.population.childindex.naming import Children, Locales, Namer, name_children
from overreach.population.childindex.staff import Staff, appoint
from overreach.population.childindex.standing import Standing, draw_standing
from overreach.population.pools import Pools
from overreach.population.recipe import Order, Progress, World
from overreach.population.sampling import Draws, Flags, Ints
from overreach.population.siblings import Siblings, draw_siblings

STAGES = ("families", "places", "carers", "users", "links", "tables")
_POOL = (64, 2_048)  # fewest and most texts of a pool


def builder(judgement: Judgement, data: Path) -> Callable[[Order, Progress], World]:
    """What a recipe needs as its `build`: worlds of that judgement, from the figures in the folder `data`."""

    @cache
    def figures() -> Figures:
        return Figures.read(data)

    def build(order: Order, progress: Progress) -> World:
        return _build(judgement, figures(), order, progress)

    return build


@dataclass(frozen=True, slots=True)
class People:
    """Families and their children."""

    siblings: Siblings
    standing: Standing
    children: Children
    locale: Ints
    """Locale row of each family's names."""
    authority: Ints
    """Responsible authority of each family."""


def _build(judgement: Judgement, figures: Figures, order: Order, progress: Progress) -> World:
    def draws(name: str) -> Draws:
        return Draws(order.seed, name)

    progress("families")
    least, most = _POOL
    pools = Pools(order.seed, figures.names, min(most, max(least, order.children // 4)))
    namer = Namer(draws("names"), pools, Locales.of(figures))
    chosen = grounds.choose_authorities(draws("authorities"), judgement, figures, order)
    weights = np.array([authority.children for authority in chosen], dtype=np.int64)
    people = _people(judgement, figures, order, namer, weights)
    authority, siblings, standing = people.authority, people.siblings, people.standing
    responsible = authority[siblings.family]

    progress("places")
    families = np.bincount(authority, minlength=len(chosen)).astype(np.int64)
    ground = grounds.lay_streets(draws("streets"), judgement, pools, chosen, families)
    schools = _schools(draws("schools"), judgement, pools, people, responsible, len(chosen))
    practices = grounds.found(
        draws("practices"),
        pools.invented("invented_practice", size=1_024),
        responsible,
        len(chosen),
        judgement.children_per_practice,
    )

    progress("carers")
    carers = caring.draw_carers(
        draws("carers"), judgement, pools, namer, Minter(order.seed), siblings, standing, people.children,
        people.locale, authority,
    )  # fmt: skip

    progress("users")
    staff = appoint(
        draws("users"),
        judgement,
        order.users,
        ground,
        np.bincount(responsible[standing.shielded & standing.live], minlength=len(chosen)),
        np.bincount(responsible[standing.archive_year == 1], minlength=len(chosen)),
    )

    progress("links")
    practitioners = links.Practitioners(judgement, staff)
    services = links.provide_services(draws("services"), judgement, pools, standing, siblings.age)
    involved = links.involve(draws("involvements"), judgement, practitioners, responsible, len(chosen))
    parented = np.isin(siblings.family, carers.family_of) & ~standing.looked_after
    ties = links.tie(draws("ties"), judgement, staff, standing, responsible, parented)

    progress("tables")
    parts = tables.Parts(
        judgement=judgement, seed=order.seed, pools=pools, namer=namer, ground=ground, schools=schools,
        practices=practices, siblings=siblings, standing=standing, children=people.children, authority=authority,
        carers=carers, staff=staff, practitioners=practitioners, services=services, involved=involved, ties=ties,
    )  # fmt: skip
    made: dict[str, pa.Table] = tables.make(parts)
    return World(as_of=judgement.as_of, tables={name: made[name] for name in TABLES})


def _people(judgement: Judgement, figures: Figures, order: Order, namer: Namer, weights: Ints) -> People:
    siblings = draw_siblings(
        Draws(order.seed, "families"),
        order.children,
        family_sizes=figures.family_sizes,
        ages=figures.ages,
        gaps=judgement.gaps,
        as_of=judgement.as_of,
    )
    authority = grounds.settle(Draws(order.seed, "settlement"), weights, siblings.families)
    locale = Draws(order.seed, "locales").spread(namer.locales.weights, siblings.families)
    standing = draw_standing(Draws(order.seed, "standing"), judgement, siblings, authority)
    children = name_children(Draws(order.seed, "children"), judgement, figures, namer, siblings, standing, locale)
    return People(siblings, standing, children, locale, authority)


def _schools(
    draws: Draws, judgement: Judgement, pools: Pools, people: People, responsible: Ints, authorities: int
) -> grounds.Institutions:
    """Primary schools from 5, secondary from 11; those who left school keep their last."""
    age = people.siblings.age
    grown: Flags = (age >= 11) | ~people.standing.live  # noqa: PLR2004 - school ages are the law's
    small: Flags = (age >= 5) & ~grown  # noqa: PLR2004 - school ages are the law's
    primary = grounds.found(
        draws,
        pools.invented("invented_school", "primary", size=1_024),
        np.where(small, responsible, -1),
        authorities,
        judgement.primary_pupils_per_school,
    )
    secondary = grounds.found(
        draws,
        pools.invented("invented_school", "secondary", size=1_024),
        np.where(grown, responsible, -1),
        authorities,
        judgement.secondary_pupils_per_school,
        first_row=len(primary.name),
    )
    return grounds.Institutions(
        authority=np.r_[primary.authority, secondary.authority],
        name=np.r_[primary.name, secondary.name],
        phone=np.r_[primary.phone, secondary.phone],
        member_of=np.maximum(primary.member_of, secondary.member_of),
    )
