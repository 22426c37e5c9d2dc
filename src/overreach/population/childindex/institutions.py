"""Schools and practices: how many each authority has, what they are called, and who goes to which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from overreach.population import canaries
from overreach.population.childindex import phrases
from overreach.population.childindex.phrases import Phrases
from overreach.population.childindex.setting import Setting
from overreach.population.childindex.texts import texts_at
from overreach.population.sampling import Draws, Ints, quota

MAIN_PHASES = ("primary", "secondary")
_SCHOOL_AGES = (4, 11)  # first year of age at a primary and at a secondary school: the law's
_THOUSAND = 1_000


@dataclass(frozen=True, slots=True)
class Institutions:
    """Schools or practices in rows, those of an authority together, and among them those of a phase."""

    authority: Ints
    phase: Ints
    """Row of the phase of each institution; practices have but one."""
    name: pa.StringArray
    phone: Ints
    """Number of each one's telephone (`overreach.population.canaries.telephone`), never a mobile one."""
    first: Ints
    """(phase, authority) -> row of its first institution."""
    count: Ints
    """(phase, authority) -> how many it has, at least 1."""

    @property
    def of_authority(self) -> tuple[Ints, Ints]:
        """First row and number of each authority's institutions, of all phases."""
        return self.first[0], self.count.sum(axis=0)

    def member(self, draws: Draws, phase: Ints, authority: Ints) -> Ints:
        """An institution of that phase in that authority for each row; -1 where the phase is -1."""
        known = np.maximum(phase, 0)
        row = self.first[known, authority] + draws.below_each(self.count[known, authority])
        return np.where(phase >= 0, row, -1)


@dataclass(frozen=True, slots=True)
class Schools(Institutions):
    """Schools, and which phase children of an age go to."""

    phases: tuple[str, ...]
    phase_by_age: Ints
    """(age 0 to 17, number below 1,000) -> phase, -1 for none."""

    def attend(self, draws: Draws, age: Ints, authority: Ints) -> Ints:
        """A school for children of those ages and authorities, -1 for the youngest; grown people keep their last."""
        oldest = len(self.phase_by_age) - 1
        phase = self.phase_by_age[np.minimum(age, oldest), draws.below(_THOUSAND, len(age))]
        return self.member(draws, phase, authority)


def found_schools(setting: Setting) -> Schools:
    """Schools for as many pupils as the authorities have by the published ages."""
    judgement, ages = setting.judgement, setting.figures.ages
    phases = (*MAIN_PHASES, *(school.phase for school in judgement.further_schools))
    pupils_each = (
        judgement.primary_pupils_per_school,
        judgement.secondary_pupils_per_school,
        *(school.pupils_each for school in judgement.further_schools),
    )
    table = _phase_by_age(setting)
    totals = []
    for phase, each in enumerate(pupils_each):
        share = (table == phase).sum(axis=1)
        pupils = setting.order.children * int((ages * share).sum()) // (int(ages.sum()) * _THOUSAND)
        totals.append(pupils // each)
    found = _found(setting, "schools", totals, [phrases.schools(phase) for phase in phases])
    return Schools(*found, phases=phases, phase_by_age=table)


def found_practices(setting: Setting) -> Institutions:
    """Doctors' practices for all children."""
    total = setting.order.children // setting.judgement.children_per_practice
    return Institutions(*_found(setting, "practices", [total], [phrases.PRACTICES]))


def _phase_by_age(setting: Setting) -> Ints:
    table = np.full((len(setting.figures.ages), _THOUSAND), -1, dtype=np.int64)
    for phase, age in enumerate(_SCHOOL_AGES):
        table[age:] = phase
    taken = np.zeros(len(table), dtype=np.int64)
    for phase, school in enumerate(setting.judgement.further_schools, start=len(MAIN_PHASES)):
        for age in range(school.ages[0], school.ages[1] + 1):
            table[age, taken[age] : taken[age] + school.of_1_000] = phase
            taken[age] += school.of_1_000
    return table


def _found(
    setting: Setting, what: str, totals: Sequence[int], names: Sequence[Phrases]
) -> tuple[Ints, Ints, pa.StringArray, Ints, Ints, Ints]:
    """The fields of `Institutions`, with so many of each phase in proportion to the authorities' children."""
    draws = setting.draws(what)
    count = np.stack([np.maximum(1, quota(setting.weights, total)) for total in totals])
    authorities = count.shape[1]
    each = count.T.reshape(-1)
    first = (np.cumsum(each) - each).reshape(authorities, -1).T
    cell = np.repeat(np.arange(len(each), dtype=np.int64), each)
    authority, phase = np.divmod(cell, len(totals))
    texts = [wording.texts(wording.draw(draws, int(count[row].sum()))) for row, wording in enumerate(names)]
    # The texts are in the order of the phases, the rows in that of the authorities.
    place = np.empty(len(cell), dtype=np.int64)
    place[np.argsort(phase, kind="stable")] = np.arange(len(cell))
    name = texts_at(pa.concat_arrays(texts), place)
    return authority, phase, name, draws.below(canaries.LANDLINES, len(cell)), first, count
