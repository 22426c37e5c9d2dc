"""The addresses of a part: homes of tied users first, then of families, then where families lived before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from overreach.model.canary import TokenKind
from overreach.population import words
from overreach.population.childindex.columns import coded, rows
from overreach.population.childindex.part import Part
from overreach.population.childindex.texts import joined
from overreach.population.childindex.ties import KINDS, TieKind
from overreach.population.minting import mint_many
from overreach.population.sampling import Ints


@dataclass(frozen=True, slots=True)
class Homes:
    """Address rows within the part, and the streets that they lie in."""

    of_family: Ints
    """Of each family."""
    further: int
    """The first of the rows where families lived before."""
    row: Ints
    """Of each address, ascending."""
    street: Ints


def settle(part: Part) -> Homes:
    """Who lives where. A user who is a carer lives with the child, at the row that the tie's number says."""
    draws, families, ties = part.draws("homes"), part.people.families, part.people.bonds.ties
    authorities = len(part.frame.setting.authorities)
    where = families.authority.copy()
    moved = part.people.moves.handover
    where[moved] = (where[moved] + draws.between(1, max(1, authorities - 1), len(moved))) % authorities
    street = part.base.streets.within(draws, where)
    near = part.people.bonds.of(TieKind.NEIGHBOUR)
    street[families.family[part.people.bonds.child[near]]] = ties.street[near]
    reserved = int(ties.number.max(initial=-1)) + 1
    of_family = np.full(families.count, -1, dtype=np.int64)
    carers = part.people.bonds.of(TieKind.CARER)
    of_family[families.family[part.people.bonds.child[carers]]] = ties.number[carers]
    others = np.flatnonzero(of_family < 0)
    of_family[others] = reserved + np.arange(len(others))
    # Where no child was found for a user who is a carer, the home is there all the same.
    homeless = np.flatnonzero((ties.kind == KINDS.index(TieKind.CARER)) & (part.people.bonds.child < 0))
    further = reserved + len(others)
    beyond = part.whereabouts.further
    row = np.r_[of_family, ties.number[homeless], further + np.arange(len(beyond))]
    streets = np.r_[street, part.base.streets.within(draws, np.r_[ties.authority[homeless], beyond])]
    order = np.argsort(row)
    return Homes(of_family=of_family, further=further, row=row[order], street=streets[order])


def addresses(part: Part, homes: Homes) -> pa.Table:
    """Every address of the part; the first word of the house is the address's token."""
    row = part.first_row + homes.row
    token = mint_many(part.frame.setting.minter, TokenKind.PLACE, row, capital=True)
    word = coded(part.draws("houses").below(len(words.HOUSES), len(row)), words.HOUSES)
    house = joined(token, word, joint=" ")
    return pa.table({"address": rows(row), "house": house, **part.base.streets.columns(homes.street)})
