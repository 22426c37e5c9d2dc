"""Idle policies, overlaps and differences agree with trying every request of a small world."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from tests.policy.drawn_people import PACK, SWITCHES
from tests.policy.drawn_policies import CLAIMS, load, texts, world

from overreach.model.decision import Claims
from overreach.model.errors import PolicyError
from overreach.model.terms import Action, Duty, Facet
from overreach.policy.classwise import ClassGrid
from overreach.policy.columns import Bools
from overreach.policy.load import Policy
from overreach.policy.prove_policy import questions
from overreach.policy.prove_rules import Change, Why, differences, idle_rules, overlaps
from overreach.policy.prove_solver import Effort
from overreach.policy.prove_witness import decide
from overreach.policy.rules import CHILD, SYSTEM

HOSPITAL = PACK.parent / "docs" / "examples" / "hospital" / "scenarios"
_Asked = tuple[Facet | Action, Claims, str]


def _idle(policy: Policy) -> dict[str, Why]:
    return {each.policy: each.why for each in idle_rules(policy, questions(policy, Effort()))}


def _requests(policy: Policy) -> Iterator[_Asked]:
    for what in (*Facet, *Action):
        for kind in (CHILD, SYSTEM):
            if kind in policy.subjects[what.value]:
                yield from ((what, claims, kind) for claims in CLAIMS)


def _decided(grid: ClassGrid, asked: _Asked, but: str = "") -> tuple[Bools, list[Bools]]:
    """Where the policy allows without one of its policies, and where each duty is owed."""
    what, claims, kind = asked
    holding = grid.holding(claims, kind)
    shape = (len(grid.users), len(grid.children), 4)
    rules = [rule for rule in grid.policy.rules.values() if rule.covers(what.value, kind) and rule.id != but]
    zero = np.zeros(shape, dtype=np.bool_)

    def some(effect: str, duty: Duty | None = None) -> Bools:
        chosen = [rule for rule in rules if rule.effect == effect and (duty is None or duty in rule.duties)]
        held = [np.broadcast_to(holding[rule.id], shape) for rule in chosen]
        found: Bools = np.logical_or.reduce([zero, *held])
        return found

    allowed = some("permit") & ~some("forbid")
    return allowed, [allowed & some("permit", duty) for duty in Duty]


@settings(max_examples=6, deadline=None)
@given(texts())
def test_idle_policies_are_those_without_which_every_decision_is_the_same(text: str) -> None:
    """Duties of what is allowed included."""
    with tempfile.TemporaryDirectory() as folder:
        policy = load(Path(folder), text)
    grid = world(policy)
    expected = set(policy.rules)
    for asked in _requests(policy):
        whole = _decided(grid, asked)
        expected -= {name for name in expected if not np.array_equal(_flat(whole), _flat(_decided(grid, asked, name)))}
    assert set(_idle(policy)) == expected


@settings(max_examples=4, deadline=None)
@given(texts(most=3), texts(most=3))
def test_differences_are_the_requests_that_two_policies_decide_differently(one_text: str, two_text: str) -> None:
    """For each facet and action: gained, lost, and other duties."""
    with tempfile.TemporaryDirectory() as folder:
        one, two = load(Path(folder), one_text), load(Path(folder), two_text)
    expected: set[tuple[Change, str]] = set()
    grids = world(one), world(two)
    for asked in _requests(one):
        (before, owed), (after, owing) = (_decided(grid, asked) for grid in grids)
        other_duties = [(a != b) & before & after for a, b in zip(owed, owing, strict=True)]
        for change, where in (
            (Change.GAINED, after & ~before),
            (Change.LOST, before & ~after),
            (Change.DUTIES, np.logical_or.reduce(other_duties)),
        ):
            expected |= {(change, asked[0].value)} if where.any() else set()
    found, sure = differences(one, two, Effort())
    assert sure
    assert {(each.change, each.witness.what.value) for each in found} == expected


@settings(max_examples=6, deadline=None)
@given(texts())
def test_overlaps_are_the_pairs_that_hold_for_one_request(text: str) -> None:
    """A permit and a forbid in whose scope and condition some request lies."""
    with tempfile.TemporaryDirectory() as folder:
        policy = load(Path(folder), text)
    grid = world(policy)
    expected = set()
    for what, claims, kind in _requests(policy):
        holding = grid.holding(claims, kind)
        rules = [rule for rule in policy.rules.values() if rule.covers(what.value, kind)]
        for permit in (rule for rule in rules if rule.effect == "permit"):
            for forbid in (rule for rule in rules if rule.effect == "forbid"):
                expected |= {(permit.id, forbid.id)} if (holding[permit.id] & holding[forbid.id]).any() else set()
    found = overlaps(questions(policy, Effort()))
    assert {(pair.permit, pair.forbid) for pair in found.pairs} == expected
    assert (found.example is not None) == bool(expected)
    if found.example is not None:
        assert not decide(policy, found.example).allowed


_ALL = '@id("a") permit (principal, action, resource);'
_LEFT = '@id("{}") {} (principal, action, resource) when {{ principal.left }};'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (_LEFT.format("a", "permit").replace("}", "&& !principal.left }"), {"a": Why.VACUOUS}),
        (_LEFT.format("a", "permit") + _LEFT.format("b", "forbid"), {"a": Why.OVERRIDDEN}),
        (_LEFT.format("b", "forbid"), {"b": Why.NOTHING_TO_FORBID}),
        (_ALL + _LEFT.format("c", "permit"), {"c": Why.SHADOWED}),
        (_ALL + _LEFT.format("c", '@duty("alert") permit'), {}),
        (_ALL + _LEFT.format("c", "forbid") + _LEFT.format("d", "forbid"), {"c": Why.SHADOWED, "d": Why.SHADOWED}),
    ],
)
def test_why_a_policy_never_matters(tmp_path: Path, text: str, expected: dict[str, Why]) -> None:
    """A duty of its own is a reason to be there."""
    assert _idle(load(tmp_path, text)) == expected


@pytest.mark.parametrize(("folder", "switches"), [(PACK, SWITCHES), (HOSPITAL, {})])
def test_every_policy_of_the_packs_matters(folder: Path, switches: dict[str, str]) -> None:
    """Nothing could be taken away, and permits meet forbids."""
    policy = Policy.load(folder, switches)
    assert _idle(policy) == {}
    assert overlaps(questions(policy, Effort())).pairs


def test_a_policy_equals_itself_and_differs_under_another_switch() -> None:
    """National access instead of a stated reason is gained, and nothing is lost."""
    one, two = (Policy.load(PACK, SWITCHES | {"G3": value}) for value in ("declared", "national"))
    assert differences(one, one, Effort()) == ((), True)
    found, sure = differences(one, two, Effort())
    assert sure
    assert {each.change for each in found} == {Change.GAINED}
    assert {each.witness.what for each in found} == {"existence", "identity"}


def test_policies_over_two_schemas_are_not_compared() -> None:
    """Their requests are not the same."""
    with pytest.raises(PolicyError, match=r"`policy.cedarschema` is not the same for both policies"):
        differences(Policy.load(PACK, SWITCHES), Policy.load(HOSPITAL, {}), Effort())


def _flat(decided: tuple[Bools, list[Bools]]) -> Bools:
    return np.array([decided[0], *decided[1]])
