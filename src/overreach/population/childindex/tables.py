"""From the drawn parts to the tables of layout 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from overreach.model.canary import Minter, TokenKind
from overreach.population.childindex import links
from overreach.population.childindex.carers import Carers
from overreach.population.childindex.ground import Ground, Institutions
from overreach.population.childindex.judgement import Judgement, Posts
from overreach.population.childindex.layout import NEVER, table
from overreach.population.childindex.naming import Children, Namer
from overreach.population.childindex.staff import Staff
from overreach.population.childindex.standing import Standing, days
from overreach.population.pools import Pools, plain
from overreach.population.sampling import Draws, Ints, Texts
from overreach.population.siblings import Siblings

_ADULT = (24, 62)  # ages of users
_HOUSE_WORDS = 12


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that was drawn."""

    judgement: Judgement
    seed: int
    pools: Pools
    namer: Namer
    ground: Ground
    schools: Institutions
    practices: Institutions
    siblings: Siblings
    standing: Standing
    children: Children
    authority: Ints
    """Responsible authority of each family."""
    carers: Carers
    staff: Staff
    practitioners: links.Practitioners
    services: links.Services
    involved: links.Involvements
    ties: links.Ties

    def draws(self, name: str) -> Draws:
        """A stream of this world."""
        return Draws(self.seed, name)

    @property
    def responsible(self) -> Ints:
        """Responsible authority of each child."""
        everywhere: Ints = self.authority[self.siblings.family]
        return everywhere


def make(parts: Parts) -> dict[str, pa.Table]:
    """Every table of the layout."""
    family_street, moved = _family_streets(parts)
    home, home_street = _homes(parts, family_street)
    given, family = _user_names(parts)
    employer, organisations = _employers(parts)
    return {
        "authorities": _authorities(parts),
        "organisations": organisations,
        "users": _users(parts, given, family, employer, home),
        "user_areas": _user_areas(parts),
        "addresses": _addresses(parts, np.r_[family_street, home_street]),
        "households": _households(parts),
        "schools": _institutions("schools", "school", parts.schools),
        "practices": _institutions("practices", "practice", parts.practices),
        "children": _children(parts, given, family),
        "former_names": _former_names(parts),
        "carers": _carers(parts),
        "child_carers": _child_carers(parts),
        "services": _services(parts),
        "involvements": _involvements(parts),
        "cohorts": _cohorts(parts, moved),
    }


def _rows(count: int) -> Ints:
    return np.arange(count, dtype=np.int64)


def _authorities(parts: Parts) -> pa.Table:
    listed = parts.ground.authorities
    return table(
        "authorities",
        {
            "authority": _rows(len(listed)),
            "code": [item.code for item in listed],
            "name": [item.name for item in listed],
            "region": [item.region for item in listed],
        },
    )


