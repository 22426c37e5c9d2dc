"""How a pack shares habits out: `name = 0.7`, or `name = { share = 1.0, roles = ["system_supplier"] }`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from overreach.model.errors import PackError

REMEDY = "write it as name = 0.7, or as name = { share = 1.0, roles = [...] }"


@dataclass(frozen=True, slots=True)
class HabitShare:
    """How many users have a habit."""

    name: str
    share: float
    """Of the members of `roles`; where there are none, a weight among the others."""
    roles: tuple[str, ...] = ()


def shares_of(table: Mapping[str, object], place: str) -> tuple[HabitShare, ...]:
    """The shares in a table of the configuration; PackError for what is no share, or too much for a role."""
    shares = tuple(_share(name, value, f"{place}.{name}") for name, value in table.items())
    if not any(each.share for each in shares if not each.roles):
        message = f"`{place}` leaves most people without a habit"
        raise PackError(message, "give at least one habit a share without roles")
    for role in sorted({role for each in shares for role in each.roles}):
        taken = sum(each.share for each in shares if role in each.roles)
        if taken > 1.0:
            message = f"`{place}` shares out {taken:g} of the members of `{role}`"
            raise PackError(message, "shares that name a role may come to 1.0 at most")
    return shares


def _share(name: str, value: object, place: str) -> HabitShare:
    share: object = value
    roles: object = []
    if isinstance(value, dict):
        share, roles = value.get("share"), value.get("roles")
        if (
            set(value) != {"share", "roles"}
            or not isinstance(roles, list)
            or not all(isinstance(r, str) for r in roles)
        ):
            message = f"`{place}` is not a share with roles"
            raise PackError(message, REMEDY)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        message = f"`{place}` is not a share between 0 and 1"
        raise PackError(message, REMEDY)
    return HabitShare(name, float(share), tuple(roles) if isinstance(roles, list) else ())
