"""Who cares for whom: parents, step-fathers, absent fathers, foster carers and half-siblings elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from overreach.model.canary import TokenKind
from overreach.population import canaries
from overreach.population.childindex.ground import telephones
from overreach.population.childindex.judgement import Judgement
from overreach.population.childindex.naming import People
from overreach.population.childindex.setting import Setting
from overreach.population.sampling import Draws, Flags, Ints, Texts
from overreach.population.siblings import Siblings


class Relation(IntEnum):
    """What a carer is to a child; the order is that of a family's carers."""

    MOTHER = 0
    FATHER = 1
    STEP_FATHER = 2
    FOSTER_CARER = 3
    ABSENT_FATHER = 4

    @property
    def words(self) -> str:
        """As a record says it."""
        return "father" if self is Relation.ABSENT_FATHER else self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class Carers:
    """Carers in rows, those of a family together; and which child each cares for."""

    family_of: Ints
    given: Texts
    family: Texts
    male: Flags
    phone: Texts
    email: Texts
    child: Ints
    """With `carer` and `relation`: one entry for each child that a carer cares for, by carer then child."""
    carer: Ints
    relation: Texts
    half_siblings: tuple[tuple[int, int], ...]
    """(child with its mother, child elsewhere of the same mother)."""

    def protected(self, shielded: Flags) -> Flags:
        """Children one of whose carers also cares for another child, who is shielded (rule R11)."""
        hidden = np.bincount(self.carer[shielded[self.child]], minlength=len(self.given))
        others = hidden[self.carer] - shielded[self.child]
        protected = np.zeros(len(shielded), dtype=np.bool_)
        protected[self.child[others > 0]] = True
        return protected


@dataclass(frozen=True, slots=True)
class _Families:
    """Which carers each family has, and the pairs of families that share a mother."""

    has: dict[Relation, Flags]
    shared_mother: tuple[tuple[int, int], ...]
    """(family she lives with, family of her other children)."""


def draw_carers(setting: Setting, people: People) -> Carers:
    """Carers of every family."""
    draws = setting.draws("carers")
    families = _compose(draws, setting.judgement, people)
    rows = [(family, relation) for relation in Relation for family in np.flatnonzero(families.has[relation]).tolist()]
    rows.sort()
    family_of = np.array([family for family, _ in rows], dtype=np.int64)
    kind = np.array([relation for _, relation in rows], dtype=np.int64)
    male = (kind != Relation.MOTHER) & (kind != Relation.FOSTER_CARER)
    given, family = _names(setting, people, family_of, kind, male)
    child, carer, relation, half = _cares(people.siblings, family_of, kind, families)
    local = draws.pick(setting.pools.local_parts(), len(rows)).tolist()
    domain = draws.below(len(canaries.DOMAINS), len(rows)).tolist()
    email = [
        f"{part}.{setting.minter.mint(TokenKind.CONTACT, row)}@{canaries.DOMAINS[place]}"
        for row, (part, place) in enumerate(zip(local, domain, strict=True))
    ]
    return Carers(
        family_of=family_of,
        given=given,
        family=family,
        male=male,
        phone=telephones(draws, len(rows), mobile=True),
        email=np.array(email, dtype=object),
        child=child,
        carer=carer,
        relation=relation,
        half_siblings=half,
    )


def _compose(draws: Draws, judgement: Judgement, people: People) -> _Families:
    siblings, standing = people.siblings, people.standing
    names = [name for name, _ in judgement.family_types]
    weights = np.array([weight for _, weight in judgement.family_types], dtype=np.int64)
    kind = draws.spread(weights, siblings.families)
    both, lone_mother = kind == names.index("two parents"), kind == names.index("lone mother")
    eldest = siblings.eldest
    foster = standing.looked_after[eldest]
    mother = (both | lone_mother) & ~foster
    father = (kind != names.index("lone mother")) & ~foster
    hidden = np.bincount(siblings.family, weights=standing.shielded) > 0
    wanted = judgement.half_siblings.of(siblings.families)
    shared = _share_mothers(draws, wanted, mother & standing.live[eldest], hidden, people.authority)
    others = np.array([other for _, other in shared], dtype=np.int64)
    mother[others], father[others] = False, True
    step = np.zeros(siblings.families, dtype=np.bool_)
    step[draws.shuffled(np.flatnonzero(both & mother))[: judgement.step_fathers.of(siblings.families)]] = True
    # A shielded family's absent father may be the one it is shielded from: no record names him.
    absent = np.zeros(siblings.families, dtype=np.bool_)
    candidates = np.flatnonzero((lone_mother | step) & mother & ~hidden)
    absent[draws.shuffled(candidates)[: judgement.absent_fathers.of(siblings.families)]] = True
    has = {
        Relation.MOTHER: mother,
        Relation.FATHER: father & ~step,
        Relation.STEP_FATHER: step,
        Relation.FOSTER_CARER: foster,
        Relation.ABSENT_FATHER: absent,
    }
    return _Families(has, shared)


