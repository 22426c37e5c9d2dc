"""What decisions rest on: the switches, who asks, whom it is about, and what is claimed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import NamedTuple

from overreach.contactpoint.errors import RegistryError

# Why a child must not be found: the first as in HL7 v3-ActCode, the others in its manner (a modelling choice). That a
# child was adopted is no ground; that somebody would look for it and harm it is.
GROUNDS = ("SDV", "WITNESS", "ADOPTION_RISK", "OTHER_HARM")
REASONS = ("welfare", "child_protection", "section_47", "serious_case_review", "child_death_review")

#: What a record says beside an address that is not the current one, or where it has none (Schedule 1 paragraph 2).
STATEMENTS = (
    "last known",
    "none known",
    "left England, return intended",
    "left England, return not intended",
    "left England, return not known",
)


@dataclass(frozen=True, slots=True)
class Switches:
    """The unsettled questions of the law, as configured."""

    G1: str = field(default="no", metadata={"values": ("no", "yes")})
    """Is a carer's name visible under a shield?"""
    G2: str = field(default="no", metadata={"values": ("no", "yes")})
    """Are former names visible under a shield?"""
    G3: str = field(default="declared", metadata={"values": ("national", "declared", "own")})
    """Out of area: as in area, with a stated reason, or never."""

    @classmethod
    def parse(cls, settings: tuple[str, ...]) -> Switches:
        """Switches from texts such as `G1=yes`; RegistryError for an unknown switch or value."""
        known = {each.name: each.metadata["values"] for each in fields(cls)}
        chosen: dict[str, str] = {}
        for setting in settings:
            name, _, value = setting.partition("=")
            if name not in known:
                message = f"no switch is called `{name}`"
                raise RegistryError(message, f"known: {', '.join(known)}")
            if value not in known[name]:
                message = f"switch `{name}` cannot be `{value}`"
                raise RegistryError(message, f"known: {', '.join(known[name])}")
            chosen[name] = value
        return cls(**chosen)


class User(NamedTuple):
    """Who asks."""

    user: int
    username: str
    role: str
    national: bool
    areas: frozenset[int]
    vetted_on: date | None
    trained: bool
    agreed: bool
    suspended: bool
    accredited: bool
    """In the own account; see `employer_accredited`."""
    leaves_on: date | None
    employer_accredited: bool = True


class Person(NamedTuple):
    """Somebody who administers accounts, or whose account is administered."""

    user: User
    organisation: int | None
    """Row number of the employer."""
    manager: int | None
    """Row number of the user who manages this one."""


class Child(NamedTuple):
    """Whom it is about, as far as rules go.

    `involved`: whether the user who asks has an involvement. `threat`: whether that user is named as a threat to this
    child, or to another child of its carers.
    """

    child: int
    number: str
    responsible: int
    shielded: bool
    contacts_protected: bool
    archive_year: int
    involved: bool
    threat: bool = False


class Basis(NamedTuple):
    """What a sensitive service rests on (R3): somebody's consent since a day, or a stated ground of harm."""

    consent: str | None = None
    """Whose: `child` or `parent`."""
    on: date | None = None
    harm: str | None = None


class Service(NamedTuple):
    """A service as a practitioner states it."""

    kind: str
    provider: str
    phone: str | None = None
    since: date | None = None
    sensitive: str | None = None
    """The code of a sensitive kind; None for an ordinary service."""
    basis: Basis = Basis()


class Export(NamedTuple):
    """An export that somebody asked for."""

    export: str
    user: int
    username: str
    manager: int | None
    areas: frozenset[int]
    """Of the one who asked."""
    columns: tuple[str, ...]
    where: Mapping[str, str]
    purpose: str
    """A coded reason."""
    ground: str | None
    """Why shielded records are in it; None leaves them out."""
    asked: str
    ends: str
    taken: bool
    approvers: frozenset[int]


class Claims(NamedTuple):
    """What the user states with a request: a coded reason (or none), and whether an override is open."""

    reason: str | None = None
    override: bool = False
