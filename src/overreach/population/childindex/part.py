"""A part of an index of children: its people and all that belongs to them, drawn stage by stage.

Each stage draws from a stream of its own, so that a further draw in one leaves the others as they were.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.births import days, last_days
from overreach.population.childindex.bonds import Bonds
from overreach.population.childindex.carers import Carers, Caring, Eldest, draw_carers, draw_caring
from overreach.population.childindex.families import Families
from overreach.population.childindex.frame import Frame
from overreach.population.childindex.naming import FormerNames, draw_former_names
from overreach.population.childindex.part_zero import Base
from overreach.population.childindex.people import People, draw_people
from overreach.population.childindex.portion import STRIDE
from overreach.population.childindex.records import (
    Holders,
    Involvements,
    Lives,
    Services,
    draw_services,
    hold,
    involve,
    pair,
)
from overreach.population.childindex.ties import TieKind
from overreach.population.childindex.whereabouts import Whereabouts, draw_whereabouts
from overreach.population.sampling import Draws, Ints


@dataclass(frozen=True, slots=True)
class Part:
    """Everything drawn for one part, before it becomes tables; rows count from 0 within the part."""

    base: Base
    frame: Frame
    number: int
    people: People
    former: FormerNames
    carers: Carers
    caring: Caring
    whereabouts: Whereabouts
    lives: Lives
    services: Services
    holders: Holders
    involved: Involvements
    fed: Ints
    """Shielded children whose names a supplier will spell another way."""

    def draws(self, stage: str) -> Draws:
        """The stream of a stage."""
        return self.frame.draws(self.number, stage)

    @property
    def first_child(self) -> int:
        """Row number of the part's first child in the whole."""
        return self.frame.before(self.number)

    @property
    def first_row(self) -> int:
        """Row number of the part's first family, address and carer in the whole."""
        return self.number * STRIDE


def draw_part(base: Base, frame: Frame, number: int) -> Part:
    """The part of that number, from 1."""
    judgement, portion, lexicon = frame.setting.judgement, frame.portion(number), base.lexicon

    def draws(stage: str) -> Draws:
        return frame.draws(number, stage)

    people = draw_people(base, frame, number)
    families, standing, names, births = people.families, people.standing, people.names, people.births
    eldest, young = families.eldest, standing.grown == 0
    first = Eldest(births.born[eldest], names.locale, names.family[eldest])
    carers = draw_carers(draws("carers"), judgement, lexicon, people.households, first)
    today = days(judgement.as_of)
    threats = people.bonds.of(TieKind.THREAT, TieKind.THREAT_WITH_OVERRIDE)
    lives = Lives(
        responsible=families.responsible,
        age=births.age,
        born=births.born,
        last_day=last_days(births.born, ~standing.live, today),
        shielded=standing.shielded,
        live=standing.live,
        barred=pair(people.bonds.child[threats], people.bonds.ties.user[threats]),
    )
    holders = hold(draws("indicators"), judgement, portion, base.holders, lives)
    return Part(
        base=base,
        frame=frame,
        number=number,
        people=people,
        former=draw_former_names(draws("former names"), lexicon, names, families, births, standing.renamed),
        carers=_named_after_users(carers, people.bonds, families),
        caring=draw_caring(families, people.households, carers),
        whereabouts=draw_whereabouts(draws("whereabouts"), families, people.moves, first.born, today),
        lives=lives,
        services=draw_services(draws("services"), judgement, portion, lives),
        holders=holders,
        involved=involve(draws("involvements"), judgement, base.practitioners, holders, lives),
        fed=draws("deliveries").some(standing.shielded & young, portion.of_children(judgement.delivered_variants)),
    )


def _named_after_users(carers: Carers, bonds: Bonds, families: Families) -> Carers:
    """A user who is a carer has, as one, the same name."""
    given, family = carers.given.copy(), carers.family.copy()
    for row in np.flatnonzero(bonds.relation >= 0).tolist():
        same = families.family[bonds.child[row]] == carers.family_of
        place = np.flatnonzero(same & (carers.relation == bonds.relation[row]))[0]
        given[place], family[place] = bonds.ties.given[row], bonds.ties.family[row]
    return carers.with_names(given, family)
