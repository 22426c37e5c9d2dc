"""The tables of part 0: authorities, organisations, users and their homes and areas, schools, practices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from overreach.population import words
from overreach.population.childindex.columns import coded, dates, flags, numbered, rows, telephones
from overreach.population.childindex.dwellings import Dwellings, dwell
from overreach.population.childindex.institutions import Institutions
from overreach.population.childindex.part_zero import Base
from overreach.population.childindex.texts import joined, texts_at
from overreach.population.childindex.ties import TieKind
from overreach.population.childindex.usernames import usernames
from overreach.population.sampling import Ints

HouseToken = Callable[[Ints], pa.StringArray]
"""Row numbers of addresses -> the tokens of places that begin their house names (`overreach.model.canary`)."""

AddressOf = Callable[[Ints, Ints], Ints]
"""(part, number) of tied families (`Ties`) -> row numbers of their addresses; -1 where there is none."""


def tables(base: Base, house_token: HouseToken, address_of: AddressOf) -> dict[str, pa.Table]:
    """The tables of part 0, by name; the addresses are those of users, from row 0."""
    dwellings = dwell(base.setting, base.staff, base.streets, base.ties)
    return {
        "authorities": _authorities(base),
        "organisations": _organisations(base),
        "users": _users(base, _homes(base, dwellings, address_of)),
        "user_areas": _user_areas(base),
        "addresses": _addresses(base, dwellings, house_token),
        "schools": _institutions("school", base.schools, base.schools.phases),
        "practices": _institutions("practice", base.practices),
    }


def _authorities(base: Base) -> pa.Table:
    listed = base.setting.authorities
    columns = {
        "authority": numbered(len(listed)),
        "code": pa.array([item.code for item in listed], pa.string()),
        "name": pa.array([item.name for item in listed], pa.string()),
        "region": pa.array([item.region for item in listed], pa.string()),
    }
    return pa.table(columns)


def _organisations(base: Base) -> pa.Table:
    employers = base.staff.employers
    columns = {
        "organisation": numbered(len(employers.sector)),
        "name": employers.name,
        "sector": coded(employers.sector, employers.sectors),
        "authority": rows(employers.authority),
        "accredited": flags(employers.accredited),
    }
    return pa.table(columns)


def _users(base: Base, home: Ints) -> pa.Table:
    staff, lexicon, roles = base.staff, base.lexicon, base.setting.judgement.roles
    accounts, names, role = staff.accounts, staff.names, staff.posting.role
    columns = {
        "user": numbered(len(role)),
        "username": usernames(lexicon.first, lexicon.last, names.given, names.family),
        "given_name": texts_at(lexicon.first, names.given),
        "family_name": texts_at(lexicon.last, names.family),
        "role": coded(role, [item.name for item in roles]),
        "sector": coded(role, [item.sector for item in roles]),
        "organisation": rows(staff.employers.of_user),
        "national": flags(staff.posting.area < 0),
        "vetted_on": dates(accounts.vetted_on),
        "trained": flags(~accounts.in_state("untrained")),
        "agreed": flags(~accounts.in_state("unsigned")),
        "suspended": flags(accounts.in_state("suspended")),
        "accredited": flags(~accounts.in_state("unaccredited")),
        "leaves_on": dates(accounts.leaves_on),
        "manager": rows(staff.employers.manager),
        "address": rows(home),
        "shares_token_with": rows(staff.shares_token_with),
        "may_shield": flags(np.array([item.shields for item in roles])[role]),
        "may_override": flags(np.array([item.overrides for item in roles])[role]),
    }
    return pa.table(columns)


def _homes(base: Base, dwellings: Dwellings, address_of: AddressOf) -> Ints:
    """Address row of each user's home; -1 where it is not known. A carer lives with the child."""
    home = np.full(base.setting.order.users, -1, dtype=np.int64)
    home[dwellings.user] = np.arange(len(dwellings.user))
    carers = base.ties.of_kind(TieKind.CARER)
    home[carers.user] = address_of(carers.part, carers.number)
    return home


def _user_areas(base: Base) -> pa.Table:
    """The areas of every user, by user and authority; a national user has all."""
    area, authorities = base.staff.posting.area, len(base.setting.authorities)
    national, local = np.flatnonzero(area < 0), np.flatnonzero(area >= 0)
    further_user, further_area = base.staff.further
    users = np.r_[local, further_user, np.repeat(national, authorities)]
    areas = np.r_[area[local], further_area, np.tile(np.arange(authorities), len(national))]
    pairs = np.unique(users * authorities + areas)
    return pa.table({"user": rows(pairs // authorities), "authority": rows(pairs % authorities)})


def _addresses(base: Base, dwellings: Dwellings, house_token: HouseToken) -> pa.Table:
    count = len(dwellings.street)
    drawn = base.setting.draws("houses of users").below(len(words.HOUSES), count)
    house = joined(house_token(np.arange(count, dtype=np.int64)), coded(drawn, words.HOUSES), joint=" ")
    return pa.table({"address": numbered(count), "house": house, **base.streets.columns(dwellings.street)})


def _institutions(row: str, found: Institutions, phases: Sequence[str] = ()) -> pa.Table:
    columns = {
        row: numbered(len(found.authority)),
        "name": found.name,
        "authority": rows(found.authority),
        "phone": telephones(found.phone),
    }
    if phases:
        columns["phase"] = coded(found.phase, phases)
    return pa.table(columns)
