"""Values that can belong to nobody: postcodes never allocated, numbers kept for drama, reserved domains.

Postcodes: the last two letters of a British postcode are never C, I, K, M, O or V (Royal Mail, Programmers'
Guide to the PAF file), so an inward part made of those letters is never allocated, while the
outward part is real.
Telephones: the ranges Ofcom keeps for drama, 01632 960000-960999, 020 7946 0000-0999, 07700 900000-900999.
Domains: `example.org`, `example.com` and `example.net` (RFC 2606).
"""

from __future__ import annotations

import re

NEVER_ALLOCATED = "CIKMOV"
DOMAINS = ("example.org", "example.com", "example.net")
INWARD_PARTS = 10 * len(NEVER_ALLOCATED) ** 2
TELEPHONES = 3_000
LANDLINES = 2_000
"""The first so many telephones are not mobile ones."""

_RANGES = ("01632 960{:03d}", "020 7946 0{:03d}", "07700 900{:03d}")
_POSTCODE = re.compile(rf"[A-Z]{{1,2}}[0-9][0-9A-Z]? [0-9][{NEVER_ALLOCATED}]{{2}}")
_TELEPHONE = re.compile(r"01632 960\d{3}|020 7946 0\d{3}|07700 900\d{3}")


def inward_part(number: int) -> str:
    """The inward part of that number, 0 to `INWARD_PARTS` - 1, for example `4KO`."""
    rest, last = divmod(number, len(NEVER_ALLOCATED))
    digit, first = divmod(rest, len(NEVER_ALLOCATED))
    return f"{digit}{NEVER_ALLOCATED[first]}{NEVER_ALLOCATED[last]}"


def telephone(number: int) -> str:
    """The telephone of that number, 0 to `TELEPHONES` - 1."""
    kind, within = divmod(number, 1_000)
    return _RANGES[kind].format(within)


def is_canary_postcode(text: str) -> bool:
    """Whether a text has the form of a postcode that is never allocated."""
    return _POSTCODE.fullmatch(text) is not None


def is_drama_telephone(text: str) -> bool:
    """Whether a text is a telephone number kept for drama."""
    return _TELEPHONE.fullmatch(text) is not None


def is_reserved_address(text: str) -> bool:
    """Whether an e-mail address is at a domain that is never anybody's."""
    return text.rpartition("@")[2] in DOMAINS
