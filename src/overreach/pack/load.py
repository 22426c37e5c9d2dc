"""How hard the load part works, the ceilings it never passes, and who does what.

Habits are shared out as `name = 0.7`, or as `name = { share = 1.0, roles = ["system_supplier"] }`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from overreach.model.errors import PackError
from overreach.pack.events import Event, Tie, events_of, ties_of
from overreach.pack.fields import Fields, seconds_of

REMEDY = "write it as name = 0.7, or as name = { share = 1.0, roles = [...] }"


@dataclass(frozen=True, slots=True)
class HabitShare:
    """How many users have a habit."""

    name: str
    share: float
    """Of the members of `roles`; where there are none, a weight among the others."""
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadConfig:
    """How hard the load part works, and the ceilings it never passes."""

    users: int
    seconds: float
    max_users: int
    max_seconds: float
    max_rate: int
    """Requests a second, all users together."""
    habits: tuple[HabitShare, ...]
    sign_out: tuple[str, str] | None = None
    """Method and path by which a session ends; None where the target has no such thing."""
    events: tuple[Event, ...] = ()
    """What users change while others read."""
    ties: tuple[Tie, ...] = ()
    """Facts that change with a fact of other children."""


def load_of(fields: Fields) -> LoadConfig:
    """The table `[tool.overreach.load]`; PackError names the key that cannot be used."""
    load = LoadConfig(
        users=fields.count("users"),
        seconds=seconds_of(fields.text("duration")),
        max_users=fields.count("max_users"),
        max_seconds=seconds_of(fields.text("max_duration")),
        max_rate=fields.count("max_rate"),
        habits=shares_of(fields.table("habits"), "tool.overreach.load.habits"),
        sign_out=fields.request("sign_out") if fields.text("sign_out", "") else None,
        events=events_of(fields.sections("events")),
        ties=ties_of(fields.sections("ties")),
    )
    fields.finish()
    return load


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
            or not roles
            or not all(isinstance(r, str) for r in roles)
        ):
            message = f"`{place}` is not a share with roles"
            raise PackError(message, REMEDY)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        message = f"`{place}` is not a share between 0 and 1"
        raise PackError(message, REMEDY)
    return HabitShare(name, float(share), tuple(roles) if isinstance(roles, list) else ())
