"""Histories drawn for tests: legal in form, about few people, and shrunk to the shortest and plainest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from tests.population.lending import lending_people

from overreach.model.errors import UnknownNameError
from overreach.population.histories import Cast, Deed, Step, casts, deeds_of, histories, steps
from overreach.population.people import People
from overreach.population.strategies import pairs, users
from overreach.probe.session import Bench

PLAIN = settings(
    database=None, deadline=None, max_examples=100, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> People:
    """Sixty readers and a staff of 24."""
    return lending_people(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def index(bench: Bench) -> People:
    """The index of children, 200 of them."""
    return People(bench.population, bench.grid)


def drawn(strategy: st.SearchStrategy[Any], how: settings = PLAIN) -> list[Any]:
    """What a strategy draws."""
    found: list[Any] = []

    @how
    @given(strategy)
    def draw(one: Any) -> None:  # noqa: ANN401 - whatever it draws
        found.append(one)

    draw()
    return found


def test_the_deeds_are_those_that_the_policy_knows(library: People, index: People) -> None:
    """A library shields nobody; the index of children knows them all."""
    assert deeds_of(index) == tuple(Deed)
    assert deeds_of(library) == (Deed.READ, Deed.DECLARE, Deed.OVERRIDE, Deed.END, Deed.MERGE, Deed.LEAVE)


@pytest.mark.parametrize("deed", [Deed.READ, Deed.SHIELD, Deed.LEAVE])
def test_a_history_shrinks_to_one_step_of_the_plainest_people(index: People, deed: Deed) -> None:
    """Whatever must happen in it, and nothing else."""
    user, child = find(pairs(index), lambda _: True, settings=PLAIN)
    found = find(histories(index), lambda steps: any(step.deed is deed for step in steps), settings=PLAIN)
    assert [(step.user, step.deed, step.days) for step in found] == [(user, deed, 0)]
    assert found[0].child == (None if deed is Deed.LEAVE else child)


def test_what_takes_two_shrinks_to_two(library: People) -> None:
    """Two users at one record."""
    found = find(
        histories(library),
        lambda steps: len({step.user for step in steps if step.deed is Deed.OVERRIDE}) > 1,
        settings=PLAIN,
    )
    assert [step.deed for step in found] == [Deed.OVERRIDE, Deed.OVERRIDE]
    assert len({step.child for step in found}) == 1


def test_a_history_is_as_long_as_asked_for(library: People) -> None:
    """And begins with reading."""
    for history in drawn(histories(library, least=2, most=5)):
        assert 2 <= len(history) <= 5
    (shortest,) = {find(histories(library, least=2), lambda _: True, settings=PLAIN)}
    assert [step.deed for step in shortest] == [Deed.READ, Deed.READ]


def test_every_step_is_of_somebody_in_the_cast(library: People) -> None:
    """Steps of few people meet."""
    cast = Cast((3, 7), (2, 5))
    for step in drawn(steps(library, cast, days=3)):
        assert step.user in cast.users
        assert step.child in {*cast.children, None}
        assert step.other in {*cast.children, None}
        assert 0 <= step.days <= 3


def test_deeds_and_people_may_be_chosen(index: People) -> None:
    """Only reading and shielding, by officers in their own area."""
    officers = pairs(index, user=users(index, role="management_team"), relation="in_area")
    for history in drawn(histories(index, deeds=[Deed.READ, Deed.SHIELD], pair=officers)):
        assert {step.deed for step in history} <= {Deed.READ, Deed.SHIELD}
        assert {index.roles[index.users.class_of[step.user]] for step in history} == {"management_team"}


def test_a_merge_is_of_two_records(library: People) -> None:
    """Also where the cast has only one."""
    for child in (0, 59):
        merges = drawn(steps(library, Cast((0,), (child,)), deeds=[Deed.MERGE]))
        assert all(step.other not in {None, child} for step in merges)


def test_nobody_merges_the_only_record(tmp_path: Path) -> None:
    """Or moves one where there are no areas."""
    assert Deed.MERGE not in deeds_of(lending_people(tmp_path, 1, 1, cohorts=False))


def test_a_deed_that_the_policy_does_not_know_is_refused(library: People) -> None:
    """With those that it knows."""
    with pytest.raises(UnknownNameError, match="no deed is called `shield`"):
        steps(library, Cast((0,), (0,)), deeds=[Deed.SHIELD])


@pytest.mark.parametrize(
    "wrong",
    [
        {"deed": Deed.READ},
        {"deed": Deed.LEAVE, "child": 1},
        {"deed": Deed.DECLARE, "child": 1},
        {"deed": Deed.SHIELD, "child": 1, "reason": "welfare"},
        {"deed": Deed.MERGE, "child": 1, "other": 1},
        {"deed": Deed.MOVE, "child": 1},
        {"deed": Deed.READ, "child": 1, "days": -1},
    ],
)
def test_a_step_without_its_form_cannot_be_made(wrong: dict[str, Any]) -> None:
    """Each deed has what it needs and nothing else."""
    with pytest.raises(ValueError, match="not the form of"):
        Step(0, **wrong)


def test_steps_make_a_state_machine(library: People) -> None:
    """A cast for the whole run, and a rule for any step of it."""

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.cast = Cast((0,), (0,))
            self.taken: list[Step] = []

        @initialize(cast=casts(library))
        def begin(self, cast: Cast) -> None:
            self.cast = cast

        @rule(data=st.data())
        def step(self, data: st.DataObject) -> None:
            self.taken.append(data.draw(steps(library, self.cast)))
            assert {step.user for step in self.taken} <= set(self.cast.users)

    run_state_machine_as_test(Machine, settings=settings(PLAIN, max_examples=20, stateful_step_count=8))
