"""Chains of permitted steps equal trying every sequence of steps, person by person, with cedarpy deciding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.drawn_people import PACK, SWITCHES, DrawnPeople

from overreach.model.decision import Claims, RungContext
from overreach.model.errors import PolicyError
from overreach.model.terms import Action, Facet, Rung
from overreach.pack.config import Pack
from overreach.pack.steps import Approval, Step, Whom
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.policy.oracle import Oracle
from overreach.reach.closure import Chain, closure

_POLICY = Policy.load(PACK, SWITCHES)
_OWN = Policy.load(PACK, SWITCHES | {"G3": "own"})
_PACK = Pack.read(PACK.parent)
_RAISING = {Rung.DECLARED: Action.DECLARE, Rung.OVERRIDE: Action.OVERRIDE}
_RUNGS = (
    RungContext(Rung.OPEN, Claims()),
    RungContext(Rung.DECLARED, Claims("section_47")),
    RungContext(Rung.OVERRIDE, Claims("child_protection", override=True)),
)
_ROLES = ("management_team", "data_manager", "fire_strategy_officer", "central_team", "helpdesk_mediator")
_SYSTEM = {Action.DECLARE, Action.ADMINISTER, Action.EXPORT, Action.SIGN_IN}


def _step(name: str, action: Action, **changes: Any) -> Step:  # noqa: ANN401 - any field
    plain = Step(name, action, Whom.SELF, Approval.NONE, None, {}, {}, involved=False, moves=False, gives=())
    return replace(plain, **changes)


#: Steps that have every kind of effect, some of them to oneself.
_HARD = (
    *_PACK.steps,
    _step("take over", Action.MERGE, moves=True, approval=Approval.SAME, to=Whom.OTHER),
    _step("take along", Action.DECLARE, moves=True),
    _step("list", Action.EXPORT, gives=(Facet.HEALTH, Facet.EDUCATION)),
    _step("protect", Action.SHIELD, child={"contacts_protected": False}),
)

Facts = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class _World:
    """All that steps can change: the reader's facts, the child's facts and area, who is involved."""

    user: Facts
    child: Facts
    area: int
    involved: tuple[bool, bool]


@cache
def _allowed(
    policy: int, facts: tuple[Facts, Facts], what: Facet | Action, claims: Claims, relation: tuple[bool, bool]
) -> bool:
    oracle = Oracle((_POLICY, _OWN)[policy], ("areas", "responsible"), "involved")
    about = None if what in _SYSTEM else dict(facts[1])
    return oracle.decide(dict(facts[0]), about, what, claims, relation).allowed


class _ByHand:
    """A search over worlds, for one reader, one child and perhaps one accomplice."""

    def __init__(
        self, policy: Policy, people: DrawnPeople, steps: tuple[Step, ...], who: tuple[int, int, int | None]
    ) -> None:
        user, child, other = who
        self.policy = 0 if policy is _POLICY else 1
        self.steps = steps
        self.other = None if other is None else tuple(sorted(people.user_facts(other).items()))
        self.areas = [{area for who, area in people.user_areas if who == each} for each in (user, other)]
        self.start = _World(
            tuple(sorted(people.user_facts(user).items())),
            tuple(sorted(people.child_facts(child).items())),
            people.children[child][1],
            ((user, child) in people.involvements, (other, child) in people.involvements),
        )

    def _can(self, world: _World, person: int, what: Facet | Action, claims: Claims) -> bool:
        facts = self.other if person else world.user
        assert facts is not None
        relation = (world.area in self.areas[person], world.involved[person])
        return _allowed(self.policy, (facts, world.child), what, claims, relation)

    def _any(self, world: _World, person: int, what: Facet | Action, approvals: int) -> bool:
        for context in _RUNGS:
            raised = _RAISING.get(context.rung)
            usable = raised is None or self._can(world, person, raised, context.claims)
            if usable and self._can(world, person, what, replace(context.claims, approvals=approvals)):
                return True
        return False

    def reads(self, world: _World) -> frozenset[Facet]:
        """What the reader reads directly."""
        return frozenset(facet for facet in Facet if self._any(world, 0, facet, 0))

    def moves(self, world: _World) -> Iterator[tuple[_World, frozenset[Facet]]]:
        """Every world one permitted step away, and what that step hands to the reader."""
        for step, person in product(self.steps, (0, 1) if self.other is not None else (0,)):
            approvals = int(step.approval is not Approval.NONE)
            if self.other is None and (step.to is Whom.OTHER or approvals):
                continue
            if not self._any(world, person, step.action, approvals):
                continue
            if step.approval is Approval.SAME and not self._any(world, 1 - person, step.action, 1):
                continue
            for after in self._effects(step, world, person if step.to is Whom.SELF else 1 - person):
                if step.approval is Approval.AFTER and not self._any(after, 1 - person, step.action, 1):
                    continue
                yield after, frozenset(step.gives if person == 0 else ())

    def _effects(self, step: Step, world: _World, whom: int) -> Iterator[_World]:
        child = dict(world.child) | dict(step.child)
        involved = (
            world.involved[0] or (step.involved and whom == 0),
            world.involved[1] or (step.involved and whom == 1),
        )
        users = [dict(world.user)]
        if whom == 0:
            users = [
                dict(world.user) | dict(zip(step.user, values, strict=True)) for values in product(*step.user.values())
            ]
        for user, area in product(users, sorted(self.areas[whom]) if step.moves else [world.area]):
            yield _World(tuple(sorted(user.items())), tuple(sorted(child.items())), area, involved)

    def lengths(self) -> dict[Facet, int]:
        """Facet -> fewest steps after which it is read or handed over."""
        found = dict.fromkeys(self.reads(self.start), 0)
        seen, front, length = {self.start}, [self.start], 0
        while front:
            length += 1
            following = []
            for world in front:
                for after, handed in self.moves(world):
                    for facet in handed | (self.reads(after) if after not in seen else frozenset()):
                        found.setdefault(facet, length)
                    if after not in seen:
                        seen.add(after)
                        following.append(after)
            front = following
        return found


def _worlds(
    policy: Policy, people: DrawnPeople, steps: tuple[Step, ...]
) -> dict[tuple[str, str, Facet], tuple[bool, int]]:
    """(role, record class, facet) -> (needs an accomplice, fewest steps).

    Alone for any pair that is not read directly; with an accomplice where no member reads it directly of any child.
    """
    grid = Grid.build(policy, people, _RUNGS)
    best: dict[tuple[str, str, Facet], tuple[bool, int]] = {}
    direct: set[tuple[str, str, Facet]] = set()
    for user, child in product(range(people.users_count), range(people.children_count)):
        for other in (None, *range(people.users_count)):
            if other == user:
                continue
            for facet, length in _ByHand(policy, people, steps, (user, child, other)).lengths().items():
                for name in grid.classes_of(user, child):
                    key = (str(people.users[user][1]), name, facet)
                    if length:
                        best[key] = min(best.get(key, (True, 99)), (other is not None, length))
                    else:
                        direct.add(key)
    return {key: found for key, found in best.items() if key not in direct or not found[0]}


def _people(seed: int, users: int, children: int) -> DrawnPeople:
    people = DrawnPeople(users, children, 2, seed=seed, odd=0.25)
    for user in range(users):
        people.replace_role(user, _ROLES[(seed + user * (1 + seed % 3)) % len(_ROLES)])
    return people


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([_PACK.steps, _HARD]), st.sampled_from([_POLICY, _OWN]))
def test_shortest_chains_equal_trying_every_sequence(seed: int, steps: tuple[Step, ...], policy: Policy) -> None:
    """The same facets for the same roles and record classes, with as few steps, alone or with an accomplice."""
    people = _people(seed, 4, 4)
    grid = Grid.build(policy, people, _RUNGS)
    found = {
        (chain.role, chain.record_class, facet): (chain.accomplice is not None, len(chain.steps))
        for chain in closure(grid, steps, _RAISING)
        for facet in chain.facets
    }
    assert found == _worlds(policy, people, steps)


def _walk(people: DrawnPeople, steps: tuple[Step, ...], chain: Chain) -> None:
    """The people of a chain take its steps one by one; each is permitted, and the end reads what was said."""
    world = _ByHand(_POLICY, people, steps, (chain.user, chain.child, chain.other))
    reached = {world.start}
    given: frozenset[Facet] = frozenset()
    by_name = {step.name: step for step in steps}
    for taken in chain.steps:
        assert taken.user in (chain.user, chain.other)
        assert taken.operation == by_name[taken.name].operation
        world.steps = (by_name[taken.name],)
        moved = [move for each in reached for move in world.moves(each)]
        reached = {after for after, _ in moved}
        given = frozenset(facet for _, facets in moved for facet in facets)
    ends = [world.reads(each) for each in reached]
    assert any(set(chain.facets) <= (end | given) for end in ends)
    assert not set(chain.facets) & world.reads(world.start)


@pytest.mark.parametrize("steps", [_PACK.steps, _HARD], ids=["pack", "hard"])
def test_the_people_of_a_chain_can_take_it(steps: tuple[Step, ...]) -> None:
    """A chain names people of the population for whom every step is permitted."""
    people = _people(7, 40, 60)
    chains = closure(Grid.build(_POLICY, people, _RUNGS), steps, _RAISING)
    assert chains
    for chain in chains:
        assert people.users[chain.user][1] == chain.role
        _walk(people, steps, chain)


def test_pairs_opened_alone_are_counted_exactly() -> None:
    """As many as going through the pairs gives; with an accomplice there is no such number."""
    people = _people(3, 8, 8)
    grid = Grid.build(_POLICY, people, _RUNGS)
    chains = [chain for chain in closure(grid, _HARD, _RAISING) if chain.accomplice is None]
    assert chains
    for chain in chains:
        facet = chain.facets[0]
        mine = [user for user in range(8) if people.users[user][1] == chain.role]
        opened = [
            (user, child)
            for user in mine
            for child in range(8)
            if chain.record_class in grid.classes_of(user, child)
            and _ByHand(_POLICY, people, _HARD, (user, child, None)).lengths().get(facet, 0) > 0
        ]
        assert chain.pairs == len(opened)


def test_an_involvement_that_anybody_declares_undoes_the_own_area() -> None:
    """Where only area and involvement open a record, one step alone opens every record."""
    people = DrawnPeople(20, 40, 3, seed=2)
    chains = closure(Grid.build(_OWN, people, _RUNGS), _PACK.steps, _RAISING)
    alone = [chain for chain in chains if chain.accomplice is None and chain.record_class == "out_of_area"]
    assert any(Facet.WHEREABOUTS in chain.facets for chain in alone)
    assert {taken.name for chain in alone for taken in chain.steps} == {"declare an involvement"}


def test_exports_need_more_than_one_accomplice() -> None:
    """The policy wants two approvals besides whoever asks: no chain of this pack ends with an export."""
    people = _people(2, 30, 40)
    chains = closure(Grid.build(_POLICY, people, _RUNGS), _PACK.steps, _RAISING)
    assert chains
    assert not [chain for chain in chains if any(taken.action is Action.EXPORT for taken in chain.steps)]


def test_a_step_that_changes_what_the_population_does_not_have_is_refused() -> None:
    """The known facts are listed."""
    grid = Grid.build(_POLICY, DrawnPeople(5, 5, 2, seed=2), _RUNGS)
    with pytest.raises(PolicyError, match="step `dye` changes `hair`, which the population does not have"):
        closure(grid, [_step("dye", Action.DECLARE, child={"hair": "green"})], _RAISING)


def test_a_step_that_moves_a_child_is_refused_where_the_policy_names_an_area(tmp_path: Path) -> None:
    """A state does not know which area a child comes to, only whether it is the user's: such chains would be false."""
    for name in ("policy.cedarschema", "classes.cedar", "invariants.cedar"):
        (tmp_path / name).write_text((PACK / name).read_text("utf-8"), "utf-8")
    named = (
        '@id("one-area-only") forbid (principal, action, resource is Child) '
        'unless { resource.responsible == Authority::"0" };'
    )
    (tmp_path / "policy.cedar").write_text((PACK / "policy.cedar").read_text("utf-8") + named, "utf-8")
    people = DrawnPeople(5, 5, 2, seed=2)
    people.shape = replace(people.shape, child_facts={**people.shape.child_facts, "responsible": "responsible"})
    grid = Grid.build(Policy.load(tmp_path, SWITCHES), people, _RUNGS)
    with pytest.raises(PolicyError, match="step `move` changes `responsible`"):
        closure(grid, _PACK.steps, _RAISING)
    closure(grid, [step for step in _PACK.steps if not step.moves], _RAISING)
