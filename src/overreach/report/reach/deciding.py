"""Which policies decide what a role may read: for every record class, facet and rung, in exact pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from overreach.model.decision import RungContext
from overreach.model.terms import Facet, Rung
from overreach.policy.columns import RELATIONS, Bools
from overreach.policy.grid import Grid
from overreach.policy.oracle import ROLE
from overreach.policy.rules import CHILD, PolicyRule

_ORDER = ("permit", "forbid", "default")


@dataclass(frozen=True, slots=True)
class Deciding:
    """What one policy does to a role's pairs of a record class."""

    policy: str
    """`@id`; empty where no policy has a say."""
    effect: str
    """`permit`: it opens these pairs first at this rung. `forbid`: it keeps them closed at this rung, though some
    permit holds. `default`: they stay closed at every rung, since no permit holds."""
    facets: tuple[Facet, ...]
    rungs: tuple[Rung, ...]
    pairs: int


def deciding(grid: Grid) -> Mapping[tuple[str, str], tuple[Deciding, ...]]:
    """(role, record class) -> permits, then forbids, then what no policy has a say on. Several may decide a pair."""
    view = _Cells(grid)
    found: dict[tuple[str, str], list[Deciding]] = defaultdict(list)
    for facet in Facet:
        for rung, rule, chosen in view.decided(facet):
            for key, pairs in view.totals(chosen):
                found[key].append(Deciding(rule.id, rule.effect, (facet,), (rung,), pairs))
        for key, pairs in view.totals(view.undecided(facet)):
            found[key].append(Deciding("", "default", (facet,), (), pairs))
    return {key: _alike(rows) for key, rows in found.items()}


def _alike(rows: Sequence[Deciding]) -> tuple[Deciding, ...]:
    """Rows with the same figures as one: over rungs, then over facets; permits first, the most pairs first in each."""
    by_rung: dict[Deciding, list[Rung]] = {}
    for row in rows:
        by_rung.setdefault(replace(row, rungs=()), []).extend(row.rungs)
    by_facet: dict[Deciding, list[Facet]] = {}
    for row, rungs in by_rung.items():
        by_facet.setdefault(replace(row, facets=(), rungs=tuple(rungs)), []).extend(row.facets)
    merged = (replace(row, facets=tuple(facets)) for row, facets in by_facet.items())
    return tuple(sorted(merged, key=lambda row: (_ORDER.index(row.effect), -row.pairs, row.policy)))


class _Cells:
    """The cells that occur, one place each in every array here."""

    def __init__(self, grid: Grid) -> None:
        cells = grid.cells()
        number = {flags: place for place, flags in enumerate(RELATIONS)}
        relation = [number[bool(near), bool(works)] for near, works in zip(*_flags(cells), strict=True)]
        self._grid = grid
        self._at = (cells["user_class"], cells["child_class"], np.array(relation, dtype=np.int64))
        place = grid.users.attributes.index(ROLE)
        names = [str(facts[place]) for facts in grid.users.facts]
        self._roles = sorted(set(names))
        self._role = np.array([self._roles.index(name) for name in names], dtype=np.int64)[self._at[0]]
        members = grid.class_members()
        self._pairs = {
            name: np.where(members[place][self._at], cells["pairs"], 0)
            for place, name in enumerate(grid.policy.classes)
        }
        """Record class -> pairs of each cell, 0 outside of the class."""

    def decided(self, facet: Facet) -> Iterator[tuple[Rung, PolicyRule, Bools]]:
        """(rung, policy, cells that it decides there)."""
        rules = self._rules(facet)
        before = np.zeros(len(self._role), dtype=np.bool_)
        for rung in sorted({context.rung for context in self._grid.rungs}, key=lambda each: each.height):
            contexts = [context for context in self._grid.rungs if context.rung is rung]
            opened = [self._taken(self._grid.allowed(facet, each.claims)) for each in contexts]
            after = before | np.logical_or.reduce(opened)
            for rule in rules:
                holds = [self._holds(rule, each) for each in contexts]
                if rule.effect == "permit":
                    inside = [one & two for one, two in zip(holds, opened, strict=True)]
                    chosen = np.logical_or.reduce(inside) & ~before
                else:
                    wanted = [self._permitted(rules, each) for each in contexts]
                    inside = [one & two for one, two in zip(holds, wanted, strict=True)]
                    chosen = np.logical_or.reduce(inside) & ~after
                if chosen.any():
                    yield rung, rule, chosen
            before = after

    def undecided(self, facet: Facet) -> Bools:
        """Cells for which no permit holds at any rung."""
        rules = self._rules(facet)
        some: Bools = np.logical_or.reduce([self._permitted(rules, context) for context in self._grid.rungs])
        return ~some

    def totals(self, chosen: Bools) -> Iterator[tuple[tuple[str, str], int]]:
        """((role, record class), pairs) of the cells chosen; without zeros."""
        roles = self._role[chosen]
        for name, pairs in self._pairs.items():
            sums = np.zeros(len(self._roles), dtype=np.int64)
            np.add.at(sums, roles, pairs[chosen])
            for place in np.flatnonzero(sums):
                yield (self._roles[place], name), int(sums[place])

    def _rules(self, facet: Facet) -> list[PolicyRule]:
        return [rule for rule in self._grid.policy.rules.values() if rule.covers(facet.value, CHILD)]

    def _permitted(self, rules: Sequence[PolicyRule], context: RungContext) -> Bools:
        """Where some permit holds, whatever forbids."""
        some = [self._holds(rule, context) for rule in rules if rule.effect == "permit"]
        return np.logical_or.reduce(some) if some else np.zeros(len(self._role), dtype=np.bool_)

    def _holds(self, rule: PolicyRule, context: RungContext) -> Bools:
        return self._taken(self._grid.holding(context.claims)[rule.id])

    def _taken(self, values: Bools) -> Bools:
        """A broadcastable array (user class, child class, relation) at the cells."""
        shape = (len(self._grid.users), len(self._grid.children), len(RELATIONS))
        found: Bools = np.broadcast_to(values, shape)[self._at]
        return found


def _flags(cells: NDArray[np.void]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    return cells["in_area"], cells["involved"]
