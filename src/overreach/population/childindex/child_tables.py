"""The tables of a part: children, their homes, carers, services and involvements."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from overreach.model.canary import TokenKind
from overreach.population import canaries, words
from overreach.population.childindex.births import days
from overreach.population.childindex.columns import NEVER, coded, dates, flags, numbered, rows, telephones
from overreach.population.childindex.homes import Homes
from overreach.population.childindex.households import Relation
from overreach.population.childindex.part import Part
from overreach.population.childindex.records import NOBODY, PROVIDERS, schooled
from overreach.population.childindex.texts import joined
from overreach.population.childindex.ties import TieKind
from overreach.population.childindex.whereabouts import STATEMENTS, known, left, of_children
from overreach.population.minting import mint_many

_UPDATED = (0, 400)  # days since a record was changed
_SEXES = ("female", "male")


def children(part: Part, homes: Homes) -> pa.Table:
    """Every record; its responsible authority is not always that of the address."""
    setting, families, standing = part.frame.setting, part.people.families, part.people.standing
    draws, today, count = part.draws("records"), days(setting.judgement.as_of), part.people.families.children
    first, family, born = part.first_child, families.family, part.people.births.born
    school = part.base.schools.attend(part.draws("schools"), part.people.births.age, families.responsible)
    # Who left England goes to no school of it.
    school = np.where(left(part.people.moves.statement)[family], -1, school)
    practice = part.base.practices.member(
        part.draws("practices"), np.zeros(count, dtype=np.int64), families.responsible
    )
    reached = known(part.people.moves.statement)
    began = days(setting.judgement.shielding_began)
    settled = np.maximum(part.whereabouts.since[family], born)
    # A shield on an archived record is older than the archiving: it was there before (rule R15).
    until = np.minimum(part.lives.last_day, today) - 1
    since = np.where(until >= began, began + draws.below_each(np.maximum(until - began + 1, 1)), until)
    since = np.maximum(since, born)
    came = schooled(part.draws("school years"), born, today)
    known_since = np.maximum(settled, np.where(school >= 0, came, settled))
    names, lists = part.people.names, part.base.wordlists
    columns = {
        "child": numbered(count, first),
        "number": mint_many(setting.minter, TokenKind.RECORD, first + np.arange(count)),
        "given_name": coded(names.given, lists.first),
        "middle_name": coded(names.middle, lists.first),
        "family_name": coded(names.family, lists.last),
        "gender": coded(part.people.births.male.astype(np.int64), _SEXES),
        "date_of_birth": dates(born),
        "household": rows(part.first_row + family),
        "address": rows(np.where(reached, part.first_row + homes.of_family, -1)[family]),
        "school": rows(school),
        "practice": rows(practice),
        "responsible": rows(families.responsible),
        "shielded": flags(standing.shielded),
        "shielded_since": dates(np.where(standing.shielded, since, NEVER)),
        "contacts_protected": flags(part.caring.protected(standing.shielded)),
        "adopted": flags(standing.adopted),
        "looked_after": flags(standing.looked_after),
        "archive_year": rows(standing.archive_year),
        # A record changes when its child is born, moves or comes to a school; a shield is not announced.
        "updated": dates(np.maximum(part.lives.last_day - draws.between(*_UPDATED, count), known_since)),
        "address_since": dates(settled),
        "whereabouts_statement": coded(part.people.moves.statement[family], STATEMENTS),
        "school_since": dates(np.where(school >= 0, came, NEVER)),
        **_indicators(part),
    }
    return pa.table(columns)


def _indicators(part: Part) -> dict[str, pa.Array[Any]]:
    """Who holds a common assessment and who is the lead professional: name, telephone and user."""
    columns = {}
    for name, held in (("caf_holder", part.holders.caf), ("lead_professional", part.holders.lead)):
        users, place = np.unique(held, return_inverse=True)
        missing = int(users[0] == NOBODY) if len(users) else 0
        listed = users[missing:]
        columns[name] = coded(place - missing, part.base.names_of(listed))
        columns[f"{name}_phone"] = telephones(np.r_[-1, part.base.desks[listed]][place + 1 - missing])
        columns[f"{name}_user"] = rows(held)
    return columns


def households(part: Part, homes: Homes) -> pa.Table:
    """Families and their addresses."""
    home = np.where(known(part.people.moves.statement), part.first_row + homes.of_family, -1)
    return pa.table({"household": numbered(part.people.families.count, part.first_row), "address": rows(home)})


def former_addresses(part: Part, homes: Homes) -> pa.Table:
    """Earlier addresses of children."""
    lived = of_children(part.people.families, part.whereabouts.earlier, part.people.births.born)
    count = part.people.families.count
    own = homes.of_family[np.minimum(lived.address, count - 1)]
    address = np.where(lived.address < count, own, homes.further + lived.address - count)
    columns = {
        "child": rows(part.first_child + lived.owner),
        "address": rows(part.first_row + address),
        "since": dates(lived.since),
        "until": dates(lived.until),
    }
    return pa.table(columns)


def former_names(part: Part) -> pa.Table:
    """Former names of those who have one."""
    former, lists = part.former, part.base.wordlists
    born = part.people.births.born[former.child]
    lived = days(part.frame.setting.judgement.as_of) - born
    columns = {
        "child": rows(part.first_child + former.child),
        "given_name": coded(former.given, lists.first),
        "family_name": coded(former.family, lists.last),
        "until": dates(born + part.draws("dates of former names").below_each(np.maximum(lived, 1))),
    }
    return pa.table(columns)


def carers(part: Part) -> pa.Table:
    """Carers; the local part of an e-mail address ends in the carer's token."""
    carers, count, lists = part.carers, len(part.carers.family_of), part.base.wordlists
    row = part.first_row + np.arange(count)
    domain, local = np.divmod(carers.mailbox, len(words.PLAIN))
    token = mint_many(part.frame.setting.minter, TokenKind.CONTACT, row)
    before = coded(local, [word.lower() for word in words.PLAIN])
    at = coded(domain, canaries.DOMAINS)
    columns = {
        "carer": rows(row),
        "given_name": coded(carers.given, lists.first),
        "family_name": coded(carers.family, lists.last),
        "gender": coded(carers.male.astype(np.int64), _SEXES),
        "phone": telephones(carers.phone),
        "email": joined(joined(before, token, joint="."), at, joint="@"),
    }
    return pa.table(columns)


