"""The carers of a part: who they are, how they are reached, and which child each cares for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from overreach.population import canaries, words
from overreach.population.childindex.families import Families
from overreach.population.childindex.households import MALE, Households, Relation
from overreach.population.childindex.judgement import Judgement
from overreach.population.lexicon import Lexicon
from overreach.population.sampling import Draws, Flags, Ints


@dataclass(frozen=True, slots=True)
class Carers:
    """Carers in rows, those of a family together."""

    family_of: Ints
    """The family that each belongs to."""
    relation: Ints
    """What each is to that family's children."""
    given: Ints
    """Codes of first names."""
    family: Ints
    """Codes of family names."""
    phone: Ints
    """Numbers of telephones kept for drama."""
    mailbox: Ints
    """Numbers for the local part and the domain of an e-mail address."""

    @property
    def male(self) -> Flags:
        """Whether each is a man."""
        men: Flags = MALE[self.relation]
        return men

    def with_names(self, given: Ints, family: Ints) -> Carers:
        """The same carers with other names."""
        return replace(self, given=given, family=family)


@dataclass(frozen=True, slots=True)
class Caring:
    """One row for each child that a carer cares for, by carer, then child."""

    child: Ints
    carer: Ints
    relation: Ints

    def protected(self, shielded: Flags) -> Flags:
        """Children one of whose carers also cares for another child, who is shielded (rule R11)."""
        hidden = np.bincount(self.carer, weights=shielded[self.child])
        others = hidden[self.carer] - shielded[self.child]
        protected = np.zeros(len(shielded), dtype=np.bool_)
        protected[self.child[others > 0]] = True
        return protected


def draw_carers(draws: Draws, judgement: Judgement, lexicon: Lexicon, households: Households, eldest: Eldest) -> Carers:
    """Carers of every family, with names that fit the children's."""
    row = np.flatnonzero(households.has.ravel())
    family_of, relation = row // len(Relation), row % len(Relation)
    count = len(row)
    youngest, oldest = judgement.mother_older_by
    born = 1970 + eldest.born[family_of] * 4 // 1461 - draws.between(youngest, oldest, count)
    locale = eldest.locale[family_of]
    given = lexicon.given(draws, locale, MALE[relation], born)
    another = (relation == Relation.MOTHER) & (draws.below(100, count) < judgement.mother_keeps_name)
    another |= (relation == Relation.STEP_FATHER) | (relation == Relation.FOSTER_CARER)
    family = np.where(another, lexicon.family(draws, locale), eldest.family[family_of])
    return Carers(
        family_of=family_of,
        relation=relation,
        given=given,
        family=family,
        phone=draws.below(canaries.TELEPHONES, count),
        mailbox=draws.below(len(canaries.DOMAINS) * len(words.PLAIN), count),
    )


@dataclass(frozen=True, slots=True)
class Eldest:
    """What the carers of a family take over from its eldest child; one row a family."""

    born: Ints
    locale: Ints
    family: Ints


def draw_caring(families: Families, households: Households, carers: Carers) -> Caring:
    """Every carer of a family cares for its children; a shared mother for those who live elsewhere, too."""
    family_of, kind, eldest = carers.family_of, carers.relation, families.eldest
    size = families.sizes[family_of]
    # An absent father is the father of the eldest only where a step-father is there.
    step = households.has[family_of, Relation.STEP_FATHER]
    size = np.where((kind == Relation.ABSENT_FATHER) & step, 1, size)
    carer = np.repeat(np.arange(len(family_of), dtype=np.int64), size)
    child = np.repeat(eldest[family_of] - (np.cumsum(size) - size), size) + np.arange(len(carer))
    relation = kind[carer]
    mother_row = np.full(families.count, -1, dtype=np.int64)
    mother_row[family_of[kind == Relation.MOTHER]] = np.flatnonzero(kind == Relation.MOTHER)
    first, second = households.mother_of
    further = families.sizes[second]
    carer = np.r_[carer, np.repeat(mother_row[first], further)]
    before = np.cumsum(further) - further
    child = np.r_[child, np.repeat(eldest[second] - before, further) + np.arange(int(further.sum()))]
    relation = np.r_[relation, np.full(int(further.sum()), Relation.MOTHER)]
    order = np.argsort(carer * families.children + child)
    return Caring(child=child[order], carer=carer[order], relation=relation[order])
