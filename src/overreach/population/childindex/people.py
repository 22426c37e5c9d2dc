"""The people of a part: its families and children, their households and names, and whom users are tied to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.births import AgeFigures, Births, draw_births
from overreach.population.childindex.bonds import Bonds, Places, bind
from overreach.population.childindex.edges import AgeEdges, make_hostile, set_edges
from overreach.population.childindex.families import Families
from overreach.population.childindex.frame import Frame
from overreach.population.childindex.households import Households, draw_households
from overreach.population.childindex.naming import Homonyms, Names, draw_names, find_homonyms, make_alike
from overreach.population.childindex.part_zero import Base
from overreach.population.childindex.standing import Standing
from overreach.population.childindex.ties import TieKind
from overreach.population.childindex.whereabouts import Movable, Moves, draw_moves
from overreach.population.sampling import Draws


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
    households = draw_households(draws("households"), judgement, portion, families, standing)
    eldest = families.eldest
    # What is arranged for one family is not arranged for another: a case shows one thing.
    plain = (families.only | (standing.grown > 0)) & ~standing.shielded
    births, edges = set_edges(draws("edges"), births, standing.archive_year, plain, judgement.as_of)
    free = ~families.having_child(edges.child)
    movable = Movable(births.born[eldest], families.having(standing.shielded), free, (standing.grown == 0)[eldest])
    moves = draw_moves(draws("moves"), judgement, portion, families, movable)
    bonds = bind(
        draws("bonds"), base.ties.of_part(number), families, standing, Places(households, free & moves.settled)
    )
    free &= moves.settled & ~families.having_child(bonds.child)
    names = draw_names(draws("names"), judgement, base.lexicon, families, births)
    names = _named_after_threats(names, bonds, families)
    wanted = portion.of_children(judgement.homonyms)
    homonyms = find_homonyms(draws("homonyms"), wanted, families, standing, free[families.family])
    names, births = make_alike(homonyms, names, births)
    free &= ~families.having_child(np.r_[homonyms.shielded, homonyms.open])
    chosen = draws("hostile").some(free, portion.of_families(judgement.hostile_names))
    names = make_hostile(names, families, chosen, base.wordlists, any_script=judgement.hostile_any_script)
    return People(families, standing, births, names, households, moves, bonds, homonyms, edges)


def _named_after_threats(names: Names, bonds: Bonds, families: Families) -> Names:
    """The family of a child that is shielded from a user has the user's family name."""
    family = names.family.copy()
    for row in bonds.of(TieKind.THREAT, TieKind.THREAT_WITH_OVERRIDE).tolist():
        family[families.family == families.family[bonds.child[row]]] = bonds.ties.family[row]
    return names.with_family(family)
