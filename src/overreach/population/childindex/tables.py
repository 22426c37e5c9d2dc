"""From the drawn parts to the tables of layout 2."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from overreach.population.childindex import child_tables, homes, user_tables
from overreach.population.childindex.ground import Institutions
from overreach.population.childindex.layout import numbered, table
from overreach.population.childindex.parts import Parts
from overreach.population.childindex.whereabouts import Whereabouts, draw_whereabouts
from overreach.population.sampling import Ints


def make(parts: Parts) -> dict[str, pa.Table]:
    """Every table of the layout."""
    family_street, moved = homes.family_streets(parts)
    home, home_street = homes.homes(parts, family_street)
    places = draw_whereabouts(parts, moved, len(family_street) + len(home_street))
    given, family = user_tables.user_names(parts)
    employer, organisations = user_tables.employers(parts)
    return {
        "authorities": _authorities(parts),
        "organisations": organisations,
        "users": user_tables.users(parts, given, family, employer, home),
        "user_areas": user_tables.user_areas(parts),
        "addresses": homes.addresses(parts, np.r_[family_street, home_street, places.streets]),
        "households": _households(places),
        "schools": _institutions("schools", "school", parts.schools),
        "practices": _institutions("practices", "practice", parts.practices),
        "children": child_tables.children(parts, places, given, family),
        "former_addresses": homes.former_addresses(parts, places.earlier),
        "former_names": child_tables.former_names(parts),
        "carers": child_tables.carers(parts),
        "child_carers": child_tables.child_carers(parts),
        "services": child_tables.services(parts),
        "involvements": _involvements(parts),
        "cohorts": _cohorts(parts, moved),
    }


def _authorities(parts: Parts) -> pa.Table:
    listed = parts.setting.authorities
    return table(
        "authorities",
        {
            "authority": numbered(len(listed)),
            "code": [item.code for item in listed],
            "name": [item.name for item in listed],
            "region": [item.region for item in listed],
        },
    )


def _households(places: Whereabouts) -> pa.Table:
    families = numbered(len(places.known))
    return table("households", {"household": families, "address": np.where(places.known, families, -1)})


def _institutions(name: str, row: str, found: Institutions) -> pa.Table:
    columns = {
        row: numbered(len(found.name)),
        "name": found.name,
        "authority": found.authority,
        "phone": found.phone,
    }
    return table(name, columns)


def _involvements(parts: Parts) -> pa.Table:
    involved = parts.involved
    return table("involvements", {"user": involved.user, "child": involved.child, "since": involved.since})


def _cohorts(parts: Parts, moved: Ints) -> pa.Table:
    """Who was arranged to meet whom, for looking a case up; detection does not need this table."""
    siblings, standing, ties = parts.people.siblings, parts.people.standing, parts.ties
    beside = np.flatnonzero(standing.beside_sibling).tolist()
    shared, homonyms = parts.carers.half_siblings, parts.people.children.homonyms
    groups: list[tuple[str, str, list[tuple[int, int]]]] = [
        ("threat_is_a_user", "the child is shielded from this user", list(ties.threat)),
        ("carer_is_a_user", "this user is a carer of the child", list(ties.carer)),
        ("neighbour_is_a_user", "this user lives in the child's street", list(ties.neighbour)),
        ("shielded_beside_sibling", "a sibling at the same address is not shielded", _no_user(beside)),
        ("half_sibling", "lives with the mother", _no_user(one for one, _ in shared)),
        (
            "half_sibling",
            "lives elsewhere; its record names the same mother",
            _no_user(two for _, two in shared),
        ),
        (
            "homonym",
            "shielded; another child has this name and date of birth",
            _no_user(one for one, _ in homonyms),
        ),
        (
            "homonym",
            "not shielded; has the same name and date of birth",
            _no_user(two for _, two in homonyms),
        ),
        (
            "mover",
            "lives in another area; the old authority is still responsible",
            _no_user(siblings.eldest[moved].tolist()),
        ),
    ]
    listed = [(cohort, user, child, note) for cohort, note, pairs in groups for user, child in pairs]
    return table(
        "cohorts",
        {
            "cohort": [cohort for cohort, _, _, _ in listed],
            "user": [user for _, user, _, _ in listed],
            "child": [child for _, _, child, _ in listed],
            "note": [note for _, _, _, note in listed],
        },
    )


def _no_user(children: Iterable[int]) -> list[tuple[int, int]]:
    return [(-1, child) for child in children]
