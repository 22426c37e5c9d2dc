"""Which user has which habit."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.load.habit import assigned, habits_of
from overreach.model.errors import UnknownNameError
from overreach.pack.config import Pack
from overreach.pack.load import HabitShare

PACK = Pack.read(Path(__file__).parents[2])
SHARES = (
    HabitShare("most", 0.6),
    HabitShare("few", 0.2),
    HabitShare("all_suppliers", 1.0, ("supplier",)),
    HabitShare("half_officers", 0.5, ("officer",)),
)
ROLES = ["nurse", "supplier", "officer"] * 4000


def test_every_habit_of_the_pack_is_known_and_says_what_is_wrong_with_it() -> None:
    """Honest ones say nothing; the others carry the words by which a misuser is told."""
    habits = habits_of(PACK)
    assert [each.name for each in habits] == [share.name for share in PACK.load.habits]
    honest = {"practitioner", "morning_rush", "case_conference", "officer", "data_quality", "emergency"}
    assert {each.name for each in habits if not each.misuse} == honest


def test_a_share_of_an_unknown_habit_lists_the_known_ones() -> None:
    """A misspelt habit is never left out in silence."""
    load = replace(PACK.load, habits=(HabitShare("practicioner", 1.0),))
    with pytest.raises(UnknownNameError, match="`practicioner`") as caught:
        habits_of(replace(PACK, load=load))
    assert "practitioner" in caught.value.remedy


def test_shares_are_met_by_role() -> None:
    """A share with roles is one of their members; the rest goes to the others in proportion."""
    chosen = assigned(SHARES, ROLES, seed=1)
    by_role = Counter(zip(ROLES, (SHARES[number].name for number in chosen.tolist()), strict=True))
    assert by_role["supplier", "all_suppliers"] == 4000
    assert 2800 < by_role["nurse", "most"] < 3200
    assert by_role["nurse", "most"] + by_role["nurse", "few"] == 4000
    assert 1850 < by_role["officer", "half_officers"] < 2150
    assert 1350 < by_role["officer", "most"] < 1650


@given(seed=st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_people_the_same_habits(seed: int) -> None:
    """A run can be seen again, and processes that share it agree."""
    roles = ROLES[:30]
    assert assigned(SHARES, roles, seed).tolist() == assigned(SHARES, roles, seed).tolist()
