"""Builds a world of layout 2, stage by stage; each stage draws from a stream of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from overreach.model.population import Measure
from overreach.population.childindex import links, tables
from overreach.population.childindex.carers import draw_carers
from overreach.population.childindex.figures import Figures
from overreach.population.childindex.ground import Institutions, found, lay_streets, settle
from overreach.population.childindex.judgement import Judgement
from overreach.population.childindex.layout import TABLES
from overreach.population.childindex.naming import People, name_children
from overreach.population.childindex.parts import Parts
from overreach.population.childindex.setting import Setting
from overreach.population.childindex.staff import appoint
from overreach.population.childindex.standing import days, draw_standing
from overreach.population.recipe import Order, Plan, Tables
from overreach.population.sampling import Flags, Ints
from overreach.population.siblings import FamilyFigures, draw_siblings

_NAMES = 1_024  # schools or practices of one sort with different names


def planner(judgement: Judgement, data: Path) -> Callable[[Order], Plan]:
    """What a recipe needs as its `plan`: worlds of that judgement, from the figures in the folder `data`."""

    @cache
    def figures() -> Figures:
        return Figures.read(data)

    def plan(order: Order) -> Plan:
        return _World(Setting.of(judgement, figures(), order))

    return plan


@dataclass(frozen=True, slots=True)
class _World:
    setting: Setting

    @property
    def as_of(self) -> date:
        return self.setting.judgement.as_of

    @property
    def parts(self) -> int:
        return 1

    @property
    def measures(self) -> Mapping[str, Measure]:
        return {}

    def part(self, number: int) -> Tables:  # noqa: ARG002 - there is one
        return _build(self.setting)


def _build(setting: Setting) -> Tables:
    people = _people(setting)
    families = np.bincount(people.authority, minlength=len(setting.authorities))
    ground = lay_streets(setting, families.astype(np.int64))
    schools, practices = _schools(setting, people), _practices(setting, people)
    carers = draw_carers(setting, people)
    standing = people.standing
    staff = appoint(
        setting,
        shielded_in=_count(setting, people, standing.shielded & standing.live),
        archived_in=_count(setting, people, standing.archive_year == 1),
    )
    practitioners = links.Practitioners(setting.judgement, staff)
    parented = np.isin(people.siblings.family, carers.family_of) & ~standing.looked_after
    parts = Parts(
        setting=setting,
        people=people,
        ground=ground,
        schools=schools,
        practices=practices,
        carers=carers,
        staff=staff,
        practitioners=practitioners,
        services=links.provide_services(setting, people),
        involved=links.involve(setting, practitioners, people.responsible),
        ties=links.tie(setting, people, staff, parented),
    )
    made = tables.make(parts)
    return {name: made[name] for name in TABLES}


def _people(setting: Setting) -> People:
    judgement, figures = setting.judgement, setting.figures
    siblings = draw_siblings(
        setting.draws("families"),
        setting.order.children,
        FamilyFigures(figures.family_sizes, figures.ages, judgement.gaps),
        judgement.as_of,
    )
    authority = settle(setting, siblings.families)
    standing = draw_standing(setting.draws("standing"), judgement, siblings, authority)
    locale = setting.namer("families").locales(siblings.families)
    children = name_children(setting, siblings, standing, locale)
    return People(siblings, standing, children, locale, authority)


def _count(setting: Setting, people: People, which: Flags) -> Ints:
    """Children of each authority, of those that are meant."""
    return np.bincount(people.responsible[which], minlength=len(setting.authorities)).astype(np.int64)


def _schools(setting: Setting, people: People) -> Institutions:
    """Primary schools from 5, secondary from 11; those who left school keep their last."""
    judgement, pools, responsible = setting.judgement, setting.pools, people.responsible
    # By the day of birth that the record gives: a homonym has that of its namesake.
    age = ((days(judgement.as_of) - people.children.born) * 4 + 3) // 1461
    grown: Flags = (age >= 11) | ~people.standing.live  # noqa: PLR2004 - school ages are the law's
    small: Flags = (age >= 5) & ~grown  # noqa: PLR2004 - school ages are the law's
    primary = found(
        setting,
        "primary schools",
        pools.invented("invented_school", "primary", size=_NAMES),
        np.where(small, responsible, -1),
        judgement.primary_pupils_per_school,
    )
    secondary = found(
        setting,
        "secondary schools",
        pools.invented("invented_school", "secondary", size=_NAMES),
        np.where(grown, responsible, -1),
        judgement.secondary_pupils_per_school,
    )
    return primary.followed_by(secondary)


def _practices(setting: Setting, people: People) -> Institutions:
    names = setting.pools.invented("invented_practice", size=_NAMES)
    each = setting.judgement.children_per_practice
    return found(setting, "practices", names, people.responsible, each)
