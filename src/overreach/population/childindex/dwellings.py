"""Where users live, as far as the index knows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.setting import Setting
from overreach.population.childindex.streets import Streets
from overreach.population.childindex.ties import TieKind, Ties
from overreach.population.childindex.workforce import Staff
from overreach.population.sampling import Ints


@dataclass(frozen=True, slots=True)
class Dwellings:
    """Homes that are no child's: one row an address of part 0."""

    user: Ints
    """Who lives there, ascending."""
    street: Ints


def dwell(setting: Setting, staff: Staff, streets: Streets, ties: Ties) -> Dwellings:
    """Homes of as many users as the recipe says, those of neighbours and carers among them.

    The home of a carer is the child's, which belongs to the part of the child and is no row here.
    """
    draws, users = setting.draws("homes of users"), setting.order.users
    near, with_child = ties.of_kind(TieKind.NEIGHBOUR), ties.of_kind(TieKind.CARER)
    order = draws.order(users)
    free = order[~np.isin(order, np.r_[near.user, with_child.user])]
    known = free[: max(0, setting.judgement.known_homes.of(users) - len(near.user) - len(with_child.user))]
    area = staff.posting.area[known]
    anywhere = draws.weighted(setting.weights, len(known))
    street = streets.within(draws, np.where(area < 0, anywhere, area))
    user = np.r_[known, near.user]
    by_user = np.argsort(user, kind="stable")
    return Dwellings(user[by_user], np.r_[street, near.street][by_user])
