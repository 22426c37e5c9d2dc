"""Where the families of a part live and lived, since when, and what a record says where nobody knows.

A record gives the current address, else the last known one, else a statement that none is known or, for a child who
left England, whether a return within three years is intended (Schedule 1 paragraph 2). A family moves together: its
children have the earlier addresses that they were born early enough to have lived at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.births import days
from overreach.population.childindex.families import Families
from overreach.population.childindex.judgement import Judgement
from overreach.population.childindex.portion import Portion
from overreach.population.sampling import Draws, Flags, Ints

STATEMENTS = (
    "last known",
    "none known",
    "left England, return intended",
    "left England, return not intended",
    "left England, return not known",
)
CURRENT = -1  # where no statement is needed: the address is the current one
_UNKNOWN, _LEFT = 1, 2  # places among the statements: no address from here on; left England from here on
_SETTLED = (60, 6_000)  # days that a family which never moved has been at its address
_RECENT = (5, 120)  # days since a move during which the old authority may still be responsible (rule R18)
_AWAY = (30, 900)  # days since a child left England or was lost sight of
_ROOTED = 60  # days old that the eldest is, at least, in a family that moved, and at the second move


@dataclass(frozen=True, slots=True)
class Moves:
    """Which families of a part moved, by row; no family in two."""

    handover: Ints
    """To another authority, a little while ago: the old one is still responsible (rule R18)."""
    earlier: Ints
    """Since their eldest child was born."""
    statement: Ints
    """Of each family: place among `STATEMENTS`, or `CURRENT`."""

    @property
    def settled(self) -> Flags:
        """Families whose address is the current one, in the authority that is responsible."""
        settled: Flags = self.statement == CURRENT
        settled[self.handover] = False
        return settled


@dataclass(frozen=True, slots=True)
class Movable:
    """What decides whether a family may have moved; one row a family."""

    born: Ints
    """Date of birth of its eldest child."""
    hidden: Flags
    """Whether it has a shielded child."""
    free: Flags
    """Whether it is arranged for nothing else."""
    young: Flags
    """Whether its eldest child is under 18, and in no authority's care."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """Earlier addresses; dates in days since 1970-01-01."""

    owner: Ints
    """Family, or child, of each row."""
    address: Ints
    """Address of the part: a family's row, or beyond the families a further one."""
    since: Ints
    until: Ints


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Which addresses the records of families' children give."""

    since: Ints
    """Of each family: the day of the last move, or of the statement."""
    earlier: Earlier
    """By family."""
    further: Ints
    """Authority of each further address that `earlier` needs."""


def draw_moves(draws: Draws, judgement: Judgement, portion: Portion, families: Families, able: Movable) -> Moves:
    """Who moved."""
    # Only families of one child whose record is live move between authorities, so that the cohort is easy to follow.
    free, hidden = able.free & able.young & (families.sizes == 1), able.hidden
    wanted, in_hiding = portion.of_families(judgement.movers), int(hidden.sum())
    few = judgement.movers_hidden.of(in_hiding)
    handover = np.r_[draws.some(free & hidden, few), draws.some(free & ~hidden, wanted - few)]
    free[handover] = False
    each = portion.of_families(judgement.whereabouts_statements)
    stated = draws.some(free, each * len(STATEMENTS))
    statement = np.full(families.count, CURRENT, dtype=np.int64)
    statement[stated] = np.arange(len(stated)) % len(STATEMENTS)
    settled = able.free & (statement == CURRENT) & (days(judgement.as_of) - able.born >= _ROOTED)
    settled[handover] = False
    wanted = portion.of_families(judgement.former_addresses)
    fled = draws.some(settled & hidden, judgement.former_addresses_hidden.of(in_hiding))
    earlier = np.r_[fled, draws.some(settled & ~hidden, max(0, wanted - len(fled)))]
    return Moves(handover=handover, earlier=earlier, statement=statement)


def draw_whereabouts(draws: Draws, families: Families, moves: Moves, born: Ints, today: int) -> Whereabouts:
    """Whereabouts of every family; `born` is the date of birth of its eldest child."""
    moved, kind = moves.handover, moves.statement
    since = np.maximum(today - draws.between(*_SETTLED, families.count), born)
    # A namesake's date of birth may have become too late for a move.
    once = np.sort(np.r_[moved, moves.earlier[today - born[moves.earlier] >= _ROOTED]])
    late = np.minimum(np.maximum(today - draws.between(*_RECENT, len(moved)), born[moved] + 1), today)
    since[once] = born[once] + 1 + draws.below_each(np.maximum(today - born[once] - 1, 1))
    since[moved] = late
    twice = np.setdiff1d(once[since[once] - born[once] >= _ROOTED], moved)[::3]
    before = born.copy()
    before[twice] += 1 + draws.below_each(np.maximum(since[twice] - born[twice] - 1, 1))
    away, gone = kind >= _UNKNOWN, np.flatnonzero(kind >= _LEFT)
    came = since[gone]
    since[away] = np.maximum(today - draws.between(*_AWAY, int(away.sum())), born[away] + 1)
    rows = families.count + np.arange(len(once) + len(twice))
    earlier = Earlier(
        owner=np.r_[once, twice, gone],
        address=np.r_[rows, gone],
        since=np.r_[before[once], born[twice], np.minimum(came, since[gone] - 1)],
        until=np.r_[since[once], before[twice], since[gone]],
    )
    # An earlier address lies in the area that is responsible: there the family was known first.
    return Whereabouts(since=since, earlier=earlier, further=families.authority[np.r_[once, twice]])


def known(statement: Ints) -> Flags:
    """Families whose records have an address, be it the last known."""
    return np.less(statement, _UNKNOWN)


def left(statement: Ints) -> Flags:
    """Families that have left England."""
    return np.greater_equal(statement, _LEFT)


def of_children(families: Families, earlier: Earlier, born: Ints) -> Earlier:
    """The earlier addresses that each child lived at, by child and date; `born` is that of each child."""
    sizes = families.sizes[earlier.owner]
    row = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    within = np.arange(len(row), dtype=np.int64) - (np.cumsum(sizes) - sizes)[row]
    child = families.eldest[earlier.owner][row] + within
    lived = born[child] < earlier.until[row]
    child, row = child[lived], row[lived]
    order = np.lexsort((earlier.until[row], child))
    child, row = child[order], row[order]
    since = np.maximum(earlier.since[row], born[child])
    return Earlier(child, earlier.address[row], since, earlier.until[row])
