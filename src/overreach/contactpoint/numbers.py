"""New record numbers.

`qxzc`, seven random characters and a check character, as the numbers of a population are made. A number says nothing
about its child, neither area nor order of issue (R12).
"""

from __future__ import annotations

import secrets

PREFIX = "qxzc"
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
PAYLOAD = 7  # characters between prefix and check character


def random_number() -> str:
    """A well-formed number; whether it was issued before is for the caller to see."""
    payload = "".join(secrets.choice(ALPHABET) for _ in range(PAYLOAD))
    return f"{PREFIX}{payload}{check_character(payload)}"


def check_character(payload: str) -> str:
    """A weighted sum modulo 32: weights are odd, hence invertible, so every single change is caught."""
    total = ord(PREFIX[-1])
    for place, letter in enumerate(payload):
        total += (2 * place + 3) * ALPHABET.index(letter)
    return ALPHABET[total % len(ALPHABET)]
