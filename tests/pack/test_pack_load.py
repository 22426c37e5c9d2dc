"""How a pack shares habits out."""

from __future__ import annotations

import pytest

from overreach.model.errors import PackError
from overreach.pack.load import HabitShare, shares_of


def test_a_share_is_of_everybody_or_of_some_roles() -> None:
    """Both ways of writing it, in the order of the file."""
    table = {"work": 0.9, "look": {"share": 1.0, "roles": ["supplier"]}}
    assert shares_of(table, "habits") == (HabitShare("work", 0.9), HabitShare("look", 1.0, ("supplier",)))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"work": "often"}, "`habits.work` is not a share"),
        ({"work": 1.5}, "`habits.work` is not a share"),
        ({"work": True}, "`habits.work` is not a share"),
        ({"work": 1, "look": {"share": 1.0}}, "`habits.look` is not a share with roles"),
        ({"work": 1, "look": {"share": 1.0, "roles": "all"}}, "`habits.look` is not a share with roles"),
        ({"look": {"share": 1.0, "roles": ["a"]}}, "leaves most people without a habit"),
        ({}, "leaves most people without a habit"),
        (
            {"w": 1, "a": {"share": 0.7, "roles": ["x"]}, "b": {"share": 0.6, "roles": ["x"]}},
            "1.3 of the members of `x`",
        ),
    ],
)
def test_what_is_no_share_is_refused_with_its_key(table: dict[str, object], words: str) -> None:
    """Nobody goes without a habit because of a slip of the pen."""
    with pytest.raises(PackError, match=words) as caught:
        shares_of(table, "habits")
    assert caught.value.remedy
