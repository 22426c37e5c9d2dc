"""Tokens by the column are the tokens one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from overreach.model.canary import ROWS, Minter, TokenKind
from overreach.population.minting import mint_many


@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(list(TokenKind)),
    rows=st.lists(st.integers(0, ROWS - 1), max_size=40),
)
def test_a_column_of_tokens_is_what_the_minter_gives_row_by_row(seed: int, kind: TokenKind, rows: list[int]) -> None:
    """Every kind, seed and row, the last one included."""
    minter = Minter(seed)
    column = mint_many(minter, kind, np.array(rows, dtype=np.int64)).to_pylist()
    assert column == [minter.mint(kind, row) for row in rows]


def test_the_owner_of_every_minted_token_is_computed_and_no_two_are_equal() -> None:
    """A quarter of a million neighbouring rows: each token is read back as its row."""
    minter, rows = Minter(2007), np.arange(250_000, dtype=np.int64)
    tokens = mint_many(minter, TokenKind.RECORD, rows).to_pylist()
    assert len(set(tokens)) == len(tokens)
    assert all(minter.read(str(token)) == (TokenKind.RECORD, row) for row, token in enumerate(tokens[:5_000]))


def test_a_capital_stands_where_it_is_asked_for() -> None:
    """A house name begins with one."""
    (token,) = mint_many(Minter(1), TokenKind.PLACE, np.array([7]), capital=True).to_pylist()
    assert token == Minter(1).mint(TokenKind.PLACE, 7).capitalize()
