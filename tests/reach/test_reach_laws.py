"""Three readings of one policy: whatever is drawn, the columns, cedarpy and Z3 say the same, pair by pair."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from numpy.typing import NDArray
from tests.policy.drawn_policies import classes, load, texts
from tests.policy.drawn_worlds import CONTEXTS, World, worlds
from tests.reach.asked_of_cedar import answers, assert_counted

from overreach.model.decision import Claims, RungContext
from overreach.model.terms import Action, Facet
from overreach.policy.columns import RELATIONS
from overreach.policy.facts import People
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.policy.pairwise import Asked, Entities, decide, holding
from overreach.policy.prove import Verdict, prove
from overreach.policy.prove_policy import questions
from overreach.policy.prove_solver import Effort
from overreach.policy.prove_witness import Witness
from overreach.policy.rules import CHILD, SYSTEM
from overreach.reach.count import reach

Bools = NDArray[np.bool_]
Found = dict[Asked, frozenset[str]]


def _everything(policy: Policy, people: People, contexts: tuple[RungContext, ...]) -> Iterator[Asked]:
    """Every facet and action by every user, of every child and of the system, at every context."""
    for what in (*Facet, *Action):
        kinds = policy.subjects[what.value]
        about = [*(range(people.children_count) if CHILD in kinds else ()), *([None] if SYSTEM in kinds else ())]
        for user in range(people.users_count):
            for child in about:
                for context in contexts:
                    yield Asked(user, child, what, context.claims)


def _entities(policy: Policy, people: People) -> Entities:
    return Entities.read(policy, people, range(people.users_count), range(people.children_count))


def _against_invariants(policy: Policy, people: People, asked: list[Asked]) -> Found:
    """What is allowed and should not be -> the invariants that say so, by cedarpy; the columns must say the same."""
    entities = _entities(policy, people)
    grid = Grid.build(policy, people, ())
    by_columns = _ForbiddenByColumns(grid)
    found: Found = {}
    forbidden = holding(policy, policy.invariants, entities, asked)
    for one, decision, wrong in zip(asked, decide(policy, entities, asked), forbidden, strict=True):
        assert grid.decision(one.user, one.child, one.what, one.claims) == decision, one
        assert by_columns(one) == wrong, one
        found[one] = wrong if decision.allowed else frozenset()
    return found


class _ForbiddenByColumns:
    """The invariants that forbid a request, as the columns read them."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._rules = list(grid.policy.invariants.values())
        self._shape = (len(grid.users), max(len(grid.children), 1), len(RELATIONS))
        self._holds: dict[tuple[Claims, str], dict[str, Bools]] = {}

    def __call__(self, one: Asked) -> frozenset[str]:
        kind = SYSTEM if one.child is None else CHILD
        of_child = (0, 0)
        if one.child is not None:
            of_child = (int(self._grid.child_class[one.child]), self._grid.relations.number(one.user, one.child))
        place = (int(self._grid.user_class[one.user]), *of_child)
        if (one.claims, kind) not in self._holds:
            found = self._grid.conditions(self._rules, one.claims, kind)
            self._holds[one.claims, kind] = {name: np.broadcast_to(each, self._shape) for name, each in found.items()}
        holds = self._holds[one.claims, kind]
        return frozenset(rule.id for rule in self._rules if rule.covers(one.what.value, kind) and holds[rule.id][place])


def _asked_of(witness: Witness, world: World) -> Asked:
    """The request of a witness about the last user and child of a world."""
    child = None if witness.child is None else len(world.children) - 1
    return Asked(len(world.users) - 1, child, witness.what, witness.claims)


@settings(max_examples=20, deadline=None)
@given(texts(named_areas=True), classes(), worlds(), CONTEXTS)
def test_counts_of_any_policy_are_those_of_asking_cedar_about_every_pair(
    policy_text: str, class_text: str, world: World, contexts: tuple[RungContext, ...]
) -> None:
    """Pairs, users, children, the children of one member, the users of one child: over drawn contexts, too."""
    with tempfile.TemporaryDirectory() as folder:
        policy = load(Path(folder), policy_text, classes=class_text)
    people = world.people()
    grid = Grid.build(policy, people, contexts)
    assert_counted(reach(grid, people), answers(policy, people, contexts, _entities(policy, people)))


@settings(max_examples=12, deadline=None)
@given(texts(named_areas=True), texts(effects=("forbid",), most=2), worlds(), CONTEXTS)
def test_what_is_proven_holds_for_every_pair_and_what_fails_can_be_shown(
    policy_text: str, invariant_text: str, world: World, contexts: tuple[RungContext, ...]
) -> None:
    """Where Z3 says that an invariant follows, neither cedarpy nor the columns find a pair against it.

    An example that Z3 gives is one by both, when its user and child are put among the others.
    """
    with tempfile.TemporaryDirectory() as folder:
        policy = load(Path(folder), policy_text, invariant_text)
    people = world.people()
    found = _against_invariants(policy, people, list(_everything(policy, people, contexts)))
    broken = frozenset[str]().union(*found.values())
    for proof in prove(policy, questions(policy, Effort())):
        assert proof.verdict in (Verdict.FOLLOWS, Verdict.FAILS)
        assert proof.verdict is Verdict.FAILS or proof.invariant not in broken
        for example in proof.counterexamples:
            more = world.with_witness(example.witness)
            asked = _asked_of(example.witness, more)
            assert proof.invariant in _against_invariants(policy, more.people(), [asked])[asked]
