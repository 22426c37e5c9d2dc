"""Answers that met a change of facts."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from overreach.load.changes import Change, Held, Unsettled, facts_of, read_changes, read_held, tied
from overreach.load.settle import settle, states
from overreach.model.decision import Claims
from overreach.model.probe import Answer, Probe, Request
from overreach.model.terms import Action, Facet, Part, Rung, Verdict
from overreach.probe.session import Bench

VIEW = "view"
BEGAN, ENDED = 100.0, 101.0


def shielded(sent: float, done: float | None) -> list[Change]:
    """One child, shielded between two times."""
    return [Change(7, sent, done)]


def test_an_answer_before_a_change_and_one_after_it_have_one_state_each() -> None:
    """What was complete before the request knows nothing of it; what was asked after its answer knows it."""
    assert list(states(shielded(102, 103), BEGAN, ENDED)) == [frozenset()]
    assert list(states(shielded(98, 99), BEGAN, ENDED)) == [frozenset({7})]


def test_an_answer_that_overlaps_a_change_may_match_either_state() -> None:
    """Nobody outside can say when in between it took hold; without an acknowledgement, it may be at any time."""
    either = [frozenset(), frozenset({7})]
    assert list(states(shielded(100.5, 100.6), BEGAN, ENDED)) == either
    assert list(states(shielded(99, 100.5), BEGAN, ENDED)) == either
    assert list(states(shielded(90, None), BEGAN, ENDED)) == either


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 10), st.none() | st.floats(0, 5))), st.floats(0, 10))
def test_a_state_never_lacks_what_was_acknowledged_before(
    drawn: list[tuple[int, float, float | None]], began: float
) -> None:
    """At most two states, the second with everything of the first."""
    changes = [Change(child, sent, None if after is None else sent + after) for child, sent, after in drawn]
    found = list(states(changes, began, began + 1))
    sure = {change.child for change in changes if change.done is not None and change.done < began}
    assert found[0] == sure
    assert len(found) <= 2
    assert all(found[0] <= state for state in found)


def test_an_answer_that_shows_a_shielded_child_is_overreach_only_after_the_shield(bench: Bench, tmp_path: Path) -> None:
    """The same bytes are permitted before, permitted meanwhile, and a leak after; the bench's facts stay."""
    user, child = _reader(bench)
    answer = _answer(bench, child)
    unsettled = Unsettled(bench, seed=1)
    unsettled.open(tmp_path, 0, 1)
    unsettled.note(Change(child, 10.0, 11.0))
    for began, ended in ((8.0, 9.0), (10.5, 10.7), (12.0, 13.0)):
        probe = _probe(bench, user, child)
        observation = bench.judge.observe(probe, bench.pack.target.operation(VIEW), answer)
        assert observation.verdict is not Verdict.OVERREACH
        unsettled.hold(Held(observation, answer, began, ended))
    before = facts_of(bench.grid, child)
    verdicts = [each.verdict is Verdict.OVERREACH for each in settle(bench, tmp_path)]
    assert verdicts == [False, False, True]
    assert facts_of(bench.grid, child) == before


def test_without_a_change_what_was_held_is_as_it_was_judged(bench: Bench, tmp_path: Path) -> None:
    """Nothing is lost and nothing judged anew; a line that a kill cut off is left out."""
    user, child = _reader(bench)
    answer = _answer(bench, child)
    unsettled = Unsettled(bench, seed=1)
    unsettled.open(tmp_path, 0, 1)
    observation = bench.judge.observe(_probe(bench, user, child), bench.pack.target.operation(VIEW), answer)
    held = Held(observation, answer, time.time(), time.time())
    unsettled.hold(held)
    (tmp_path / "held-0.jsonl").open("ab").write(b'{"observation": ')
    assert read_held(tmp_path) == [held]
    assert read_changes(tmp_path) == []
    assert settle(bench, tmp_path) == [observation]


def test_who_is_tied_by_a_carer_is_unsettled_too(bench: Bench) -> None:
    """A shield protects the carer's contacts wherever else they stand; ties go both ways."""
    unsettled = Unsettled(bench, seed=3)
    assert unsettled.children
    for child in unsettled.children:
        assert all(child in tied(bench.population, other) for other in tied(bench.population, child))
    drawn = [child for child in unsettled.children if not facts_of(bench.grid, child)["shielded"]]
    assert drawn


def test_a_child_is_given_out_to_be_shielded_once_and_to_those_who_may(bench: Bench, tmp_path: Path) -> None:
    """Processes share the children; nobody else is asked to do what is not theirs."""
    given_out: list[int] = []
    for part in range(2):
        unsettled = Unsettled(bench, seed=3)
        unsettled.open(tmp_path, part, 2)
        for user in range(bench.population.users_count):
            while (child := unsettled.next_for(user)) is not None:
                assert bench.grid.allows(user, child, Action.SHIELD, Claims())
                given_out.append(child)
    assert len(given_out) == len(set(given_out))


def _reader(bench: Bench) -> tuple[int, int]:
    """Somebody who may read where an unshielded child lives, and the child."""
    for child in range(bench.population.children_count):
        if facts_of(bench.grid, child)["shielded"] or not bench.population.facet_values(child, Facet.WHEREABOUTS):
            continue
        for user in range(bench.population.users_count):
            if bench.grid.facets(user, child, Claims("welfare")) & Facet.WHEREABOUTS.bit:
                return user, child
    raise AssertionError


def _probe(bench: Bench, user: int, child: int) -> Probe:
    fields = bench.population.child_fields(child)
    request = Request("POST", "/children/view", str(fields["number"]), "load-1-1")
    role = str(bench.population.user_fields(user)["role"])
    return Probe(Part.LOAD, VIEW, user, role, child, Rung.DECLARED, Claims("welfare"), request)


def _answer(bench: Bench, child: int) -> Answer:
    fields = bench.population.child_fields(child)
    body = f'{{"number": "{fields["number"]}", "address": {{"house": "{fields["house"]}"}}}}'
    return replace(Answer(200, (), body.encode(), 0.1), headers=(("content-type", "application/json"),))
