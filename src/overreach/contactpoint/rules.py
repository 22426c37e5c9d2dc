"""Who may do what. Reads nothing and changes nothing: facts in, decision out.

R4, R5   `account`: a leaver, somebody suspended, unvetted (three years), untrained, without the signed
         agreement or from an organisation that is not accredited does nothing at all.
R7       `view`: a role reads the facets that its work needs, of children within its distance (switch G3).
R8       `view`: whatever goes beyond existence and identity needs a stated reason.
R2       `view`: sensitive services are for the management team that brokers in its own area.
R10, R11 `view`: under a shield only existence and identity are left (carers' names: G1; former names: G2). A
         carer who also cares for a shielded child has protected contacts on every record.
R12      `search`: a child is found only by facets that the asker may read.
R13      `view`, `override`: the override right opens a shielded record for somebody who states a reason.
R14      `view`, `keeps_shield`: the management team of the area sees the hidden part and keeps the shield.
R15      `view`: an archived record is closed, but for the data manager in its first year and the system
         supplier after it; the shield survives archiving.
R9       `reads_log`: the management teams and the central team.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date
from functools import partial
from typing import NamedTuple

from overreach.contactpoint import roles
from overreach.contactpoint.errors import RegistryError
from overreach.contactpoint.roles import NO_ROLE, ROLES, Role

VETTING_DAYS = 1096  # three years (R5)
REASONS = ("welfare", "child_protection", "section_47", "serious_case_review", "child_death_review")
SUPPLIER_REASONS = frozenset({"section_47", "serious_case_review", "child_death_review"})

NOTHING: frozenset[str] = frozenset()
VISIBLE = frozenset({roles.EXISTENCE, roles.IDENTITY})
ARCHIVED = VISIBLE | ROLES["social_worker"].facets


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
    leaves_on: date | None


class Child(NamedTuple):
    """Whom it is about, as far as rules go; `involved`: whether the user who asks has an involvement."""

    child: int
    number: str
    responsible: int
    shielded: bool
    contacts_protected: bool
    archive_year: int
    involved: bool


class Claims(NamedTuple):
    """What the user states with a request: a coded reason (or none), and whether an override is open."""

    reason: str | None = None
    override: bool = False


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
    """Whether the user may read the log and the alerts."""


def rules_under(switches: Switches) -> Rules:
    """The rules at configured switches."""
    return Rules(
        account=account,
        asks=lambda user: _role(user).asks,
        search=partial(_search, switches),
        view=partial(_view, switches),
        override=lambda user: _role(user).override,
        keeps_shields=lambda user: _role(user).broker,
        keeps_shield=_keeps_shield,
        reads_log=lambda user: _role(user).reads_log,
    )


def account(user: User, today: date) -> bool:
    """R4, R5."""
    return (
        (user.leaves_on is None or user.leaves_on > today)
        and not user.suspended
        and user.vetted_on is not None
        and (today - user.vetted_on).days <= VETTING_DAYS
        and user.trained
        and user.agreed
        and user.accredited
    )


def _search(switches: Switches, user: User, child: Child, claims: Claims, by: frozenset[str]) -> bool:
    readable = _view(switches, user, child, claims)
    return roles.EXISTENCE in readable and by <= readable


def _view(switches: Switches, user: User, child: Child, claims: Claims) -> frozenset[str]:
    role = _role(user)
    if child.archive_year:
        return _archived(role, user, child, claims)
    if not role.facets or not _within_distance(switches, user, child, claims):
        return NOTHING
    if claims.reason is None:
        return VISIBLE
    brokers = role.broker and _in_area(user, child)
    opened = brokers or (role.override and claims.override)
    readable = role.facets | VISIBLE
    if brokers:
        readable |= {roles.SENSITIVE_SERVICES}
    if opened:
        readable |= {roles.PROTECTION}
    elif child.shielded:
        readable &= _left_by_shield(switches)
    elif child.contacts_protected:
        readable -= {roles.CONTACTS}
    return readable


def _archived(role: Role, user: User, child: Child, claims: Claims) -> frozenset[str]:
    if child.archive_year not in role.archive:
        return NOTHING
    if child.archive_year == 1:
        open_now = _in_area(user, child) and claims.reason is not None
    else:
        open_now = claims.reason in SUPPLIER_REASONS
    if not open_now:
        return NOTHING
    return VISIBLE if child.shielded else ARCHIVED


def _left_by_shield(switches: Switches) -> frozenset[str]:
    names = {roles.CARERS} if switches.G1 == "yes" else set()
    former = {roles.FORMER_NAMES} if switches.G2 == "yes" else set()
    return VISIBLE | names | former


def _within_distance(switches: Switches, user: User, child: Child, claims: Claims) -> bool:
    if _in_area(user, child) or child.involved or switches.G3 == "national":
        return True
    return switches.G3 == "declared" and claims.reason is not None


def _keeps_shield(user: User, child: Child) -> bool:
    return _role(user).broker and _in_area(user, child) and child.archive_year == 0


def _in_area(user: User, child: Child) -> bool:
    return user.national or child.responsible in user.areas


def _role(user: User) -> Role:
    return ROLES.get(user.role, NO_ROLE)
