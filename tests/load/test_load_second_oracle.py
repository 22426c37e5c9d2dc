"""The second oracle: what the judge's table says of an answer, cedarpy says too; a difference stops the run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overreach.load.second_oracle import TOGETHER, SecondOracle
from overreach.model.decision import Claims
from overreach.model.errors import PolicyError
from overreach.model.terms import Facet
from overreach.probe.session import Bench

CLAIMS = [Claims(), Claims(reason="welfare"), Claims(reason="child_protection", override=True)]


class Doctored:
    """A grid that is wrong about one child."""

    def __init__(self, bench: Bench, child: int) -> None:
        self._grid = bench.grid
        self._child = child

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the grid has
        return getattr(self._grid, name)

    def facets(self, user: int, child: int, claims: Claims) -> int:
        """Whereabouts as they are not."""
        return self._grid.facets(user, child, claims) ^ (Facet.WHEREABOUTS.bit if child == self._child else 0)


@given(st.data())
@settings(max_examples=10, deadline=None)
def test_many_answers_are_decided_again_together_and_none_is_left(bench: Bench, data: st.DataObject) -> None:
    """In any order, the same pair several times; what is short of a full lot is decided at the end."""
    users = st.integers(0, bench.population.users_count - 1)
    children = st.integers(0, bench.population.children_count - 1)
    pairs = data.draw(st.lists(st.tuples(users, children, st.sampled_from(CLAIMS)), max_size=2 * TOGETHER + 3))
    oracle = SecondOracle(bench)
    decided = [oracle.take(*pair) for pair in pairs]
    assert set(decided) <= {0, TOGETHER}
    assert sum(decided) + oracle.decide() == oracle.taken == len(pairs)
    assert oracle.decide() == 0


@pytest.mark.parametrize("place", [0, 7, TOGETHER - 1])
def test_one_difference_among_many_answers_is_told(bench: Bench, place: int) -> None:
    """Wherever in its lot it stands: nothing of the run can be trusted then."""
    oracle = SecondOracle(replace(bench, grid=Doctored(bench, 50)))  # type: ignore[arg-type] # it is one but for that child
    children = [50 if at == place else at for at in range(TOGETHER)]
    for child in children[:-1]:
        assert oracle.take(3, child, Claims()) == 0
    with pytest.raises(PolicyError, match="two readings of the policy differ on whereabouts"):
        oracle.take(3, children[-1], Claims())
