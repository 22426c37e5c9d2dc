"""What if the policy were another one: who gains, who loses, and who loses a child of their own work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from overreach.model.decision import Claims, Decision, RungContext
from overreach.model.terms import LOCATING, Facet, Rung, facets_of
from overreach.policy.check import agree
from overreach.policy.classwise import ClassGrid
from overreach.policy.columns import RELATIONS
from overreach.policy.expression import Attribute, walk
from overreach.policy.facts import People
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.policy.rules import CHILD
from overreach.policy.threads import in_threads
from overreach.reach.examples import Examples
from overreach.reach.outcomes import INVOLVED, Bools, coded
from overreach.reach.tally import Tally, distinct

CHECKED = 500  # decisions under each policy that cedarpy takes again
_APPROVALS = Attribute("context", ("approvals",))


@dataclass(frozen=True, slots=True)
class Totals:
    """How many."""

    pairs: int = 0
    users: int = 0
    """Distinct users in those pairs."""
    children: int = 0
    """Distinct children in those pairs."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changes for one role, record class and facet at a rung or below; altogether at the highest rung."""

    role: str
    record_class: str
    facet: Facet
    rung: Rung
    gained: Totals
    """Pairs that could not be opened at this rung or below, and could be."""
    lost: Totals
    """Pairs that could be opened at this rung or below, and could not be any more."""
    lost_involved: Totals
    """Those of the lost pairs in which the user is involved with the child: work that could not be done."""


