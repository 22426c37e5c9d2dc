"""Values that can belong to nobody, and tokens whose owner is computed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from overreach.model.canary import LENGTH, ROWS, Minter, TokenKind
from overreach.population import canaries

SEEDS = st.integers(0, 2**63)
ROW = st.integers(0, ROWS - 1)
KINDS = st.sampled_from(TokenKind)


@given(SEEDS, KINDS, ROW)
def test_a_token_gives_back_its_kind_and_row(seed: int, kind: TokenKind, row: int) -> None:
    """A token gives back its kind and row."""
    token = Minter(seed).mint(kind, row)
    assert len(token) == LENGTH
    assert Minter(seed).read(token) == (kind, row)


@given(KINDS, ROW, st.integers(4, LENGTH - 1), st.sampled_from("0123456789abcdefghjkmnpqrstvwxyz"))
def test_a_token_with_one_character_changed_is_nobodys(kind: TokenKind, row: int, place: int, letter: str) -> None:
    """A token with one character changed is nobody's."""
    token = Minter(1).mint(kind, row)
    changed = token[:place] + letter + token[place + 1 :]
    assert changed == token or Minter(1).read(changed) is None


@given(st.integers(0, canaries.INWARD_PARTS - 1))
def test_an_inward_part_has_only_letters_that_are_never_allocated(number: int) -> None:
    """An inward part has only letters that are never allocated."""
    inward = canaries.inward_part(number)
    assert set(inward[1:]) <= set("CIKMOV")
    assert canaries.is_canary_postcode(f"SW1A {inward}")


@given(st.integers(0, canaries.TELEPHONES - 1))
def test_every_telephone_is_in_a_range_kept_for_drama(number: int) -> None:
    """Every telephone is in a range kept for drama."""
    assert canaries.is_drama_telephone(canaries.telephone(number))


def test_inward_parts_and_telephones_are_all_different() -> None:
    """Inward parts and telephones are all different."""
    assert len({canaries.inward_part(number) for number in range(canaries.INWARD_PARTS)}) == 360
    assert len({canaries.telephone(number) for number in range(canaries.TELEPHONES)}) == 3_000


def test_values_that_may_be_somebodys_are_told_apart() -> None:
    """Values that may be somebody's are told apart."""
    assert not canaries.is_canary_postcode("SW1A 1AA")
    assert not canaries.is_drama_telephone("01632 970000")
    assert not canaries.is_reserved_address("jo@example.org.uk")
    assert canaries.is_reserved_address("jo@example.org")
