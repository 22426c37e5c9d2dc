"""Names of accounts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from overreach.population.childindex.usernames import usernames


def _named(*people: tuple[str, str]) -> list[str]:
    first, last = (pa.array(list(names), pa.string()) for names in zip(*people, strict=True))
    rows = np.arange(len(people))
    return [str(name) for name in usernames(first, last, rows, rows).to_pylist()]


def test_a_name_is_initial_family_name_and_number() -> None:
    """A name is initial, family name in plain letters, and a number that counts on."""
    assert _named(("Ann", "O'Neil"), ("Àlvaro", "Oneil"), ("Bob", "van der Berg")) == [
        "a.oneil01",
        "a.oneil02",
        "b.vanderberg01",
    ]


def test_names_without_latin_letters_have_accounts_too() -> None:
    """A name without Latin letters leaves out its half; one without any at all is a user."""
    assert _named(("李", "Lê"), ("Zoë", "王"), ("李", "王"), ("'", "-")) == ["le01", "z01", "user01", "user02"]


def test_the_hundred_and_first_of_a_name_has_three_digits() -> None:
    """The hundred-and-first user of a name has three digits."""
    assert _named(*[("Ann", "Ng")] * 101)[-1] == "a.ng101"


@given(st.lists(st.tuples(st.text(max_size=4), st.text(max_size=4)), min_size=1, max_size=60))
def test_no_two_users_have_one_name(people: list[tuple[str, str]]) -> None:
    """No two users have one name, whatever they are called."""
    names = _named(*people)
    assert len(set(names)) == len(names)
    assert all(name.isascii() and name == name.lower() and name[-2:].isdigit() for name in names)
