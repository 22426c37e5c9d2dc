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
from overreach.population.childindex.records import NOBODY, PROVIDERS, holders, schooled
from overreach.population.childindex.texts import joined
from overreach.population.childindex.whereabouts import STATEMENTS, known, of_children
from overreach.population.minting import mint_many
from overreach.population.sampling import Draws

_UPDATED = (0, 400)  # days since a record was changed
_SEXES = ("female", "male")


def children(part: Part, homes: Homes) -> pa.Table:
    """Every record; its responsible authority is not always that of the address."""
    setting, families, standing = part.frame.setting, part.people.families, part.people.standing
    draws, today, count = part.draws("records"), days(setting.judgement.as_of), part.people.families.children
    first, family, born = part.first_child, families.family, part.people.births.born
    school = part.base.schools.attend(part.draws("schools"), part.people.births.age, families.responsible)
    practice = part.base.practices.member(
        part.draws("practices"), np.zeros(count, dtype=np.int64), families.responsible
    )
    reached = known(part.people.moves.statement)
    began = days(setting.judgement.shielding_began)
    since = np.maximum(draws.between(began, today - 1, count), born)
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
        "updated": dates(today - draws.between(*_UPDATED, count)),
        "address_since": dates(np.maximum(part.whereabouts.since[family], born)),
        "whereabouts_statement": coded(part.people.moves.statement[family], STATEMENTS),
        "school_since": dates(np.where(school >= 0, schooled(part.draws("school years"), born, today), NEVER)),
        **_indicators(part, draws),
    }
    return pa.table(columns)


def _indicators(part: Part, draws: Draws) -> dict[str, pa.Array[Any]]:
    """Who holds a common assessment and who is the lead professional: name, telephone and user."""
    judgement, portion, columns = part.frame.setting.judgement, part.frame.portion(part.number), {}
    for name, quota in (("caf_holder", judgement.caf), ("lead_professional", judgement.lead_professional)):
        share = portion.of_children(quota)
        held = holders(draws, part.base.practitioners, part.people.families.responsible, share)
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


def involvements(part: Part) -> pa.Table:
    """Who works with which child."""
    involved = part.involved
    columns = {
        "user": rows(involved.user),
        "child": rows(part.first_child + involved.child),
        "since": dates(involved.since),
    }
    return pa.table(columns)
