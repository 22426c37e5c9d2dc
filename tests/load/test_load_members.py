"""Who takes part in a load, and about whom they ask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overreach.load.members import Caseload, enough, lost_users, members
from overreach.load.record import Order, Summary
from overreach.model.decision import Claims
from overreach.model.errors import OverreachError
from overreach.model.terms import Action
from overreach.probe.session import Bench


def test_only_users_whom_the_policy_lets_sign_in_take_part(bench: Bench) -> None:
    """Leavers, suspended and unvetted users stay out; everybody else may come."""
    chosen = set(members(bench, seed=1))
    for user in range(bench.population.users_count):
        assert (user in chosen) == bench.grid.allows(user, None, Action.SIGN_IN, Claims())


@given(seed=st.integers(0, 2**32), parts=st.integers(1, 9))
@settings(max_examples=25)
def test_the_shares_of_all_parts_are_disjoint_and_together_everybody(bench: Bench, seed: int, parts: int) -> None:
    """Nobody is simulated twice and nobody is lost, however many processes share the work."""
    shares = [members(bench, seed, part, parts) for part in range(parts)]
    together = [user for share in shares for user in share]
    assert len(together) == len(set(together))
    assert sorted(together) == sorted(members(bench, seed))


def test_the_same_seed_gives_the_same_members(bench: Bench) -> None:
    """A run can be seen again, and another seed takes others."""
    assert members(bench, 3)[:20] == members(bench, 3)[:20]
    assert members(bench, 3)[:20] != members(bench, 4)[:20]


def test_more_users_than_may_sign_in_are_refused() -> None:
    """The error says how many there are."""
    enough(10, 10)
    with pytest.raises(OverreachError, match="`11` users are wanted at once, and only 10"):
        enough(10, 11)


def test_a_near_child_is_in_the_users_area_or_involved(bench: Bench) -> None:
    """Whoever has an area or an involvement is given children of theirs."""
    caseload = Caseload(bench, seed=5)
    relations = bench.grid.relations
    for user in range(0, bench.population.users_count, 7):
        local = [child for child in range(bench.population.children_count) if any(bench.grid.relation(user, child))]
        drawn = {caseload.near(user) for _ in range(20)}
        assert not local or all(any(bench.grid.relation(user, child)) for child in drawn if relations.areas)


def test_a_child_of_a_record_class_belongs_to_it(bench: Bench) -> None:
    """Shielded children are drawn when they are asked for; an empty class falls back to anybody."""
    caseload = Caseload(bench, seed=6)
    for user in range(0, bench.population.users_count, 17):
        assert "shielded" in bench.grid.classes_of(user, caseload.in_class(user, "shielded"))
    assert 0 <= caseload.in_class(0, "no such class") < bench.population.children_count


def test_whom_a_process_without_an_end_worked_for_is_known(bench: Bench, tmp_path: Path) -> None:
    """Nobody, where each left its summary; the members of its part, where one did not."""
    Order(users=10, seconds=1.0, parts=2).write(tmp_path)
    Summary(part=0).write(tmp_path)
    lost = lost_users(bench, tmp_path, seed=1)
    assert set(np.flatnonzero(lost).tolist()) == set(members(bench, 1, part=1, parts=2))
    Summary(part=1).write(tmp_path)
    assert not lost_users(bench, tmp_path, seed=1).any()
