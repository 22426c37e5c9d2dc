"""What a load sent, in columns: the same as its journals say row by row, in the order of users and numbers."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.load.logged import OPERATIONS, POPULATION, Load, answer

from overreach.load.journal import Row
from overreach.load.ledger import Ledger, key_of
from overreach.model.terms import Verdict

ANSWERS = st.lists(
    st.builds(
        lambda key, status, found, operation, verdict, reason: replace(
            answer(key[0], key[1], status, found, operation),
            verdict=verdict,
            child=found[0] if found else None,
            reason=reason,
            carried=reason is None or key[1] % 2 == 0,
        ),
        st.tuples(st.integers(0, POPULATION - 1), st.integers(1, 9)),
        st.sampled_from([0, 200, 201, 401, 403, 503]),
        st.lists(st.integers(0, 2**31 - 1), max_size=3),
        st.sampled_from(list(OPERATIONS)),
        st.none() | st.sampled_from(list(Verdict)),
        st.sampled_from([None, "welfare"]),
    ),
    max_size=12,
    unique_by=lambda row: (row.user, row.number),
)


@contextmanager
def ledger_of(answers: list[Row], parts: int = 1) -> Iterator[Ledger]:
    """The ledger of a load that gave these answers."""
    with tempfile.TemporaryDirectory() as folder:
        yield Load(answers, {row.user: row.number for row in answers}).ledger(Path(folder), parts)


@given(ANSWERS, st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_every_answer_stands_in_its_place(answers: list[Row], parts: int) -> None:
    """Whichever process had it."""
    with ledger_of(answers, parts) as ledger:
        assert len(ledger) == len(answers)
        for place, row in enumerate(sorted(answers, key=lambda row: (row.user, row.number))):
            assert (ledger.user(place), ledger.number(place)) == (row.user, row.number)
            assert ledger.children(place) == row.found
            assert ledger.operations[ledger.operation[place]] == row.operation
            assert ledger.claim(place) == (row.reason, row.carried)
            assert (ledger.child[place] if row.child is not None else None) == row.child


@given(ANSWERS)
@settings(max_examples=60, deadline=None)
def test_verdicts_and_permitted_answers_are_those_of_the_rows(answers: list[Row]) -> None:
    """Only of answers whose observation stands nowhere else: the others are heard in full."""
    roles = pa.chunked_array([["nurse", "senco"] * (POPULATION // 2)])
    plain = [row for row in answers if row.verdict is not None]
    with ledger_of(answers) as ledger:
        assert ledger.verdicts() == Counter(row.verdict for row in plain)
        permitted = Counter("senco" if row.user % 2 else "nurse" for row in plain if row.permitted)
        assert ledger.permitted_by(roles) == permitted


@pytest.mark.parametrize(
    ("status", "found", "owed"),
    [(status, (), True) for status in (200, 403, 404, 429)]
    + [(status, (), False) for status in (0, 401, 503)]
    + [(status, (1,), True) for status in (401, 503)],
)
def test_the_log_owes_a_row_of_what_was_answered(status: int, found: tuple[int, ...], owed: bool) -> None:  # noqa: FBT001
    """Not where nothing was, nor where nobody was known; but always where a record came."""
    with ledger_of([answer(1, 1, status, found)]) as ledger:
        assert ledger.owed.tolist() == [owed]


def test_an_override_that_was_done_owes_an_alert() -> None:
    """A refused one does not, and a view does not."""
    asked = [("override", 201), ("override", 403), ("view", 200)]
    answers = [answer(1, number, status, (), name) for number, (name, status) in enumerate(asked, 1)]
    with ledger_of(answers) as ledger:
        assert ledger.owe_alert(OPERATIONS).tolist() == [True, False, False]


@pytest.mark.parametrize(
    "request_id",
    [
        *("", "load", "load-1", "load-1-", "load-01-1", "load-1-0", "load--1-1", "load-1-1-", "load-1-1-again-again"),
        *("sweep-1-1", " load-1-1", "load-1-1 ", "load-4294967296-1", "load-1-4294967296", "load-1-\u0663"),
    ],
)
def test_no_other_id_has_the_form_of_the_load(request_id: str) -> None:
    """One request has one id, and no id is of two."""
    assert key_of(request_id) is None


@given(st.integers(0, 2**32 - 1), st.integers(1, 2**32 - 1))
def test_an_id_is_its_key(user: int, number: int) -> None:
    """Sent again, it is the same key."""
    assert key_of(f"load-{user}-{number}") == (user << 32 | number, False)
    assert key_of(f"load-{user}-{number}-again") == (user << 32 | number, True)
