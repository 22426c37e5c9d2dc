"""Where children lived before, since when they live where they do, and what a record says where nobody knows.

A record gives the current address, else the last known one, else a statement that none is known or, for a child who
left England, whether a return within three years is intended (Schedule 1 paragraph 2). A family moves together: its
children have the earlier addresses that they were born early enough to have lived at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.layout import numbered
from overreach.population.childindex.parts import Parts
from overreach.population.childindex.standing import days
from overreach.population.sampling import Draws, Flags, Ints, Texts

STATEMENTS = (
    "last known",
    "none known",
    "left England, return intended",
    "left England, return not intended",
    "left England, return not known",
)
_CURRENT, _UNKNOWN, _LEFT = -1, 1, 2  # places among the statements: none; no address from here on; left from here on
_SETTLED = (60, 6_000)  # days that a family which never moved has been at its address
_RECENT = (5, 120)  # days since a move during which the old authority may still be responsible (rule R18)
_AWAY = (30, 900)  # days since a child left England or was lost sight of
_ROOTED = 60  # days old that the eldest is, at least, in a family that moved, and at the second move


@dataclass(frozen=True, slots=True)
class Earlier:
    """Earlier addresses of families; dates in days since 1970-01-01."""

    family: Ints
    address: Ints
    since: Ints
    until: Ints


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Which addresses the records of families' children give."""

    statement: Texts
    """Of each family; None where the address is the current one."""
    known: Flags
    """Of each family: whether its records have an address, be it the last known."""
    since: Ints
    """Of each family: the day of the last move, or of the statement."""
    earlier: Earlier
    streets: Ints
    """Streets of the further rows of table `addresses` that `earlier` needs."""


def draw_whereabouts(parts: Parts, moved: Ints, first_row: int) -> Whereabouts:
    """Whereabouts of every family; `moved` are the families in mid-handover, `first_row` the next free address."""
    draws, judgement = parts.setting.draws("whereabouts"), parts.setting.judgement
    siblings, today = parts.people.siblings, days(judgement.as_of)
    born = parts.people.children.born[siblings.eldest]
    kind = _kinds(draws, parts, moved)
    since = np.maximum(today - draws.between(*_SETTLED, siblings.families), born)
    once = np.union1d(moved, _movers(draws, parts, kind == _CURRENT, today - born))
    late = np.minimum(np.maximum(today - draws.between(*_RECENT, len(moved)), born[moved] + 1), today)
    since[once] = born[once] + 1 + draws.below_each(np.maximum(today - born[once] - 1, 1))
    since[moved] = late
    twice = np.setdiff1d(once[since[once] - born[once] >= _ROOTED], moved)[::3]
    before = born.copy()
    before[twice] += 1 + draws.below_each(np.maximum(since[twice] - born[twice] - 1, 1))
    away, gone = kind >= _UNKNOWN, np.flatnonzero(kind >= _LEFT)
    came = since[gone]
    since[away] = np.maximum(today - draws.between(*_AWAY, int(away.sum())), born[away] + 1)
    rows = first_row + numbered(len(once) + len(twice))
    earlier = Earlier(
        family=np.r_[once, twice, gone],
        address=np.r_[rows, gone],
        since=np.r_[before[once], born[twice], np.minimum(came, since[gone] - 1)],
        until=np.r_[since[once], before[twice], since[gone]],
    )
    # An earlier address lies in the area that is responsible: there the family was known first.
    streets = parts.ground.streets_in(draws, parts.people.authority[np.r_[once, twice]])
    statement = np.array([*STATEMENTS, None], dtype=object)[kind]
    return Whereabouts(statement, ~away, since, earlier, streets)


def of_children(parts: Parts, earlier: Earlier) -> tuple[Ints, Earlier]:
    """Child of each row, and the rows: the earlier addresses that each child lived at, by child and date."""
    siblings, born = parts.people.siblings, parts.people.children.born
    sizes = siblings.sizes[earlier.family]
    row = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    within = np.arange(len(row), dtype=np.int64) - (np.cumsum(sizes) - sizes)[row]
    child = siblings.eldest[earlier.family][row] + within
    lived = born[child] < earlier.until[row]
    child, row = child[lived], row[lived]
    order = np.lexsort((earlier.until[row], child))
    child, row = child[order], row[order]
    since = np.maximum(earlier.since[row], born[child])
    return child, Earlier(earlier.family[row], earlier.address[row], since, earlier.until[row])


def _kinds(draws: Draws, parts: Parts, moved: Ints) -> Ints:
    """The place of each family's statement: so many of each, families of one child that nothing else is about."""
    siblings, ties = parts.people.siblings, parts.ties
    free = (siblings.sizes == 1) & parts.people.standing.live[siblings.eldest]
    free[moved] = False
    tied = [child for pairs in (ties.threat, ties.carer, ties.neighbour) for _, child in pairs]
    free[siblings.family[tied]] = False
    each = parts.setting.judgement.whereabouts_statements.of(siblings.families)
    chosen = draws.shuffled(np.flatnonzero(free))[: each * len(STATEMENTS)]
    kind = np.full(siblings.families, _CURRENT, dtype=np.int64)
    kind[chosen] = np.arange(len(chosen)) % len(STATEMENTS)
    return kind


def _movers(draws: Draws, parts: Parts, current: Flags, lived: Ints) -> Ints:
    """Families that moved, some of them with a shielded child: families in hiding have left somewhere."""
    people = parts.people
    hidden = np.bincount(people.siblings.family, weights=people.standing.shielded) > 0
    able = current & (lived >= _ROOTED)
    wanted = parts.setting.judgement.former_addresses.of(len(lived))
    few = max(2, wanted // 16)
    fled = draws.shuffled(np.flatnonzero(able & hidden))[:few]
    moved: Ints = np.r_[fled, draws.shuffled(np.flatnonzero(able & ~hidden))[: max(0, wanted - few)]]
    return moved