@dataclass(frozen=True, slots=True)
class Example:
    """One synthetic user and child for whom the decision changes."""

    role: str
    facet: Facet
    rung: Rung
    """The rung of the claims."""
    claims: Claims
    user: int
    """Row number."""
    child: int
    """Row number."""
    in_area: bool
    involved: bool
    before: Decision
    after: Decision


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The comparison of two policies over one population."""

    changes: tuple[Change, ...]
    """By role, record class, facet, rung; only where something changes."""
    everybody: tuple[Change, ...]
    """The same over all pairs of a role, whatever their record class, which is empty here."""
    examples: tuple[Example, ...]
    """For each role one that loses and one that gains, at most; losing a child one is involved with comes first."""


@dataclass(frozen=True, slots=True)
class _Moved:
    """The pairs that move at a rung, for the facets that they move alike for."""

    facets: tuple[Facet, ...]
    rung: Rung
    gained: Bools
    lost: Bools

    @property
    def lost_involved(self) -> Bools:
        """Those of the lost pairs in which the user is involved with the child."""
        own = self.lost.copy()
        own[:, :, :INVOLVED] = False
        return own


def what_if(policy: Policy, other: Policy, population: People, rungs: Sequence[RungContext]) -> WhatIf:
    """Compare `other` with `policy` over a population; PolicyError as `Grid.build`, and where cedarpy differs.

    A rung above those given is added where a policy asks for approvals of reading: their claims with one approval.
    """
    compared = _with_approval((policy, other), rungs)
    before = Grid.build(policy, population, compared, beside=(other,))
    after = ClassGrid(other, before.users, before.children)
    moved = list(_moved(before, after))
    cells = before.cells()
    for grid in (before, after):
        agree(grid, population, cells, CHECKED, seed=1)
    if not moved:
        return WhatIf((), (), ())
    changes = sorted(_changes(before, moved), key=_order(policy))
    return WhatIf(
        changes=tuple(change for change in changes if change.record_class),
        everybody=tuple(change for change in changes if not change.record_class),
        examples=tuple(_examples(before, after, moved)),
    )


def _with_approval(policies: Sequence[Policy], rungs: Sequence[RungContext]) -> tuple[RungContext, ...]:
    """The rungs, and `granted` where approvals could make a difference and no rung stands for them."""
    reading = [rule for each in policies for rule in each.rules.values() if _reads(rule.actions)]
    asked = any(node == _APPROVALS for rule in reading for node in walk(rule.condition))
    if not asked or any(context.rung.height >= Rung.GRANTED.height for context in rungs):
        return tuple(rungs)
    claims = dict.fromkeys(replace(context.claims, approvals=1) for context in rungs)
    return (*rungs, *(RungContext(Rung.GRANTED, each) for each in claims))


def _reads(actions: frozenset[str] | None) -> bool:
    return actions is None or bool(actions & {facet.value for facet in Facet})


def _moved(before: Grid, after: ClassGrid) -> Iterator[_Moved]:
    masks = [np.zeros((len(before.users), len(before.children), len(RELATIONS)), dtype=np.int32) for _ in range(2)]
    rungs = sorted({context.rung for context in before.rungs}, key=lambda rung: rung.height)
    for rung in rungs:
        for context in before.rungs:
            if context.rung is rung:
                masks[0] |= before.masks(context.claims)
                masks[1] |= after.masks(context.claims)
        alike: dict[bytes, _Moved] = {}
        for facet in facets_of(int(np.bitwise_or.reduce(masks[0] ^ masks[1], axis=None))):
            gained, lost = ((one & ~two & facet.bit) > 0 for one, two in ((masks[1], masks[0]), masks))
            key = np.packbits(gained).tobytes() + np.packbits(lost).tobytes()
            known = alike.get(key, _Moved((), rung, gained, lost))
            alike[key] = replace(known, facets=(*known.facets, facet))
        yield from alike.values()


def _changes(grid: Grid, moved: Sequence[_Moved]) -> Iterator[Change]:
    """Every change of every role; record class "" stands for all pairs."""
    sides = [side for one in moved for side in (one.gained, one.lost, one.lost_involved)]
    of, holds = coded([*sides, *grid.class_members()])
    moves, members = holds[:, : len(sides)].reshape(-1, len(moved), 3), holds[:, len(sides) :]
    classes = np.concatenate([np.ones((len(holds), 1), dtype=np.bool_), members], axis=1)
    counted = classes[:, :, None, None] & moves[:, None]
    tally = Tally(grid, of)

    def of_role(role: str) -> list[Change]:
        columns, place = distinct(counted, np.unique(of[grid.roles[role]]))
        found = tally.totals(grid.roles[role], columns)
        figures = zip(found.pairs.tolist(), found.users.tolist(), found.children.tolist(), strict=True)
        totals = [Totals(*each) for each in figures]
        return [
            Change(role, name, facet, one.rung, *(totals[at] for at in place[number, which]))
            for number, name in enumerate(("", *grid.policy.classes))
            for which, one in enumerate(moved)
            if any(totals[at].pairs for at in place[number, which])
            for facet in one.facets
        ]

    for part in in_threads(of_role, grid.roles):
        yield from part


def _order(policy: Policy) -> Callable[[Change], tuple[str, int, int, int]]:
    facets = {facet: place for place, facet in enumerate(Facet)}
    named = {name: place for place, name in enumerate(("", *policy.classes))}
    return lambda each: (each.role, named[each.record_class], facets[each.facet], each.rung.height)


def _examples(before: Grid, after: ClassGrid, moved: Sequence[_Moved]) -> Iterator[Example]:
    """The highest rung first, since what is lost there is lost altogether; then the facets that find a child."""
    order = sorted(moved, key=lambda one: (-one.rung.height, not LOCATING & set(one.facets)))
    pairs = before.relations.pair_counts(before.users, before.children)
    examples = Examples(before, pairs, np.logical_or.reduce([one.gained | one.lost for one in moved]))
    for role, classes in before.roles.items():
        for loses in (True, False):
            for one in order:
                chosen = np.zeros_like(one.lost)
                chosen[classes] = (one.lost if loses else one.gained)[classes]
                pair = examples.first(chosen)
                if pair is not None:
                    facet = min(one.facets, key=lambda each: each not in LOCATING)
                    yield _example(role, facet, one.rung, pair, (before, after))
                    break


def _example(role: str, facet: Facet, rung: Rung, pair: tuple[int, int], grids: tuple[Grid, ClassGrid]) -> Example:
    """A pair at claims that one policy allows at this rung or below; the other policy allows none of them."""
    grid = grids[0]
    relation = grid.relations.number(*pair)
    place = (int(grid.users.of[pair[0]]), int(grid.children.of[pair[1]]), relation)
    for context in grid.rungs:
        decisions = [each.decide_class(facet, CHILD, context.claims, place) for each in grids]
        if context.rung.height <= rung.height and decisions[0].allowed != decisions[1].allowed:
            near, involved = RELATIONS[relation]
            names = (role, facet, context.rung, context.claims, *pair, near, involved)
            return Example(*names, before=decisions[0], after=decisions[1])
    message = f"no claims up to `{rung}` tell the two policies apart for a pair that moves"
    raise ValueError(message)
