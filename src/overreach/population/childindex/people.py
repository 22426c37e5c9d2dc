"""The people of a part: its families and children, their households and names, and whom users are tied to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.births import AgeFigures, Births, draw_births
from overreach.population.childindex.bonds import NOBODY, Bonds, Places, bind
from overreach.population.childindex.edges import AgeEdges, make_hostile, set_edges
from overreach.population.childindex.families import Families
from overreach.population.childindex.frame import Frame
from overreach.population.childindex.households import Households, draw_households
from overreach.population.childindex.naming import Homonyms, Names, draw_names, find_homonyms, make_alike
from overreach.population.childindex.part_zero import Base
from overreach.population.childindex.standing import Standing
from overreach.population.childindex.ties import TieKind
from overreach.population.childindex.whereabouts import Movable, Moves, draw_moves
from overreach.population.sampling import Draws, Flags


@dataclass(frozen=True, slots=True)
class People:
    """Families and children of a part; rows count from 0 within the part."""

    families: Families
    standing: Standing
    births: Births
    names: Names
    households: Households
    moves: Moves
    bonds: Bonds
    homonyms: Homonyms
    edges: AgeEdges


def draw_people(base: Base, frame: Frame, number: int) -> People:
    """The people of the part of that number, from 1."""
    judgement, portion = frame.setting.judgement, frame.portion(number)

    def draws(stage: str) -> Draws:
        return frame.draws(number, stage)

    families, standing = frame.draw_families(number)
    figures = AgeFigures(frame.setting.figures.ages, frame.setting.figures.boys, judgement.gaps)
    births = draw_births(draws("births"), families, standing, figures, judgement.as_of)
    households = draw_households(draws("households"), judgement, portion, families, standing, births.born)
    eldest = families.eldest
    # What is arranged for one family is not arranged for another: a case shows one thing.
    plain = (_movable_birthday(families, births) | (standing.grown > 0)) & ~standing.shielded
    births, edges = set_edges(draws("edges"), births, standing.archive_year, plain, judgement.as_of)
    free = ~families.having_child(edges.child)
    young = ((standing.grown == 0) & ~standing.looked_after)[eldest]
    movable = Movable(births.born[eldest], families.having(standing.shielded), free, young)
    moves = draw_moves(draws("moves"), judgement, portion, families, movable)
    bonds = bind(
        draws("bonds"), base.ties.of_part(number), families, standing, Places(households, free & moves.settled)
    )
    free &= moves.settled & ~families.having_child(bonds.child)
    names = draw_names(draws("names"), judgement, base.lexicon, families, births)
    names = _named_after_users(names, bonds, families)
    wanted = portion.of_children(judgement.homonyms)
    homonyms = find_homonyms(draws("homonyms"), wanted, families, standing, free[families.family])
    names, births = make_alike(homonyms, names, births)
    free &= ~families.having_child(np.r_[homonyms.shielded, homonyms.open])
    chosen = draws("hostile").some(free, portion.of_families(judgement.hostile_names))
    names = make_hostile(names, families, chosen, base.wordlists, any_script=judgement.hostile_any_script)
    return People(families, standing, births, names, households, moves, bonds, homonyms, edges)


def _movable_birthday(families: Families, births: Births) -> Flags:
    """Children whose date of birth may change by a year without coming near that of a sibling."""
    age = births.age
    after = np.r_[age[1:], 0]
    before = np.r_[0, age[:-1]]
    eldest = (families.place == 0) & (after <= age - 2)
    newborn = (families.place == families.sizes[families.family] - 1) & (age == 0) & (before > 0)
    able: Flags = families.only | eldest | newborn
    return able


def _named_after_users(names: Names, bonds: Bonds, families: Families) -> Names:
    """A parent, and whoever a child is shielded from, has the family name of the child's family."""
    family = names.family.copy()
    parents = np.flatnonzero(bonds.relation != NOBODY)
    for row in [*parents.tolist(), *bonds.of(TieKind.THREAT, TieKind.THREAT_WITH_OVERRIDE).tolist()]:
        family[families.family == families.family[bonds.child[row]]] = bonds.ties.family[row]
    return names.with_family(family)
