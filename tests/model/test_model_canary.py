"""Tokens say whose they are by themselves, and nothing else is mistaken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.model.canary import ALPHABET, LENGTH, LITERAL, ROWS, Minter, TokenKind

MINTER = Minter(2007)
KINDS = st.sampled_from(TokenKind)
ROW_NUMBERS = st.integers(0, ROWS - 1)


@given(KINDS, ROW_NUMBERS)
def test_a_token_gives_back_the_row_it_was_minted_for(kind: TokenKind, row: int) -> None:
    """At any size, without a table."""
    token = MINTER.mint(kind, row)
    assert len(token) == LENGTH
    assert token.startswith(LITERAL + kind.value)
    assert set(token[4:]) <= set(ALPHABET)
    assert MINTER.read(token) == (kind, row)


@given(KINDS, ROW_NUMBERS, ROW_NUMBERS)
def test_two_rows_never_share_a_token(kind: TokenKind, one: int, other: int) -> None:
    """Minting is a permutation."""
    assert (MINTER.mint(kind, one) == MINTER.mint(kind, other)) == (one == other)


@given(KINDS, ROW_NUMBERS, st.integers(3, LENGTH - 1), st.sampled_from(ALPHABET))
def test_a_single_changed_character_is_always_noticed(kind: TokenKind, row: int, place: int, letter: str) -> None:
    """The check character catches it, wherever it is."""
    token = MINTER.mint(kind, row)
    changed = token[:place] + letter + token[place + 1 :]
    assert changed == token or MINTER.read(changed) is None


@given(st.text(alphabet=[*ALPHABET, *LITERAL, "é"], max_size=LENGTH + 2))
def test_what_was_not_minted_is_read_as_nothing_or_as_itself(text: str) -> None:
    """No text raises, and a text that is read is the very token of that row."""
    for candidate in (text, LITERAL + text):
        owner = MINTER.read(candidate)
        assert owner is None or MINTER.mint(*owner) == candidate


@given(KINDS, ROW_NUMBERS)
def test_another_seed_gives_unrelated_tokens(kind: TokenKind, row: int) -> None:
    """A token of another population belongs to another row here, and is never silently the same."""
    foreign = Minter(2008).mint(kind, row)
    assert Minter(2007).mint(kind, row) == MINTER.mint(kind, row)
    assert MINTER.read(foreign) is not None


def test_neighbouring_rows_have_unrelated_tokens() -> None:
    """The first thousand rows spread over all first characters."""
    first = {MINTER.mint(TokenKind.RECORD, row)[4] for row in range(1000)}
    assert first == set(ALPHABET)


@pytest.mark.parametrize("row", [-1, ROWS])
def test_a_row_outside_the_range_is_refused(row: int) -> None:
    """The error names the row."""
    with pytest.raises(ValueError, match=str(row)):
        MINTER.mint(TokenKind.RECORD, row)
