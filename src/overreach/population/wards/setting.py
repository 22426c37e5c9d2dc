"""What every part of one hospital needs, made once in each process: staff, wards, words and streams."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from overreach.model.canary import Minter
from overreach.population.recipe import Order
from overreach.population.sampling import Draws, Ints, quota
from overreach.population.wards.judgement import Judgement
from overreach.population.wards.names import Names
from overreach.population.wards.rows import RowDraws, Shuffle
from overreach.population.wards.staff import ACTIVE, Staff, appoint
from overreach.population.wards.strata import Strata


@dataclass(frozen=True)
class Setting:
    """The constant part of one hospital."""

    judgement: Judgement
    order: Order
    data: Path
    """Folder of the published names."""

    def draws(self, name: str) -> RowDraws:
        """The stream of that name."""
        return RowDraws(self.order.seed, name)

    def shuffle(self, name: str) -> Shuffle:
        """The patients in the order of that name."""
        return Shuffle(self.order.seed, name, self.order.children)

    @property
    def today(self) -> int:
        """The day on which everybody is as described, in days since 1970-01-01."""
        return int(np.datetime64(self.judgement.as_of).astype(np.int64))

    @cached_property
    def names(self) -> Names:
        """Where names come from."""
        return Names(self.order.seed, self.data)

    @cached_property
    def minter(self) -> Minter:
        """Makes the tokens."""
        return Minter(self.order.seed)

    @cached_property
    def wards(self) -> int:
        """How many wards there are."""
        least, most = self.judgement.wards
        by_patients = self.order.children // self.judgement.patients_per_ward
        by_staff = self.order.users // self.judgement.staff_per_ward
        return min(most, max(least, min(by_patients, by_staff)))

    @cached_property
    def specialty(self) -> Ints:
        """Specialty of each ward, in the order of the weights; with few wards some have none."""
        weights = np.array([each.weight for each in self.judgement.specialties], dtype=np.int64)
        return np.repeat(np.arange(len(weights), dtype=np.int64), quota(weights, self.wards))

    @cached_property
    def practices(self) -> int:
        """How many general practices patients come from."""
        return max(2, self.order.children // self.judgement.patients_per_practice)

    @cached_property
    def staff(self) -> Staff:
        """Everybody with an account."""
        return appoint(self.judgement, self.names, self.order.users, self.order.seed, self.wards)

    @cached_property
    def strata(self) -> Strata:
        """Who is what among the patients."""
        return Strata(self.judgement, self.order.children, self.shuffle("standing"))

    @cached_property
    def watchers(self) -> dict[bool, Ints]:
        """Staff with open accounts who care for the patients of a ward: on shift, and off shift; in drawn order."""
        staff = self.staff
        caring = np.unique(staff.caring)
        caring = caring[staff.state[caring] == ACTIVE]
        order = Draws(self.order.seed, "watchers")
        return {now: order.shuffled(caring[staff.on_shift[caring] == now]) for now in (True, False)}