def _family_streets(parts: Parts) -> tuple[Ints, Ints]:
    """The street of each family, and the families that moved: the old authority is still responsible (rule R18)."""
    draws, ground = parts.draws("homes"), parts.ground
    where = parts.authority.copy()
    # Only families of one child without a record in the archive move, so that the cohort is easy to follow.
    eldest = parts.siblings.eldest
    able = (parts.siblings.sizes == 1) & parts.standing.live[eldest]
    hidden = parts.standing.shielded[eldest]
    wanted = parts.judgement.movers.of(len(where))
    candidates = [
        draws.shuffled(np.flatnonzero(able & hidden)),
        draws.shuffled(np.flatnonzero(able & ~hidden)),
    ]
    few = max(1, wanted // 8)
    moved = np.r_[candidates[0][:few], candidates[1][: wanted - few]]
    authorities = len(ground.authorities)
    where[moved] = (where[moved] + draws.between(1, max(1, authorities - 1), len(moved))) % authorities
    return ground.streets_in(draws, where), np.sort(moved)


def _homes(parts: Parts, family_street: Ints) -> tuple[Ints, Ints]:
    """Address row of each user's home (-1 where it is not known), and the streets of the further addresses."""
    draws, staff = parts.draws("user homes"), parts.staff
    users = len(staff.role)
    home = np.full(users, -1, dtype=np.int64)
    family_of = parts.siblings.family
    known = draws.order(users)[: parts.judgement.known_homes.of(users)]
    anywhere = draws.weighted(parts.ground.weights, len(known))
    area = np.where(staff.area[known] < 0, anywhere, staff.area[known])
    street = dict(zip(known.tolist(), parts.ground.streets_in(draws, area).tolist(), strict=True))
    street |= {user: int(family_street[family_of[child]]) for user, child in parts.ties.neighbour}
    with_child = {user: int(family_of[child]) for user, child in parts.ties.carer}
    further = sorted(user for user in street if user not in with_child)
    home[further] = len(family_street) + _rows(len(further))
    home[list(with_child)] = list(with_child.values())
    return home, np.array([street[user] for user in further], dtype=np.int64)


def _addresses(parts: Parts, street: Ints) -> pa.Table:
    draws, minter, ground = parts.draws("houses"), Minter(parts.seed), parts.ground
    words = draws.pick(parts.pools.invented("house_word", size=_HOUSE_WORDS), len(street)).tolist()
    houses = [f"{minter.mint(TokenKind.PLACE, row).capitalize()} {word}" for row, word in enumerate(words)]
    return table(
        "addresses",
        {
            "address": _rows(len(street)),
            "house": houses,
            "street": ground.street[street],
            "locality": ground.locality[street],
            "postcode": ground.postcode[street],
            "authority": ground.street_authority[street],
        },
    )


def _households(parts: Parts) -> pa.Table:
    rows = _rows(parts.siblings.families)
    return table("households", {"household": rows, "address": rows})


def _institutions(name: str, row: str, found: Institutions) -> pa.Table:
    columns = {
        row: _rows(len(found.name)),
        "name": found.name,
        "authority": found.authority,
        "phone": found.phone,
    }
    return table(name, columns)


def _user_names(parts: Parts) -> tuple[Texts, Texts]:
    draws, namer, staff = parts.draws("user names"), parts.namer, parts.staff
    users = len(staff.role)
    locale = draws.spread(namer.locales.weights, users)
    year = parts.judgement.as_of.year - draws.between(*_ADULT, users)
    given = namer.given(locale, draws.below(2, users) == 1, year)
    family = namer.family(locale)
    for user, child in parts.ties.threat:
        family[user] = parts.children.family[child]
    first_carer = np.searchsorted(parts.carers.family_of, parts.siblings.family)
    for user, child in parts.ties.carer:
        given[user] = parts.carers.given[first_carer[child]]
        family[user] = parts.carers.family[first_carer[child]]
    return given, family


def _employers(parts: Parts) -> tuple[Ints, pa.Table]:
    """Organisation of each user, and the table: one for each sector and area, apart from those not accredited."""
    staff, roles = parts.staff, parts.judgement.roles
    closed = staff.in_state("unaccredited").tolist()
    keys = [
        (roles[role].sector, area, roles[role].name if area < 0 else "", not lost)
        for role, area, lost in zip(staff.role.tolist(), staff.area.tolist(), closed, strict=True)
    ]
    listed = sorted(set(keys))
    row_of = {key: row for row, key in enumerate(listed)}
    draws = parts.draws("employers")
    names = [
        draws.pick(parts.pools.invented("invented_organisation", sector, size=256), 1)[0]
        for sector, *_ in listed
    ]
    organisations = table(
        "organisations",
        {
            "organisation": _rows(len(listed)),
            "name": names,
            "sector": [sector for sector, *_ in listed],
            "authority": [area for _, area, _, _ in listed],
            "accredited": [accredited for *_, accredited in listed],
        },
    )
    return np.array([row_of[key] for key in keys], dtype=np.int64), organisations


def _users(parts: Parts, given: Texts, family: Texts, employer: Ints, home: Ints) -> pa.Table:
    staff, roles = parts.staff, parts.judgement.roles
    users = len(staff.role)
    # The first user of an organisation manages the others.
    _, first, place = np.unique(employer, return_index=True, return_inverse=True)
    manager = first[place]
    return table(
        "users",
        {
            "user": _rows(users),
            "username": _usernames(given, family),
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
            "manager": np.where(manager == _rows(users), -1, manager),
            "address": home,
        },
    )


def _usernames(given: Texts, family: Texts) -> list[str]:
    taken: dict[str, int] = {}
    names = []
    for first, last in zip(given.tolist(), family.tolist(), strict=True):
        stem = f"{plain(first)[:1]}.{plain(last)}".strip(".") or "user"
        taken[stem] = taken.get(stem, 0) + 1
        names.append(f"{stem}{taken[stem]:02d}")
    return names


def _user_areas(parts: Parts) -> pa.Table:
    staff, authorities = parts.staff, len(parts.ground.authorities)
    posts = [role.posts for role in parts.judgement.roles]
    pairs = set(parts.staff.more_areas)
    for user, (role, area) in enumerate(zip(staff.role.tolist(), staff.area.tolist(), strict=True)):
        everywhere = posts[role] is Posts.NATIONAL
        pairs |= {(user, place) for place in (range(authorities) if everywhere else (area,))}
    ordered = sorted(pairs)
    return table(
        "user_areas", {"user": [user for user, _ in ordered], "authority": [area for _, area in ordered]}
    )


def _children(parts: Parts, given: Texts, family: Texts) -> pa.Table:
    draws, standing, children, minter = (
        parts.draws("records"), parts.standing, parts.children, Minter(parts.seed)
    )  # fmt: skip
    count = len(children.given)
    names = np.array([f"{first} {last}" for first, last in zip(given, family, strict=True)], dtype=object)

    def holders(share: int) -> Texts:
        held = np.full(count, None, dtype=object)
        chosen = draws.order(count)[:share]
        held[chosen] = names[parts.practitioners.of(draws, parts.responsible[chosen])]
        return held

    return table(
        "children",
        {
            "child": _rows(count),
            "number": [minter.mint(TokenKind.RECORD, row) for row in range(count)],
            "given_name": children.given,
            "middle_name": children.middle,
            "family_name": children.family,
            "gender": np.where(children.male, "male", "female"),
            "date_of_birth": children.born,
            "household": parts.siblings.family,
            "address": parts.siblings.family,
            "school": parts.schools.member_of,
            "practice": parts.practices.member_of,
            "responsible": parts.responsible,
            "shielded": standing.shielded,
            "shielded_since": np.where(
                standing.shielded, np.maximum(standing.shielded_since, children.born), NEVER
            ),
            "contacts_protected": parts.carers.protected(standing.shielded),
            "adopted": standing.adopted,
            "looked_after": standing.looked_after,
            "archive_year": standing.archive_year,
            "caf_holder": holders(parts.judgement.caf.of(count)),
            "lead_professional": holders(parts.judgement.lead_professional.of(count)),
            "updated": days(parts.judgement.as_of) - draws.between(0, 400, count),
        },
    )


def _former_names(parts: Parts) -> pa.Table:
    draws, children = parts.draws("former names"), parts.children
    rows = np.flatnonzero(parts.standing.renamed)
    lived = days(parts.judgement.as_of) - children.born[rows]
    return table(
        "former_names",
        {
            "child": rows,
            "given_name": children.former_given[rows],
            "family_name": children.former_family[rows],
            "until": children.born[rows] + draws.below_each(np.maximum(lived, 1)),
        },
    )


def _carers(parts: Parts) -> pa.Table:
    carers = parts.carers
    return table(
        "carers",
        {
            "carer": _rows(len(carers.given)),
            "given_name": carers.given,
            "family_name": carers.family,
            "gender": np.where(carers.male, "male", "female"),
            "phone": carers.phone,
            "email": carers.email,
        },
    )


def _child_carers(parts: Parts) -> pa.Table:
    carers = parts.carers
    return table("child_carers", {"child": carers.child, "carer": carers.carer, "relation": carers.relation})


def _services(parts: Parts) -> pa.Table:
    services = parts.services
    return table(
        "services",
        {
            "child": services.child,
            "kind": services.kind,
            "provider": services.provider,
            "phone": services.phone,
            "sensitive": services.sensitive,
        },
    )


def _involvements(parts: Parts) -> pa.Table:
    involved = parts.involved
    return table("involvements", {"user": involved.user, "child": involved.child, "since": involved.since})


def _cohorts(parts: Parts, moved: Ints) -> pa.Table:
    siblings, standing = parts.siblings, parts.standing
    rows: list[tuple[str, int, int, str]] = []
    for user, child in parts.ties.threat:
        rows.append(("threat_is_a_user", user, child, "the child is shielded from this user"))
    for user, child in parts.ties.carer:
        rows.append(("carer_is_a_user", user, child, "this user is a carer of the child"))
    for user, child in parts.ties.neighbour:
        rows.append(("neighbour_is_a_user", user, child, "this user lives in the child's street"))
    for child in np.flatnonzero(standing.beside_sibling).tolist():
        rows.append(("shielded_beside_sibling", -1, child, "a sibling at the same address is not shielded"))
    for hidden, other in parts.carers.half_siblings:
        rows.append(("half_sibling", -1, hidden, "lives with the mother"))
        rows.append(("half_sibling", -1, other, "lives elsewhere; the record names the same mother"))
    for hidden, other in parts.children.homonyms:
        rows.append(("homonym", -1, hidden, "shielded; another child has the same name and date of birth"))
        rows.append(("homonym", -1, other, "not shielded; has the same name and date of birth"))
    for family in moved.tolist():
        child = int(siblings.eldest[family])
        rows.append(("mover", -1, child, "lives in another area; the old authority is still responsible"))
    names, users, children, notes = zip(*rows, strict=True) if rows else ((), (), (), ())
    return table("cohorts", {"cohort": names, "user": users, "child": children, "note": notes})
