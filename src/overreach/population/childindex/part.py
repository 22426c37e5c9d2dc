"""A part of an index of children: its families and all that belongs to them, drawn stage by stage.

Each stage draws from a stream of its own, so that a further draw in one leaves the others as they were.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.births import AgeFigures, Births, days, draw_births
from overreach.population.childindex.bonds import Bonds, bind
from overreach.population.childindex.carers import Carers, Caring, Eldest, draw_carers, draw_caring
from overreach.population.childindex.edges import AgeEdges, make_hostile, set_edges
from overreach.population.childindex.families import Families, draw_families
from overreach.population.childindex.households import Households, draw_households
from overreach.population.childindex.naming import (
    FormerNames,
    Homonyms,
    Names,
    draw_former_names,
    draw_names,
    find_homonyms,
    make_alike,
)
from overreach.population.childindex.part_zero import Base
from overreach.population.childindex.portion import STRIDE, Cut, Portion
from overreach.population.childindex.records import Involvements, Services, draw_services, involve
from overreach.population.childindex.setting import Setting
from overreach.population.childindex.standing import Shares, Standing, draw_standing
from overreach.population.childindex.ties import TieKind
from overreach.population.childindex.whereabouts import Movable, Moves, Whereabouts, draw_moves, draw_whereabouts
from overreach.population.sampling import Draws, Ints


@dataclass(frozen=True, slots=True)
class Frame:
    """The whole that the parts are cut from."""

    setting: Setting
    cut: Cut
    families_of: Ints
    """Families of one child, of two and so on."""
    children_in: Ints
    """Children of each authority."""

    def draws(self, part: int, stage: str) -> Draws:
        """The stream of a stage of a part."""
        return self.setting.draws(f"part {part}: {stage}")

    @property
    def families(self) -> int:
        """How many families there are."""
        return int(self.families_of.sum())

    def portion(self, part: int) -> Portion:
        """What a part has of the quotas."""
        return Portion(self.cut, part, self.setting.order.children, self.families)

    def before(self, part: int) -> int:
        """Children of the parts before it: the row number of its first."""
        return self.cut.before(self.children_in, part)

    def sizes(self) -> Ints:
        """Children of part 1, of part 2 and so on."""
        starts = [self.before(part) for part in range(1, self.cut.parts + 1)]
        return np.diff([*starts, self.setting.order.children]).astype(np.int64)

    def draw_families(self, part: int) -> tuple[Families, Standing]:
        """Families of a part and the standing of their records, which nothing else has a part in."""
        children_in = self.cut.portions(self.children_in, part)
        counts = self.cut.portions(self.families_of, part)
        # Rounding by size and by authority differ by a few children: families of one make it even.
        counts[0] += int(children_in.sum()) - int((counts * np.arange(1, len(counts) + 1)).sum())
        families = draw_families(self.draws(part, "families"), counts, children_in)
        shares = Shares.of(self.setting.judgement, self.portion(part))
        return families, draw_standing(self.draws(part, "standing"), shares, families)


@dataclass(frozen=True, slots=True)
class Part:
    """Everything drawn for one part, before it becomes tables; rows count from 0 within the part."""

    base: Base
    frame: Frame
    number: int
    families: Families
    standing: Standing
    births: Births
    names: Names
    former: FormerNames
    households: Households
    carers: Carers
    caring: Caring
    bonds: Bonds
    homonyms: Homonyms
    moves: Moves
    whereabouts: Whereabouts
    services: Services
    involved: Involvements
    edges: AgeEdges
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

    families, standing = frame.draw_families(number)
    figures = AgeFigures(frame.setting.figures.ages, frame.setting.figures.boys, judgement.gaps)
    births = draw_births(draws("births"), families, standing.grown, figures, judgement.as_of)
    households = draw_households(draws("households"), judgement, portion, families, standing)
    bonds = bind(draws("bonds"), base.ties.of_part(number), families, standing, households)
    eldest = families.eldest
    # What is arranged for one family is not arranged for another: a case shows one thing.
    free = ~families.having_child(bonds.child)[families.family]
    plain = free & families.only & ~standing.shielded
    births, edges = set_edges(draws("edges"), births, standing.archive_year, plain, judgement.as_of)
    free &= ~families.having_child(edges.child)[families.family]
    names = named_after_threats(draw_names(draws("names"), judgement, lexicon, families, births), bonds, families)
    wanted = portion.of_children(judgement.homonyms)
    homonyms = find_homonyms(draws("homonyms"), wanted, families, standing, free)
    names, births = make_alike(homonyms, names, births)
    free &= ~families.having_child(np.r_[homonyms.shielded, homonyms.open])[families.family]
    chosen = draws("hostile").some(free[eldest], portion.of_families(judgement.hostile_names))
    names = make_hostile(names, families, chosen, base.wordlists, any_script=judgement.hostile_any_script)
    first = Eldest(births.born[eldest], names.locale, names.family[eldest])
    carers = draw_carers(draws("carers"), judgement, lexicon, households, first)
    movable = Movable(first.born, families.having(standing.shielded), free[eldest] & (standing.grown[eldest] == 0))
    moves = draw_moves(draws("moves"), judgement, portion, families, movable)
    today, responsible = days(judgement.as_of), families.responsible
    hidden = standing.shielded & (standing.grown == 0)
    return Part(
        base=base,
        frame=frame,
        number=number,
        families=families,
        standing=standing,
        births=births,
        names=names,
        former=draw_former_names(draws("former names"), lexicon, names, families, births, standing.renamed),
        households=households,
        carers=named_after_users(carers, bonds, families),
        caring=draw_caring(families, households, carers),
        bonds=bonds,
        homonyms=homonyms,
        moves=moves,
        whereabouts=draw_whereabouts(draws("whereabouts"), families, moves, first.born, today),
        services=draw_services(draws("services"), judgement, portion, standing, births),
        involved=involve(
            draws("involvements"), judgement, base.practitioners, responsible, len(frame.setting.authorities)
        ),
        edges=edges,
        fed=draws("deliveries").some(hidden, portion.of_children(judgement.delivered_variants)),
    )


def named_after_threats(names: Names, bonds: Bonds, families: Families) -> Names:
    """The family of a child that is shielded from a user has the user's family name."""
    family = names.family.copy()
    for row in bonds.of(TieKind.THREAT, TieKind.THREAT_WITH_OVERRIDE).tolist():
        family[families.family == families.family[bonds.child[row]]] = bonds.ties.family[row]
    return names.with_family(family)


def named_after_users(carers: Carers, bonds: Bonds, families: Families) -> Carers:
    """A user who is a carer has, as one, the same name."""
    given, family = carers.given.copy(), carers.family.copy()
    for row in np.flatnonzero(bonds.relation >= 0).tolist():
        same = families.family[bonds.child[row]] == carers.family_of
        place = np.flatnonzero(same & (carers.relation == bonds.relation[row]))[0]
        given[place], family[place] = bonds.ties.given[row], bonds.ties.family[row]
    return carers.with_names(given, family)
