"""Canary tokens: values whose owner is computed from the value itself.

A token is the fixed literal `qxz`, one letter for the kind, seven characters of payload and one check
character: twelve lower-case characters, for example `qxzc4k2m9tpw`. The payload is a keyed permutation of the
owner's row number, so that neighbouring rows have unrelated tokens and no table is needed to find the
owner at any size. The literal occurs in no natural text, which lets a reader search bytes at memory speed.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Any, TypeVar

LITERAL = "qxz"
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
PAYLOAD = 7
STEM = len(LITERAL) + 1  # the literal and the letter of the kind
LENGTH = STEM + PAYLOAD + 1
ROWS = 32**PAYLOAD  # row numbers below this can be minted

_HALF_BITS = 18  # the Feistel network permutes 36 bits and walks the cycle until below ROWS (35 bits)
_HALF_MASK = (1 << _HALF_BITS) - 1
_ROUNDS = 4
_VALUE_OF = {letter: value for value, letter in enumerate(ALPHABET)}

Number = TypeVar("Number", int, Any)


class TokenKind(StrEnum):
    """What a token is planted in; the letter that follows the literal."""

    RECORD = "c"  # the record number of a child
    CONTACT = "e"  # the local part of a carer's e-mail address
    PLACE = "a"  # the house name in an address


_KIND_OF = {kind.value: kind for kind in TokenKind}


class Minter:
    """Mints and reads the tokens of one population.

    `seed` is the population's seed; the same seed gives the same tokens, another seed unrelated ones.
    """

    def __init__(self, seed: int) -> None:
        self._keys = {
            kind: tuple(
                int.from_bytes(hashlib.blake2s(f"{seed}/{kind.value}/{turn}".encode()).digest()[:4], "big") | 1
                for turn in range(_ROUNDS)
            )
            for kind in TokenKind
        }

    def mint(self, kind: TokenKind, row: int) -> str:
        """The token of row number `row` (0 to `ROWS` - 1); ValueError outside that range."""
        if not 0 <= row < ROWS:
            message = f"row `{row}` cannot be minted: it must be from 0 to {ROWS - 1}"
            raise ValueError(message)
        value = row
        while True:
            value = self.turn(kind, value)
            if value < ROWS:
                break
        payload = _encode(value)
        return f"{LITERAL}{kind.value}{payload}{_check(kind, payload)}"

    def read(self, token: str) -> tuple[TokenKind, int] | None:
        """Kind and row number of a token in lower case; None for anything that this minter did not make."""
        if len(token) != LENGTH or not token.startswith(LITERAL):
            return None
        letter, payload, check = token[STEM - 1], token[STEM:-1], token[-1]
        if letter not in _KIND_OF or any(c not in _VALUE_OF for c in payload):
            return None
        kind = _KIND_OF[letter]
        if _check(kind, payload) != check:
            return None
        value = 0
        for c in payload:
            value = value * 32 + _VALUE_OF[c]
        while True:
            value = self._backward(kind, value)
            if value < ROWS:
                return kind, value

    def turn(self, kind: TokenKind, value: Number) -> Number:
        """One step of the keyed permutation of 36 bits; a row's payload is the first below `ROWS` from it on.

        An integer, or a NumPy array of unsigned 64-bit integers.
        """
        left, right = value >> _HALF_BITS, value & _HALF_MASK
        for key in self._keys[kind]:
            left, right = right, left ^ _mix(right, key)
        return (left << _HALF_BITS) | right

    def _backward(self, kind: TokenKind, value: int) -> int:
        left, right = value >> _HALF_BITS, value & _HALF_MASK
        for key in reversed(self._keys[kind]):
            left, right = right ^ _mix(left, key), left
        return (left << _HALF_BITS) | right


def weight(place: int) -> int:
    """What a letter of the payload counts for in the check: odd, hence invertible, so every single change is caught."""
    return 2 * place + 3


def _mix(half: Number, key: int) -> Number:
    product = (half + 1) * key
    return (product ^ (product >> 15)) & _HALF_MASK


def _encode(value: int) -> str:
    letters = []
    for _ in range(PAYLOAD):
        value, digit = divmod(value, 32)
        letters.append(ALPHABET[digit])
    return "".join(reversed(letters))


def _check(kind: TokenKind, payload: str) -> str:
    """A weighted sum modulo 32."""
    total = ord(kind.value)
    for place, letter in enumerate(payload):
        total += weight(place) * _VALUE_OF[letter]
    return ALPHABET[total % 32]
