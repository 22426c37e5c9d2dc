"""The tables of users."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from overreach.population.childindex.judgement import Posts
from overreach.population.childindex.layout import numbered, table
from overreach.population.childindex.parts import Parts
from overreach.population.pools import plain
from overreach.population.sampling import Ints, Texts

_ADULT = (24, 62)  # ages of users


def user_names(parts: Parts) -> tuple[Texts, Texts]:
    """First and family names of users; those tied to a child by family have names that fit."""
    draws, namer, staff = parts.setting.draws("user ages"), parts.setting.namer("users"), parts.staff
    users = len(staff.role)
    locale = namer.locales(users)
    year = parts.setting.judgement.as_of.year - draws.between(*_ADULT, users)
    given = namer.given(locale, draws.below(2, users) == 1, year)
    family = namer.family(locale)
    for user, child in parts.ties.threat:
        family[user] = parts.people.children.family[child]
    first_carer = np.searchsorted(parts.carers.family_of, parts.people.siblings.family)
    for user, child in parts.ties.carer:
        given[user] = parts.carers.given[first_carer[child]]
        family[user] = parts.carers.family[first_carer[child]]
    return given, family


def employers(parts: Parts) -> tuple[Ints, pa.Table]:
    """Organisation of each user, and the table: one for each sector, area and accreditation."""
    staff, roles = parts.staff, parts.setting.judgement.roles
    closed = staff.in_state("unaccredited").tolist()
    keys = [
        (roles[role].sector, area, roles[role].name if area < 0 else "", not lost)
        for role, area, lost in zip(staff.role.tolist(), staff.area.tolist(), closed, strict=True)
    ]
    listed = sorted(set(keys))
    row_of = {key: row for row, key in enumerate(listed)}
    draws = parts.setting.draws("employers")
    names = [
        draws.pick(parts.setting.pools.invented("invented_organisation", sector, size=256), 1)[0]
        for sector, *_ in listed
    ]
    organisations = table(
        "organisations",
        {
            "organisation": numbered(len(listed)),
            "name": names,
            "sector": [sector for sector, *_ in listed],
            "authority": [area for _, area, _, _ in listed],
            "accredited": [accredited for *_, accredited in listed],
        },
    )
    return np.array([row_of[key] for key in keys], dtype=np.int64), organisations


def users(parts: Parts, given: Texts, family: Texts, employer: Ints, home: Ints) -> pa.Table:
    """Every user and the state of the account."""
    staff, roles = parts.staff, parts.setting.judgement.roles
    users = len(staff.role)
    # The first user of an organisation manages the others.
    _, first, place = np.unique(employer, return_index=True, return_inverse=True)
    manager = first[place]
    return table(
        "users",
        {
            "user": numbered(users),
            "username": usernames(given, family),
            "given_name": given,
            "family_name": family,
            "role": [roles[role].name for role in staff.role.tolist()],
            "sector": [roles[role].sector for role in staff.role.tolist()],
            "organisation": employer,
            "national": staff.area < 0,
            "vetted_on": staff.vetted_on,
            "trained": ~staff.in_state("untrained"),
            "agreed": ~staff.in_state("unsigned"),
            "suspended": staff.in_state("suspended"),
            "accredited": ~staff.in_state("unaccredited"),
            "leaves_on": staff.leaves_on,
            "manager": np.where(manager == numbered(users), -1, manager),
            "address": home,
        },
    )


def usernames(given: Texts, family: Texts) -> list[str]:
    """Initial, family name and a number: each once."""
    taken: dict[str, int] = {}
    names = []
    for first, last in zip(given.tolist(), family.tolist(), strict=True):
        stem = f"{plain(first)[:1]}.{plain(last)}".strip(".") or "user"
        taken[stem] = taken.get(stem, 0) + 1
        names.append(f"{stem}{taken[stem]:02d}")
    return names


def user_areas(parts: Parts) -> pa.Table:
    """The areas of every user; a national user has all."""
    staff, authorities = parts.staff, len(parts.setting.authorities)
    posts = [role.posts for role in parts.setting.judgement.roles]
    pairs = set(parts.staff.more_areas)
    for user, (role, area) in enumerate(zip(staff.role.tolist(), staff.area.tolist(), strict=True)):
        everywhere = posts[role] is Posts.NATIONAL
        pairs |= {(user, place) for place in (range(authorities) if everywhere else (area,))}
    ordered = sorted(pairs)
    return table("user_areas", {"user": [user for user, _ in ordered], "authority": [area for _, area in ordered]})
