"""The rules port: one decision a kind, each of which a fault can wrap. The decisions lie in `decisions`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from overreach.contactpoint.decisions import reading, shields, standing
from overreach.contactpoint.facts import Child, Claims, Switches, User
from overreach.contactpoint.roles import role_of


@dataclass(frozen=True, slots=True)
class Rules:
    """One port for each kind of decision."""

    account: Callable[[User, date], bool]
    """Whether the user may do anything at all today."""
    asks: Callable[[User], bool]
    """Whether the user may search and declare reasons."""
    search: Callable[[User, Child, Claims, frozenset[str]], bool]
    """Whether this child may influence the answer to a search that names facets."""
    view: Callable[[User, Child, Claims], frozenset[str]]
    """The facets that may be read; without `existence` the record must seem never to have been issued."""
    override: Callable[[User], bool]
    """Whether the user has the override right."""
    keeps_shields: Callable[[User], bool]
    """Whether the user has the right to shield and to unshield at all."""
    keeps_shield: Callable[[User, Child], bool]
    """Whether the user may shield and unshield this child."""
    reads_log: Callable[[User], bool]
    """Whether the user may read the log and the alerts (R9)."""


def rules_under(switches: Switches) -> Rules:
    """The rules at configured switches."""
    return Rules(
        account=standing.account,
        asks=lambda user: role_of(user.role).asks,
        search=partial(reading.search, switches),
        view=partial(reading.view, switches),
        override=shields.override,
        keeps_shields=shields.keeps_shields,
        keeps_shield=shields.keeps_shield,
        reads_log=lambda user: role_of(user.role).reads_log,
    )
