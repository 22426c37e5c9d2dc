"""What the figures and the judgement of a recipe lead to expect of the tables, for laying the two side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.accounts import STATES
from overreach.population.childindex.frame import Frame
from overreach.population.childindex.judgement import Role
from overreach.population.childindex.measures import ARCHIVED, CHOICE, Expected, Marginal
from overreach.population.childindex.posts import headcounts
from overreach.population.childindex.standing import CONSENTING, GROWN
from overreach.population.sampling import Ints, Quota, quota


@dataclass(frozen=True, slots=True)
class _Share:
    """Two categories: those of a quota, and the others."""

    yes: str
    no: str
    quota: Quota
    source: str = CHOICE

    def of(self, total: int) -> Marginal:
        having = self.quota.of(total)
        return Marginal({self.yes: having, self.no: total - having}, self.source)


def expected(frame: Frame) -> Expected:
    """The figures of every marginal that was published or decided, for the size of this population."""
    setting, judgement = frame.setting, frame.setting.judgement
    figures, children = setting.figures, setting.order.children
    girls = figures.ages - figures.boys
    return Expected(
        authorities=Marginal(
            {item.name: item.children for item in setting.authorities}, "authorities.csv: 2011 census scaled to 2008"
        ),
        ages=Marginal(_ages(frame), "ages.csv: mid-2008; over 17, modelling choice"),
        sexes=Marginal({"female": int(girls.sum()), "male": int(figures.boys.sum())}, "ages.csv: mid-2008"),
        shields=_Share("shielded", "not shielded", judgement.shielded, "H21, or modelling choice").of(children),
        households=Marginal(_texts(figures.family_sizes, first=1), "households.csv: H2"),
        roles=_roles(frame),
        sectors=_sectors(frame),
        accounts=_accounts(frame),
        adopted=_Share("adopted", "not adopted", judgement.adopted, "H8 over a childhood").of(children),
        looked_after=_Share("looked after", "not looked after", judgement.looked_after, "H8").of(children),
    )


def _texts(weights: Ints, first: int = 0) -> dict[str, int]:
    return {str(number): int(weight) for number, weight in enumerate(weights.tolist(), first) if weight}


def _ages(frame: Frame) -> dict[str, int]:
    """Live children of 0 to 17 in the published proportion, those who stay beyond, and the archive."""
    judgement, ages, children = frame.setting.judgement, frame.setting.figures.ages, frame.setting.order.children
    archived, staying = judgement.archived.of(children), judgement.staying.of(children)
    whole = int(ages.sum())
    weights = _texts(ages * (children - archived - staying))
    weights |= _texts(quota(np.ones(CONSENTING, dtype=np.int64), staying)[::-1] * whole, first=GROWN)
    return weights | {ARCHIVED: whole * archived}


def _heads(frame: Frame) -> list[tuple[Role, int]]:
    setting = frame.setting
    counts = headcounts(setting.judgement, setting.order.users, len(setting.authorities))
    return list(zip(setting.judgement.roles, counts.tolist(), strict=True))


def _roles(frame: Frame) -> Marginal:
    return Marginal({role.name: count for role, count in _heads(frame)}, "workforce.csv, or modelling choice")


def _sectors(frame: Frame) -> Marginal:
    users: Counter[str] = Counter()
    for role, count in _heads(frame):
        users[role.sector] += count
    return Marginal(dict(users), "workforce.csv, or modelling choice")


def _accounts(frame: Frame) -> Marginal:
    users = frame.setting.order.users
    each = frame.setting.judgement.account_states.of(users)
    return Marginal({**dict.fromkeys(STATES, each), "in order": users - each * len(STATES)})