def _share_mothers(
    draws: Draws, wanted: int, mothered: Flags, hidden: Flags, authority: Ints
) -> tuple[tuple[int, int], ...]:
    """Pairs of families of one authority; in every other pair the first family has a shielded child.

    `mothered` marks the families that could have a mother, `hidden` those with a shielded child.
    """
    shielded = draws.shuffled(np.flatnonzero(mothered & hidden)).tolist()
    mothers = draws.shuffled(np.flatnonzero(mothered & ~hidden)).tolist()
    by_authority: dict[int, list[int]] = {}
    for family in mothers:
        by_authority.setdefault(int(authority[family]), []).append(family)
    pairs: list[tuple[int, int]] = []
    taken: set[int] = set()
    for first in (family for pair in zip(shielded, mothers, strict=False) for family in pair):
        if len(pairs) == wanted:
            break
        others = by_authority.get(int(authority[first]), [])
        while others and (others[-1] in taken or others[-1] == first):
            others.pop()
        if first in taken or not others:
            continue
        pairs.append((first, others.pop()))
        taken.update(pairs[-1])
    return tuple(pairs)


def _names(setting: Setting, people: People, family_of: Ints, kind: Ints, male: Flags) -> tuple[Texts, Texts]:
    namer, draws, judgement = setting.namer("carers"), setting.draws("carers: ages"), setting.judgement
    siblings, children, locale = people.siblings, people.children, people.locale
    youngest, oldest = judgement.mother_older_by
    born = 1970 + children.born[siblings.eldest][family_of] * 4 // 1461
    year = born - draws.between(youngest, oldest, len(kind))
    given = namer.given(locale[family_of], male, year)
    own = namer.family(locale[family_of])
    of_children = children.family[siblings.eldest][family_of]
    other_name = (kind == Relation.MOTHER) & (draws.below(100, len(kind)) < judgement.mother_keeps_name)
    other_name |= (kind == Relation.STEP_FATHER) | (kind == Relation.FOSTER_CARER)
    return given, np.where(other_name, own, of_children)


def _cares(
    siblings: Siblings, family_of: Ints, kind: Ints, families: _Families
) -> tuple[Ints, Ints, Texts, tuple[tuple[int, int], ...]]:
    """Child, carer and relation of every entry, and the half-siblings who live apart."""
    size, eldest = siblings.sizes[family_of], siblings.eldest
    # An absent father is the father of the eldest only where a step-father is there.
    step = families.has[Relation.STEP_FATHER][family_of]
    size = np.where((kind == Relation.ABSENT_FATHER) & step, 1, size)
    carer = np.repeat(np.arange(len(family_of), dtype=np.int64), size)
    within = np.arange(len(carer), dtype=np.int64) - (np.cumsum(size) - size)[carer]
    child = eldest[family_of][carer] + within
    relation = np.array([Relation(value).words for value in range(len(Relation))], dtype=object)[kind[carer]]
    mother_of = {
        family: row
        for row, (family, what) in enumerate(zip(family_of.tolist(), kind.tolist(), strict=True))
        if what == Relation.MOTHER
    }
    further = [
        (mother_of[first], int(eldest[other]) + place)
        for first, other in families.shared_mother
        for place in range(int(siblings.sizes[other]))
    ]
    if further:
        carer = np.r_[carer, [mother for mother, _ in further]]
        child = np.r_[child, [other for _, other in further]]
        relation = np.r_[relation, np.array(["mother"] * len(further), dtype=object)]
    order = np.lexsort((child, carer))
    half = tuple((int(eldest[first]), int(eldest[other])) for first, other in families.shared_mother)
    return child[order], carer[order], relation[order], half
