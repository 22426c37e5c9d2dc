"""Organisations: who employs which user, who manages whom, and whose token is shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from overreach.population.childindex.accounts import Accounts
from overreach.population.childindex.grouping import paired, ranks
from overreach.population.childindex.institutions import Institutions
from overreach.population.childindex.judgement import Judgement, Role, Workplace
from overreach.population.childindex.phrases import organisations
from overreach.population.childindex.posts import Posting
from overreach.population.childindex.setting import Setting
from overreach.population.childindex.texts import texts_at
from overreach.population.sampling import Draws, Flags, Ints

_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Employers:
    """Organisations in rows, and the organisation of each user."""

    of_user: Ints
    manager: Ints
    """The first user of each user's organisation; -1 for that user, who has none."""
    sector: Ints
    """Row in `sectors` of each organisation."""
    sectors: tuple[str, ...]
    authority: Ints
    """-1 for national organisations."""
    accredited: Flags
    name: pa.StringArray


class _Kinds(NamedTuple):
    """What decides who employs a user, one row a user; together they tell organisations apart."""

    workplace: Ints
    """Row in `Workplace`."""
    sector: Ints
    area: Ints
    post: Ints
    """Row of the role of national users, -1 for others: national bodies employ for one role each."""
    accredited: Ints


def employ(
    setting: Setting, posting: Posting, accounts: Accounts, schools: Institutions, practices: Institutions
) -> Employers:
    """An organisation for every user.

    Those who work in schools and practices do so in their area, the others in organisations of
    their sector. Those without accreditation work in organisations that have none, and nobody else does.
    """
    draws, roles = setting.draws("employers"), setting.judgement.roles
    sectors = tuple(dict.fromkeys(role.sector for role in roles))
    houses = ((Workplace.SCHOOL, schools), (Workplace.PRACTICE, practices))
    kinds = _kinds(roles, sectors, posting, ~accounts.in_state("unaccredited"))
    number = _numbers(setting.judgement, kinds)
    for workplace, institutions in houses:
        here = np.flatnonzero(kinds.workplace == _row(workplace))
        number[here] = _institution(draws, institutions, posting.area[here], posting.role[here])
    _, first, of_user = np.unique(_key((*kinds, number)), return_index=True, return_inverse=True)
    manager = first[of_user]
    distinct = _Kinds(*(column[first] for column in kinds))
    return Employers(
        of_user=of_user.astype(np.int64),
        manager=np.where(manager == np.arange(len(manager)), _NOBODY, manager),
        sector=distinct.sector,
        sectors=sectors,
        authority=distinct.area,
        accredited=distinct.accredited > 0,
        name=_names(draws, sectors, distinct, number[first], houses),
    )


def share_tokens(setting: Setting, accounts: Accounts, employers: Employers) -> Ints:
    """For each user, the colleague whose token it uses, or -1; nobody is in two such pairs (rule R6)."""
    draws, users = setting.draws("shared tokens"), len(employers.of_user)
    active = draws.shuffled(np.flatnonzero(accounts.active))
    owners, borrowers = paired(active, employers.of_user[active])
    wanted = setting.judgement.shared_tokens.of(users)
    shares = np.full(users, _NOBODY, dtype=np.int64)
    shares[borrowers[:wanted]] = owners[:wanted]
    return shares


def _row(workplace: Workplace) -> int:
    return list(Workplace).index(workplace)


def _kinds(roles: tuple[Role, ...], sectors: tuple[str, ...], posting: Posting, accredited: Flags) -> _Kinds:
    workplace = np.array([_row(role.workplace) for role in roles])[posting.role]
    local = posting.area >= 0
    return _Kinds(
        # No school and no practice is without accreditation: it would shut out all who work there.
        workplace=np.where(local & accredited, workplace, _row(Workplace.SECTOR)),
        sector=np.array([sectors.index(role.sector) for role in roles])[posting.role],
        area=posting.area,
        post=np.where(local, _NOBODY, posting.role),
        accredited=accredited.astype(np.int64),
    )


def _numbers(judgement: Judgement, kinds: _Kinds) -> Ints:
    """Users of a sector and area shared out evenly among its organisations, whose numbers begin at 0."""
    _, kind, heads = np.unique(_key(kinds), return_inverse=True, return_counts=True)
    organisations = -(-heads // judgement.users_per_organisation)
    return ranks(kind) % organisations[kind]


def _institution(draws: Draws, institutions: Institutions, area: Ints, role: Ints) -> Ints:
    """A school or practice of the area for each user: one of a role in each before any has a second."""
    order = draws.order(len(institutions.authority))
    order = order[np.argsort(institutions.authority[order], kind="stable")]
    first, count = institutions.of_authority
    rank = ranks(_key((area, role)))
    chosen: Ints = order[first[area] + rank % count[area]]
    return chosen


def _key(columns: Sequence[Ints]) -> Ints:
    """One number for each row, equal where all columns are; they sort as the columns do, the first foremost."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        key = key * (int(column.max(initial=0)) + 2) + column + 1
    return key


def _names(
    draws: Draws,
    sectors: tuple[str, ...],
    kinds: _Kinds,
    number: Ints,
    houses: Sequence[tuple[Workplace, Institutions]],
) -> pa.StringArray:
    """One row an organisation: schools and practices keep their names, the others are invented by sector."""
    rows: list[Ints] = []
    texts: list[pa.StringArray] = []
    for workplace, institutions in houses:
        rows.append(np.flatnonzero(kinds.workplace == _row(workplace)))
        texts.append(texts_at(institutions.name, number[rows[-1]]))
    for place, name in enumerate(sectors):
        rows.append(np.flatnonzero((kinds.workplace == _row(Workplace.SECTOR)) & (kinds.sector == place)))
        wording = organisations(name)
        texts.append(wording.texts(wording.draw(draws, len(rows[-1]))))
    return texts_at(pa.concat_arrays(texts), np.argsort(np.concatenate(rows), kind="stable"))
