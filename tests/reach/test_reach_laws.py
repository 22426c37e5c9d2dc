"""Three readings of one policy: whatever is drawn, the columns, cedarpy and Z3 say the same, pair by pair."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from tests.policy.drawn_people import PACK
from tests.policy.drawn_policies import classes, load, texts
from tests.policy.drawn_worlds import CONTEXTS, World, worlds
from tests.reach.asked_of_cedar import answers, assert_counted

from overreach.model.decision import Claims, RungContext
from overreach.model.terms import Action, Facet
from overreach.pack.config import find_pack
from overreach.policy.facts import People
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.policy.pairwise import Asked, Entities, decide, holding
from overreach.policy.prove import Verdict, prove
from overreach.policy.prove_policy import questions
from overreach.policy.prove_solver import Effort
from overreach.policy.prove_witness import Witness
from overreach.policy.rules import CHILD, SYSTEM
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate
from overreach.reach.count import reach

ROOT = PACK.parent
HOSPITAL = ROOT / "docs" / "examples" / "hospital"

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
    found: Found = {}
    forbidden = holding(policy, policy.invariants, entities, asked)
    for one, decision, wrong in zip(asked, decide(policy, entities, asked), forbidden, strict=True):
        assert grid.decision(one.user, one.child, one.what, one.claims) == decision, one
        assert _by_columns(grid, one) == wrong, one
        found[one] = wrong if decision.allowed else frozenset()
    return found


def _by_columns(grid: Grid, one: Asked) -> frozenset[str]:
    """The invariants that forbid a request."""
    kind = SYSTEM if one.child is None else CHILD
    place = (0, 0, 0)
    if one.child is not None:
        place = (0, int(grid.child_class[one.child]), grid.relations.number(one.user, one.child))
    place = (int(grid.user_class[one.user]), *place[1:])
    rules = [rule for rule in grid.policy.invariants.values() if rule.covers(one.what.value, kind)]
    shape = (len(grid.users), max(len(grid.children), 1), 4)
    holds = grid.conditions(rules, one.claims, kind)
    return frozenset(name for name, each in holds.items() if np.broadcast_to(each, shape)[place])


def _asked_of(witness: Witness, world: World) -> Asked:
    """The request of a witness about the last user and child of a world."""
    child = None if witness.child is None else len(world.children) - 1
    return Asked(len(world.users) - 1, child, witness.what, witness.claims)


@settings(max_examples=25, deadline=None)
@given(texts(), classes(), worlds(), CONTEXTS)
def test_counts_of_any_policy_are_those_of_asking_cedar_about_every_pair(
    policy_text: str, class_text: str, world: World, contexts: tuple[RungContext, ...]
) -> None:
    """Pairs, users, children, the children of one member, the users of one child: over drawn contexts, too."""
    with tempfile.TemporaryDirectory() as folder:
        policy = load(Path(folder), policy_text, classes=class_text)
    people = world.people()
    grid = Grid.build(policy, people, contexts)
    assert_counted(reach(grid, people), answers(policy, people, contexts, _entities(policy, people)))


@settings(max_examples=25, deadline=None)
@given(texts(), texts(effects=("forbid",), most=2), worlds(), CONTEXTS)
def test_what_is_proven_holds_for_every_pair_and_what_fails_can_be_shown(
    policy_text: str, invariant_text: str, world: World, contexts: tuple[RungContext, ...]
) -> None:
    """Where Z3 says that an invariant follows, neither cedarpy nor the columns find a pair against it, and an example
    that Z3 gives is one by both, when its user and child are put among the others."""
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


def test_counts_of_a_hospital_are_those_of_asking_cedar_about_every_pair(tmp_path: Path) -> None:
    """Wards, care and restricted patients: other names, the same counting."""