def child_carers(part: Part) -> pa.Table:
    """Which carer cares for which child."""
    caring = part.caring
    columns = {
        "child": rows(part.first_child + caring.child),
        "carer": rows(part.first_row + caring.carer),
        "relation": coded(caring.relation, [relation.words for relation in Relation]),
    }
    return pa.table(columns)


def services(part: Part) -> pa.Table:
    """Services besides school and practice."""
    services, kinds = part.services, part.frame.setting.judgement.service_kinds
    columns = {
        "child": rows(part.first_child + services.child),
        "kind": coded(services.kind, [kind.kind for kind in kinds]),
        "provider": PROVIDERS.texts(services.provider),
        "phone": telephones(services.phone),
        "sensitive": flags(np.array([kind.sensitive for kind in kinds])[services.kind]),
        "since": dates(services.since),
    }
    return pa.table(columns)


def threats(part: Part) -> pa.Table:
    """From whom a child is shielded, where that is a user (rule R10)."""
    bonds = part.people.bonds
    bond = bonds.of(TieKind.THREAT, TieKind.THREAT_WITH_OVERRIDE)
    order = np.lexsort((bonds.ties.user[bond], bonds.child[bond]))
    columns = {
        "child": rows(part.first_child + bonds.child[bond][order]),
        "user": rows(bonds.ties.user[bond][order]),
    }
    return pa.table(columns)


def involvements(part: Part) -> pa.Table:
    """Who works with which child."""
    involved = part.involved
    columns = {
        "user": rows(involved.user),
        "child": rows(part.first_child + involved.child),
        "since": dates(involved.since),
    }
    return pa.table(columns)
